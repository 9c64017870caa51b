"""ListenBrainz' API, and servers that take listens in the same way (Maloja). Pure.

Sending the same listen twice is safe: ListenBrainz keys listens on user, ``listened_at`` and the recording's id, which
it reckons from what was sent. Maloja finds the second one as well, but then answers for the whole request and drops
what comes after it: servers of one's own are told of one listen at a time.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from moodroom_hub import __version__
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.plugins.scrobbling.config import LISTENBRAINZ
from moodroom_hub.plugins.scrobbling.services import (
    Again,
    Keys,
    Outcome,
    Reply,
    Request,
    Scrobble,
    Shut,
    Spoiled,
    Taken,
    said,
    seconds,
)

MOST_BYTES: Final = 10_240
"""Of one listen."""
_BATCH: Final = 100
"""A request may hold 1,000; so many stay small on a small machine."""
_SPOTIFY: Final = "spotify:track:"


class ListenBrainz:
    """Implements ``services.Service``."""

    def __init__(self, url: str, name: str = LISTENBRAINZ) -> None:
        self._url = f"{url}/1"
        self.name = name
        self._is_own = name != LISTENBRAINZ
        self.label = f"the server {name}" if self._is_own else "ListenBrainz"
        self._key = f"servers.{name}" if self._is_own else LISTENBRAINZ
        self.batch = 1 if self._is_own else _BATCH
        self.pause_ms = 250 if self._is_own else 1_000

    def why_not(self, scrobble: Scrobble) -> str | None:
        """It wants a title, and not too much of it."""
        if not scrobble.title:
            return "it has no title"
        if len(_json(self._listen(scrobble))) > MOST_BYTES:
            return "its title, artists and album are longer than anything that is taken"
        return None

    def submit(self, scrobbles: Sequence[Scrobble], keys: Keys) -> Request:
        """``submit-listens``: one as ``single``, several as ``import``."""
        kind = "single" if len(scrobbles) == 1 else "import"
        payload = [{"listened_at": one.started_s, **self._listen(one)} for one in scrobbles]
        return self._post({"listen_type": kind, "payload": payload}, keys)

    def now_playing(self, scrobble: Scrobble, keys: Keys) -> Request:
        """``submit-listens`` as ``playing_now``: without a time."""
        return self._post({"listen_type": "playing_now", "payload": [self._listen(scrobble)]}, keys)

    def who(self, keys: Keys) -> Request:
        """``validate-token``."""
        return Request("GET", f"{self._url}/validate-token", None, self._headers(keys))

    def read(self, reply: Reply, count: int) -> Outcome:
        """By the HTTP status."""
        label = self.label[0].upper() + self.label[1:]
        is_unknown = reply.status in (401, 403) or (reply.status == 200 and _parsed(reply).get("valid") is False)
        if reply.status == 200 and not is_unknown:
            content = _parsed(reply)
            is_its_own = bool(content) and "error" not in content  # a hotel's welcome page is no receipt
            return Taken((None,) * count) if is_its_own else Again(f"{label} answers with nothing of its own")
        if is_unknown:
            return Shut(f"{label} does not accept the token. Correct plugins.scrobbling.{self._key}.token")
        if reply.status in (404, 405) or 300 <= reply.status < 400:
            mend = f"Correct plugins.scrobbling.{self._key}.url"
            return Shut(f"{label} takes no listens there (HTTP {reply.status}). {mend}", PluginStatus.FAILED)
        if reply.status == 429:
            return Again(f"{label} asks for patience", self._wait_s(reply))
        if reply.status in (400, 409, 413, 422):
            return Spoiled(f"{label} refuses it: {_words(reply)}")
        return Again(f"{label} answers with HTTP {reply.status}", seconds(reply.headers.get("retry-after")))

    def rest_s(self, reply: Reply) -> float:
        """Until its window begins anew, where this one is used up."""
        left = seconds(reply.headers.get("x-ratelimit-remaining"))
        return (self._wait_s(reply) or 0.0) if left is not None and left < 1 else 0.0

    def user(self, reply: Reply) -> str | None:
        """The account's name."""
        content = _parsed(reply)
        return said(content.get("user_name")) if reply.status == 200 and content.get("valid") is True else None

    def _wait_s(self, reply: Reply) -> float | None:
        asked = seconds(reply.headers.get("retry-after"))
        return asked if asked is not None else seconds(reply.headers.get("x-ratelimit-reset-in"))

    def _listen(self, one: Scrobble) -> dict[str, Any]:
        info: dict[str, Any] = {
            "media_player": "Moodroom Hub",
            "submission_client": "moodroom-hub",
            "submission_client_version": __version__,
        }
        if len(one.artists) > 1:
            info["artist_names"] = list(one.artists)
        if one.duration_ms:
            # ListenBrainz takes either; servers of one's own know the older one.
            info |= {"duration": round(one.duration_ms / 1000)} if self._is_own else {"duration_ms": one.duration_ms}
        if one.isrc:
            info["isrc"] = one.isrc
        if one.uri.startswith(_SPOTIFY):
            info["spotify_id"] = f"https://open.spotify.com/track/{one.uri.removeprefix(_SPOTIFY)}"
        metadata: dict[str, Any] = {"artist_name": ", ".join(one.artists), "track_name": one.title}
        if one.album:
            metadata["release_name"] = one.album
        return {"track_metadata": {**metadata, "additional_info": info}}

    def _post(self, content: object, keys: Keys) -> Request:
        headers = {**self._headers(keys), "Content-Type": "application/json"}
        return Request("POST", f"{self._url}/submit-listens", _json(content), headers)

    def _headers(self, keys: Keys) -> dict[str, str]:
        return {"Authorization": f"Token {keys.key}", "Accept": "application/json"}


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _parsed(reply: Reply) -> dict[str, Any]:
    try:
        content = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _words(reply: Reply) -> str:
    error = _parsed(reply).get("error")
    return said(error) if isinstance(error, str) else f"HTTP {reply.status}"
