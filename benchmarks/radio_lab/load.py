"""Models under load: the time of a query with feedback, of opening, and the memory that readers share.

The vectors are made up, of 24 latent dimensions with some noise, as ``reference/data.md`` measures; the rule that asks
is ours. Times are of the wall and of the thread: on a machine with other work the former has waits for the processor in
it, so limits are held against the latter.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodroom_hub import __version__
from moodroom_hub.plugins.radio.model import KIND, Manifest, StationModel
from moodroom_hub.plugins.radio.model_file import FORMAT, write_arrays
from moodroom_hub.plugins.radio.names import artist_key, key_hash
from moodroom_hub.plugins.radio.near import Cells
from moodroom_hub.plugins.radio.recommending.blend import Blend
from moodroom_hub.plugins.radio.recommending.interface import Floats, Query
from moodroom_hub.plugins.radio.training.fitting import index_arrays, model_arrays

FEW, MANY = 20_000, 1_000_000
FEW_LIMIT_MS, MANY_LIMIT_MS = 5.0, 10.0
WANTED_RECALL, COMPARED = 0.98, 50
OPEN_LIMIT_S = 1.0
LATENT, NOISE = 24, 0.1
WIDTHS = (191, 64)
WIDTHS_OF_MANY = (95, 32)
"""As the blend has them; with the one for how common an artist is, 128 dimensions."""
READERS, ASKED_BY_EACH = 50, 20
QUERIES = 1_000
VOYAGER_SIZE = 30_000


def report(tell: Callable[[str], None], few: int = FEW, many: int = MANY, readers: int = READERS) -> bool:
    """Prints tables; true where every limit holds."""
    with TemporaryDirectory(prefix="radio-load-") as name:
        folder = Path(name)
        tell(
            "| artists | file MB | index | made in s | opened in ms | query p50 / p99 ms | of the thread | recall@50 |"
        )
        tell("|---|---|---|---|---|---|---|---|")
        is_good = _measured(tell, folder / "few", few, WIDTHS, FEW_LIMIT_MS)
        is_good &= _measured(tell, folder / "many", many, WIDTHS_OF_MANY, MANY_LIMIT_MS)
        is_good &= _shared(tell, folder / "many", readers)
    _voyager(tell, min(VOYAGER_SIZE, many))
    return is_good


def made_up(path: Path, artists: int, widths: tuple[int, int]) -> float:
    """A model with this many artists; gives how long its index took to make, in seconds."""
    recommender = blend_of(artists, widths)
    names = [f"Artist {place}".encode() for place in range(artists)]
    hashes = np.array([key_hash(artist_key(name.decode())) for name in names], np.uint64)
    began_s = time.perf_counter()
    index = index_arrays(recommender, queries(artists, 200, seed=1), 0) if artists > FEW else {}
    took_s = time.perf_counter() - began_s
    sizes = {"artists": artists}
    manifest = Manifest(FORMAT, __version__, "blend", (("made up", 0, 0),), sizes, {}, 0, "2026-01-01T00:00:00+00:00")
    write_arrays(path, KIND, manifest.document(), {**model_arrays(names, hashes, recommender), **index})
    return took_s


def blend_of(artists: int, widths: tuple[int, int], seed: int = 0) -> Blend:
    """Artists of 24 latent dimensions: both their ways of belonging together come from these."""
    chance = np.random.default_rng(seed)
    bases = [chance.standard_normal((LATENT, width)).astype(np.float32) for width in widths]
    items = np.empty((artists, sum(widths) + 1), np.float32)
    asking = np.empty((artists, widths[0]), np.float32)
    for start in range(0, artists, 50_000):
        some = min(50_000, artists - start)
        latent = chance.standard_normal((some, LATENT), dtype=np.float32)
        for place, base in zip((0, widths[0]), bases, strict=True):
            noise = NOISE * chance.standard_normal((some, base.shape[1]), dtype=np.float32)
            items[start : start + some, place : place + base.shape[1]] = latent @ base + noise
        asking[start : start + some] = latent @ bases[0]
        items[start : start + some, -1] = chance.random(some, dtype=np.float32)
    found, likely = items[:, : widths[0]], items[:, widths[0] : -1]
    squares = (found.T @ found / artists).astype(np.float32)
    return Blend.load({"items": items, "asking": asking, "squares": squares, "gram": likely.T @ likely})


def queries(artists: int, count: int, seed: int) -> Iterator[Query]:
    """Of a station that has played for a while: five seeds, up to twenty likes, up to ten dislikes."""
    chance = np.random.default_rng(seed)
    for _ in range(count):
        drawn = [int(each) for each in chance.integers(0, artists, 35)]
        likes, dislikes = int(chance.integers(0, 21)), int(chance.integers(0, 11))
        yield Query(tuple(drawn[:5]), tuple(drawn[5 : 5 + likes]), tuple(drawn[25 : 25 + dislikes]))


def _measured(tell: Callable[[str], None], path: Path, artists: int, widths: tuple[int, int], limit_ms: float) -> bool:
    made_s = made_up(path, artists, widths)
    opened_s = []
    for _ in range(5):
        began_s = time.perf_counter()
        with StationModel.open(path) as model:
            model.place("Artist 7")
        opened_s.append(time.perf_counter() - began_s)
    with StationModel.open(path) as model:
        whole_ms, thread_ms = [], []
        for query in queries(artists, QUERIES, seed=2):
            without = set(query.seeds + query.likes + query.dislikes)
            began_s, began_thread_s = time.perf_counter(), time.thread_time()
            model.score(query, COMPARED, without)
            thread_ms.append(1e3 * (time.thread_time() - began_thread_s))
            whole_ms.append(1e3 * (time.perf_counter() - began_s))
        recall = _recall(model, artists)
        index = "cells" if model.is_indexed else "none"
    (p50, p99), (own_p50, own_p99) = (np.percentile(each, [50, 99]) for each in (whole_ms, thread_ms))
    tell(
        f"| {artists:,} x {sum(widths) + 1} | {path.stat().st_size / 1e6:,.0f} | {index} | {made_s:,.0f}"
        f" | {1e3 * np.median(opened_s):,.1f} | {p50:.2f} / {p99:.2f} | {own_p50:.2f} / {own_p99:.2f} | {recall:.4f} |"
    )
    return bool(own_p99 <= limit_ms and recall >= WANTED_RECALL and np.median(opened_s) <= OPEN_LIMIT_S)


def _recall(model: StationModel, artists: int) -> float:
    found = []
    for query in queries(artists, 200, seed=3):
        best = model.score(query, COMPARED).places
        found.append(np.isin(model.recommender.score(query, COMPARED).places, best).mean())
    return float(np.mean(found))


def _shared(tell: Callable[[str], None], path: Path, readers: int) -> bool:
    command = [sys.executable, "-m", "benchmarks.radio_lab.load", "--read", str(path)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(readers)
    ]
    found: list[NDArray[np.float64]] = []
    try:
        for each in started:
            assert each.stdout is not None
            each.stdout.readline()
        for each in started:
            assert each.stdin is not None
            assert each.stdout is not None
            each.stdin.write("measure\n")
            each.stdin.flush()
            found.append(np.array(each.stdout.readline().split(), float))
    finally:
        for each in started:
            each.communicate("end\n")
    resident, proportional, whole = np.sum(found, axis=0) / 1e6
    tell(
        f"{readers} readers, {ASKED_BY_EACH} queries each, all alive: the model's pages are {resident:,.0f} MB where"
        f" each counts them for itself, and {proportional:,.0f} MB in truth (PSS), {path.stat().st_size / 1e6:,.0f} on"
        f" the disk; with all of their own the processes have {whole:,.0f} MB (PSS), {whole / readers:,.0f} MB each"
    )
    return bool(proportional <= path.stat().st_size / 1e6 * 1.05)


def read(path: Path) -> None:
    """A reader: asks, and says what memory it has when it is told to."""
    with StationModel.open(path) as model:
        for query in queries(len(model), ASKED_BY_EACH, seed=4):
            model.score(query, COMPARED)
        print("ready", flush=True)
        sys.stdin.readline()
        resident, proportional, is_ours = 0, 0, False
        for line in Path("/proc/self/smaps").read_text().splitlines():
            if line[0] in "0123456789abcdef":
                is_ours = line.endswith(str(path))
            elif is_ours and line.startswith(("Rss:", "Pss:")):
                size = int(line.split()[1]) * 1024
                resident, proportional = resident + size * (line[0] == "R"), proportional + size * (line[0] == "P")
        rollup = Path("/proc/self/smaps_rollup").read_text().splitlines()
        whole = next(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:"))
        print(resident, proportional, whole, flush=True)
        sys.stdin.readline()


def _voyager(tell: Callable[[str], None], size: int) -> None:
    """Why the index is one of cells: a graph of neighbours on the same items, by the library that has them best."""
    try:
        import voyager
    except ModuleNotFoundError:
        tell("voyager is not installed: no comparison")
        return
    tell(f"| {size:,} x 128, inner product | made in s | recall@50 | thread p50 ms | a reader's own memory |")
    tell("|---|---|---|---|---|")
    recommender = blend_of(size, WIDTHS_OF_MANY)
    vectors = np.stack([recommender.query_vector(each) for each in queries(size, 200, seed=5)])
    for spread in (0.0, 0.3):
        lengths = np.exp(spread * np.random.default_rng(0).standard_normal((size, 1))).astype(np.float32)
        items = np.ascontiguousarray(recommender.items * lengths)
        exact = [np.argpartition(-(items @ each), COMPARED)[:COMPARED] for each in vectors]
        began_s = time.perf_counter()
        cells = Cells.build(items, vectors[:100])
        made_s = time.perf_counter() - began_s
        if cells is not None:
            asked = partial(_of_cells, cells, items)
            _row(tell, f"cells, lengths spread by {spread}", made_s, vectors, exact, asked, 0)
        began_s = time.perf_counter()
        graph = voyager.Index(voyager.Space.InnerProduct, num_dimensions=items.shape[1], M=16, ef_construction=200)
        graph.add_items(items, num_threads=1)
        made_s = time.perf_counter() - began_s
        for effort in (200, 1_000):
            asked = partial(_of_graph, graph, effort)
            own = len(graph.as_bytes())
            _row(tell, f"voyager, ef {effort}, lengths spread by {spread}", made_s, vectors, exact, asked, own)


def _of_cells(cells: Cells, items: Floats, query: Floats) -> NDArray[np.int64]:
    return cells.nearest(items, query, COMPARED)[0]


def _of_graph(graph: Any, effort: int, query: Floats) -> NDArray[np.int64]:
    return np.asarray(graph.query(query, COMPARED, query_ef=effort)[0], np.int64)


def _row(
    tell: Callable[[str], None],
    name: str,
    made_s: float,
    vectors: Floats,
    exact: list[NDArray[np.int64]],
    ask: Callable[[Floats], NDArray[np.int64]],
    own: int,
) -> None:
    times_s, found = [], []
    for each, best in zip(vectors[100:], exact[100:], strict=True):
        began_s = time.thread_time()
        answer = ask(each)
        times_s.append(time.thread_time() - began_s)
        found.append(np.isin(best, answer).mean())
    tell(f"| {name} | {made_s:.1f} | {np.mean(found):.3f} | {1e3 * np.median(times_s):.2f} | {own / 1e6:.0f} MB |")


if __name__ == "__main__" and sys.argv[1:2] == ["--read"]:
    read(Path(sys.argv[2]))
