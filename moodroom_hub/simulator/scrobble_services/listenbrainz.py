"""ListenBrainz' ``submit-listens``, as strict as its documentation."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from moodroom_hub.simulator.scrobble_services.answers import Answer, Heard, Service

MOST_LISTENS: Final = 1_000
MOST_LISTEN_BYTES: Final = 10_240
OLDEST_S: Final = 1_033_430_400
FUTURE_S: Final = 600
WINDOW_S: Final = 10


class FakeListenBrainz(Service):
    """One account. ``window`` requests are allowed in ten seconds; a title in ``poisoned`` is refused."""

    def __init__(self, now_s: Callable[[], float], *, token: str = "token-of-the-user", window: int = 30) -> None:  # noqa: S107 -- of a make-believe service
        super().__init__(now_s)
        self.token: str | None = token
        self.window = window
        self.poisoned: set[str] = set()
        self.batches: list[int] = []
        self._keys: set[tuple[Any, ...]] = set()
        self._window_s = 0.0
        self._used = 0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Any call; the limits are told with every answer."""
        self.check_agent(headers)
        limits = self._limits()
        if self._used > self.window:
            self.breach("a request after the window was used up")
            return Answer(429, {"code": 429, "error": "Too many requests"}, limits)
        answer = self._answered(method, path, headers, body)
        return Answer(answer.status, answer.content, {**limits, **answer.headers})

    def _answered(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        kind, _, token = headers.get("authorization", "").partition(" ")
        self.requests.append(path)
        if (method, path) == ("GET", "/1/validate-token"):
            if kind != "Token" or token != self.token:
                return Answer(200, {"code": 200, "message": "Token invalid.", "valid": False})
            return Answer(200, {"code": 200, "message": "Token valid.", "valid": True, "user_name": "listener"})
        if (method, path) != ("POST", "/1/submit-listens"):
            return Answer(404, {"code": 404, "error": "Not found"})
        if kind != "Token" or not token or token != self.token:
            self.refused_login()
            return Answer(401, {"code": 401, "error": "Invalid authorization token."})
        if not headers.get("content-type", "").startswith("application/json"):
            self.breach("a body that is not called JSON")
        try:
            content = json.loads(body.decode("utf-8"))
        except ValueError:
            self.breach("a body that is no JSON")
            return _bad("Cannot parse JSON document")
        return self._submitted(content)

    def _submitted(self, content: Any) -> Answer:
        kind, payload = content.get("listen_type"), content.get("payload")
        if kind not in ("single", "import", "playing_now") or not isinstance(payload, list) or not payload:
            self.breach("no listens")
            return _bad("JSON document requires payload and listen_type")
        if len(payload) > (MOST_LISTENS if kind == "import" else 1):
            self.breach(f"{len(payload)} listens as {kind}")
            return _bad("Too many listens")
        for listen in payload:
            wrong = self._wrong(listen, kind == "playing_now")
            if wrong is not None:
                return _bad(wrong)
        if kind == "playing_now":
            self.now_playing += [_heard(listen) for listen in payload]
            return Answer(200, {"status": "ok"})
        self.batches.append(len(payload))
        return self.take([_heard(listen) for listen in payload])

    def take(self, plays: list[Heard]) -> Answer:
        """Hold them, each once: by time and what the recording's id is reckoned from."""
        for heard in plays:
            self.hold((heard.at_s, heard.artist.casefold(), heard.title.casefold()), heard, self._keys)
        return Answer(200, {"status": "ok"})

    def _wrong(self, listen: Any, is_now: bool) -> str | None:
        if len(json.dumps(listen, ensure_ascii=False, separators=(",", ":")).encode()) > MOST_LISTEN_BYTES:
            self.breach("a listen that is too large")
            return "Payload too large"
        if is_now == ("listened_at" in listen):
            self.breach("listened_at where it must not be, or none where it must")
            return "JSON document must contain the key listened_at at the top level"
        metadata = listen.get("track_metadata", {})
        for name in ("artist_name", "track_name"):
            if not isinstance(metadata.get(name), str) or not metadata[name].strip():
                self.breach(f"a listen without {name}")
                return f"JSON document does not contain required {name}"
        info = metadata.get("additional_info", {})
        if "\x00" in json.dumps(listen) or ("duration" in info and "duration_ms" in info):
            self.breach("what a listen must not hold")
            return "Invalid listen"
        at_s = listen.get("listened_at", self.now_s())
        if not OLDEST_S <= at_s <= self.now_s() + FUTURE_S:
            return "Value for key listened_at is out of range"
        return "This one is refused <b>for good</b>" if metadata["track_name"] in self.poisoned else None

    def _limits(self) -> dict[str, str]:
        now_s = self.now_s()
        if now_s - self._window_s >= WINDOW_S:
            self._window_s, self._used = now_s, 0
        self._used += 1
        left_s = max(1, round(self._window_s + WINDOW_S - now_s + 0.5))
        return {
            "X-RateLimit-Limit": str(self.window),
            "X-RateLimit-Remaining": str(max(0, self.window - self._used)),
            "X-RateLimit-Reset-In": str(left_s),
            "X-RateLimit-Reset": str(round(now_s) + left_s),
        }


def _heard(listen: Mapping[str, Any]) -> Heard:
    metadata = listen["track_metadata"]
    info = metadata.get("additional_info", {})
    length_ms = info.get("duration_ms", info["duration"] * 1000 if "duration" in info else None)
    return Heard(
        listen.get("listened_at", 0),
        metadata["artist_name"],
        metadata["track_name"],
        metadata.get("release_name", ""),
        None if length_ms is None else length_ms // 1000,
    )


def _bad(why: str) -> Answer:
    return Answer(400, {"code": 400, "error": why})
