"""A million playlists trained on in a process of its own: how long each part takes, and the memory at its peak.

``report(tell)`` for everything; alone: ``python -m benchmarks.radio_lab.stream --child <folder> <recommender>``.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.radio_lab.made_up import write_lines, write_slices

LISTS, ARTISTS = 1_000_000, 300_000
SLICED = 50
"""One in so many lists is also written as the Million Playlist Dataset has them, to time the reading of that."""
MOST_BYTES = 2 << 30
FILES = 20


def report(tell: Callable[[str], None], lists: int = LISTS, artists: int = ARTISTS, recommender: str = "") -> bool:
    """Prints a table; true where the peak stays within 2 GiB."""
    with TemporaryDirectory(prefix="radio-stream-") as name:
        folder = Path(name)
        (folder / "lines").mkdir()
        (folder / "slices").mkdir()
        size = write_lines(folder / "lines", lists, artists, FILES)
        sliced = write_slices(folder / "slices", max(lists // SLICED, 20), artists)
        tell(f"{lists:,} made-up playlists of {artists:,} artists: {size / 1e6:,.0f} MB of JSON lines")
        child = subprocess.run(
            [sys.executable, "-m", "benchmarks.radio_lab.stream", "--child", str(folder), recommender],
            capture_output=True,
            text=True,
            check=False,
        )
    if child.returncode:
        tell(f"the training failed: {child.stderr.strip()[-500:]}")
        return False
    found = json.loads(child.stdout.splitlines()[-1])
    tell("| part | s | peak of the process so far, MB |")
    tell("|---|---|---|")
    for part, seconds, peak in found["parts"]:
        tell(f"| {part} | {seconds:,.1f} | {peak / 1e6:,.0f} |")
    sizes = ", ".join(f"{count:,} {what}" for what, count in found["sizes"].items())
    tell(f"{found['recommender']}: {sizes}; model {found['model_mb']:,.0f} MB, lists kept {found['lists_mb']:,.0f} MB")
    tell(f"held-out check: {found['metrics']}")
    per_slice = found["slices_s"] / max(1, found["slices"])
    tell(
        f"{found['slices']} slices as the Million Playlist Dataset has them ({sliced / 1e6:,.0f} MB): {per_slice:.2f} s"
        f" each, so {per_slice * 1_000 / 60:.0f} minutes for all 1,000 on one core; their peak"
        f" {found['slices_peak'] / 1e6:,.0f} MB"
    )
    is_small = bool(found["peak"] <= MOST_BYTES)
    whole = sum(seconds for _, seconds, _ in found["parts"])
    tell(
        f"whole: {whole:,.0f} s; peak {found['peak'] / 1e6:,.0f} MB {'<=' if is_small else '>'} {MOST_BYTES / 1e6:,.0f}"
    )
    return is_small


def peak_bytes() -> int:
    """Of this process, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def child(folder: Path, recommender: str) -> None:
    """Train on the folder, and print what it took as JSON."""
    from moodroom_hub.plugins.radio.training.order import Order, train_here
    from moodroom_hub.plugins.radio.training.reading import Faults, read_lists

    began_s = time.perf_counter()
    slices_lists = sum(1 for _ in read_lists([folder / "slices"], Faults()))
    slices_s, slices_peak = time.perf_counter() - began_s, peak_bytes()
    parts: list[list[object]] = []
    doing_before, since_s = "", time.perf_counter()

    def tell(doing: str, done: int, whole: int) -> None:
        nonlocal doing_before, since_s
        now_s = time.perf_counter()
        if doing != doing_before:
            if doing_before:
                parts.append([doing_before, now_s - since_s, peak_bytes()])
            doing_before, since_s = doing, now_s

    order = Order(folder / "station.model", (folder / "lines",), recommender=recommender)
    manifest = train_here(order, tell=tell)
    tell("", 0, 0)
    print(
        json.dumps(
            {
                "parts": parts,
                "peak": peak_bytes(),
                "recommender": manifest.recommender,
                "sizes": dict(manifest.sizes),
                "metrics": dict(manifest.metrics),
                "model_mb": (folder / "station.model").stat().st_size / 1e6,
                "lists_mb": (folder / "station.model.lists").stat().st_size / 1e6,
                "slices": len(list((folder / "slices").iterdir())),
                "slices_lists": slices_lists,
                "slices_s": slices_s,
                "slices_peak": slices_peak,
            }
        )
    )


if __name__ == "__main__" and sys.argv[1:2] == ["--child"]:
    child(Path(sys.argv[2]), sys.argv[3])
