"""A whole hub in virtual time on a make-believe player, without HTTP: its world may fail as a test wants."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import ClassVar

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import PluginConfig, load_config
from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import Event
from moodroom_hub.core.hookspecs import StationRequest, hookimpl
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.ports import Account, ZonePorts
from moodroom_hub.core.sorting import Sorter
from moodroom_hub.core.stations import Radio
from moodroom_hub.domain.models import (
    HOME,
    Device,
    Drawn,
    DurationMs,
    EpochMs,
    PlaybackSnapshot,
    Playing,
    PoolEntry,
    RoomSlug,
    Tier,
    Track,
    Uri,
)
from moodroom_hub.simulator.commands import Refused
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.items import Item, ItemKind, uri_of
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.world import World

EPOCH_MS = EpochMs(1_760_000_000_000)
POLICIES = ("moodroom_hub.plugins.sampling", "moodroom_hub.plugins.demotion", "moodroom_hub.plugins.top_up")
NIGHT, HOUSE = RoomSlug("late-night"), RoomSlug("house")
SECONDS = 200

Fault = Callable[[], Trouble | None]


def items_of(room: str, count: int, seconds: int = SECONDS) -> list[Item]:
    """Made-up songs of a room."""
    return [
        Item(uri_of(f"{room} {number}", "Band"), f"{room} {number}", (f"Band {number}",), seconds * 1000)
        for number in range(count)
    ]


@dataclass
class Lab:
    """The world, the hub in it, and what it told.

    ``queue_fault`` and ``look_fault`` decide what goes wrong, ``is_blank`` when an answer says that nothing plays;
    ``dies_playing``: the next request to play never leaves, as if the hub were killed at that moment; ``nexts_left``:
    after so many skips no further one does; ``play_takes_s`` and ``queue_takes_s``: how long such a request takes;
    ``play_waits_s``: how long one waits before it is sent;
    ``played``: what the player was asked to play.
    """

    world: World
    clock: LoopClock
    queue_fault: Fault = lambda: None
    look_fault: Fault = lambda: None
    next_fault: Fault = lambda: None
    is_blank: Callable[[], bool] = lambda: False
    dies_playing: bool = False
    play_waits_s: float = 0.0
    play_takes_s: float = 0.0
    queue_takes_s: float = 0.0
    nexts_left: int | None = None
    after_effect: bool = False
    accounts: list[Account] = field(default_factory=list)
    sorters: list[Sorter] = field(default_factory=list)
    radios: list[Radio] = field(default_factory=list)
    draws_station: Callable[[StationRequest], Drawn | None] = lambda request: None
    events: list[Event] = field(default_factory=list)
    hub: Hub = field(init=False)
    played: list[str] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    refused: int = 0
    looks: int = 0
    nexts: int = 0

    def told(self, name: str) -> list[Event]:
        """The events of this wire name so far."""
        return [event for event in self.events if event.wire_name == name]


class Killed(Exception):
    """Nothing of the hub's own knows it, so nothing is put right after it."""


class _Eyes:
    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    async def look(self) -> PlaybackSnapshot:
        lab = self._lab
        lab.looks += 1
        if (trouble := lab.look_fault()) is not None:
            raise trouble
        view = lab.world.view()
        now = lab.clock.now_ms()
        if view.item is None or view.device is None or lab.is_blank():
            return PlaybackSnapshot(HOME, now, Playing.NOTHING)
        device = Device(view.device.id, view.device.name, view.device.kind, is_active=True)
        if view.item.kind is ItemKind.ADVERT:
            return PlaybackSnapshot(HOME, now, Playing.ADVERT, is_playing=True, device=device)
        item = view.item
        track = Track(Uri(item.uri), item.name, item.artists, DurationMs(item.duration_ms), item.isrc)
        position = DurationMs(view.position_at(now))
        return PlaybackSnapshot(HOME, now, Playing.TRACK, track, position, view.is_playing, view.context_uri, device)


class _Hands:
    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    async def play(self, uri: Uri, check: Callable[[], None] | None = None) -> None:
        if self._lab.dies_playing:
            raise Killed
        if self._lab.play_waits_s:
            await asyncio.sleep(self._lab.play_waits_s)
        if check is not None:
            check()
        self._lab.played.append(uri)
        await asyncio.sleep(self._lab.play_takes_s)
        self._check(uri)
        _obey(lambda: self._lab.world.play(Actor.HUB, uris=[uri]))

    def _check(self, uri: Uri) -> None:
        if uri in self._lab.dead:
            self._lab.refused += 1
            raise Trouble(TroubleCode.REFUSED, "The player refused it (status 400).")

    async def queue(self, uri: Uri) -> None:
        self._check(uri)
        lab = self._lab
        await asyncio.sleep(lab.queue_takes_s)
        trouble = lab.queue_fault()
        if trouble is None or lab.after_effect:
            lab.queued.append(uri)
            _obey(lambda: lab.world.queue(Actor.HUB, uri))
        if trouble is not None:
            raise trouble

    async def resume(self) -> None:
        _obey(lambda: self._lab.world.resume(Actor.HUB))

    async def pause(self) -> None:
        _obey(lambda: self._lab.world.pause(Actor.HUB))

    async def next(self) -> None:
        self._lab.nexts += 1
        if self._lab.nexts_left is not None:
            if self._lab.nexts_left == 0:
                await asyncio.Event().wait()
            self._lab.nexts_left -= 1
        if (trouble := self._lab.next_fault()) is not None:
            raise trouble
        _obey(lambda: self._lab.world.next(Actor.HUB))

    async def upcoming(self) -> Sequence[Uri]:
        return [Uri(uri) for uri in self._lab.world.true_queue()]

    async def devices(self) -> Sequence[Device]:
        return []


def _obey(command: Callable[[], object]) -> None:
    try:
        command()
    except Refused as refused:
        raise Trouble(TroubleCode.NO_DEVICE, str(refused)) from refused


_labs: list[Lab] = []


class Plugin:
    """The plugin that shows the lab's world to the hub, and keeps what the hub tells."""

    name: ClassVar[str] = "hub_lab"
    role: ClassVar[Role] = Role.SOURCE
    Config: ClassVar[type[PluginConfig]] = PluginConfig

    def __init__(self, context: PluginContext[PluginConfig]) -> None:
        self._lab = _labs[-1]

    @hookimpl
    def register_zones(self) -> Sequence[ZonePorts]:
        """The lab's world as the zone ``home``."""
        return [ZonePorts(HOME, _Eyes(self._lab), _Hands(self._lab), queue_ahead=9)]

    @hookimpl
    def register_accounts(self) -> Sequence[Account]:
        """None, but where a test gave some."""
        return self._lab.accounts

    @hookimpl
    def register_sorters(self) -> Sequence[Sorter]:
        """None, but where a test gave some."""
        return self._lab.sorters

    @hookimpl
    def register_radios(self) -> Sequence[Radio]:
        """None, but where a test gave some."""
        return self._lab.radios

    @hookimpl
    async def draw_station(self, request: StationRequest) -> Drawn | None:
        """Whatever a test says."""
        return self._lab.draws_station(request)

    @hookimpl
    async def on_event(self, event: Event) -> None:
        """Keep it."""
        self._lab.events.append(event)


def playing(lab: Lab) -> str:
    """The name of what plays now."""
    item = lab.world.view().item
    assert item is not None
    return item.name


def room_of(lab: Lab, uri: str) -> str:
    """The room whose made-up song this is."""
    return lab.world.items[uri].name.rsplit(" ", 1)[0]


def make_lab(rooms: Sequence[str] = (NIGHT, HOUSE), per_room: int = 60, seed: int = 1) -> Lab:
    """A world with a speaker and songs for each room. Call it inside the virtual loop."""
    clock = LoopClock(EPOCH_MS)
    items = [item for room in rooms for item in items_of(room, per_room)]
    device = SimDevice("Kitchen", presence=Presence.ACTIVE, idle_out_ms=None)
    lab = Lab(World(clock.now_ms, items, seed=seed, devices=[device]), clock)
    _labs.append(lab)
    return lab


@asynccontextmanager
async def running(lab: Lab, data_dir: Path, *, seed: int = 1, settings: str = "") -> AsyncIterator[Lab]:
    """A hub over the lab's world; its pools are filled on the first start."""
    path = data_dir / "config.yaml"
    path.write_text(f"hub: {{data_dir: {data_dir / 'data'}}}\n{settings}")
    loaded = load_config(path, {})
    hub = Hub(loaded, clock=lab.clock, rng=Random(seed), builtins=(*POLICIES, "tests.core.hub_lab"), with_foreign=False)
    async with hub:
        lab.hub = hub
        for slug in (NIGHT, HOUSE):
            if not await hub.store.base(slug):
                await fill(hub, slug)
        yield lab


async def fill(hub: Hub, slug: RoomSlug, count: int = 60) -> None:
    """Half the songs CONFIRMED, a third SAFE_SIDE, the rest DISCOVERY."""
    entries = []
    for number, item in enumerate(items_of(slug, count)):
        tier = Tier.CONFIRMED if number % 6 < 3 else Tier.SAFE_SIDE if number % 6 < 5 else Tier.DISCOVERY
        track = Track(Uri(item.uri), item.name, item.artists, DurationMs(item.duration_ms))
        entries.append(PoolEntry(track, tier))
    await hub.pools.put_base(slug, entries, replace_all=True)
