"""The Cover Art Archive: whether it has a front cover of the release that MusicBrainz names."""

import re
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.lookups import Lookups
from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.domain.plays.models import Artwork
from moodroom_hub.plugins.artwork.addresses import is_picture_address
from moodroom_hub.plugins.artwork.client import Client, Reply
from moodroom_hub.plugins.artwork.config import ArtworkConfig
from moodroom_hub.plugins.artwork.service import Line, OddAnswer

NAME: Final = "Cover Art Archive"
KIND: Final = "artwork:cover_art_archive"
EVERY_MS: Final = DurationMs(500)
"""The archive names no limit."""
_HOSTS: Final = frozenset({"archive.org", "coverartarchive.org"})
_MBID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class CoverArtArchive:
    """Asks for the facts first: which release a track is on is for another plugin to know."""

    def __init__(self, config: ArtworkConfig, clock: Clock, hub: HubFace, client: Client) -> None:
        self._url = config.cover_art_archive_url
        self._hub = hub
        self._line = Line(NAME, client, clock, EVERY_MS)
        self._lookups = Lookups(
            hub.findings,
            KIND,
            keep_ms=DurationMs(config.keep),
            keep_nothing_ms=DurationMs(config.keep_nothing),
            most=config.most,
        )

    async def find(self, track: Track, within_s: float | None) -> Artwork | None:
        """The archive's own lasting address of the front cover, which it forwards to wherever the picture lies."""
        facts = await self._hub.facts(track)
        mbid = None if facts is None else facts.release_mbid
        if mbid is None or not _MBID.fullmatch(mbid):
            return None
        url = f"{self._url}/release/{mbid}/front-500"

        async def ask() -> str:
            return url if await self._line.get(url, None, self._has_picture) else ""

        found = await self._lookups.find(mbid, ask, within_s)
        if not found or not is_picture_address(found, _HOSTS, self._url):
            return None
        return Artwork(found, NAME, f"https://musicbrainz.org/release/{mbid}")

    async def close(self) -> None:
        """End what is under way."""
        await self._lookups.close()

    def _has_picture(self, reply: Reply) -> bool:
        if reply.status in (400, 404):
            return False
        if reply.status not in (302, 303, 307, 308):
            raise OddAnswer(f"it answers {reply.status}")
        if not is_picture_address(reply.location.replace("http://", "https://", 1), _HOSTS, self._url):
            raise OddAnswer("it forwards to a place that is not its own")
        return True
