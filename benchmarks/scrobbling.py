"""What counts as played, against the truth: a thousand simulated hours of Sonos households.

    python -m benchmarks.scrobbling [--hours 1000] [--seed 1] [--jobs 2]
    python -m benchmarks.scrobbling --smoke           a few hours, in less than twenty seconds
    python -m benchmarks.scrobbling --speakers        thirty-two speakers on sockets: delays, loop, processor

The real hub with its real Sonos plugin, the real SoCo and its real store, in virtual time, in seeded households whose
people regroup speakers, move music between rooms, pause over night, pull plugs, seek both ways, repeat, listen to radio
with and without titles, watch television; speakers are slow, silent, get other addresses; half of the households tell
events; and every few hours the hub is killed in the middle of its work, at commits too. Beside it, in the very same
hours, the seed's algorithm (**our reading of its description**, see ``benchmarks/counting/seed_system.py``).

The corners of the four profiles and one playback that two sources see (Spotify and the speaker it plays on) are
tables of their own. ``--speakers`` alone runs in real time.

Exit code 1: a false, missed or doubled play of ours, or another goal that was missed.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from benchmarks.counting import crowd
from benchmarks.counting.across import run_across
from benchmarks.counting.corners import run_corners
from benchmarks.counting.run import run_all, tasks
from benchmarks.counting.table import NOTES, faults_of_ours, happened, table
from benchmarks.truth.run import machine

RULES = ("spinstack", "lastfm", "listenbrainz", "custom")
SMOKE_HOURS = 3.0
ACROSS_HOURS = 24.0
MEASURED_S = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; see the module for the exit code."""
    options = _options(arguments)
    if options.speakers:
        crowds = crowd.measure(options.seconds)
        _say(f"# Speakers\n\n{machine()}\n\n{crowd.table(crowds)}")
        return 0 if all(each.is_good for each in crowds) else 1
    began_s = time.perf_counter()
    if options.smoke:
        todo = tasks(SMOKE_HOURS, options.seed, RULES[:1], houses=2)
    else:
        todo = tasks(options.hours, options.seed, options.rules.split(","))
    results = list(run_all(todo, options.jobs, _tell))
    _say(f"# Plays: {sum(task.hours for task in todo):,.0f} simulated hours in {len(todo)} households\n")
    _say(f"{machine()}; {options.jobs} processes, {time.perf_counter() - began_s:.0f} s; seed {options.seed}.\n")
    _say(table(results))
    _say(f"\n{NOTES}\n\n{happened(results)}")
    faults = faults_of_ours(results)
    across = run_across(SMOKE_HOURS / 2 if options.smoke else ACROSS_HOURS, options.seed)
    _say(f"\n{across.table()}\n")
    faults += [f"two sources: {line}" for line in across.faults]
    if not options.smoke:
        corners = run_corners()
        _say(corners.table())
        faults += [] if corners.are_right else ["a corner is wrong"]
    for line in faults:
        _say(line)
    return 1 if faults else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.scrobbling", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hours", type=float, default=1000.0, help="simulated hours by the first of the rules")
    parser.add_argument("--seed", type=int, default=1, help="decides the households and all that happens in them")
    parser.add_argument("--rules", default=",".join(RULES), help="profiles to count by, parted by commas")
    parser.add_argument("--smoke", action="store_true", help=f"only {SMOKE_HOURS:.0f} hours")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--speakers", action="store_true", help="thirty-two speakers on sockets, in real time")
    parser.add_argument("--seconds", type=float, default=MEASURED_S, help="how long those are measured")
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    print(line)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
