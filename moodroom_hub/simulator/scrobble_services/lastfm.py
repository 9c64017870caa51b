"""Last.fm's scrobbling 2.0 and its ``artist.getSimilar``, as strict as their documentation."""

import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote_plus

from moodroom_hub.simulator.scrobble_services.answers import Answer, Heard, Service

MOST: Final = 50
OLDEST_S: Final = 14 * 86_400
FUTURE_S: Final = 60
PER_SECOND: Final = 5
_STATUS: Final = {4: 403, 6: 400, 9: 403, 10: 403, 13: 403, 14: 403, 29: 429, 8: 500, 11: 503, 16: 503}
_OF_EACH: Final = ("artist", "track", "timestamp", "album", "duration", "chosenByUser", "albumArtist", "mbid")
_COMMON: Final = frozenset({"method", "api_key", "api_sig", "sk", "format", "token"})

_OF_SIMILAR: Final = frozenset({"method", "artist", "mbid", "autocorrect", "limit", "api_key", "format"})
_LEAVE_ALONE_S: Final = 3_500


class FakeLastfm(Service):
    """One account. ``session_key`` ``None``: nobody has allowed the login yet; ``allow`` does.

    ``ignored_artists`` get ``ignoredMessage`` 1; a title in ``poisoned`` makes the whole request fail with error 6.
    ``similar``: who is like whom, by names in lower case; an artist who is not in it is not known at all.
    """

    def __init__(
        self,
        now_s: Callable[[], float],
        *,
        api_key: str = "key-of-the-app",
        api_secret: str = "shared-secret",  # noqa: S107 -- of a make-believe service
        session_key: str | None = "session-of-the-user",
    ) -> None:
        super().__init__(now_s)
        self.api_key, self.api_secret, self.session_key = api_key, api_secret, session_key
        self.ignored_artists: set[str] = set()
        self.poisoned: set[str] = set()
        self.similar: dict[str, list[str]] = {}
        self.daily_limit: int | None = None
        self.error: int | None = None
        self.batches: list[int] = []
        self._keys: set[tuple[Any, ...]] = set()
        self._recent_s: deque[float] = deque(maxlen=PER_SECOND)
        self._tokens: dict[str, bool] = {}
        self._read_refused_s: float | None = None

    def allow(self, session_key: str = "session-of-the-user") -> None:
        """The owner allows whatever login is pending."""
        self.session_key = session_key
        self._tokens = dict.fromkeys(self._tokens, True)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Any call."""
        self.check_agent(headers)
        path, _, query = path.partition("?")
        if method == "GET" and path == "/2.0/" and query:
            return self._asked(query)
        if path != "/2.0/":
            return Answer(404, b"<html>not found</html>")
        if method != "POST":
            self.breach("a write that is no POST")
            return _error(3, "Invalid method")
        if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            self.breach("a body that is no form")
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
        except ValueError:
            self.breach("a form that is not UTF-8")
            return _error(6, "Invalid parameters")
        fields = dict(pairs)
        if len(fields) != len(pairs):
            self.breach("a field twice")
        return self._called(fields)

    def _asked(self, query: str) -> Answer:
        """A read: the key is enough for it, and a login has no business in it."""
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
        fields = dict(pairs)
        name = fields.get("method", "")
        self.requests.append(name)
        if name.lower() != "artist.getsimilar" or len(fields) != len(pairs):
            self.breach(f"no read of ours: {name!r}")
            return _error(3, "Invalid Method - No method with that name in this package")
        if unknown := sorted(set(fields) - _OF_SIMILAR):
            self.breach(f"unknown parameters {unknown}")
        if fields.get("format") != "json":
            self.breach("an answer in XML was asked for")
        if self.error is not None:
            return _error(self.error, "Out of order")
        if fields.get("api_key") != self.api_key:
            self._refused_read()
            return _error(10, "Invalid API key - You must be granted a valid key by last.fm")
        if self._is_too_fast():
            self.breach("more than five requests in a second")
            return _error(29, "Rate limit exceeded")
        limit = fields.get("limit", "100")
        if not fields.get("artist") or not limit.isdecimal() or fields.get("autocorrect", "0") not in ("0", "1"):
            self.breach("a read without an artist, or with a bad number")
            return _error(6, "Invalid parameters - Your request is missing a required parameter")
        return self._alike(fields["artist"], int(limit))

    def _alike(self, artist: str, limit: int) -> Answer:
        names = self.similar.get(artist.lower())
        if names is None:
            # With 200 or 404, as the day is; the code is what counts.
            return Answer(200, {"error": 6, "message": "The artist you supplied could not be found", "links": []})
        if not names:
            return Answer(200, {"similarartists": {"#text": "\n", "artist": artist}})
        rows = [_similar(name, 1 - place / len(names)) for place, name in enumerate(names[:limit])]
        # One alone comes without its list.
        listed = rows[0] if len(rows) == 1 else rows
        return Answer(200, {"similarartists": {"artist": listed, "@attr": {"artist": artist}}})

    def _refused_read(self) -> None:
        now_s = self.now_s()
        if self._read_refused_s is not None and now_s - self._read_refused_s < _LEAVE_ALONE_S:
            self.breach(f"a refused key again after {now_s - self._read_refused_s:.0f} s")
        self._read_refused_s = now_s

    def _called(self, fields: dict[str, str]) -> Answer:
        name = fields.get("method", "")
        self.requests.append(name)
        if fields.get("format") != "json":
            self.breach("an answer in XML was asked for")
        if self.error is not None:
            return _error(self.error, "Out of order")
        if fields.get("api_key") != self.api_key:
            self.refused_login()
            return _error(10, "Invalid API key")
        if fields.get("api_sig") != self._signature(fields):
            self.breach("a wrong signature")
            return _error(13, "Invalid method signature supplied")
        if self._is_too_fast():
            self.breach("more than five requests in a second")
            return _error(29, "Rate limit exceeded")
        return self._answered(name, fields)

    def _answered(self, name: str, fields: dict[str, str]) -> Answer:
        if name == "auth.getToken":
            token = f"token-{len(self._tokens) + 1}"
            self._tokens[token] = False
            return Answer(200, {"token": token})
        if name == "auth.getSession":
            if not self._tokens.pop(fields.get("token", ""), False):
                self._tokens.setdefault(fields.get("token", ""), False)
                return _error(14, "This token has not been authorized")
            return Answer(200, {"session": {"name": "listener", "key": self.session_key, "subscriber": 0}})
        if self.session_key is None or fields.get("sk") != self.session_key:
            if name != "user.getInfo":  # to ask whose a key is may be a person's wish at any time
                self.refused_login()
            return _error(9, "Invalid session key - Please re-authenticate")
        if name == "user.getInfo":
            return Answer(200, {"user": {"name": "listener", "playcount": str(len(self.held))}})
        if name == "track.updateNowPlaying":
            return self._now(fields)
        if name == "track.scrobble":
            return self._scrobbled(fields)
        self.breach(f"an unknown method {name}")
        return _error(3, "Invalid method")

    def _now(self, fields: dict[str, str]) -> Answer:
        if "timestamp" in fields:
            self.breach("what plays now has no timestamp")
        if not fields.get("artist") or not fields.get("track"):
            self.breach("what plays now lacks its artist or title")
            return _error(6, "Invalid parameters")
        self.now_playing.append(_heard(fields, ""))
        return Answer(200, {"nowplaying": {"ignoredMessage": {"code": "0", "#text": ""}}})

    def _scrobbled(self, fields: dict[str, str]) -> Answer:
        numbers = sorted({int(name.partition("[")[2].rstrip("]")) for name in fields if "[" in name})
        known = {f"{name}[{number}]" for name in _OF_EACH for number in numbers} | _COMMON
        if unknown := sorted(set(fields) - known):
            self.breach(f"unknown parameters {unknown}")
        if len(numbers) > MOST or numbers != list(range(len(numbers))) or not numbers:
            self.breach(f"a batch of {len(numbers)}")
            return _error(6, "Invalid parameters")
        needed = [f"{name}[{number}]" for name in ("artist", "track", "timestamp") for number in numbers]
        if not all(fields.get(name) for name in needed):
            self.breach("a play without artist, title or timestamp")
            return _error(6, "Invalid parameters - Your request is missing a required parameter")
        if any(fields[f"track[{number}]"] in self.poisoned for number in numbers):
            return _error(6, "Invalid parameters")
        self.batches.append(len(numbers))
        items = [self._taken(_heard(fields, f"[{number}]")) for number in numbers]
        ignored = sum(item["ignoredMessage"]["code"] != "0" for item in items)
        attributes = {"accepted": len(items) - ignored, "ignored": ignored}
        # One alone comes without its list, as from the real one.
        return Answer(200, {"scrobbles": {"scrobble": items[0] if len(items) == 1 else items, "@attr": attributes}})

    def _taken(self, heard: Heard) -> dict[str, Any]:
        code = self._refusal(heard)
        if code == 0:
            self.hold((heard.at_s, heard.artist.casefold(), heard.title.casefold()), heard, self._keys)
        return {
            "artist": {"#text": heard.artist, "corrected": "0"},
            "track": {"#text": heard.title, "corrected": "0"},
            "timestamp": str(heard.at_s),
            "ignoredMessage": {"code": str(code), "#text": ""},
        }

    def _refusal(self, heard: Heard) -> int:
        now_s = self.now_s()
        if heard.artist in self.ignored_artists:
            return 1
        if heard.duration_s is not None and heard.duration_s <= 30:
            self.breach("a track of 30 s or less")
            return 2
        if heard.at_s < now_s - OLDEST_S:
            return 3
        if heard.at_s > now_s + FUTURE_S:
            return 4
        return 5 if self.daily_limit is not None and len(self.held) >= self.daily_limit else 0

    def _signature(self, fields: Mapping[str, str]) -> str:
        text = "".join(
            name + value for name, value in sorted(fields.items()) if name not in ("api_sig", "format", "callback")
        )
        return hashlib.md5((text + self.api_secret).encode(), usedforsecurity=False).hexdigest()

    def _is_too_fast(self) -> bool:
        now_s = self.now_s()
        is_full = len(self._recent_s) == PER_SECOND and now_s - self._recent_s[0] < 1
        self._recent_s.append(now_s)
        return is_full


def _heard(fields: Mapping[str, str], at: str) -> Heard:
    return Heard(
        int(fields.get(f"timestamp{at}", 0)),
        fields[f"artist{at}"],
        fields[f"track{at}"],
        fields.get(f"album{at}", ""),
        int(fields[f"duration{at}"]) if f"duration{at}" in fields else None,
        fields.get(f"chosenByUser{at}", "1") == "1",
    )


def _error(code: int, message: str) -> Answer:
    return Answer(_STATUS.get(code, 400), {"error": code, "message": message, "links": []})


def _similar(name: str, match: float) -> dict[str, Any]:
    return {
        "name": name,
        "mbid": "",
        "match": f"{match:.6f}",
        "url": f"https://www.last.fm/music/{quote_plus(name)}",
        "image": [{"#text": "", "size": "small"}],
        "streamable": "0",
    }
