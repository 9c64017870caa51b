"""What `import history` takes: half a million rows, out of a zip and out of one JSON, without a hub and through one.

    python -m benchmarks.history [--smoke] [--rows 500000]

Made-up rows in the real schema of the extended history (some 900 bytes each, private fields and all). Each step is the
real command in a process of its own; its peak memory is the system's own figure for that process (`getrusage`). Beside
it, in the same run, the plain way: `json.load` of the whole file and one insert per row. `cpu s` is the processor time
that it took (with the hub's, where one runs): the figure to look at where other work keeps the machine busy.

``--smoke`` takes less than 20 s and proves nothing but that all of it works. Exit code 1: a goal was missed.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.past.rows import POOL, SINGLE, ZIP

ROOT = Path(__file__).resolve().parents[1]
GOAL_S, GOAL_MB = 60.0, 300.0
_PATIENCE_S = 60.0
_PLAIN_WAY = """
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[2])
db.execute("CREATE TABLE play (ended TEXT, heard INTEGER, name TEXT, artist TEXT, album TEXT, uri TEXT, reason TEXT)")
with open(sys.argv[1], encoding="utf-8") as file:
    found = json.load(file)
for row in found:
    db.execute("INSERT INTO play VALUES (?, ?, ?, ?, ?, ?, ?)", (
        row["ts"], row["ms_played"], row["master_metadata_track_name"], row["master_metadata_album_artist_name"],
        row["master_metadata_album_album_name"], row["spotify_track_uri"], row["reason_end"]))
db.commit()
print("{}")
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table. ``hub_mb``: the peak of the hub's own process, where one ran."""

    what: str
    seconds: float
    cpu_s: float
    peak_mb: float
    has_goal: bool = True
    hub_mb: float | None = None
    told: str = ""

    @property
    def is_met(self) -> bool:
        """Within the goals, or without any."""
        return not self.has_goal or (self.seconds <= GOAL_S and max(self.peak_mb, self.hub_mb or 0) <= GOAL_MB)


class Bench:
    """One run in ``folder``."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.count = count
        # In a process of its own: what a child inherits of this one's memory counts as the child's peak.
        subprocess.run([sys.executable, "-m", "benchmarks.past.rows", str(folder), str(count)], cwd=ROOT, check=True)
        self.zip, self.single = folder / ZIP, folder / SINGLE
        self.bytes = self.single.stat().st_size

    def steps(self) -> Iterator[Step]:
        """Measure all."""
        first = self._home("one")
        yield self._import("a zip of several JSONs, no hub", first, self.zip, new=True)
        yield self._import("  the same again", first, self.zip, new=False)
        yield self._import("one single JSON, no hub", self._home("two"), self.single, new=True)
        home = self._home("three")
        with self._hub(home) as hub:
            before_s = _cpu_s_of(hub.pid)
            step = self._import("a zip, through a running hub", home, self.zip, new=True)
            cpu_s = step.cpu_s + _cpu_s_of(hub.pid) - before_s
            yield Step(step.what, step.seconds, cpu_s, step.peak_mb, hub_mb=_peak_mb_of(hub.pid), told=step.told)
        plain = [sys.executable, "-c", _PLAIN_WAY, str(self.single), str(self.folder / "plain.db")]
        seconds, cpu_s, peak_mb, _ = self._measure(plain)
        yield Step("plain way: json.load + one insert per row", seconds, cpu_s, peak_mb, has_goal=False)

    def _home(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = folder / "config.yaml"
        config.write_text(f"hub: {{data_dir: {folder / 'data'}}}\nweb: {{port: {port}}}\n", encoding="utf-8")
        self._measure(self._command(config, "pool", "import", str(self.folder / POOL), "--json"))
        return config

    def _import(self, what: str, config: Path, file: Path, *, new: bool) -> Step:
        seconds, cpu_s, peak_mb, told = self._measure(self._command(config, "import", "history", str(file), "--json"))
        fates = told["new"] + told["known"] + told["repeated"] + told["set_aside"]["count"]
        assert told["read"] == self.count == fates + sum(told["not_music"].values()), told
        assert bool(told["new"]) == new, told
        return Step(what, seconds, cpu_s, peak_mb, told=f"{len(told['warmed']['receipts'])} receipts")

    def _command(self, config: Path, *words: str) -> list[str]:
        return [sys.executable, "-m", "moodroom_hub", "-c", str(config), *words]

    def _measure(self, command: list[str]) -> tuple[float, float, float, dict[str, Any]]:
        out = self.folder / "out.json"
        began_s = time.monotonic()
        with out.open("wb") as target:
            process = subprocess.Popen(command, cwd=ROOT, stdout=target)
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began_s
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed")
        cpu_s = usage.ru_utime + usage.ru_stime
        return seconds, cpu_s, usage.ru_maxrss / 1024, json.loads(out.read_text(encoding="utf-8"))

    @contextmanager
    def _hub(self, config: Path) -> Iterator["subprocess.Popen[bytes]"]:
        log = (self.folder / "hub.log").open("wb")
        process = subprocess.Popen(self._command(config, "run"), cwd=ROOT, stdout=log, stderr=log)
        try:
            port = int(config.read_text(encoding="utf-8").rsplit("port: ", 1)[1].split("}")[0])
            _await_life(f"http://127.0.0.1:{port}/livez")
            yield process
        finally:
            process.terminate()
            process.wait(_PATIENCE_S)
            log.close()


def _await_life(url: str) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until_s:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"no hub answers at {url}")


def _cpu_s_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb_of(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def show(bench: Bench, found: list[Step]) -> None:
    """The table."""
    wide = max(len(step.what) for step in found)
    print(f"{bench.count:,} rows, {bench.bytes / 1e6:.0f} MB of JSON; goals: {GOAL_S:.0f} s, {GOAL_MB:.0f} MB")
    print(f"{'step':<{wide}}  {'seconds':>7}  {'cpu s':>6}  {'rows/s':>7}  {'peak MB':>7}  {'hub MB':>6}  verdict")
    for step in found:
        hub = "" if step.hub_mb is None else f"{step.hub_mb:.0f}"
        verdict = ("met" if step.is_met else "MISSED") if step.has_goal else ""
        rate = f"{step.seconds:>7.1f}  {step.cpu_s:>6.1f}  {bench.count / step.seconds:>7,.0f}"
        print(f"{step.what:<{wide}}  {rate}  {step.peak_mb:>7.0f}  {hub:>6}  {verdict:<7} {step.told}")


def main() -> int:
    """Measure, show, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="20,000 rows: only to see that it works")
    parser.add_argument("--rows", type=int, default=500_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moodroom-history-") as name:
        bench = Bench(Path(name), 20_000 if options.smoke else options.rows)
        found = list(bench.steps())
    show(bench, found)
    return 0 if all(step.is_met for step in found) else 1


if __name__ == "__main__":
    sys.exit(main())
