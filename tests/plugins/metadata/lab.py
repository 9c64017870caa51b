"""Finders and make-believe services in one loop of virtual time, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar, cast

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import Settings
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace, PluginStatus
from moodroom_hub.domain.models import DurationMs, EpochMs, Track, Uri
from moodroom_hub.domain.plays.models import TrackFacts
from moodroom_hub.plugins.metadata.config import MetadataConfig
from moodroom_hub.plugins.metadata.finder import FactFinder
from moodroom_hub.simulator.catalogue import songs
from moodroom_hub.simulator.music_facts import MusicFactsServer, MusicKnowledge
from moodroom_hub.simulator.virtual_time import run_virtual

EPOCH_MS = EpochMs(1_795_000_000_000)
CONTACT = "owner@home.example"
DAY_MS = 86_400_000
ResultT = TypeVar("ResultT")


class Memory:
    """A ``FindingsFace`` in memory; ``is_down`` as while the database is away."""

    def __init__(self, clock: LoopClock) -> None:
        self.rows: dict[tuple[str, str], tuple[str, int]] = {}
        self.is_down = False
        self._clock = clock

    async def get(self, kind: str, keys: Sequence[str]) -> Mapping[str, str]:
        """What has not expired."""
        self._refuse()
        await asyncio.sleep(0)
        now_ms = self._clock.now_ms()
        found = {key: self.rows[kind, key] for key in keys if (kind, key) in self.rows}
        return {key: text for key, (text, until_ms) in found.items() if until_ms > now_ms}

    async def put(self, kind: str, key: str, text: str, keep_ms: DurationMs, most: int) -> None:
        """Keep; the oldest go."""
        self._refuse()
        self.rows.pop((kind, key), None)
        self.rows[kind, key] = text, self._clock.now_ms() + keep_ms
        same = [row for row in self.rows if row[0] == kind]
        for row in same[: max(0, len(same) - most)]:
            del self.rows[row]

    async def forget(self, kind: str) -> int:
        """All of a kind."""
        gone = [row for row in self.rows if row[0] == kind]
        for row in gone:
            del self.rows[row]
        return len(gone)

    def _refuse(self) -> None:
        if self.is_down:
            raise Trouble(TroubleCode.UNAVAILABLE, "the database is away")


@dataclass
class FakeHub:
    """What the plugins ask of a hub."""

    findings: Memory
    find_facts: Callable[[Track], Awaitable[TrackFacts | None]] | None = None

    async def facts(self, track: Track) -> TrackFacts | None:
        """As the metadata plugin says, where there is one."""
        return None if self.find_facts is None else await self.find_facts(track)


@dataclass
class Lab:
    """The services, and what a plugin is given."""

    server: MusicFactsServer
    clock: LoopClock
    memory: Memory
    hub: FakeHub
    statuses: list[tuple[PluginStatus, str]] = field(default_factory=list)
    loops: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def knowledge(self) -> MusicKnowledge:
        """What the services know."""
        return self.server.knowledge

    def finder(self, **section: Any) -> FactFinder:
        """Asks the make-believe MusicBrainz."""
        return FactFinder(self.metadata(**section), self.clock, self.memory)

    def metadata(self, **section: Any) -> MetadataConfig:
        """A section that points at the make-believe."""
        return MetadataConfig(**{"contact": CONTACT, "url": self.server.musicbrainz_url, **section})

    def context(self, name: str, config: Any, plugins: Mapping[str, Any] | None = None) -> PluginContext[Any]:
        """For a plugin."""

        def spawn(loop: str, work: Callable[[], Awaitable[None]]) -> None:
            self.loops.append(asyncio.ensure_future(_run(work)))

        async def publish(_make: object) -> None:
            raise AssertionError("nobody publishes here")

        return PluginContext(
            name=name,
            config=config,
            settings=Settings.model_validate({"plugins": dict(plugins or {})}),
            data_dir=Path(),
            clock=self.clock,
            rng=Random(1),
            hub=cast(HubFace, self.hub),
            policy=cast(Any, None),
            spawn=spawn,
            set_status=lambda status, reason: self.statuses.append((status, reason)),
            publish=publish,
        )


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


@asynccontextmanager
async def lab(knowledge: MusicKnowledge | None = None) -> AsyncIterator[Lab]:
    """Running services; loops of plugins end with it."""
    clock = LoopClock(EPOCH_MS)
    async with MusicFactsServer(knowledge, now_ms=clock.now_ms) as server:
        memory = Memory(clock)
        made = Lab(server, clock, memory, FakeHub(memory))
        try:
            yield made
        finally:
            for loop in made.loops:
                loop.cancel()
            await asyncio.gather(*made.loops, return_exceptions=True)


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


def track(name: str = "A Song", artist: str = "A Band", isrc: str | None = None, **fields: Any) -> Track:
    """A song of three minutes."""
    given = {"duration_ms": DurationMs(180_000), "album": "An Album", **fields}
    return Track(Uri(f"spotify:track:{name}"), name, (artist,), isrc=isrc, **given)


def catalogue_tracks(count: int) -> list[Track]:
    """The first songs of the catalogue, each once."""
    return list({song.uri: song.track() for song in songs()}.values())[:count]
