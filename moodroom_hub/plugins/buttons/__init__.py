"""Buttons on the wall: what they say on the house's broker becomes what a person at the page would click."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import ClassVar

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.ports import Check, CheckLevel, Message
from moodroom_hub.core.topics import without_overlaps
from moodroom_hub.domain.models import EpochMs, ZoneName
from moodroom_hub.plugins.buttons.config import ButtonsConfig
from moodroom_hub.plugins.buttons.mappings import Mapped, clashes, make_mappings
from moodroom_hub.plugins.buttons.pressing import Presses
from moodroom_hub.plugins.buttons.restraint import Restraint

_log = logging.getLogger(__name__)

TELL_MS = 5_000
"""The status is told at most this often, however much is pressed."""
MISSED_MS = 30_000
"""So often it is looked whether a zone that is named and was not there has been found since."""
DEFAULT_BASE_TOPIC = "moodroom"
"""What the broker's plugin takes where nothing is said."""
LEARN = "moodroom-hub buttons learn"


class Plugin:
    """Hears the mapped topics, and carries presses out."""

    name: ClassVar[str] = "buttons"
    role: ClassVar[Role] = Role.FACE
    Config: ClassVar[type[ButtonsConfig]] = ButtonsConfig

    def __init__(self, context: PluginContext[ButtonsConfig]) -> None:
        self._context = context
        self._mappings: tuple[Mapped, ...] = ()
        self._news = asyncio.Event()
        self._presses = Presses(context.hub, context.clock, self._news.set)
        self._restraint = Restraint(EpochMs(context.clock.now_ms()))
        self._is_stopped = False

    @hookimpl
    def register_topics(self) -> Sequence[str]:
        """The filters of every mapping. Raises ``ConfigError`` with every room and topic that cannot be."""
        context = self._context
        # The other plugin's section is unchecked; a base that is no text is that plugin's to tell.
        base = (context.settings.plugins.get("mqtt") or {}).get("base_topic")
        base_topic = base if isinstance(base, str) and base else DEFAULT_BASE_TOPIC
        self._mappings = make_mappings(context.config.mappings, context.hub.rooms, base_topic)
        return without_overlaps(topic for mapped in self._mappings for topic in mapped.filters)

    @hookimpl
    async def start(self) -> None:
        """Say how many mappings there are; from here on also what was pressed."""
        if not self._mappings:
            self._context.set_status(PluginStatus.RUNNING, f"no button is mapped: {LEARN} writes a mapping")
            return
        for clash in clashes(self._context.config.mappings):
            _log.warning("plugins.buttons: %s", clash)
        for key, zone in self._lost_zones():
            _log.warning("plugins.buttons.%s: there is no zone %s", key, zone)
        self._context.spawn("telling", self._keep_telling)

    @hookimpl
    async def stop(self) -> None:
        """End what is still being carried out."""
        self._is_stopped = True
        await self._presses.close()

    @hookimpl
    async def on_message(self, message: Message) -> None:
        """Begin what is asked for; nothing is waited for."""
        if self._is_stopped:
            return
        for mapped in self._mappings:
            for heard in mapped.hear(message.topic, message.payload):
                is_press = self._restraint.is_press(mapped, heard, message.at_ms, is_retained=message.is_retained)
                if is_press and heard.gesture is not None:
                    self._presses.begin(mapped.actions[heard.gesture], mapped.name)

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """Whether there is a broker to hear them on, and the zones that they name."""
        count = _counted(self._mappings)
        if not self._mappings:
            return [Check("buttons", CheckLevel.SKIPPED, "no button is mapped", f"{LEARN} writes a mapping")]
        broker = {view.name: view for view in self._context.hub.plugin_views()}.get("mqtt")
        if broker is None or broker.status is PluginStatus.DISABLED:
            return [Check("buttons", CheckLevel.WARNING, f"{count}, but no broker", "set plugins.mqtt.host")]
        lost = [f"{key} names the zone {zone}" for key, zone in self._lost_zones()]
        if lost:
            known = ", ".join(self._context.hub.zones) or "none"
            return [Check("buttons", CheckLevel.WARNING, f"{count}; {'; '.join(lost)}", f"zones: {known}")]
        return [Check("buttons", CheckLevel.OK, count)]

    async def _keep_telling(self) -> None:
        while True:
            self._news.clear()
            self._context.set_status(PluginStatus.RUNNING, self._reason())
            with contextlib.suppress(TimeoutError):  # a zone that is missed may be found later
                async with asyncio.timeout(self._context.clock.real_seconds(MISSED_MS) if self._lost_zones() else None):
                    await self._news.wait()
            await self._context.clock.sleep_ms(TELL_MS)

    def _reason(self) -> str:
        parts = [_counted(self._mappings)]
        if lost := self._lost_zones():
            parts.append(f"no such zone: {', '.join(dict.fromkeys(zone for _, zone in lost))}")
        if self._presses.last is not None:
            parts.append(f"last press: {self._presses.last}")
        if self._presses.trouble is not None:
            parts.append(f"came to nothing: {self._presses.trouble}")
        return "; ".join(parts)

    def _lost_zones(self) -> list[tuple[str, ZoneName]]:
        """The zones that are named and that nobody plays in. A plugin that is off takes its zone along."""
        known = set(self._context.hub.zones)
        return [
            (f"{mapped.name}{f'.actions.{gesture}' if gesture else ''}.zone", action.zone)
            for mapped in self._mappings
            for gesture, action in mapped.actions.items()
            if action.zone is not None and action.zone not in known
        ]


def _counted(mappings: Sequence[Mapped]) -> str:
    return f"{len(mappings)} mapping{'' if len(mappings) == 1 else 's'}"
