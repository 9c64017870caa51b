"""No verdict lost or doubled: a simulated week in which the hub is killed 300 times, and three such weeks with outages.

    python -m benchmarks.durability [--kills 300] [--days 7] [--seed 1] [--smoke] [--week NAME] [--details]
                                   [--jobs 2]

The hub is the real one, with its real Spotify plugin and a real SQLite file, in a process of its own; ``kill -9`` hits
it while it starts, inside transactions, between a request and its answer, between a verdict and its receipt. The
make-believe home around it lives on and keeps the truth, against which the database is compared in the end. Exit
status 1 where anything was lost, doubled or invented.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.killing.audit import audit
from benchmarks.killing.book import Book, read_book
from benchmarks.killing.outages import DiskFails, DiskFull, Locked, Outage, small_disk
from benchmarks.killing.play import Evidence, Plan, Week
from benchmarks.killing.process import HubProcess
from benchmarks.killing.score import Score

_WEEKS = ("kills", "disk full", "locked", "killed inside")
_OUTAGES_A_DAY = 1.5
_FLAT_MIB = 8.0


@dataclass(frozen=True, slots=True)
class Result:
    """One week."""

    evidence: Evidence
    book: Book
    score: Score

    @property
    def grown_mib(self) -> float:
        """The most that a hub grew in an outage of at least half an hour that it lived through."""
        grown = [
            (window.memory_after - window.memory_before) / 2**20
            for window in self.evidence.windows
            if window.memory_after and window.began_ms and (window.ended_ms or 0) - window.began_ms >= 30 * 60_000
        ]
        return max(grown, default=0.0)

    @property
    def is_good(self) -> bool:
        """Nothing lost, doubled or invented, and memory stayed flat."""
        return self.score.faults == 0 and self.grown_mib <= _FLAT_MIB


def play(name: str, *, kills: int, days: float, seed: int, outages_a_day: float = _OUTAGES_A_DAY) -> Result:
    """Play the week of this name (one of ``_WEEKS``) and compare."""
    with tempfile.TemporaryDirectory(prefix="moodroom-durability-") as given:
        folder, data_dir = Path(given), Path(given) / "data"
        data_dir.mkdir(mode=0o700)
        with small_disk(data_dir) as is_small, HubProcess() as process:
            full: Outage = DiskFull(data_dir) if is_small else DiskFails()
            kinds: dict[str, tuple[Outage, ...]] = {
                "kills": (),
                "disk full": (full, DiskFails()),
                "locked": (Locked(),),
                "killed inside": (full, Locked(), DiskFails()),
            }
            plan = Plan(
                name,
                kills,
                days,
                seed,
                outages=kinds[name],
                outage_count=max(2, round(days * outages_a_day)) if kinds[name] else 0,
                kills_inside=name == "killed inside",
            )
            evidence = Week(plan, folder, data_dir, process).run()
            book = asyncio.run(read_book(data_dir, evidence.config))
        return Result(evidence, book, audit(evidence, book))


def _minutes(result: Result) -> str:
    spans = [
        ((window.ended_ms or 0) - window.began_ms) // 60_000
        for window in result.evidence.windows
        if window.began_ms is not None
    ]
    return f"{len(spans)} · {sum(spans)} min" if spans else "–"


_LINES: tuple[tuple[str, Callable[[Result], object]], ...] = (
    ("kill -9", lambda r: r.evidence.kills),
    ("outages · minutes", _minutes),
    ("  of these with a kill inside", lambda r: sum(w.killed_ms is not None for w in r.evidence.windows)),
    ("  most changes waiting in memory", lambda r: r.evidence.record.most_waiting),
    ("  memory grown in one (MiB)", lambda r: f"{r.grown_mib:.1f}"),
    ("  starts refused while it lasted", lambda r: r.evidence.refused_starts),
    ("simulated days", lambda r: r.evidence.plan.days),
    ("requests to Spotify", lambda r: r.evidence.record.requests),
    ("true listens of the hub's tracks", lambda r: r.score.listens),
    ("  surely seen by a hub", lambda r: r.score.seen),
    ("rows of the history", lambda r: r.score.rows),
    ("  rows that say they are not sure", lambda r: r.score.unclear),
    ("decidable skips and ends", lambda r: r.score.decidable),
    ("true skips under 30 s · struck", lambda r: f"{r.score.skips} · {r.score.struck}"),
    ("receipts", lambda r: r.score.receipts),
    ("tracks queued", lambda r: r.score.posts),
    ("explained: waited in memory when killed", lambda r: r.score.excused),
    ("", lambda _: ""),
    ("LISTENS LOST", lambda r: r.score.lost),
    ("LISTENS DOUBLED", lambda r: r.score.doubled),
    ("LISTENS INVENTED", lambda r: r.score.invented),
    ("DECIDABLE, NOT DECIDED", lambda r: r.score.missed),
    ("FALSE STRIKES", lambda r: r.score.false_strikes),
    ("FALSE ENDS", lambda r: r.score.false_ends),
    ("RECEIPTS MISSING", lambda r: r.score.receipts_missing),
    ("RECEIPTS WITHOUT CAUSE", lambda r: r.score.receipts_without_cause),
    ("RECEIPTS DOUBLED", lambda r: r.score.receipts_doubled),
    ("POOLS UNLIKE BASE + RECEIPTS", lambda r: r.score.pools_unlike),
    ("TRACKS QUEUED TWICE", lambda r: r.score.posts_doubled),
    ("EVENTS STILL UNTOLD AFTER A CLEAN STOP", lambda r: r.score.pending),
    ("OUTAGES NOT ALL SAVED AFTER 2 MIN", lambda r: r.score.unsaved),
    ("HUBS THAT DIED BY THEMSELVES", lambda r: r.score.own_ends),
    ("ERRORS IN THE LOG", lambda r: r.score.errors),
    ("SECONDS WITHOUT MUSIC", lambda r: f"{r.score.dry_s:.0f}"),
    ("", lambda _: ""),
    ("without music, ledger lost by a kill inside", lambda r: f"{r.score.dry_after_loss_s:.0f} s"),
    ("real seconds", lambda r: f"{r.evidence.real_s:.0f}"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """What is told of one week; the week itself, with its whole world, stays in the process that played it."""

    name: str
    figures: tuple[str, ...]
    by_moment: dict[str, int]
    findings: tuple[str, ...]
    faults: int
    real_s: float
    is_good: bool


def column(name: str, *, kills: int, days: float, seed: int) -> Column:
    """Play the week of this name; its column of the table."""
    result = play(name, kills=kills, days=days, seed=seed)
    return Column(
        name,
        tuple(str(tell(result)) for _, tell in _LINES),
        dict(result.evidence.by_moment),
        tuple(str(finding) for finding in result.score.findings),
        result.score.faults,
        result.evidence.real_s,
        result.is_good,
    )


def table(columns: Sequence[Column]) -> str:
    """What happened, one column each week."""
    head = f"{'':44}" + "".join(f"{each.name:>18}" for each in columns)
    lines = [
        f"{label:44}" + "".join(f"{each.figures[number]:>18}" for each in columns)
        for number, (label, _) in enumerate(_LINES)
    ]
    moments: dict[str, int] = {}
    for each in columns:
        for moment, count in each.by_moment.items():
            moments[moment] = moments.get(moment, 0) + count
    told = ", ".join(f"{count} {moment}" for moment, count in sorted(moments.items(), key=lambda one: -one[1]))
    return "\n".join([head, *(line.rstrip() for line in lines), "", f"Killed {told}.", "", _PLAINLY])


_PLAINLY = """\
What a kill can lose: nothing, while the database takes what it is given. In an outage (disk full, disk refusing
writes, database locked) the music goes on and changes wait in memory; a kill then loses exactly what waited: the
verdicts, receipts and ledger entries since the outage began. None of it comes back doubled or wrong; the hub goes on
from what was saved last, and does not start again before the database takes a write. Capitals must be 0."""


def main() -> int:
    """Play, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--week", choices=_WEEKS, action="append", help="only this one (may be repeated)")
    parser.add_argument("--smoke", action="store_true", help="a few kills in a few hours")
    parser.add_argument("--jobs", type=int, default=2, help="weeks side by side")
    parser.add_argument("--details", action="store_true", help="every finding in words")
    options = parser.parse_args()
    kills, days = (8, 0.2) if options.smoke else (options.kills, options.days)
    columns: list[Column] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for each in pool.map(partial(column, kills=kills, days=days, seed=options.seed), options.week or _WEEKS):
            columns.append(each)
            print(f"{each.name}: {each.real_s:.0f} s, {each.faults} faults", file=sys.stderr, flush=True)
    print(table(columns))
    for each in columns:
        if options.details or not each.is_good:
            for finding in each.findings:
                print(f"{each.name}: {finding}")
    return 0 if all(each.is_good for each in columns) else 1


if __name__ == "__main__":
    sys.exit(main())
