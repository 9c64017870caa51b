"""Scrobbling: what was played is told to Last.fm, ListenBrainz and servers like it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.events import Event, Played, Resumed, TrackChanged
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.plugins.scrobbling.config import ScrobblingConfig

if TYPE_CHECKING:
    from moodroom_hub.plugins.scrobbling.similar import SimilarArtists
    from moodroom_hub.plugins.scrobbling.wiring import Office

WITHIN_S: Final = 3.5
"""Whoever asks who is like whom gets an answer by then, even if it is none; hooks have five seconds."""
NO_TARGET = "no service is configured (plugins.scrobbling.lastfm, listenbrainz or servers)"


class Plugin:
    """A queue for each service. Nothing is imported, opened or sent while no service is configured."""

    name: ClassVar[str] = "scrobbling"
    role: ClassVar[Role] = Role.POLICY
    Config: ClassVar[type[ScrobblingConfig]] = ScrobblingConfig

    def __init__(self, context: PluginContext[ScrobblingConfig]) -> None:
        self._context = context
        self._office: Office | None = None
        self._similar: SimilarArtists | None = None
        self._is_open = False

    @hookimpl
    async def start(self) -> None:
        """Begin to send what waits."""
        if not self._context.config.has_targets:
            self._context.set_status(PluginStatus.DISABLED, f"switched off: {NO_TARGET}")
            return
        # Late: what speaks HTTP costs memory and time that a hub that scrobbles nothing shall not pay.
        from moodroom_hub.plugins.scrobbling.wiring import Office

        self._office = Office(self._context)
        self._office.begin()
        self._is_open = True

    @hookimpl
    async def stop(self) -> None:
        """End what is being asked; the queues are the hub's to end."""
        self._is_open = False
        similar, self._similar = self._similar, None
        if similar is not None:
            await similar.close()

    @hookimpl
    async def on_played(self, event: Played) -> None:
        """Plan its deliveries."""
        if self._office is not None:
            await self._office.plan(event)

    @hookimpl
    async def on_event(self, event: Event) -> None:
        """Show what plays now."""
        if self._office is not None and isinstance(event, TrackChanged | Resumed):
            self._office.tell_now(event)

    @hookimpl
    async def find_similar(self, artist: str) -> Sequence[str] | None:
        """As Last.fm has it, where there is a key for it: what is kept, or can be found out in a few seconds."""
        section = self._context.config.lastfm
        if not self._is_open or section.api_key is None:
            return None
        if self._similar is None:
            # Late: most hubs never ask.
            from moodroom_hub.plugins.scrobbling.similar import SimilarArtists

            context = self._context
            self._similar = SimilarArtists(section, section.api_key, context.clock, context.hub.findings)
        return await self._similar.find(artist, WITHIN_S)

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """Each target, its key, its queue."""
        if not self._context.config.has_targets:
            return [Check("scrobbling", CheckLevel.SKIPPED, NO_TARGET)]
        # Late: as above.
        from moodroom_hub.plugins.scrobbling.checks import check_all

        return await check_all(self._context)
