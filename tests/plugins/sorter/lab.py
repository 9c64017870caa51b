"""The sorter over the hub's own store, with music that a test says, and a learner that learns artists by heart."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Self, cast

from moodroom_hub.core.clock import Clock, SystemClock
from moodroom_hub.core.config import Settings
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace, PluginStatus
from moodroom_hub.core.ports import Account
from moodroom_hub.core.sorting import Material, OnProgress, SorterJob
from moodroom_hub.core.sorting_book import SortingBook
from moodroom_hub.core.store import Store
from moodroom_hub.domain.models import Room, RoomSlug
from moodroom_hub.plugins.sorter.config import SorterConfig
from moodroom_hub.plugins.sorter.learning.task import Judged, Song, Trained, TrainingTask
from moodroom_hub.plugins.sorter.sorter import PlaylistSorter

MOODS_SECTION: dict[str, Any] = {"sublists": {"jazz": {"name": "Jazz"}, "techno": {"name": "Techno"}}}
SURE, UNSURE = 0.92, 0.02


def kind(song: Song) -> str:
    """What the learner goes by."""
    return song.artists[0].split()[0] if song.artists else ""


@dataclass
class ByHeart:
    """What artists of one kind were said to be, they all are. ``is_dull``: it says the opposite with great certainty.

    ``waits``: a training goes on until this is set.
    """

    is_dull: bool = False
    waits: asyncio.Event | None = None
    tasks: list[TrainingTask] = field(default_factory=list)
    judged: list[int] = field(default_factory=list)

    async def train(self, task: TrainingTask, path: Path, on_progress: OnProgress) -> Trained:
        """Learn."""
        self.tasks.append(task)
        said = [[kind(task.songs[each.song]), sorted(each.fits)] for each in task.lessons]
        path.write_text(json.dumps(said))  # noqa: ASYNC240 -- a few bytes, in a test
        if self.waits is not None:
            await self.waits.wait()
        on_progress(1, 1)
        known = [(kind(task.songs[each.song]), each.fits) for each in task.lessons]
        return Trained(
            chances=self._rows(task, known),
            whys=tuple(f"as {kind(song)}" for song in task.songs),
            held_out=tuple(
                self._row(task, kind(task.songs[each.song]), [*known[:at], *known[at + 1 :]])
                for at, each in enumerate(task.lessons)
            ),
            model="by heart",
            scores=(("by heart", 0.9), ("by guess", 0.5)),
            accuracy=0.9,
            calibration_error=0.03,
            points=tuple((float(len(kind(song))), float(at % 7)) for at, song in enumerate(task.songs)),
        )

    async def judge(self, task: TrainingTask, path: Path, on_progress: OnProgress) -> Judged:
        """Say what was learnt."""
        self.judged.append(len(task.songs))
        said = json.loads(path.read_text())  # noqa: ASYNC240 -- as above
        known = [(word, frozenset(fits)) for word, fits in said]
        return Judged(self._rows(task, known), tuple(f"as {kind(song)}" for song in task.songs))

    def _rows(self, task: TrainingTask, known: Sequence[tuple[str, frozenset[int]]]) -> tuple[tuple[float, ...], ...]:
        return tuple(self._row(task, kind(song), known) for song in task.songs)

    def _row(self, task: TrainingTask, word: str, known: Sequence[tuple[str, frozenset[int]]]) -> tuple[float, ...]:
        votes = Counter(number for each, fits in known if each == word for number in fits)
        if not any(each == word for each, _ in known):
            return (0.4,) * len(task.names)
        row = [
            SURE if votes[number] and votes[number] == max(votes.values()) else UNSURE
            for number, _ in enumerate(task.names)
        ]
        return tuple(reversed(row)) if self.is_dull else tuple(row)


class Book(SortingBook):
    """The hub's own, but for the music."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store, cast(Any, None), cast(Any, None), clock, {})
        self.music = Material()

    async def material(self) -> Material:
        """As the test says."""
        await asyncio.sleep(0)
        return self.music


@dataclass
class FakeHub:
    """What the sorter asks of a hub."""

    sorting: Book
    accounts: list[Account] = field(default_factory=list)
    rooms: Mapping[RoomSlug, Room] = field(default_factory=dict)
    vectors: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def radio(self) -> Self:
        """One that knows these artists; none where it knows nobody."""
        if not self.vectors:
            raise Trouble(TroubleCode.NOT_FOUND, "There is no radio.")
        return self

    async def artist_vectors(self, artists: Collection[str]) -> Mapping[str, tuple[float, ...]]:
        """Those that are known."""
        return {name: vector for name, vector in self.vectors.items() if name in artists}


@dataclass
class Lab:
    """``sorter`` over ``book``."""

    book: Book
    hub: FakeHub
    folder: Path
    clock: Clock
    learner: ByHeart = field(default_factory=ByHeart)
    statuses: list[tuple[PluginStatus, str]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    loops: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    made: list[PlaylistSorter] = field(default_factory=list)

    def sorter(self, layers: Mapping[str, Any] | None = None, **more: Any) -> PlaylistSorter:
        """One for these layers; another one is as after a restart."""
        config = SorterConfig.model_validate({"layers": layers or {"moods": MOODS_SECTION}, **more})
        made = PlaylistSorter(self.context(config), self.learner)
        self.made.append(made)
        return made

    def context(self, config: SorterConfig) -> PluginContext[SorterConfig]:
        """What the plugin is given."""

        async def publish(_make: object) -> None:
            raise AssertionError("nobody publishes here")

        return PluginContext(
            name="sorter",
            config=config,
            settings=Settings(),
            data_dir=self.folder,
            clock=self.clock,
            rng=Random(1),
            hub=cast(HubFace, self.hub),
            policy=cast(Any, None),
            spawn=lambda _, work: self.loops.append(work),
            set_status=lambda status, reason: self.statuses.append((status, reason)),
            publish=publish,
            set_figures=self.figures.update,
        )


async def done(sorter: PlaylistSorter, job: SorterJob) -> SorterJob:
    """Wait for the work; it must end well."""
    ended = await over(sorter)
    assert ended.status == "done", (job, ended)
    return ended


async def over(sorter: PlaylistSorter) -> SorterJob:
    """Wait for the work, however it ends."""
    while sorter.job().status == "running":  # noqa: ASYNC110 -- as faces do: nobody tells them
        await asyncio.sleep(0.002)
    return sorter.job()


@contextlib.asynccontextmanager
async def lab(folder: Path, music: Material | None = None, clock: Clock | None = None) -> AsyncIterator[Lab]:
    """A store in ``folder``; what its sorters do ends with it."""
    timepiece = clock or SystemClock()
    store = Store("sqlite:///moodroom.db", folder)
    await store.open()
    book = Book(store, timepiece)
    book.music = music or Material()
    found = Lab(book, FakeHub(book), folder, timepiece)
    try:
        yield found
    finally:
        for sorter in found.made:
            await sorter.close()
        await store.close()


def unavailable(what: str) -> Trouble:
    """The service is away."""
    return Trouble(TroubleCode.UNAVAILABLE, what)
