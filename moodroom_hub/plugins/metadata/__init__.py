"""What MusicBrainz knows of the music: year, label, genres, and its own ids."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.events import Played
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.domain.models import Track
from moodroom_hub.domain.plays.models import TrackFacts
from moodroom_hub.plugins.metadata.config import MetadataConfig

if TYPE_CHECKING:  # what finds costs memory that a hub that asks nobody shall not pay
    from moodroom_hub.plugins.metadata.finder import FactFinder
    from moodroom_hub.plugins.metadata.similar import SimilarArtists

WITHIN_S: Final = 3.5
"""Whoever asks gets an answer by then, even if it is none; hooks have five seconds."""
WAITING: Final = 500
TRIES: Final = 8
NO_CONTACT: Final = "switched off: MusicBrainz wants to know whom to write to; set plugins.metadata.contact"


class Plugin:
    """Facts for whoever asks, and for every track that was played. Without a contact nothing is ever sent."""

    name: ClassVar[str] = "metadata"
    role: ClassVar[Role] = Role.FACE
    Config: ClassVar[type[MetadataConfig]] = MetadataConfig

    def __init__(self, context: PluginContext[MetadataConfig]) -> None:
        self._context = context
        self._finder: FactFinder | None = None
        self._similar: SimilarArtists | None = None
        self._played: asyncio.Queue[Track] = asyncio.Queue(WAITING)

    @hookimpl
    async def start(self) -> None:
        """Begin to wait for plays; nothing is sent."""
        context = self._context
        if context.config.contact is None:
            context.set_status(PluginStatus.DISABLED, NO_CONTACT)
            return
        # Late: see above.
        from moodroom_hub.plugins.metadata.finder import FactFinder

        self._finder = FactFinder(context.config, context.clock, context.hub.findings)
        context.spawn("facts about what was played", self._look_up_played)

    @hookimpl
    async def stop(self) -> None:
        """End what is under way."""
        similar, self._similar = self._similar, None
        if similar is not None:
            await similar.close()
        finder, self._finder = self._finder, None
        if finder is not None:
            await finder.close()

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """Whether a contact is set; MusicBrainz itself is not asked."""
        if self._context.config.contact is None:
            return [Check("metadata", CheckLevel.SKIPPED, "no plugins.metadata.contact: nobody is asked for facts")]
        return [Check("metadata", CheckLevel.OK, "facts come from MusicBrainz")]

    @hookimpl
    async def find_facts(self, track: Track) -> TrackFacts | None:
        """What is kept, or can be found out in a few seconds; what takes longer is known the next time."""
        return None if self._finder is None else await self._finder.find(track, WITHIN_S)

    @hookimpl
    async def find_similar(self, artist: str) -> Sequence[str] | None:
        """As ListenBrainz has it, where that is wished: what is kept, or can be found out in a few seconds."""
        if self._finder is None or not self._context.config.similar:
            return None
        if self._similar is None:
            # Late: most hubs never ask.
            from moodroom_hub.plugins.metadata.similar import SimilarArtists

            context = self._context
            self._similar = SimilarArtists(context.config, context.clock, context.hub.findings, self._finder)
        return await self._similar.find(artist, WITHIN_S)

    @hookimpl
    async def on_played(self, event: Played) -> None:
        """Look the track up behind; of too many at once the latest are left out."""
        if self._finder is not None and not self._played.full():
            self._played.put_nowait(event.play.track)

    async def _look_up_played(self) -> None:
        while True:
            track = await self._played.get()
            for _ in range(TRIES):
                finder = self._finder
                if finder is None or await finder.find_text(track) is not None:
                    break
                await self._context.clock.sleep_ms(max(finder.away_ms, 1_000))
