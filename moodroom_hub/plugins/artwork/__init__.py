"""Pictures of albums for what has none of its own: addresses only, from the Cover Art Archive and from Deezer."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.plays.models import Artwork
from moodroom_hub.plugins.artwork.config import ArtService, ArtworkConfig, checked_contact

if TYPE_CHECKING:  # what speaks HTTP costs memory that a hub without this plugin shall not pay
    from moodroom_hub.plugins.artwork.chain import Chain

WITHIN_S: Final = 4.0
"""Whoever asks gets an answer by then, even if it is none; hooks have five seconds."""
MOST_UNDER_WAY: Final = 100
NOBODY: Final = "switched off: nobody may be asked; set plugins.metadata.contact, or put deezer into services"


class Plugin:
    """Finds pictures when somebody asks for one. As it comes, without a contact, nothing is ever sent."""

    name: ClassVar[str] = "artwork"
    role: ClassVar[Role] = Role.FACE
    Config: ClassVar[type[ArtworkConfig]] = ArtworkConfig

    def __init__(self, context: PluginContext[ArtworkConfig]) -> None:
        self._context = context
        self._chain: Chain | None = None
        self._under_way: dict[Uri, asyncio.Task[Artwork | None]] = {}

    @hookimpl
    async def start(self) -> None:
        """Put the services together; nothing is sent."""
        context, services = self._context, self._services()
        if not services:
            context.set_status(PluginStatus.DISABLED, NOBODY)
            return
        # Late: what speaks HTTP costs memory and time that a hub that asks nobody shall not pay.
        from moodroom_hub.plugins.artwork.chain import Chain

        self._chain = Chain(context.config, services, self._contact(), context.clock, context.hub)

    @hookimpl
    async def stop(self) -> None:
        """End what is under way."""
        chain, self._chain = self._chain, None
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if chain is not None:
            await chain.close()

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """Who would be asked; nobody is."""
        services = self._services()
        if not services:
            return [Check("artwork", CheckLevel.SKIPPED, "nobody is asked for pictures")]
        return [Check("artwork", CheckLevel.OK, f"pictures come from {', '.join(services)}")]

    @hookimpl
    async def find_artwork(self, track: Track) -> Artwork | None:
        """What is kept, or can be found out in a few seconds; what takes longer is known the next time."""
        task = self._under_way.get(track.uri)
        if task is None:
            if self._chain is None or len(self._under_way) >= MOST_UNDER_WAY:
                return None
            task = asyncio.create_task(self._chain.find(track), name="looking for a picture")
            self._under_way[track.uri] = task
            task.add_done_callback(lambda _: self._under_way.pop(track.uri, None))
        done, _ = await asyncio.wait((task,), timeout=WITHIN_S)
        return task.result() if done and not task.cancelled() else None

    def _services(self) -> list[ArtService]:
        is_named = self._contact() is not None
        return [one for one in self._context.config.services if is_named or one is ArtService.DEEZER]

    def _contact(self) -> str | None:
        if self._context.config.contact is not None:
            return self._context.config.contact
        section = self._context.settings.plugins.get("metadata")
        contact = section.get("contact") if isinstance(section, dict) else None
        try:
            return checked_contact(contact) if isinstance(contact, str) else None
        except ValueError:
            return None  # that plugin tells of it
