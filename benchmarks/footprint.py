"""What a hub weighs: memory after a day, time to start, idle processor time, dispatch, growth of the database.

    python -m benchmarks.footprint [--smoke] [--hours 24]

- **A day**: the command ``run`` in a process of its own, in an event loop whose hours pass in seconds (its clock stands
  still while the hub works), against a simulated Spotify in this process, over sockets and TLS: logged in through
  /login and /callback, 600 tracks in six rooms, 323 liked songs, a listener of changing temperaments who skips, pauses
  and takes over, another room every other hour, undos, and a status page that is open all the time.
- **Idle**: the unchanged ``run`` in real time; processor time of the process, user and system.
- The hub is a compiled copy, as pip installs it. Linux only (/proc). Needs openssl for a certificate.

``--smoke`` takes less than half a minute and proves nothing but that all of it works. Exit code 1: a goal was missed.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.weight import day, dispatching, growth, idle
from benchmarks.weight.process import install, machine

HOURS = 24.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``is_met`` ``None``: there is no goal, the figure is told."""

    what: str
    goal: str
    figure: str
    is_met: bool | None = None

    @property
    def verdict(self) -> str:
        """In a word."""
        return "" if self.is_met is None else "met" if self.is_met else "MISSED"


async def weigh(hours: float, *, starts: int, watch_s: float, events: int) -> list[Row]:
    """All figures."""
    with tempfile.TemporaryDirectory(prefix="moodroom-footprint-") as name:
        root = Path(name)
        for part in ("site", "day", "idle"):
            (root / part).mkdir()
        environ = await asyncio.to_thread(install, root / "site")
        lived = await day.live(hours, root / "day", environ)
        rested = await idle.watch(root / "idle", environ, starts=starts, watch_s=watch_s)
        grown = await asyncio.to_thread(growth.measure, lived.database)
    one_ms, whole_ms = await asyncio.to_thread(dispatching.measure, events)
    return [*day_rows(lived), *idle_rows(rested), *dispatch_rows(one_ms, whole_ms), *growth_rows(grown)]


def day_rows(lived: day.Day) -> list[Row]:
    """Memory after the day, and what the day was."""
    after, cpu = lived.with_page, lived.cpu_s / (lived.hours * 3600)
    told = f"after {lived.hours:g} simulated hours"
    heard = sum(lived.figures.get(f"moodroom_events_{kind}_total", 0) for kind in ("completed", "skipped", "partial"))
    story = (
        f"{heard:.0f} listens, {lived.requests} requests to Spotify, {lived.activations + 1} activations, "
        f"{lived.page_events} events on the page"
    )
    return [
        Row(f"resident memory {told}, a page open", "≤ 80 MB", f"{after.resident:.1f} MB", after.resident <= 80),
        Row("  of that written by the process itself", "", f"{after.own:.1f} MB"),
        Row("  resident right after the start", "", f"{lived.before.resident:.1f} MB"),
        Row("  with Prometheus' first scrape on top", "", f"{lived.with_metrics.resident:.1f} MB"),
        Row("processor time of that day, of one core", "≤ 0.5 %", f"{cpu:.3%}", cpu <= 0.005),
        Row("  what happened in it", "", story),
    ]


def idle_rows(rested: idle.Idle) -> list[Row]:
    """The real command in real time."""
    return [
        Row(f"start to /livez, median of {rested.starts}", "≤ 1.5 s", f"{rested.start_s:.2f} s", rested.start_s <= 1.5),
        Row("  the very first one, which makes the database", "", f"{rested.first_start_s:.2f} s"),
        Row(
            "idle, nothing plays, of one core", "≤ 0.5 %", f"{rested.nothing_plays:.2%}", rested.nothing_plays <= 0.005
        ),
        Row(
            "idle, a room was just switched on, a page open",
            "≤ 0.5 %",
            f"{rested.music_plays:.2%}",
            rested.music_plays <= 0.005,
        ),
        Row("  resident memory then", "", f"{rested.memory.resident:.1f} MB"),
    ]


def dispatch_rows(one_ms: float, whole_ms: float) -> list[Row]:
    """Telling events."""
    plugins = dispatching.PLUGINS
    return [
        Row(f"an event told to {plugins} plugins, median", "≤ 0.2 ms", f"{one_ms:.3f} ms", one_ms <= 0.2),
        Row("  TRACK_CHANGED, which has a hook of its own besides", "", f"{whole_ms:.3f} ms"),
    ]


def growth_rows(grown: growth.Growth) -> list[Row]:
    """The database."""
    return [
        Row("database growth per 10,000 listens, for ever", "stated", f"{grown.lasting:.1f} MB"),
        Row("  and events, which are kept for 30 days", "stated", f"{grown.events:.1f} MB"),
    ]


def show(rows: list[Row]) -> None:
    """The table."""
    wide = max(len(row.what) for row in rows)
    print(f"{'what':<{wide}}  {'goal':<9}  {'verdict':<7}  figure")
    for row in rows:
        print(f"{row.what:<{wide}}  {row.goal:<9}  {row.verdict:<7}  {row.figure}")


def main() -> int:
    """Weigh, and say so."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="an hour instead of a day, and hardly any waiting")
    parser.add_argument("--hours", type=float, default=HOURS, help="how long the simulated day is")
    given = parser.parse_args()
    began_s = time.monotonic()
    if given.smoke:
        rows = asyncio.run(weigh(min(given.hours, 1.0), starts=2, watch_s=2.0, events=500))
    else:
        rows = asyncio.run(weigh(given.hours, starts=5, watch_s=25.0, events=3_000))
    show(rows)
    print(f"\nmachine: {machine()}")
    print(f"measured in {time.monotonic() - began_s:.0f} s" + (" (smoke: proves nothing)" if given.smoke else ""))
    return 1 if any(row.is_met is False for row in rows) and not given.smoke else 0


if __name__ == "__main__":
    sys.exit(main())
