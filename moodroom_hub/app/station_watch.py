"""Stations as a person at a terminal meets them: called by name, told in a few lines, and a line for long work."""

import sys
import time

from moodroom_hub.app.mining_watch import POLL_S, Line
from moodroom_hub.app.output import hint, say, show_table
from moodroom_hub.app.sorter_watch import progress_text
from moodroom_hub.app.station_client import Json, StationsClient
from moodroom_hub.core.errors import MoodroomError

VOTES_SHOWN = 10


def known_station(asked: StationsClient, wanted: str) -> Json:
    """The station that is called so, by its key or by name. Raises where there is none, or more than one."""
    found = asked.overview()
    for each in found:
        if each["id"] == wanted.casefold():
            return each
    named = [each for each in found if str(each["name"]).casefold() == wanted.casefold()]
    if len(named) == 1:
        return named[0]
    keys = ", ".join(str(each["id"]) for each in named or found)
    if named:
        raise MoodroomError(f"{len(named)} stations are called {wanted!r}. Say which: {keys}.")
    mend = f"Known: {keys}" if keys else "There is none yet; make one with: moodroom-hub station new"
    raise MoodroomError(f"There is no station {wanted!r}. {mend}.")


def tell_station(station: Json) -> None:
    """A station in a few lines."""
    # Late: it brings the answers' models, which a --help does without.
    from moodroom_hub.core.wire.station_words import drift_words, known_words, seed_words, votes_words

    seeds = [(each["artist"], each["track"] or "") for each in station["seeds"]]
    say(f"{station['name']} ({station['id']}): {seed_words(seeds)}")
    votes = votes_words(station["likes"], station["dislikes"])
    say(f"  {votes}; {drift_words(station['drift'], station['tuning']['drift'], is_bounded=station['bounded'])}")
    is_told_by_trouble = station["trouble"] and not station["known"]  # without a model it knows nobody
    told = ("" if is_told_by_trouble else known_words(station["known"], station["unknown"]), station["trouble"])
    for line in filter(None, told):
        say(f"  {line}")


def tell_tuning(tuning: Json) -> None:
    """How it weighs."""
    say("  " + ", ".join(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
                         for name, value in tuning.items()))  # fmt: skip


def tell_why(told: Json) -> None:
    """What it would play now and why, and its votes."""
    tell_station(told["station"])
    if told["next"]:
        say("Next:")
        show_table(
            ("", "track", "from", "why"),
            [
                (number, track_text(each), each["link"], each["why"])
                for number, each in enumerate(told["next"], start=1)
            ],
        )
    else:
        say("Nothing can be told of what comes next.")
    votes = told["votes"]
    if votes:
        say("Votes, the newest first:")
        rows = [(each["kind"], track_text(each), each["at"][:16].replace("T", " "), each["why"]) for each in votes]
        show_table(("vote", "track", "when (UTC)", "why"), rows[:VOTES_SHOWN])
        if len(votes) > VOTES_SHOWN:
            say(f"... and {len(votes) - VOTES_SHOWN} older (--json shows all)")
    for note in told["notes"]:
        hint(f"Note: {note}")


def track_text(track: Json) -> str:
    """``Name - Artist``."""
    artists = ", ".join(track["artists"])
    return f"{track['name']} - {artists}" if artists else str(track["name"])


def watched(stations: StationsClient, what: str, order: Json, *, is_quiet: bool) -> Json:
    """Begin ``what`` and show how far it is until it ends; gives the last state of the job.

    Ctrl-C stops it. Raises ``MoodroomError`` where it failed or was stopped.
    """
    line = Line(sys.stderr, is_quiet=is_quiet)
    try:
        state = stations.begin(what, order)
        while state["status"] == "running":
            line.show(progress_text(state))
            time.sleep(POLL_S)
            state = stations.job()
    except KeyboardInterrupt:
        line.end()
        stations.cancel()
        hint("What stations were played from before stands." if what == "train" else "What was added so far stays.")
        raise
    finally:
        line.end()
    if state["status"] == "done":
        return state
    raise MoodroomError(str(state["error"]) or "It was stopped.")
