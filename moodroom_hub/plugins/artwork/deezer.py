"""Deezer: the cover of the album that has the track, by ISRC, else by title and artist."""

import re
from collections.abc import Mapping
from typing import Any, Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.lookups import Lookups
from moodroom_hub.core.played import FindingsFace, first_artist
from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.domain.plays.models import Artwork
from moodroom_hub.domain.recording import fold, name_key, normal_isrc, title_parts, track_name_key
from moodroom_hub.plugins.artwork.addresses import is_picture_address
from moodroom_hub.plugins.artwork.client import Client, Reply
from moodroom_hub.plugins.artwork.config import ArtworkConfig
from moodroom_hub.plugins.artwork.service import Busy, Line, OddAnswer, digest, parsed

NAME: Final = "Deezer"
KIND: Final = "artwork:deezer"
EVERY_MS: Final = DurationMs(250)
"""Deezer allows 50 requests in 5 seconds; a house needs no more than a few."""
KEEP_MS: Final = DurationMs(86_400_000)
"""Deezer's addresses may change, and its terms want no lasting copy of its data."""
_HOSTS: Final = frozenset({"dzcdn.net", "api.deezer.com"})
_TOLERANCE_S: Final = 3
_TOO_OFTEN, _NO_DATA, _BUSY = 4, 800, 700


class Deezer:
    """Hears the ISRC, or title and artist, of what is asked for; nothing else is sent."""

    def __init__(self, config: ArtworkConfig, clock: Clock, findings: FindingsFace, client: Client) -> None:
        self._url = config.deezer_url
        self._line = Line(NAME, client, clock, EVERY_MS)
        self._lookups = Lookups(
            findings,
            KIND,
            keep_ms=min(DurationMs(config.keep), KEEP_MS),
            keep_nothing_ms=DurationMs(config.keep_nothing),
            most=config.most,
        )

    async def find(self, track: Track, within_s: float | None) -> Artwork | None:
        """The cover with a link to the album's page, as Deezer asks for."""
        name, isrc = track_name_key(track), normal_isrc(track.isrc)
        if name is None:
            return None
        found = await self._lookups.find(
            digest(name, isrc or "", fold(track.album or "")), lambda: self._ask(track, isrc), within_s
        )
        number, _, url = (found or "").partition(" ")
        if not number.isdigit() or not is_picture_address(url, _HOSTS, self._url):
            return None
        return Artwork(url, NAME, f"https://www.deezer.com/album/{number}")

    async def close(self) -> None:
        """End what is under way."""
        await self._lookups.close()

    async def _ask(self, track: Track, isrc: str | None) -> str:
        if isrc is not None:
            item = await self._line.get(f"{self._url}/track/isrc:{isrc}", None, _answer)
            kept = self._kept(track, item)
            if kept:
                return kept
        title, _ = title_parts(track.name)
        query = f'artist:"{_words(first_artist(track))}" track:"{_words(title)}"'
        if '""' in query:
            return ""
        listed = (await self._line.get(f"{self._url}/search", {"q": query, "limit": "25"}, _answer)).get("data")
        if not isinstance(listed, list):
            return ""
        found = [(item, kept) for item in listed[:25] if isinstance(item, dict) and (kept := self._kept(track, item))]
        album = fold(track.album or "")
        found.sort(key=lambda pair: fold(_text(_mapping(pair[0].get("album")).get("title"))) != album)
        return found[0][1] if found else ""

    def _kept(self, track: Track, item: Mapping[str, Any]) -> str:
        """The album's number and its cover's address, where the item surely is the track; else empty."""
        title, artist = _text(item.get("title")), _text(_mapping(item.get("artist")).get("name"))
        if name_key(title, artist) != track_name_key(track):
            return ""
        length_s = item.get("duration")
        if track.duration_ms and isinstance(length_s, int) and abs(length_s - track.duration_ms / 1000) > _TOLERANCE_S:
            return ""
        album = _mapping(item.get("album"))
        number, url = album.get("id"), album.get("cover_big")
        if not isinstance(number, int) or number <= 0 or not is_picture_address(url, _HOSTS, self._url):
            return ""
        return f"{number} {url}"


def _answer(reply: Reply) -> dict[str, Any]:
    """The answer's object; empty where there is nothing. Deezer refuses with status 200."""
    if reply.status == 404:
        return {}
    if reply.status != 200:
        raise OddAnswer(f"it answers {reply.status}")
    found = parsed(reply.body)
    error = found.get("error")
    if error is None:
        return found
    code = _mapping(error).get("code")
    if code in (_TOO_OFTEN, _BUSY):
        raise Busy
    if code == _NO_DATA:
        return {}
    raise OddAnswer(f"it refuses with code {code if isinstance(code, int) else 'unknown'}")


def _words(text: str) -> str:
    """Words for inside quotes, which Deezer knows no way to escape."""
    plain = text.encode("utf-8", "ignore").decode()
    return " ".join(re.sub(r'["\\]', " ", "".join(s if s.isprintable() else " " for s in plain)).split())[:200]


def _text(raw: Any) -> str:
    return raw[:300] if isinstance(raw, str) else ""


def _mapping(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, dict) else {}
