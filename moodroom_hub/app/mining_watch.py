"""A mining as a person sees it: what it will cost, the question, and a line that says how far it is."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

import click

from moodroom_hub.app.client import Client, HubSaysNo, Json
from moodroom_hub.app.output import hint, say
from moodroom_hub.app.shared import is_interactive
from moodroom_hub.app.text import one_line
from moodroom_hub.core.errors import MoodroomError

POLL_S = 0.25
BAR = 24


def agreed(hub: Client, order: Json, *, yes: bool) -> bool:
    """Say what ``order`` will take and ask, where it may cost something. True: go on.

    Raises ``MoodroomError`` where somebody should be asked, but nobody can be.
    """
    estimate = hub.mining_estimate(order)
    for line in estimate_lines(estimate):
        hint(line)
    if not estimate["paid"] or yes or (estimate["calls"] == 0 and estimate["paid_before"] > 0):
        return True
    if not is_interactive():
        raise MoodroomError("This may cost money, and nobody can be asked here. Add --yes to agree.")
    return click.confirm("Go on?", default=False, err=True)


def estimate_lines(estimate: Json) -> list[str]:
    """What a job will take, in a person's words."""
    where = "stays on your machines" if estimate["at_home"] else "sends names of songs and artists to a service"
    lines = [f"Miner {estimate['miner']}: {estimate['tracks']} tracks; {where}."]
    if estimate["calls"] or estimate["paid_before"]:
        paid = f" ({estimate['paid_before']} answered before, not asked again)" if estimate["paid_before"] else ""
        tokens = f"about {estimate['tokens_in']:,} tokens in and {estimate['tokens_out']:,} out"
        calls = f"{estimate['calls']} call{'' if estimate['calls'] == 1 else 's'}"
        lines.append(f"{calls}{paid}, {tokens}, {money(estimate)}.")
    return lines + [str(note) for note in estimate["notes"]]


def money(given: Json) -> str:
    """The cost for a person."""
    cost = given["cost_usd"]
    if cost is None:
        return "at a price that is not known" if given.get("paid", True) else "free"
    return "free" if cost == 0 else f"${cost:.2f}" if cost >= 0.1 else f"${cost:.4f}"


def watched(hub: Client, order: Json, *, is_quiet: bool = False) -> Json:
    """Start ``order`` and show how far it is until it ends; gives the last state (``done`` or ``held``).

    Ctrl-C cancels it. Raises ``MoodroomError`` where it failed or was cancelled.
    """
    line, pace = Line(sys.stderr, is_quiet=is_quiet), Pace()
    try:
        state = hub.mining_start(order)
        while state["status"] == "running":
            line.show(progress_text(state, pace.rate(state)))
            time.sleep(POLL_S)
            state = hub.mining_state()
        if state.get("report") is None and state["status"] in ("done", "held"):
            state = hub.mining_state()
    except KeyboardInterrupt:
        line.end()
        hub.mining_cancel()
        hint("Cancelled; nothing was changed. What was answered is remembered: the next run goes on from there.")
        raise
    finally:
        line.end()
    if state["status"] in ("done", "held"):
        return state
    error = state.get("error")
    if error:
        raise HubSaysNo(str(error["code"]), str(error["message"]))
    raise MoodroomError("The mining was cancelled; nothing was changed.")


class Pace:
    """How fast a job is in its present phase: each has a pace of its own."""

    def __init__(self) -> None:
        self._phase = ""
        self._began_ms = 0
        self._done = 0

    def rate(self, state: Json) -> float | None:
        """Per second; ``None`` where it is too early to say."""
        done, now_ms = int(state["done"]), int(state["elapsed_ms"])
        if state["phase"] != self._phase or done < self._done:
            self._phase, self._began_ms, self._done = state["phase"], now_ms, done
        spent_s = (now_ms - self._began_ms) / 1000
        return (done - self._done) / spent_s if done > self._done and spent_s > 1 else None


def progress_text(state: Json, rate: float | None) -> str:
    """``placing [######------] 120/200 tracks · 12/s · $0.02 · 0:31 left``. ``rate``: per second, where it is known."""
    done, total = int(state["done"]), int(state["total"])
    if not total:
        return f"{state['phase']} ..."
    full = round(BAR * min(done, total) / total)
    parts = [f"{state['phase']} [{'#' * full}{'-' * (BAR - full)}] {done}/{total} {state['unit']}"]
    if rate is not None:
        parts.append(f"{rate:.1f}/s")
    if state["cost_usd"] is not None and state["calls"]:
        parts.append(money(state))
    if rate is not None:
        left_s = round((total - done) / rate)
        parts.append(f"{left_s // 60}:{left_s % 60:02} left")
    return " · ".join(parts)


class Line:
    """One line of a terminal, written over and over; nothing where there is no terminal."""

    def __init__(self, stream: TextIO, *, is_quiet: bool) -> None:
        self._stream = stream
        self._is_shown = not is_quiet and stream.isatty()
        self._length = 0

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._is_shown:
            plain = one_line(text)
            self._stream.write("\r" + plain.ljust(self._length))
            self._stream.flush()
            self._length = len(plain)

    def end(self) -> None:
        """Take the line away."""
        if self._is_shown and self._length:
            self._stream.write("\r" + " " * self._length + "\r")
            self._stream.flush()
            self._length = 0


def told(lines: list[str], most: int, *, tell: Callable[[str], None] = say) -> None:
    """At most so many lines, and how many more there are."""
    for line in lines[:most]:
        tell(line)
    if len(lines) > most:
        tell(f"  ... and {len(lines) - most} more (--json shows all)")
