"""Sonos: every speaker a zone, every group the zone of its leader; source and player at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.errors import NotReady
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.ports import Check, CheckLevel, ZonePorts
from moodroom_hub.plugins.sonos.config import SonosConfig

if TYPE_CHECKING:
    from moodroom_hub.plugins.sonos.wiring import Parts, Ways

NOT_CONFIGURED: Final = "switched off: nowhere to look for speakers (plugins.sonos.discover or plugins.sonos.addresses)"
MISSING: Final = "it needs SoCo: pip install 'moodroom-hub[sonos]'"


class Plugin:
    """A Sonos household. ``ways`` lead to the speakers; a subclass may give ones into a simulated household."""

    name: ClassVar[str] = "sonos"
    role: ClassVar[Role] = Role.SOURCE
    Config: ClassVar[type[SonosConfig]] = SonosConfig
    ways: ClassVar["Ways | None"] = None

    def __init__(self, context: PluginContext[SonosConfig]) -> None:
        self._context = context
        self._made: Parts | None = None

    @hookimpl
    def register_zones(self) -> Sequence[ZonePorts]:
        """The zones of all speakers that were ever found; those that are new come later."""
        parts = self._parts()
        return [] if parts is None else [parts.ports(known) for known in parts.book.all()]

    @hookimpl
    async def start(self) -> None:
        """Begin to look for speakers; returns at once. Raises ``NotReady`` where SoCo is not installed."""
        if not self._context.config.is_configured:
            self._context.set_status(PluginStatus.DISABLED, NOT_CONFIGURED)
            return
        parts = self._parts()
        if parts is None:
            raise NotReady(MISSING)
        parts.start()

    @hookimpl
    async def stop(self) -> None:
        """Let go of subscriptions, threads and connections."""
        made, self._made = self._made, None
        if made is not None:
            await made.close()

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """Speakers, events, and whether Sonos plays from Spotify."""
        if not self._context.config.is_configured:
            return [Check("sonos speakers", CheckLevel.SKIPPED, NOT_CONFIGURED)]
        parts = self._parts()
        if parts is None:
            return [Check("sonos speakers", CheckLevel.FAILED, "SoCo is not installed", MISSING)]
        from moodroom_hub.plugins.sonos.checks import check_all

        return await check_all(parts)

    def _parts(self) -> "Parts | None":
        """The parts; ``None`` where nothing is configured or SoCo is not there."""
        if self._made is None and self._context.config.is_configured:
            # Late: SoCo costs memory and time that a hub without speakers shall not pay.
            from moodroom_hub.plugins.sonos.lean_imports import lean_imports

            try:
                with lean_imports():
                    from moodroom_hub.plugins.sonos.wiring import Parts, Ways
            except ModuleNotFoundError as error:
                if error.name is None or error.name.partition(".")[0] in {"moodroom_hub", ""}:
                    raise
                return None
            self._made = Parts(self._context, type(self).ways or Ways())
        return self._made
