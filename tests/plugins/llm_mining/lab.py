"""The miner and the make-believe model in one loop of virtual time, over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.domain.mining.models import Mined, MiningProgress, MiningTask, Unplaced
from moodroom_hub.domain.models import Anchor, EpochMs, Room, RoomSlug, Track, Uri
from moodroom_hub.plugins.llm_mining.config import LlmMiningConfig
from moodroom_hub.plugins.llm_mining.miner import ModelMiner
from moodroom_hub.simulator.model_api import (
    MODEL_ID,
    Behaviour,
    CallRecord,
    FakeModel,
    ModelFault,
    ModelRule,
    ModelServer,
    Suggestions,
)
from moodroom_hub.simulator.virtual_time import run_virtual

EPOCH_MS = EpochMs(1_795_000_000_000)
NIGHT, HOUSE, RAGE = RoomSlug("late-night"), RoomSlug("house"), RoomSlug("rage")
SLUGS = (NIGHT, HOUSE, RAGE)
ResultT = TypeVar("ResultT")


def rooms(*slugs: RoomSlug) -> tuple[Room, ...]:
    """Rooms with two anchors each."""
    return tuple(
        Room(
            slug,
            slug.title(),
            f"The mood of {slug}",
            (Anchor(f"First {slug}", "Anchor"), Anchor(f"Second {slug}", "Anchor")),
            ("sleepy",),
        )
        for slug in slugs or SLUGS
    )


def track(name: str, artist: str = "Band") -> Track:
    """A song of this name."""
    return Track(Uri(f"spotify:track:{name}"), name, (artist,), album="Album", year=2011)


def tracks(count: int, prefix: str = "Song") -> tuple[Track, ...]:
    """Songs ``Song 0``, ``Song 1`` ..."""
    return tuple(track(f"{prefix} {number}", f"Band {number % 7}") for number in range(count))


class Rounds:
    """Knows of each song by its number: every fourth fits nowhere, every fifth two rooms, the others one."""

    def rooms_of(self, name: str, artists: Sequence[str]) -> Mapping[str, float]:
        """Slugs with confidence."""
        if "Anchor" in artists:
            return {}
        digits = "".join(sign for sign in name if sign.isdigit())
        number = int(digits or "1")
        if number % 4 == 3:
            return {}
        found = {str(SLUGS[number % 3]): 0.9}
        if number % 5 == 0:
            found[str(SLUGS[(number + 1) % 3])] = 0.7
        return found

    def suggestions(self, room: str) -> Suggestions:
        """None."""
        return Suggestions()


@dataclass
class Lab:
    """``told`` is all progress."""

    server: ModelServer
    miner: ModelMiner
    folder: Path
    told: list[MiningProgress] = field(default_factory=list)

    @property
    def chats(self) -> list[CallRecord]:
        """What the model was asked."""
        return [record for record in self.server.fake.requests if record.is_chat]

    async def mine(self, task: MiningTask) -> Mined:
        """Mine."""
        return await self.miner.mine(task, self.told.append)


@asynccontextmanager
async def lab(
    folder: Path, *rules: ModelRule, knowledge: Any = None, behaviour: Mapping[str, Any] | None = None, **section: Any
) -> AsyncIterator[Lab]:
    """A server that breaks these rules, and a miner that asks it."""
    clock = LoopClock(EPOCH_MS)
    fake = FakeModel(
        Behaviour(rules=rules, **(behaviour or {})), knowledge or Rounds(), now_s=lambda: clock.now_ms() / 1000
    )
    async with ModelServer(fake) as server:
        config = LlmMiningConfig(**{"base_url": server.base_url, "model": MODEL_ID, **section})
        yield Lab(server, ModelMiner(config, folder, clock, Random(1)), folder)


def rule(fault: ModelFault, **when: Any) -> ModelRule:
    """Short for a rule."""
    return ModelRule(fault, **when)


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


def placed(mined: Mined) -> dict[str, set[str]]:
    """The rooms of each placed song by name."""
    found: dict[str, set[str]] = {}
    for one in mined.placements:
        found.setdefault(one.uri.rpartition(":")[2], set()).add(one.room)
    return found


def unjudged(mined: Mined) -> dict[str, str]:
    """Songs that were not judged, with the reason."""
    return {one.uri.rpartition(":")[2]: one.reason for one in mined.unplaced if not one.is_judged}


def right(songs: Iterable[Track], slugs: Sequence[str] = SLUGS) -> dict[str, set[str]]:
    """Where these songs belong."""
    known = {one.name: set(Rounds().rooms_of(one.name, one.artists)) & set(slugs) for one in songs}
    return {name: found for name, found in known.items() if found}


def is_accounted_for(mined: Mined, task: MiningTask) -> bool:
    """Whether every track is placed, or unplaced exactly once."""
    there = {one.uri for one in mined.placements}
    left: list[Unplaced] = list(mined.unplaced)
    return {one.uri for one in task.tracks} == there | {one.uri for one in left} and len(left) == len(
        {one.uri for one in left} - there
    )
