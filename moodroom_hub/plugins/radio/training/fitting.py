"""From playlists to a model's file: read, learn, judge, write. New playlists later, without the old ones' files."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import numpy as np

from moodroom_hub import __version__
from moodroom_hub.plugins.radio.model import DEFAULT_RECOMMENDER, INDEX, KIND, Manifest, recommender_named
from moodroom_hub.plugins.radio.model_file import FORMAT, ArrayFile, ModelFileError, Numbers, write_arrays
from moodroom_hub.plugins.radio.near import Cells
from moodroom_hub.plugins.radio.recommending.interface import Lists, Query, Recommender, Tell, tell_nobody
from moodroom_hub.plugins.radio.training.engine import Engine, LocalEngine
from moodroom_hub.plugins.radio.training.gathering import Collected, collect, earlier, join
from moodroom_hub.plugins.radio.training.joining import MOST_ARTISTS, Hashes
from moodroom_hub.plugins.radio.training.judging import judge
from moodroom_hub.plugins.radio.training.reading import Faults, RawList

KEPT = ".lists"
"""Beside the model, under its name and this: what a later training needs of the lists that were learnt from."""
FOLDER = ".training-"
FEW_ARTISTS = 50_000
"""Up to here brute force answers in a few milliseconds."""
TRIAL_QUERIES = 200
MOST_SEEDS = 8
READABLE = 0o644
"""A model may be read by any process; the lists beside it are people's own."""


def lists_beside(model: Path) -> Path:
    """Where the lists of a model are kept; it works without them, but then can't be updated."""
    return model.with_name(model.name + KEPT)


def train(
    sources: Sequence[Path],
    out: Path,
    *,
    seed: int = 0,
    recommender: type[Recommender] | None = None,
    extra: Iterable[RawList] = (),
    tell: Tell = tell_nobody,
    engine: Engine | None = None,
    most_artists: int = MOST_ARTISTS,
    hear_faults: Callable[[Faults], None] = lambda faults: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Manifest:
    """Learn from the playlists of these files and folders, and of ``extra``, and write the model to ``out``.

    ``extra`` (an owner's own lists as they are today) is learnt from, and not kept for updates: it comes anew each
    time. ``hear_faults`` is told what could not be read. The same lists and seed give the same file but for its date.
    Raises ``SourceError`` where there is nothing to learn from, ``OSError`` where the disk is full or can't be written;
    whatever happens, what lay at ``out`` stays until the new model is whole.
    """
    kind = recommender or recommender_named(DEFAULT_RECOMMENDER)
    with _folder_beside(out) as folder:
        found = collect(sources, extra, Collected([], {}, Faults()), folder, engine or LocalEngine(), tell)
        hear_faults(found.faults)
        return _learn(found, out, folder, kind, seed, engine or LocalEngine(), most_artists, tell, now)


def update(
    model: Path,
    sources: Sequence[Path],
    *,
    seed: int | None = None,
    recommender: type[Recommender] | None = None,
    extra: Iterable[RawList] = (),
    tell: Tell = tell_nobody,
    engine: Engine | None = None,
    most_artists: int = MOST_ARTISTS,
    hear_faults: Callable[[Faults], None] = lambda faults: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Manifest:
    """Learn from what the model learnt from, and from the playlists of these files too; lists that it knows count once.

    What comes out is what ``train`` gives for the old and then the new sources. ``seed``: the model's own, unless it is
    given. Raises ``ModelFileError`` where the
    model or the lists beside it are not whole, else as ``train``.
    """
    with ArrayFile.open(model, KIND) as file:
        manifest = Manifest.of(file.manifest)
    kind = recommender or recommender_named(manifest.recommender)
    kept = lists_beside(model)
    if not kept.exists():
        raise ModelFileError(f"{kept.name} is not there, and holds what {model.name} learnt from; train it anew")
    with _folder_beside(model) as folder:
        older = earlier(kept, folder)
        found = collect(sources, extra, older, folder, engine or LocalEngine(), tell)
        hear_faults(found.faults)
        chance = manifest.seed if seed is None else seed
        return _learn(found, model, folder, kind, chance, engine or LocalEngine(), most_artists, tell, now)


def _learn(
    found: Collected,
    out: Path,
    folder: Path,
    kind: type[Recommender],
    seed: int,
    engine: Engine,
    most_artists: int,
    tell: Tell,
    now: Callable[[], datetime],
) -> Manifest:
    kept = folder / "kept"
    gathered = join(found, most_artists, folder, engine, tell, kept)
    metrics = judge(kind, gathered.lists, seed, tell)
    # What is judged is a small part of the lists, and stays here.
    is_here = isinstance(engine, LocalEngine)
    recommender = kind.fit(gathered.lists if is_here else replace(gathered.lists, spread=engine.map), seed, tell)
    manifest = Manifest(
        format=FORMAT,
        package=__version__,
        recommender=kind.name,
        data=tuple((each.name, each.lists, each.left_out) for each in gathered.sources),
        sizes={
            "artists": gathered.lists.size,
            "lists": len(gathered.lists),
            "entries": len(gathered.lists.artists),
            "duplicates": gathered.duplicates,
        },
        metrics=metrics,
        seed=seed,
        trained_at=now().isoformat(timespec="seconds"),
    )
    index = _index(recommender, gathered.lists, seed, tell)
    tell("writing", 0, 1)
    arrays = {**model_arrays(gathered.names, gathered.hashes, recommender), **index, "counts": gathered.counts}
    # The lists first: if all ends between the two, the next update meets lists that it knows, and counts them once.
    kept.replace(lists_beside(out))
    write_arrays(out, KIND, manifest.document(), arrays, READABLE)
    tell("writing", 1, 1)
    return manifest


def _index(recommender: Recommender, lists: Lists, seed: int, tell: Tell) -> dict[str, Numbers]:
    items = getattr(recommender, "items", None)
    if items is None or lists.size <= FEW_ARTISTS:
        return {}
    tell("indexing", 0, 1)
    found = index_arrays(recommender, _queries(lists, seed), seed)
    tell("indexing", 1, 1)
    return found


def index_arrays(recommender: Any, queries: Iterable[Query], seed: int) -> dict[str, Numbers]:
    """An index of an ``Indexable``'s artists, for queries like these; nothing where it would find too little."""
    cells = Cells.build(recommender.items, np.stack([recommender.query_vector(each) for each in queries]), seed)
    return {} if cells is None else {f"{INDEX}/{name}": array for name, array in cells.save().items()}


def _queries(lists: Lists, seed: int) -> Iterator[Query]:
    """As stations ask: some artists of a list as seeds, some as likes, and a stranger who is disliked."""
    chance = np.random.default_rng(seed)
    for row in chance.integers(0, len(lists), TRIAL_QUERIES):
        artists = [int(each) for each in lists.artists[lists.starts[row] : lists.starts[row + 1]][:MOST_SEEDS]]
        some = int(chance.integers(1, len(artists) + 1))
        yield Query(tuple(artists[:some]), tuple(artists[some:]), (int(chance.integers(0, lists.size)),))


def model_arrays(names: Sequence[bytes], hashes: Hashes, recommender: Recommender) -> dict[str, Numbers]:
    """What a model's file holds of artists in the order of their places, and of what was learnt about them."""
    by_hash = np.argsort(hashes)
    return {
        "names/text": np.frombuffer(b"".join(names), np.uint8),
        "names/starts": np.concatenate([[0], np.cumsum([len(name) for name in names])]).astype(np.int64),
        "keys/hashes": hashes[by_hash],
        "keys/places": by_hash.astype(np.int32),
        **{f"recommender/{name}": array for name, array in recommender.save().items()},
    }


@contextmanager
def _folder_beside(out: Path) -> Iterator[Path]:
    """For what is put aside; on the model's disk, since that has room for lists. It is gone whatever happens."""
    out.parent.mkdir(parents=True, exist_ok=True)
    _remove_left_behind(out.parent)
    folder = Path(mkdtemp(prefix=f"{FOLDER}{os.getpid()}-", dir=out.parent))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def clear_up(out: Path) -> None:
    """Remove what this process has put aside beside ``out``: it ends, and cannot come back to do so."""
    for folder in out.parent.glob(f"{FOLDER}{os.getpid()}-*"):
        rmtree(folder, ignore_errors=True)


def _remove_left_behind(parent: Path) -> None:
    """Folders of trainings that were killed: their processes are no more."""
    if os.name != "posix":
        return
    for folder in parent.glob(f"{FOLDER}*-*"):
        number = folder.name.removeprefix(FOLDER).partition("-")[0]
        if not number.isdecimal():
            continue
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            with suppress(OSError):
                rmtree(folder)
        except (OSError, OverflowError):
            continue
