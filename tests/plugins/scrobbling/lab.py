"""The plugin and make-believe services in one loop of virtual time, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.events import Played, TrackChanged
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import Check
from moodroom_hub.core.supervise import Supervisor
from moodroom_hub.domain.models import HOME, DurationMs, EpochMs, Track, Uri, ZoneName
from moodroom_hub.domain.plays.models import DeliveryStatus, Play
from moodroom_hub.plugins.scrobbling import Plugin
from moodroom_hub.plugins.scrobbling.config import ScrobblingConfig
from moodroom_hub.simulator.scrobble_services import FakeLastfm, FakeListenBrainz, FakeMaloja, ScrobbleServer
from moodroom_hub.simulator.scrobble_services.answers import Service
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.plugins.scrobbling.fake_plays import FakePlays

EPOCH_MS = EpochMs(1_795_000_000_000)
MINUTE_S, HOUR_S, DAY_S = 60.0, 3_600.0, 86_400.0
LASTFM_KEYS = {"api_key": "key-of-the-app", "api_secret": "shared-secret"}
SESSION = {"session_key": "session-of-the-user"}
SECRETS = ("key-of-the-app", "shared-secret", "session-of-the-user", "token-of-the-user", "key-of-the-owner")
WAITING, SENDING, SENT = DeliveryStatus.WAITING, DeliveryStatus.SENDING, DeliveryStatus.SENT
DEAD, LEFT_OUT = DeliveryStatus.DEAD, DeliveryStatus.LEFT_OUT
ResultT = TypeVar("ResultT")


def track(name: str = "Song", artist: str = "Band", **more: Any) -> Track:
    """A song of three minutes."""
    artists = (artist,) if artist else ()
    fields = {"duration_ms": DurationMs(180_000), "album": "Album", **more}
    return Track(Uri(f"spotify:track:{len(name)}"), name, artists, **fields)


@dataclass
class Lab:
    """A hub of which only this plugin is there; ``plays`` is its database. ``told`` are the plugin's statuses."""

    folder: Path
    lastfm: FakeLastfm
    listenbrainz: FakeListenBrainz
    maloja: FakeMaloja
    urls: dict[str, str]
    clock: LoopClock
    plays: FakePlays = field(default_factory=FakePlays)
    told: list[tuple[PluginStatus, str]] = field(default_factory=list)
    health: Check | None = None
    skew_ms: int = 0
    may_lose_loops: bool = False

    @property
    def services(self) -> tuple[Service, ...]:
        """All of them."""
        return self.lastfm, self.listenbrainz, self.maloja

    def standing(self) -> PluginStatus:
        """As told last."""
        return self.told[-1][0] if self.told else PluginStatus.RUNNING

    def why(self) -> str:
        """The reason that was told last."""
        return self.told[-1][1] if self.told else ""

    def config(self, **section: Any) -> ScrobblingConfig:
        """The configuration."""
        return ScrobblingConfig.model_validate(self.section(**section))

    def section(self, **section: Any) -> dict[str, Any]:
        """All three services, unless the section says otherwise."""
        everything = {
            "lastfm": {**LASTFM_KEYS, **SESSION},
            "listenbrainz": {"token": "token-of-the-user"},
            "servers": {"maloja": {"url": self.urls["maloja"], "token": "key-of-the-owner"}},
        }
        given = {**everything, **section}
        if given["lastfm"]:
            given["lastfm"] = {"api_url": f"{self.urls['lastfm']}/2.0/", **given["lastfm"]}
        if given["listenbrainz"]:
            given["listenbrainz"] = {"url": self.urls["listenbrainz"], **given["listenbrainz"]}
        return given

    def context(self, spawn: Callable[..., None], config: ScrobblingConfig) -> PluginContext[ScrobblingConfig]:
        """What the plugin is given."""
        empty: Any = SimpleNamespace()
        return PluginContext(
            name="scrobbling",
            config=config,
            settings=empty,
            data_dir=self.folder,
            clock=self.clock,
            rng=Random(7),
            hub=cast(Any, SimpleNamespace(plays=self.plays)),
            policy=empty,
            spawn=spawn,
            set_status=lambda status, reason: self.told.append((status, reason)),
            publish=empty,
            set_health=self._hear_health,
        )

    def _hear_health(self, check: Check | None) -> None:
        self.health = check

    @asynccontextmanager
    async def plugin(self, **section: Any) -> AsyncIterator[Plugin]:
        """The plugin at work; at the end it is killed, whatever it does."""
        told: list[str] = []
        supervisor = Supervisor(self.clock, lambda *what: told.append(" ".join(map(str, what))), lambda *_: None)
        plugin = Plugin(
            self.context(lambda name, work: supervisor.spawn(name, work, "scrobbling"), self.config(**section))
        )
        await plugin.start()
        try:
            yield plugin
        finally:
            await supervisor.stop()
            assert told == [] or self.may_lose_loops

    async def play(
        self, plugin: Plugin, song: Track | None = None, *, zone: str = HOME, ago_s: float = 120.0, **more: Any
    ) -> int:
        """Something was played; gives the play's id."""
        number = len(self.plays.plays) + 1
        now_ms = self.clock.now_ms()
        play = Play(
            id=number,
            zone=ZoneName(zone),
            track=song or track(f"Song {number}"),
            began_at_ms=EpochMs(now_ms - round(ago_s * 1000)),
            counted_at_ms=now_ms,
            heard_ms=DurationMs(100_000),
            threshold_ms=DurationMs(90_000),
            offset_ms=0,
            rules="spinstack",
            why="heard",
            **more,
        )
        self.plays.plays[number] = play
        await plugin.on_played(Played(id=number, zone=play.zone, at_ms=now_ms, play=play))
        return number

    async def change(self, plugin: Plugin, song: Track, *, zone: str = HOME, ago_s: float = 0.0) -> None:
        """Another track plays."""
        at_ms = EpochMs(self.clock.now_ms() - round(ago_s * 1000))
        await plugin.on_event(TrackChanged(id=1, zone=ZoneName(zone), at_ms=at_ms, track=song))

    def statuses(self, target: str) -> list[DeliveryStatus]:
        """Of every delivery to ``target``, in the order of plays."""
        return [one.status for key, one in sorted(self.plays.deliveries.items()) if key[1] == target]

    def reason(self, play_id: int, target: str = "lastfm") -> str:
        """Why a delivery stands as it does."""
        return self.plays.deliveries[play_id, target].reason


@asynccontextmanager
async def lab(folder: Path) -> AsyncIterator[Lab]:
    """Three services behind sockets; at the end no rule of theirs may have been broken."""
    clock = LoopClock(EPOCH_MS)
    skew: list[Lab] = []

    def now_s() -> float:
        return (clock.now_ms() + (skew[0].skew_ms if skew else 0)) / 1000

    lastfm, brainz, maloja = FakeLastfm(now_s), FakeListenBrainz(now_s), FakeMaloja(now_s)
    async with AsyncExitStack() as stack:
        named = {"lastfm": lastfm, "listenbrainz": brainz, "maloja": maloja}
        servers = {name: await stack.enter_async_context(ScrobbleServer(one)) for name, one in named.items()}
        made = Lab(folder, lastfm, brainz, maloja, {name: one.url for name, one in servers.items()}, clock)
        skew.append(made)
        yield made
    assert {name: one.broken for name, one in named.items() if one.broken} == {}


def virtually(work: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Run in virtual time; afterwards no task may be left."""

    async def watched() -> ResultT:
        result = await work()
        for _ in range(20):
            left = asyncio.all_tasks() - {asyncio.current_task()}
            if not left:
                break
            await asyncio.sleep(0)
        assert left == set()
        return result

    return run_virtual(watched)
