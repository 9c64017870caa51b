"""The plugin over a hub in plain lists: what it is told, and what the hub was asked for."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from moodroom_hub.core.config import LoadedConfig, Settings, load_config, plugin_config
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.events import Completed, Skipped
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import Message
from moodroom_hub.domain.models import EpochMs, Receipt, ZoneName
from moodroom_hub.plugins.buttons import Plugin
from moodroom_hub.plugins.buttons.config import ButtonsConfig
from tests.plugins.status_page.fake_hub import FakeHub

LONG_AGO_MS = 60_000
"""The lab's hub has been up for so long that even a counting device has been heard of."""


def loaded_from(folder: Path, mappings: str) -> LoadedConfig:
    """A configuration with these mappings (YAML of the list)."""
    path = folder / "config.yaml"
    path.write_text(f"plugins:\n  buttons:\n    mappings: {mappings}\n", encoding="utf-8")
    return load_config(path, {})


def config_from(folder: Path, mappings: str) -> ButtonsConfig:
    """The checked section. Raises ``ConfigError``."""
    return plugin_config(loaded_from(folder, mappings), "buttons", ButtonsConfig)


class StillClock:
    """Stands still until a test moves it; whoever sleeps is woken at once."""

    at_ms = 1_763_700_000_000
    speed = 1.0

    def now_ms(self) -> EpochMs:
        return EpochMs(self.at_ms)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)

    async def sleep_ms(self, duration_ms: float) -> None:
        await asyncio.sleep(0)

    def real_seconds(self, duration_ms: float) -> float:
        return duration_ms / 1000 / self.speed


class NoPolicy:
    """Faces have no business with it."""

    async def learn(self, event: Skipped | Completed) -> Receipt | None:
        raise AssertionError

    async def top_up(self, zone: ZoneName) -> None:
        raise AssertionError

    async def move(self, zone: ZoneName, to: ZoneName) -> None:
        raise AssertionError

    def look_soon(self, zone: ZoneName) -> None:
        raise AssertionError


@dataclass
class Lab:
    """One plugin. ``statuses``: what it said of itself."""

    plugin: Plugin
    hub: FakeHub
    clock: StillClock
    filters: Sequence[str]
    statuses: list[tuple[PluginStatus, str]] = field(default_factory=list)
    loops: list[asyncio.Task[None]] = field(default_factory=list)

    async def say(self, topic: str, payload: str | bytes, *, is_retained: bool = False, after_ms: int = 0) -> None:
        """Something arrives from the broker, so long after the last."""
        self.clock.at_ms += after_ms
        raw = payload.encode() if isinstance(payload, str) else payload
        await self.plugin.on_message(Message(topic, raw, is_retained, EpochMs(self.clock.at_ms)))

    async def asked(self) -> list[tuple[object, ...]]:
        """Let everything that was begun end; what the hub was asked for since the last time."""
        for _ in range(20):
            await asyncio.sleep(0)
        asked = [call for call in self.hub.calls if call[0] != "room_views"]
        self.hub.calls.clear()
        return asked

    async def close(self) -> None:
        """Stop it as a hub would."""
        for task in self.loops:
            task.cancel()
        await asyncio.gather(*self.loops, return_exceptions=True)
        await self.plugin.stop()


async def make_lab(folder: Path, mappings: str, *, up_for_ms: int = LONG_AGO_MS) -> Lab:
    """A plugin with these mappings that has been up for a while."""
    config = config_from(folder, mappings)
    clock = StillClock()
    hub = FakeHub(clock)
    statuses: list[tuple[PluginStatus, str]] = []
    loops: list[asyncio.Task[None]] = []

    def spawn(name: str, work: Any) -> None:
        loops.append(asyncio.create_task(work(), name=name))

    async def publish(make: Any) -> None:
        raise AssertionError("the plugin publishes no events")

    context = PluginContext(
        name="buttons",
        config=config,
        settings=Settings(),
        data_dir=folder,
        clock=clock,
        rng=Random(1),
        hub=hub,
        policy=NoPolicy(),
        spawn=spawn,
        set_status=lambda status, reason: statuses.append((status, reason)),
        publish=publish,
    )
    plugin = Plugin(context)
    filters = plugin.register_topics()
    await plugin.start()
    clock.at_ms += up_for_ms
    return Lab(plugin, hub, clock, filters, statuses, loops)
