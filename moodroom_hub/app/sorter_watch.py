"""The sorter's work as a person sees it: what would change, the question, and a line that says how far it is."""

import sys
import time
from collections.abc import Callable

import click

from moodroom_hub.app.client import HubSaysNo
from moodroom_hub.app.mining_watch import BAR, POLL_S, Line, told
from moodroom_hub.app.output import hint, say
from moodroom_hub.app.shared import is_interactive
from moodroom_hub.app.sorter_client import Json, SorterClient
from moodroom_hub.app.text import counted
from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.domain.sorting.percent import percent

LINES_SHOWN = 30
GOES_ON = "What was done so far stands; the same command goes on from there."
TELLS_HOW_SURE = ("sure: ", "doubtful: ", "in none: ")
OWNERS = (TroubleCode.CONFLICT, TroubleCode.NOT_FOUND, TroubleCode.BAD_REQUEST)
"""Troubles that only the owner mends."""


def watched(sorter: SorterClient, what: str, order: Json, *, is_quiet: bool) -> Json:
    """Begin ``what`` and show how far it is until it ends; gives the last state of the job.

    Ctrl-C stops it. Raises ``MoodroomError`` where it failed or was stopped.
    """
    return seen_to_its_end(sorter, lambda: sorter.begin(what, order), is_quiet=is_quiet)


def seen_to_its_end(sorter: SorterClient, begun: Callable[[], Json], *, is_quiet: bool) -> Json:
    """As ``watched``, of the work whose first state ``begun()`` gives."""
    line = Line(sys.stderr, is_quiet=is_quiet)
    try:
        state = begun()
        while state["status"] == "running":
            line.show(progress_text(state))
            time.sleep(POLL_S)
            state = sorter.job()
    except KeyboardInterrupt:
        line.end()
        sorter.cancel()
        hint(GOES_ON)  # that it was stopped, whoever began the command says
        raise
    finally:
        line.end()
    if state["status"] == "done":
        return state
    raise MoodroomError(str(state["error"]) or f"It was stopped. {GOES_ON}")


def progress_text(state: Json) -> str:
    """``writing Techno [######------] 120/200``."""
    done, total = int(state["done"]), int(state["total"])
    if not total:
        return f"{state['phase'] or state['what']} ..."
    full = round(BAR * min(done, total) / total)
    return f"{state['phase'] or state['what']} [{'#' * full}{'-' * (BAR - full)}] {done}/{total}"


def agreed(question: str, *, yes: bool) -> bool:
    """Whether to go on. Raises ``MoodroomError`` where somebody should be asked, but nobody can be."""
    if yes:
        return True
    if not is_interactive():
        raise MoodroomError("Nobody can be asked here, so nothing was changed. Add --yes to agree.")
    return click.confirm(question, default=False, err=True)


def previews_of(asked: SorterClient, layers: list[Json], *, is_named: bool) -> list[Json]:
    """What would change in each layer. Of several, those that cannot be previewed are told of and left out.

    Only what the owner alone can mend leaves a layer out. Raises ``MoodroomError`` where none is left, and none was
    begun either.
    """
    found: list[Json] = []
    troubles: list[MoodroomError] = []
    for each in layers:
        try:
            found.append(asked.preview(each["key"]))
        except (Trouble, HubSaysNo) as error:
            if is_named or error.code not in OWNERS:  # what passes may have passed when it is written, unseen
                raise
            troubles.append(error)
            name, why = str(each["name"]), str(error).rstrip(".")
            hint(f"Left out: {why if why.startswith(f'{name}: ') else f'{name}: {why}'}.")
    if troubles and not found and not any(each["write_open"] for each in layers):
        raise MoodroomError("None of your layers can be written now.")
    return found


def is_change(preview: Json) -> bool:
    """Whether an apply would do anything."""
    return any(each["added"] or each["removed"] or each["new"] for each in preview["changes"])


def tell_preview(preview: Json, sublist: str | None = None) -> None:
    """What goes where, as a difference to the playlists; with ``sublist`` only of this one, and all of it."""
    for change in preview["changes"]:
        if sublist not in (None, change["sublist"]):
            continue
        new = " (new, private)" if change["new"] else ""
        kept = f", {change['kept_by_hand']} placed by you" if change["kept_by_hand"] else ""
        say(
            f"{change['name']}{new}: {len(change['added'])} more, {len(change['removed'])} fewer, "
            f"{change['unchanged']} as before{kept}"
        )
        lines = [
            *(f"  + {song_text(each['song'])}{_reason(each)}" for each in change["added"]),
            *(f"  - {song_text(each)}" for each in change["removed"]),
        ]
        told(lines, LINES_SHOWN if sublist is None else len(lines))
    if not preview["changes"]:
        _tell_placed(preview, sublist)
    counts = preview["counts"]
    say(
        f"In all: {counts.get('said', 0)} as you said, {counts.get('sure', 0)} sure, "
        f"{counts.get('doubtful', 0)} in doubt, {counts.get('void', 0)} in none of them."
    )
    for note in preview["notes"]:
        say(f"Note: {note}")


def song_text(song: Json) -> str:
    """``Name - Artist``."""
    artists = ", ".join(song["artists"])
    return f"{song['name']} - {artists}" if artists else str(song["name"])


def sure_text(placed: Json) -> str:
    """How sure it is."""
    if placed["standing"] == "said":
        return "you said so"
    return "not measured" if placed["chance"] is None else f"{percent(placed['chance'])}%"


def _reason(placed: Json) -> str:
    """How sure it is, said once, and why."""
    why = str(placed["why"])
    return f": {why}" if why.startswith(TELLS_HOW_SURE) else f" ({sure_text(placed)}): {why}"


def _tell_placed(preview: Json, sublist: str | None) -> None:
    """Of a layer that writes nothing: where its songs belong."""
    wanted = [each for each in preview["placed"] if each["sublists"] and sublist in (None, *each["sublists"])]
    say(f"This layer writes no playlists; {counted(len(wanted), 'song')} placed:")
    lines = [f"  {', '.join(each['sublists'])}: {song_text(each['song'])} ({sure_text(each)})" for each in wanted]
    told(lines, LINES_SHOWN if sublist is None else len(lines))
