"""A thousand simulated hours: the hub beside the seed system's algorithm, both against the truth.

python -m benchmarks.listening                     the whole table (about ten minutes on two cores)
python -m benchmarks.listening --smoke             twenty hours, in less than a minute
python -m benchmarks.listening --frontier          calls against truth and latency, as docs/images/frontier.svg
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.truth.frontier import draw_frontier, frontier_table, trials
from benchmarks.truth.run import Result, machine, run_all, tasks
from benchmarks.truth.score import total
from benchmarks.truth.table import NOTES, by_temperament, explanations, figures, table

SMOKE_HOURS = 20.0
FRONTIER_HOURS = 200.0
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "frontier.svg"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print. Exit 1 where the hub gave a false verdict, doubled an add or let the music end."""
    options = _options(arguments)
    began_s = time.perf_counter()
    if options.frontier:
        return _frontier(options)
    hours = SMOKE_HOURS if options.smoke else options.hours
    todo = tasks(hours, options.seed, ("seed", "normal", "eco"))
    results = list(run_all(todo, options.jobs, _tell))
    print(f"# Listening: {hours:,.0f} simulated hours for each system\n")
    print(f"{machine()}; {options.jobs} processes, {time.perf_counter() - began_s:.0f} s; seed {options.seed}.\n")
    print(table(results))
    print(f"\n{NOTES}\n\n{by_temperament(results)}\n\n{explanations(results)}")
    if options.json is not None:
        options.json.write_text(json.dumps(_as_json(results), indent=1))
    hub = total(result.own for result in results if result.task.system != "seed")
    return 1 if hub.false_strikes or hub.false_promotions or hub.duplicate_adds or hub.dry_hours else 0


def _frontier(options: argparse.Namespace) -> int:
    hours = options.hours if options.hours != _DEFAULT_HOURS else FRONTIER_HOURS
    todo = tasks(SMOKE_HOURS if options.smoke else hours, options.seed, ("normal",), trials())
    results = list(run_all(todo, options.jobs, _tell))
    print(frontier_table(results))
    if not options.smoke:
        options.picture.parent.mkdir(parents=True, exist_ok=True)
        options.picture.write_text(draw_frontier(results), encoding="utf-8")
        print(f"\nDrawn: {options.picture}")
    return 0


_DEFAULT_HOURS = 1000.0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.listening", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hours", type=float, default=_DEFAULT_HOURS, help="simulated hours for each system")
    parser.add_argument("--seed", type=int, default=1, help="decides homes, listeners and faults")
    parser.add_argument("--smoke", action="store_true", help=f"only {SMOKE_HOURS:.0f} hours")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--frontier", action="store_true", help="try cadences, draw calls against truth and latency")
    parser.add_argument("--picture", type=Path, default=PICTURE, help="where the frontier's picture goes")
    return parser.parse_args(arguments)


def _as_json(results: Sequence[Result]) -> dict[str, object]:
    systems = dict.fromkeys(result.task.system for result in results)
    found: dict[str, object] = {"machine": machine()}
    for system in systems:
        own = [result for result in results if result.task.system == system]
        found[system] = figures(total(result.own for result in own))
        aside = [result.bystander for result in own if result.bystander is not None]
        if aside:
            found[f"seed looking on ({system})"] = figures(total(aside))
    return found


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
