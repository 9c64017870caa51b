"""Everything between files and the fit: a vocabulary, the lists in its numbers, the artists' names, in one folder."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.radio.model_file import ArrayFile, Blocks, write_arrays
from moodroom_hub.plugins.radio.recommending.interface import Lists, Tell
from moodroom_hub.plugins.radio.training import steps
from moodroom_hub.plugins.radio.training.engine import Engine
from moodroom_hub.plugins.radio.training.joining import (
    Hashes,
    codes_of,
    first_ones,
    merge_spellings,
    names_of,
    sum_counts,
    vocabulary,
)
from moodroom_hub.plugins.radio.training.reading import Faults, RawList, SourceError, find_parts
from moodroom_hub.plugins.radio.training.spilling import CHUNK_KIND, Spill, Spilled

OWN = "own"
LEAST_ARTISTS = 2
COUNTS_AT_ONCE = 8
"""Chunks whose counts are summed at a time."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where lists came from: a path as it was given, or ``OWN`` for those that the caller had.

    ``lists``: those that nobody before it had; ``left_out``: what of it could not be read.
    """

    name: str
    lists: int
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """``hashes`` and ``names`` stand in the order of the places, ``counts``: in how many lists each artist is."""

    lists: Lists
    hashes: Hashes
    names: list[bytes]
    counts: NDArray[np.int64]
    sources: tuple[Source, ...]
    faults: Faults
    duplicates: int


@dataclass(slots=True)
class Collected:
    """Chunks on the disk, by where they come from. The last ``passing`` of them are not kept for a later training.

    ``earlier``: the sources of the chunks that an earlier training kept; those have no name here.
    """

    chunks: list[tuple[str, Spilled]]
    left_out: dict[str, int]
    faults: Faults
    earlier: tuple[Source, ...] = ()
    passing: int = 0


def collect(
    paths: Sequence[Path], own: Iterable[RawList], older: Collected, folder: Path, engine: Engine, tell: Tell
) -> Collected:
    """Read everything into chunks, behind those that are there. Raises ``SourceError``, ``OSError``."""
    faults = Faults()
    tasks: list[steps.Reading] = []
    for path in dict.fromkeys(paths):
        tasks.extend(steps.readings(str(path), f"{len(tasks):06d}", find_parts([path], faults), folder))
    chunks, left_out = list(older.chunks), dict.fromkeys(map(str, paths), 0)
    tell("reading", 0, len(tasks))
    for done, found in enumerate(engine.map(steps.read, tasks), 1):
        chunks.extend((found.source, each) for each in found.chunks)
        left_out[found.source] += found.faults.count
        faults.extend(found.faults)
        tell("reading", done, len(tasks))
    if paths and len(chunks) == len(older.chunks):
        why = f" ({faults.told[0]})" if faults.told else ""
        raise SourceError(f"no playlist in {', '.join(map(str, paths[:3]))} can be read{why}")
    spill = Spill(folder, OWN)
    for each in own:
        spill.add(each)
    spill.flush()
    chunks.extend((OWN, each) for each in spill.chunks)
    return Collected(chunks, left_out, faults, older.earlier, len(spill.chunks))


def _sources(found: Collected, kept: Sequence[NDArray[np.bool_]]) -> tuple[Source, ...]:
    lists = {each.name: each.lists for each in found.earlier}
    left_out = {each.name: each.left_out for each in found.earlier} | found.left_out
    for (name, _), rows in zip(found.chunks, kept, strict=True):
        if name:
            lists[name] = lists.get(name, 0) + int(np.count_nonzero(rows))
    return tuple(Source(name, lists.get(name, 0), left_out.get(name, 0)) for name in {**left_out, **lists})


def join(found: Collected, most_artists: int, folder: Path, engine: Engine, tell: Tell, keep: Path | None) -> Gathered:
    """One vocabulary and one set of lists out of chunks; ``keep``: where the chunks are stored for a later training.

    Raises ``SourceError`` where no two lists share an artist, ``OSError``.
    """
    paths = [each.lists for _, each in found.chunks]
    kept = first_ones(list(engine.map(steps.digests, paths)))
    stay = len(paths) - found.passing
    lasting = _counted(paths[:stay], kept[:stay], engine, tell)
    table, counts = sum_counts([lasting, _counted(paths[stay:], kept[stay:], engine, tell)])
    chosen = vocabulary(table, counts, most_artists)
    hashes = table[chosen]
    if len(hashes) < LEAST_ARTISTS:
        raise SourceError("no two of these playlists share an artist: there is nothing to learn from them")
    by_hash = np.argsort(hashes)
    steps.write_vocabulary(folder / "vocabulary", hashes[by_hash], by_hash.astype(np.int32))
    tasks = [
        steps.Numbering(path, rows, folder / "vocabulary", folder / f"rows-{at:06d}")
        for at, (path, rows) in enumerate(zip(paths, kept, strict=True))
    ]
    lists = _lists(tasks, len(hashes), folder, engine, tell)
    tell("naming", 0, 1)
    spellings = merge_spellings([each.spellings for _, each in found.chunks], folder)
    names = names_of(spellings, {int(each): place for place, each in enumerate(hashes)})
    tell("naming", 1, 1)
    sources = _sources(found, kept)
    if keep is not None:
        if found.passing:
            spellings = merge_spellings([each.spellings for _, each in found.chunks[:stay]], folder)
        _keep(keep, paths[:stay], kept[:stay], lasting[0], spellings, sources)
    duplicates = sum(int(np.count_nonzero(~rows)) for rows in kept)
    return Gathered(lists, hashes, names, counts[chosen], sources, found.faults, duplicates)


def _counted(
    paths: Sequence[Path], kept: Sequence[NDArray[np.bool_]], engine: Engine, tell: Tell
) -> tuple[Hashes, NDArray[np.int64]]:
    whole = sum_counts([])
    waiting = []
    tell("counting", 0, len(paths))
    for done, counted in enumerate(engine.map(steps.count, list(zip(paths, kept, strict=True))), 1):
        waiting.append(counted)
        if len(waiting) == COUNTS_AT_ONCE:
            whole, waiting = sum_counts([whole, *waiting]), []
        tell("counting", done, len(paths))
    return sum_counts([whole, *waiting])


def _lists(tasks: Sequence[steps.Numbering], size: int, folder: Path, engine: Engine, tell: Tell) -> Lists:
    lengths = [np.empty(0, np.int64)]
    path = folder / "artists"
    tell("numbering", 0, len(tasks))
    with path.open("wb") as stream:
        for done, out in enumerate(engine.map(steps.number, tasks), 1):
            rows = steps.numbered(out)
            out.unlink()
            lengths.append(rows.lengths)
            stream.write(rows.places.data)
            tell("numbering", done, len(tasks))
    starts = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
    if len(starts) == 1:
        raise SourceError("no playlist has two artists that are in other playlists too: there is nothing to learn")
    return Lists(starts, np.memmap(path, np.int32, mode="r"), size)


def _keep(
    path: Path,
    chunks: Sequence[Path],
    kept: Sequence[NDArray[np.bool_]],
    table: Hashes,
    spellings: Path,
    sources: Sequence[Source],
) -> None:
    artists, lengths, digests = 0, [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    for chunk, wanted in zip(chunks, kept, strict=True):
        for piece in codes_of(chunk, wanted, table):
            artists += len(piece.codes)
            lengths.append(np.diff(piece.starts))
            digests.append(piece.digests)

    def codes() -> Iterator[NDArray[np.generic]]:
        for chunk, wanted in zip(chunks, kept, strict=True):
            for piece in codes_of(chunk, wanted, table):
                yield piece.codes

    def text() -> Iterator[NDArray[np.generic]]:
        with spellings.open("rb") as stream:
            while block := stream.read(1 << 22):
                yield np.frombuffer(block, np.uint8)

    write_arrays(
        path,
        CHUNK_KIND,
        {"sources": [[each.name, each.lists, each.left_out] for each in sources if each.name != OWN]},
        {
            "table": table,
            "codes": Blocks("<i4", (artists,), codes()),
            "starts": np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64),
            "digests": np.concatenate(digests),
            "spellings": Blocks("|u1", (spellings.stat().st_size,), text()),
        },
    )


def earlier(path: Path, folder: Path) -> Collected:
    """What an earlier training kept, as chunks again. Raises ``ModelFileError``, ``OSError``."""
    with ArrayFile.open(path, CHUNK_KIND) as file:
        file.verify()
        spellings = folder / "earlier.spellings"
        text = file.array("spellings", np.uint8)
        with spellings.open("wb") as stream:
            stream.write(text.data)
        lists, artists = len(file.array("digests", np.uint64)), len(file.array("codes", np.int32))
        sources = tuple(Source(str(name), int(count), int(left)) for name, count, left in file.manifest["sources"])
    return Collected([("", Spilled(path, spellings, lists, artists))], {}, Faults(), sources)
