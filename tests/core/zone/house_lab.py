"""A hub over a make-believe house: speakers that join, part and hand music on as a test wants, in virtual time."""

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
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.ports import ZonePorts
from moodroom_hub.domain.models import (
    Device,
    DurationMs,
    EpochMs,
    PlaybackSnapshot,
    Playing,
    Track,
    Uri,
    ZoneName,
)
from tests.core.hub_lab import EPOCH_MS, HOUSE, NIGHT, POLICIES, fill, items_of

KITCHEN, BATH, ATTIC = ZoneName("kitchen"), ZoneName("bath"), ZoneName("attic")
SONGS = {
    Uri(item.uri): Track(Uri(item.uri), item.name, item.artists, DurationMs(item.duration_ms), item.isrc)
    for room in (NIGHT, HOUSE)
    for item in items_of(room, 60)
}


@dataclass
class Music:
    """What a group plays: its queue, where it is in it, since when."""

    queue: list[Uri] = field(default_factory=list)
    at: int = -1
    began_ms: int = 0
    paused_at_ms: int | None = None


@dataclass
class House:
    """The speakers, which of them leads which, and what the groups play. ``log`` are the orders that players got."""

    clock: LoopClock
    names: list[ZoneName]
    music: dict[ZoneName, Music] = field(default_factory=dict)
    leaders: dict[ZoneName, ZoneName] = field(default_factory=dict)
    log: list[tuple[ZoneName, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    restricted: set[ZoneName] = field(default_factory=set)
    empties: set[ZoneName] = field(default_factory=set)
    unreachable: set[ZoneName] = field(default_factory=set)
    device: str = "Somewhere"
    queue_takes_ms: int = 0
    found_at_start: tuple[ZoneName, ...] = ()
    play_fault: Callable[[], Trouble | None] = lambda: None
    unclear: list[bool] = field(default_factory=list)
    """Of the next tracks to be queued no answer comes: whether each arrives all the same."""
    context: PluginContext[PluginConfig] = field(init=False)
    hub: Hub = field(init=False)

    def __post_init__(self) -> None:
        self.music = {name: Music() for name in self.names}

    def ports(self, name: ZoneName, *, owns_queue: bool = True) -> ZonePorts:
        """The speaker as a zone."""
        speaker = _Speaker(self, name)
        return ZonePorts(
            name, speaker, speaker, 9, name.title(), owns_queue=owns_queue, leader=lambda: self.leaders.get(name)
        )

    def told(self, wire_name: str, zone: ZoneName | None = None) -> list[Event]:
        """The events of this name so far."""
        return [each for each in self.events if each.wire_name == wire_name and zone in (None, each.zone)]

    def run_on(self, name: ZoneName) -> Music:
        """The zone's own music, moved on to this moment."""
        music, now = self.music[name], self.clock.now_ms()
        while music.at >= 0 and music.paused_at_ms is None:
            lasts_ms = SONGS[music.queue[music.at]].duration_ms or 0
            if now - music.began_ms < lasts_ms:
                break
            if music.at + 1 == len(music.queue):
                # At the end of its queue a speaker stands at the start of the last track.
                music.began_ms = music.paused_at_ms = now
                break
            music.at, music.began_ms = music.at + 1, music.began_ms + lasts_ms
        return music

    def position_ms(self, music: Music) -> int:
        """Where it is in its track."""
        until_ms = self.clock.now_ms() if music.paused_at_ms is None else music.paused_at_ms
        return until_ms - music.began_ms

    def playing(self, name: ZoneName) -> Uri | None:
        """What the zone's own music is at."""
        music = self.run_on(name)
        return music.queue[music.at] if music.at >= 0 else None

    async def hand_on(self, name: ZoneName, to: ZoneName) -> None:
        """``to`` plays on what ``name`` played, as when the leading speaker leaves its group."""
        await self.context.policy.move(name, to)
        if self.playing(name) is not None or self.music[name].queue:
            self.music[to], self.music[name] = self.music[name], Music()
        self.leaders.pop(to, None)
        self.leaders = self.leaders | {each: to for each, leader in self.leaders.items() if leader == name}

    def join(self, name: ZoneName, to: ZoneName) -> None:
        """``name`` plays along with ``to``; its own music is gone."""
        self.music[name] = Music()
        self.leaders[name] = to

    def part(self, name: ZoneName) -> None:
        """``name`` is by itself again, in silence."""
        self.leaders.pop(name, None)


class _Speaker:
    def __init__(self, house: House, name: ZoneName) -> None:
        self._house, self._name = house, name

    async def look(self) -> PlaybackSnapshot:
        house, now = self._house, self._house.clock.now_ms()
        if self._name in house.unreachable:
            raise Trouble(TroubleCode.UNAVAILABLE, "It has not been found yet.")
        if self._name in house.leaders:
            return PlaybackSnapshot(self._name, now, Playing.NOTHING)
        if self._name in house.empties:
            return PlaybackSnapshot(self._name, now, Playing.IDLE)
        music = house.run_on(self._name)
        if music.at < 0:
            return PlaybackSnapshot(self._name, now, Playing.NOTHING)
        track = SONGS[music.queue[music.at]]
        position = DurationMs(house.position_ms(music))
        device = Device(self._name, self._name.title(), "Speaker", is_active=True)
        return PlaybackSnapshot(
            self._name, now, Playing.TRACK, track, position, music.paused_at_ms is None, None, device
        )

    def _told(self, what: str) -> Music:
        house = self._house
        house.log.append((self._name, what))
        if self._name in house.leaders:
            raise Trouble(TroubleCode.REFUSED, "This speaker leads no group.")
        if self._name in house.restricted:
            raise Trouble(TroubleCode.RESTRICTED_DEVICE, "Spotify lets no app steer it.")
        return house.run_on(self._name)

    async def play(self, uri: Uri, check: Callable[[], None] | None = None) -> None:
        if check is not None:
            check()
        if (trouble := self._house.play_fault()) is not None:
            raise trouble
        music = self._told("play")
        music.queue, music.at, music.began_ms, music.paused_at_ms = [uri], 0, self._house.clock.now_ms(), None

    async def queue(self, uri: Uri) -> None:
        if self._house.queue_takes_ms:
            await self._house.clock.sleep_ms(self._house.queue_takes_ms)
        queue, unclear = self._told("queue").queue, self._house.unclear
        arrives = unclear.pop(0) if unclear else None
        if arrives is not False:
            queue.append(uri)
        if arrives is not None:
            raise Trouble(TroubleCode.UNAVAILABLE, "No answer.", outcome_unknown=True)

    async def resume(self) -> None:
        music = self._told("resume")
        if music.paused_at_ms is not None:
            music.began_ms += self._house.clock.now_ms() - music.paused_at_ms
            music.paused_at_ms = None

    async def pause(self) -> None:
        music = self._told("pause")
        if music.at >= 0 and music.paused_at_ms is None:
            music.paused_at_ms = self._house.clock.now_ms()

    async def next(self) -> None:
        music = self._told("next")
        if 0 <= music.at < len(music.queue) - 1:
            music.at, music.began_ms, music.paused_at_ms = music.at + 1, self._house.clock.now_ms(), None

    async def upcoming(self) -> Sequence[Uri]:
        music = self._house.run_on(self._name)
        return music.queue[music.at + 1 :]

    async def wake(self, name: str) -> None:
        self._told(f"wake {name}")

    async def devices(self) -> Sequence[Device]:
        is_restricted = self._name in self._house.restricted
        return [Device(self._name, self._house.device, "Speaker", is_active=True, is_restricted=is_restricted)]


_houses: list[House] = []


class Plugin:
    """Shows the house to the hub."""

    name: ClassVar[str] = "house_lab"
    role: ClassVar[Role] = Role.SOURCE
    Config: ClassVar[type[PluginConfig]] = PluginConfig

    def __init__(self, context: PluginContext[PluginConfig]) -> None:
        self._house = _houses[-1]
        self._house.context = context

    @hookimpl
    def register_zones(self) -> Sequence[ZonePorts]:
        """The speakers that are known from the start."""
        return [self._house.ports(name) for name in self._house.names]

    @hookimpl
    async def start(self) -> None:
        """Find what a test hid."""
        for name in self._house.found_at_start:
            await self._house.context.add_zone(self._house.ports(name))

    @hookimpl
    async def on_event(self, event: Event) -> None:
        """Keep it."""
        self._house.events.append(event)


def make_house(names: Sequence[ZoneName] = (KITCHEN, BATH, ATTIC)) -> House:
    """A house of silent speakers. Call it inside the virtual loop."""
    house = House(LoopClock(EpochMs(EPOCH_MS)), list(names))
    _houses.append(house)
    return house


@asynccontextmanager
async def living(house: House, data_dir: Path, *, seed: int = 1, plugins: Sequence[str] = ()) -> AsyncIterator[House]:
    """A hub in the house; its pools are filled on the first start."""
    path = data_dir / "config.yaml"
    path.write_text(f"hub: {{data_dir: {data_dir / 'data'}}}\n")
    builtins = (*POLICIES, "tests.core.zone.house_lab", *plugins)
    hub = Hub(load_config(path, {}), clock=house.clock, rng=Random(seed), builtins=builtins, with_foreign=False)
    async with hub:
        house.hub = hub
        for slug in (NIGHT, HOUSE):
            if not await hub.store.base(slug):
                await fill(hub, slug)
        yield house
