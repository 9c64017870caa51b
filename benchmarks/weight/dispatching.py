"""How long it takes to tell one event to ten plugins, each isolated and timed."""

import asyncio
import statistics
import time

import pluggy

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.dispatch import Dispatcher
from moodroom_hub.core.events import Event, TrackChanged
from moodroom_hub.core.hookspecs import PROJECT, Hooks, hookimpl
from moodroom_hub.domain.models import HOME, EpochMs, Track, Uri

PLUGINS = 10


class _Plugin:
    def __init__(self) -> None:
        self.heard = 0

    @hookimpl
    async def on_event(self, event: Event) -> None:
        self.heard += event.id

    @hookimpl
    async def on_track_changed(self, event: TrackChanged) -> None:
        self.heard += event.id


def measure(events: int) -> tuple[float, float]:
    """Median milliseconds of one hook's call, and of a ``TRACK_CHANGED`` as a whole (its own hook, then the common)."""
    return asyncio.run(_measure(events))


async def _measure(events: int) -> tuple[float, float]:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    plugins = [_Plugin() for _ in range(PLUGINS)]
    for number, plugin in enumerate(plugins):
        manager.register(plugin, f"plugin {number}")
    dispatcher = Dispatcher(manager, SystemClock(), lambda *_: None, lambda *_: None)
    one_ms, whole_ms = [], []
    for number in range(events):
        track = Track(Uri("spotify:track:1"), "A song", ("Somebody",))
        event = TrackChanged(id=number, zone=HOME, at_ms=EpochMs(0), track=track, consumed=1)
        began_s = time.perf_counter()
        await dispatcher.call("on_track_changed", event=event)
        between_s = time.perf_counter()
        await dispatcher.call("on_event", event=event)
        whole_ms.append((time.perf_counter() - began_s) * 1000)
        one_ms.append((time.perf_counter() - between_s) * 1000)
    if any(plugin.heard != sum(range(events)) * 2 for plugin in plugins):
        raise RuntimeError("a plugin did not hear every event")
    return statistics.median(one_ms), statistics.median(whole_ms)
