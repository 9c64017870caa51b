"""One service after another, until one has a picture."""

from collections.abc import Sequence

from moodroom_hub import __version__
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import Track
from moodroom_hub.domain.plays.models import Artwork
from moodroom_hub.plugins.artwork.client import Client
from moodroom_hub.plugins.artwork.config import ArtService, ArtworkConfig
from moodroom_hub.plugins.artwork.cover_art_archive import CoverArtArchive
from moodroom_hub.plugins.artwork.deezer import Deezer
from moodroom_hub.plugins.artwork.service import ArtSource


class Chain:
    """The configured services in their order, each with a line and a memory of its own."""

    def __init__(
        self, config: ArtworkConfig, services: Sequence[ArtService], contact: str | None, clock: Clock, hub: HubFace
    ) -> None:
        named = f" ( {contact} )" if contact else ""
        self._client = Client(f"MoodroomHub/{__version__}{named}", config.timeout / 1000)
        self._sources: list[ArtSource] = [
            CoverArtArchive(config, clock, hub, self._client)
            if service is ArtService.COVER_ART_ARCHIVE
            else Deezer(config, clock, hub.findings, self._client)
            for service in services
        ]

    async def find(self, track: Track, within_s: float | None = None) -> Artwork | None:
        """The first picture that any of them has; each is given ``within_s`` real seconds."""
        for source in self._sources:
            found = await source.find(track, within_s)
            if found is not None:
                return found
        return None

    async def close(self) -> None:
        """End what is under way."""
        for source in self._sources:
            await source.close()
        await self._client.close()
