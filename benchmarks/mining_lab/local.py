"""The local miner beside the table's methods: the same labels, the same data, the same run."""

import platform
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

from benchmarks.mining_lab.baselines import Baselines, Guess, artist_match, majority
from benchmarks.mining_lab.data import Playlist, data_folder, read
from benchmarks.mining_lab.local_tables import COUNTS, OURS, OURS_CLOSED, Row, is_best, is_true, open_table, table
from benchmarks.mining_lab.made_up import made_up_tasks
from benchmarks.mining_lab.measures import accuracy, calibration_error, coverage
from benchmarks.mining_lab.tasks import Draw, Task, draw, owner_tasks, pseudo_tasks
from moodroom_hub.plugins.local_mining.belonging import Belonging
from moodroom_hub.plugins.local_mining.features import Library
from moodroom_hub.plugins.local_mining.songs import Label, Song, SongList, Sparse
from moodroom_hub.plugins.local_mining.sorting import Sorter, learn

LEAST_ASKED = 50
SMOKE_COUNTS = (50,)
"""With fewer labels a method of the table has too few to learn from; with more, the same takes longer."""
NOTES = """
cov90: the share of the other tracks that can be placed, most confident first, at a precision of at least 90 %.
error: expected calibration error in ten bins, of all tracks together / mean over tasks; in brackets what a miner whose
confidence is perfectly true would show on so few tracks (mean over tasks), and the root mean square error over tasks
without what such chance adds. The local miner runs as it does in the hub: it may find that songs belong nowhere."""
SETTINGS = {
    "alone": "labels, text, year, length, and the owner's own lists",
    "playlists": "the same, and a corpus of other people's lists",
}


@dataclass(slots=True)
class Found:
    """All rows, and what the open case gave: (labels, confidences, hits) per method."""

    rows: list[Row] = field(default_factory=list)
    open: list[Row] = field(default_factory=list)
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)


def report(
    is_smoke: bool, jobs: int = 2, pseudo: int = 10, seeds: int = 5, tell: Callable[[str], None] = print
) -> bool:
    """Run and print. True where the local miner is above every method in each setting and at each count, and
    its confidence is true."""
    began_s = time.perf_counter()
    folder = data_folder()
    if folder is None:
        tell("The open data is absent (neither ../shared/data nor $MOODROOM_DATA): made-up lists instead.\n")
        tasks = made_up_tasks(1 if is_smoke else 4)
    else:
        data = read(folder)
        tasks = pseudo_tasks(data, 1) if is_smoke else [*owner_tasks(data), *pseudo_tasks(data, pseudo)]
    seeds = 1 if is_smoke else seeds
    counts = SMOKE_COUNTS if is_smoke else COUNTS
    found = Found()
    with ProcessPoolExecutor(jobs) as pool:
        for part in pool.map(partial(_run_task, seeds=seeds, counts=counts), tasks):
            print(f"{time.perf_counter() - began_s:.0f} s", *part.left_out, file=sys.stderr, flush=True)
            found.rows += part.rows
            found.open += part.open
            found.left_out |= part.left_out
    sizes = [len(task.songs) for task in tasks]
    tell(f"# Local mining: {len(tasks)} tasks of {min(sizes)} to {max(sizes)} tracks and 2 to 8 rooms, {seeds} seeds\n")
    took_s = time.perf_counter() - began_s
    tell(f"{platform.machine()}, Python {platform.python_version()}, {jobs} processes, {took_s:.0f} s.\n")
    wins = True
    for setting, words in SETTINGS.items():
        own = [row for row in found.rows if row.setting == setting]
        tell(f"## {setting}: {words}\n\n{table(own)}\n")
        unseen = [row for row in own if row.is_unseen]
        if unseen and len(unseen) < len(own):
            tell(f"Only tasks that no decision was taken on:\n\n{table(unseen)}\n")
        wins = wins and is_best(own) and is_true(own)
    if found.open:
        tell(f"## Some songs belong nowhere: as many of the owner's other songs mixed in\n\n{open_table(found.open)}\n")
    if found.left_out:
        tell("Left out as near copies of the layers' lists (they share half of either):\n")
        tell(
            "\n".join(
                f"- {name}: {len(titles)} ({', '.join(titles[:4])} ...)"
                for name, titles in found.left_out.items()
                if titles
            )
        )
    tell(NOTES)
    return wins


def _run_task(task: Task, seeds: int, counts: Sequence[int]) -> Found:
    found = Found(left_out={task.name: tuple(dict.fromkeys(task.left_out))} if task.kind == "owner" else {})
    for setting in SETTINGS:
        lists = task.own if setting == "alone" else (*task.own, *task.corpus)
        library = Library([_song(song) for song in task.songs], [_list(each) for each in lists])
        baselines = Baselines(task, lists)
        for count in counts:
            if len(task.songs) < count + LEAST_ASKED:
                continue
            for seed in range(seeds):
                now = draw(task, count, seed)
                methods: dict[str, Callable[[], list[Guess] | None]] = {
                    "majority": partial(majority, task, now),
                    "artist match": partial(artist_match, task, now),
                    **{name: partial(baselines.guess, name, now) for name in baselines.names},
                }
                given = {name: method() for name, method in methods.items()} | _ours(library, task, now, now.asked)
                truth = [task.truth[index] for index in now.asked]
                for name, guesses in given.items():
                    if guesses is not None:
                        found.rows.append(_row(setting, name, task, count, guesses, truth))
    if task.void:
        found.open = list(_open_rows(task, min(seeds, 2)))
    return found


def _ours(library: Library, task: Task, now: Draw, asked: Sequence[int]) -> dict[str, list[Guess]]:
    labels = [Label(index, task.truth[index]) for index in now.labelled]
    sorter = learn(library, labels, len(task.rooms))
    assert sorter is not None
    closed = replace(sorter, belonging=Belonging(None, 0.0, 0.0))
    return {
        OURS: [_best(sorter, library.features[index]) for index in asked],
        OURS_CLOSED: [_best(closed, library.features[index]) for index in asked],
    }


def _best(sorter: Sorter, features: Sparse) -> Guess:
    chances = sorter.chances(features)
    best = max(range(len(chances)), key=chances.__getitem__)
    return best, chances[best]


def _open_rows(task: Task, seeds: int) -> Iterable[Row]:
    """The owner's songs outside the layer mixed in: none of the rooms is right for them."""
    library = Library(
        [_song(song) for song in (*task.songs, *task.void)], [_list(each) for each in (*task.own, *task.corpus)]
    )
    for count in COUNTS:
        for seed in range(seeds):
            now = draw(task, count, seed)
            asked = [*now.asked, *range(len(task.songs), len(task.songs) + len(task.void))]
            truth = [task.truth[index] if index < len(task.truth) else -1 for index in asked]
            for name, guesses in _ours(library, task, now, asked).items():
                yield _row("open", name, task, count, guesses, truth)


def _row(setting: str, method: str, task: Task, count: int, guesses: Sequence[Guess], truth: Sequence[int]) -> Row:
    confidence = tuple(min(1.0, chance) for _, chance in guesses)
    hits = tuple(room == right for (room, _), right in zip(guesses, truth, strict=True))
    return Row(
        setting,
        method,
        task.name,
        task.kind,
        count,
        coverage(confidence, hits),
        accuracy(hits),
        calibration_error(confidence, hits),
        confidence,
        hits,
    )


def _song(song: object) -> Song:
    name, artists, album, year, duration = (
        getattr(song, part) for part in ("name", "artists", "album", "year", "duration_ms")
    )
    return Song(name, artists, album, year, duration)


def _list(playlist: Playlist) -> SongList:
    return SongList(playlist.title, tuple((song.name, song.artists[0]) for song in playlist.songs if song.artists))
