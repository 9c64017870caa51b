"""Last.fm's scrobbling 2.0: form in, JSON out, every call signed. Pure.

Sending the same play twice is safe: Last.fm keys a scrobble on user, artist, track and timestamp, and takes the second
one for the first (it says ``accepted``). That is why a play whose outcome is unknown is simply sent again.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from moodroom_hub.core.face import PluginStatus
from moodroom_hub.plugins.scrobbling.config import LASTFM
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

LONGER_THAN_MS: Final = 30_000
DAILY_LIMIT: Final = 5
DAILY_WAIT_S: Final = 3_600.0
LOGIN_MEND: Final = "Log in again: moodroom-hub scrobbles login lastfm"
_TEMPORARY: Final = frozenset({2, 8, 11, 16})
_LOGIN: Final = frozenset({4, 9, 14, 15, 17})
_CONFIGURATION: Final = {
    10: "does not know the api_key. Correct plugins.scrobbling.lastfm.api_key",
    13: "finds the signature wrong. Correct plugins.scrobbling.lastfm.api_secret",
    26: "has suspended the api_key. Ask there, or put another one into plugins.scrobbling.lastfm",
}
_SPOILED: Final = 6
_RATE: Final = 29
_IGNORED: Final = {
    1: "Last.fm ignores this artist. Correct the artist's name and send it again: moodroom-hub scrobbles retry",
    2: "Last.fm ignores this track. Correct its name and send it again: moodroom-hub scrobbles retry",
    3: "Last.fm finds it too old (it takes plays of the last 14 days). Nothing mends that; other services take it",
    4: "Last.fm finds its time in the future. Set this machine's clock, then: moodroom-hub scrobbles retry",
}


class Lastfm:
    """Implements ``services.Service``."""

    name = LASTFM
    label = "Last.fm"
    batch = 50
    pause_ms = 1_000

    def __init__(self, url: str) -> None:
        self._url = url

    def why_not(self, scrobble: Scrobble) -> str | None:
        """It wants a title, and tracks that are longer than 30 s."""
        if not scrobble.title:
            return "it has no title"
        if scrobble.duration_ms and scrobble.duration_ms <= LONGER_THAN_MS:
            return "Last.fm takes only tracks longer than 30 s"
        return None

    def submit(self, scrobbles: Sequence[Scrobble], keys: Keys) -> Request:
        """``track.scrobble``."""
        fields: dict[str, str] = {"method": "track.scrobble"}
        for number, one in enumerate(scrobbles):
            fields |= {f"{key}[{number}]": value for key, value in _track(one).items()}
            fields[f"timestamp[{number}]"] = str(one.started_s)
            if one.is_stream:
                fields[f"chosenByUser[{number}]"] = "0"
        return self.call(fields, keys)

    def now_playing(self, scrobble: Scrobble, keys: Keys) -> Request:
        """``track.updateNowPlaying``."""
        return self.call({"method": "track.updateNowPlaying", **_track(scrobble)}, keys)

    def who(self, keys: Keys) -> Request:
        """``user.getInfo`` of whoever logged in."""
        return self.call({"method": "user.getInfo"}, keys)

    def call(self, fields: Mapping[str, str], keys: Keys) -> Request:
        """Any signed call, as a form in UTF-8."""
        signed = {**fields, "api_key": keys.key}
        if keys.session:
            signed["sk"] = keys.session
        body = urlencode({**signed, "api_sig": signature(signed, keys.secret), "format": "json"})
        return Request(
            "POST",
            self._url,
            body.encode(),
            {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Accept": "application/json"},
        )

    def read(self, reply: Reply, count: int) -> Outcome:
        """Errors by their code, whatever the HTTP status; then each scrobble's own ``ignoredMessage``."""
        content = parsed(reply)
        code = _number(content.get("error"))
        if code:
            return _failure(code, content, reply)
        if reply.status == 429:
            return Again("Last.fm asks for patience", seconds(reply.headers.get("retry-after")))
        if reply.status != 200 or not content:
            return Again(f"Last.fm answers with HTTP {reply.status}" + ("" if content else " and nothing of its own"))
        return _each(content, count) if count else Taken(())

    def rest_s(self, reply: Reply) -> float:
        """Nothing is said in headers."""
        return 0.0

    def user(self, reply: Reply) -> str | None:
        """The account's name."""
        user = parsed(reply).get("user")
        name = user.get("name") if isinstance(user, dict) else None
        return said(name) if isinstance(name, str) and name else None


def signature(fields: Mapping[str, str], secret: str) -> str:
    """Last.fm's: names in the order of their bytes, each followed by its value, then the secret; MD5."""
    text = "".join(f"{name}{fields[name]}" for name in sorted(fields)) + secret
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def parsed(reply: Reply) -> dict[str, Any]:
    """The answer's JSON object; empty where there is none."""
    try:
        content = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def error_code(reply: Reply) -> int:
    """Last.fm's own error; 0: none."""
    return _number(parsed(reply).get("error"))


def _track(one: Scrobble) -> dict[str, str]:
    fields = {"artist": one.artist, "track": one.title}
    if one.album:
        fields["album"] = one.album
    if one.duration_ms:
        fields["duration"] = str(round(one.duration_ms / 1000))
    return fields


def _failure(code: int, content: Mapping[str, Any], reply: Reply) -> Outcome:
    if code == _RATE:
        return Again("Last.fm asks for patience", seconds(reply.headers.get("retry-after")))
    if code in _LOGIN:
        return Shut(f"Last.fm does not accept the login. {LOGIN_MEND}")
    if code in _CONFIGURATION:
        return Shut(f"Last.fm {_CONFIGURATION[code]}", PluginStatus.FAILED)
    if code == _SPOILED:
        return Spoiled(f"Last.fm refuses it: {said(content.get('message'))}")
    if code in _TEMPORARY:
        return Again(f"Last.fm has a fault of its own (error {code})")
    return Again(f"Last.fm answers with error {code}: {said(content.get('message'))}")


def _each(content: Mapping[str, Any], count: int) -> Outcome:
    outer = content.get("scrobbles")
    items = outer.get("scrobble") if isinstance(outer, dict) else None
    items = [items] if isinstance(items, dict) else items  # one alone comes without its list
    if not isinstance(items, list) or len(items) != count:
        return Again("Last.fm's answer is not about what was sent")
    codes = [_ignored(item) for item in items]
    if DAILY_LIMIT in codes:
        reason = "Last.fm's limit of plays for one day is reached; the rest is sent when it takes them again"
        return Again(reason, DAILY_WAIT_S, tuple(code == 0 for code in codes))
    return Taken(tuple(_IGNORED.get(code, f"Last.fm ignores it (code {code})") if code else None for code in codes))


def _ignored(item: object) -> int:
    message = item.get("ignoredMessage") if isinstance(item, dict) else None
    return _number(message.get("code")) if isinstance(message, dict) else 0


def _number(value: object) -> int:
    try:
        return int(value) if isinstance(value, str | int) else 0
    except ValueError:
        return 0
