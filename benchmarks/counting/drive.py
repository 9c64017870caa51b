"""One household's hours, in virtual time: its people, the hub's lives, and those who look on."""

import asyncio
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.counting.houses import EPOCH_MS, House, queue_in_a_row, songs
from benchmarks.counting.in_time import QuickLoop, run_quickly
from benchmarks.counting.lives import Lives, quiet
from benchmarks.counting.seed_system import Naive, SeedSystem, Told, can_be_seen, sights
from benchmarks.counting.sonos import threads_know_the_time
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.domain.plays.models import Play
from moodroom_hub.simulator.sonos.deeds import Deeds
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.players import Reach
from moodroom_hub.simulator.sonos.truth import SonosTruth
from moodroom_hub.simulator.sonos.world import SonosWorld

RESTING_S = 5.0
_MEMORY_DISK = Path("/dev/shm")
SHELF = _MEMORY_DISK if _MEMORY_DISK.is_dir() else None
"""Where the hubs' databases lie: in memory where possible, for it is not the disk that is measured."""

Spans = list[tuple[int, int]]


@dataclass(slots=True)
class Record:
    """What came of a household. ``unseen``: when each room's leading speaker could not be asked by anybody."""

    house: House
    truth: SonosTruth
    plays: list[Play]
    seed: list[Told]
    naive: list[Told]
    down: Spans
    unseen: dict[str, Spans]
    deeds: dict[str, int]
    deaths: int
    requests: int


class LookingOn:
    """Whoever counts by looking each second, and a book of who could not be seen when."""

    def __init__(self, world: SonosWorld, lives: Lives) -> None:
        self._world, self._lives = world, lives
        self._deaths = 0
        self.seed, self.naive = SeedSystem(), Naive()
        self.unseen: dict[str, Spans] = {}

    async def run(self) -> None:
        """For ever."""
        before_ms = self._world.at_ms
        while True:
            with self._world.looked_at() as at_ms:
                is_quiet = not any(player.deck.is_running for player in self._world.players.values())
                self._note_unseen(before_ms, at_ms)
                if not self._lives.is_down:
                    self._look(at_ms)
            before_ms = at_ms
            await asyncio.sleep(RESTING_S if is_quiet else 1.0)

    def _look(self, at_ms: int) -> None:
        if self._deaths != self._lives.deaths:
            self._deaths = self._lives.deaths
            self.seed.restart()
            self.naive.restart()
        for player, sight in sights(self._world, at_ms):
            self.seed.look(player, sight, at_ms)
            self.naive.look(player, sight, at_ms)

    def _note_unseen(self, before_ms: int, at_ms: int) -> None:
        for player in self._world.players.values():
            if player.bonded_to is not None or can_be_seen(self._world.coordinator_of(player.uid)):
                continue
            spans = self.unseen.setdefault(player.name, [])
            if spans and spans[-1][1] >= before_ms:
                spans[-1] = spans[-1][0], at_ms
            else:
                spans.append((before_ms, at_ms))


def drive(house: House) -> Record:
    """Live through the household's hours."""
    return run_quickly(lambda loop: _drive(house, loop))


async def _drive(house: House, loop: QuickLoop) -> Record:
    clock = LoopClock(EpochMs(EPOCH_MS))
    people = house.people()
    with (
        quiet(),
        threads_know_the_time(loop),
        TemporaryDirectory(prefix="moodroom-scrobbling-", dir=SHELF) as name,
    ):
        async with SimulatedSonos(
            house.seed,
            players=house.players,
            items=songs(),
            settings=house.settings(),
            household=people,
            epoch_ms=EPOCH_MS,
            serve=False,
        ) as sonos:
            loop.answers_at_once = lambda: all(
                player.slow_ms == 0 and player.reach is not Reach.SILENT for player in sonos.world.players.values()
            )
            queue_in_a_row(house, sonos.world, EPOCH_MS, Deeds(Random(house.seed)).attempt)
            lives = Lives(house, sonos, clock, Path(name))
            on_looking = LookingOn(sonos.world, lives)
            eyes = asyncio.create_task(on_looking.run())
            truths: list[SonosTruth] = []

            def fall_silent() -> None:
                sonos.world.close()
                truths.append(deepcopy(sonos.world.truth))

            plays = await lives.live(EPOCH_MS + house.length_ms, fall_silent)
            eyes.cancel()
            await asyncio.gather(eyes, return_exceptions=True)
            await lives.put_away()
    return Record(
        house=house,
        truth=truths[0],
        plays=list(plays),
        seed=on_looking.seed.told,
        naive=on_looking.naive.told,
        down=lives.down,
        unseen=on_looking.unseen,
        deeds={str(deed): count for deed, count in people.done.items()},
        deaths=lives.deaths,
        requests=lives.requests,
    )
