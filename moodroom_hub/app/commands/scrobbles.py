"""``moodroom-hub scrobbles``."""

from collections.abc import Iterator
from pathlib import Path

import click

from moodroom_hub.app.client import Client, Json
from moodroom_hub.app.commands.scrobbling_login import login, logout
from moodroom_hub.app.output import hint, say, show_json, show_table
from moodroom_hub.app.shapes import Command, Group, json_option
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.text import counted
from moodroom_hub.domain.plays.mending import BY_HAND

STATUSES = ("waiting", "sending", "sent", "dead", "left_out")
PAGE = 200
MOST_IDS = 1_000

target_option = click.option("--target", help="Only to this service (lastfm, listenbrainz).")


@click.group(cls=Group, example="moodroom-hub scrobbles list")
def scrobbles() -> None:
    """See what counted as played, why, and where it was sent."""


scrobbles.add_command(login)
scrobbles.add_command(logout)


@scrobbles.command(
    "list", cls=Command, example="moodroom-hub scrobbles list --status dead\nmoodroom-hub scrobbles list --twins --json"
)
@click.option("--limit", type=click.IntRange(1, PAGE), default=20, show_default=True, help="How many.")
@click.option("--before", type=click.IntRange(1), help="Only those before this id: the next page.")
@click.option("--zone", help="Only of this zone.")
@click.option("--status", type=click.Choice(STATUSES), help="Only with a delivery that stands so.")
@target_option
@click.option("--twins", is_flag=True, help="Also the listens that another source saw, too.")
@json_option
@click.pass_obj
def list_plays(
    shared: Shared,
    limit: int,
    before: int | None,
    zone: str | None,
    status: str | None,
    target: str | None,
    twins: bool,
    as_json: bool,
) -> None:
    """The newest plays first."""
    given = {"zone": zone, "status": status, "target": target, "twins": "true" if twins else None}
    with shared.reading() as hub:
        page = hub.plays({name: value for name, value in given.items() if value}, limit, before)
    if as_json:
        show_json(page)
    elif page["plays"]:
        show_table(("id", "when", "zone", "track", "artists", "sent"), map(_row, page["plays"]))
    else:
        say("Nothing that was played is like that." if any(given.values()) else "Nothing has counted as played yet.")


@scrobbles.command(
    "show",
    cls=Command,
    example="moodroom-hub scrobbles show 42",
    short_help="Why a play counted, or not, and where it was sent.",
)
@click.argument("play_id", metavar="ID", type=click.IntRange(1))
@json_option
@click.pass_obj
def show(shared: Shared, play_id: int, as_json: bool) -> None:
    """Why a play counted, or why it is the twin of another, and where it was sent."""
    with shared.reading() as hub:
        play = hub.play(play_id)
    if as_json:
        show_json({"play": play})
        return
    for line in _told(play):
        say(line)


@scrobbles.command(
    "retry",
    cls=Command,
    example="moodroom-hub scrobbles retry\nmoodroom-hub scrobbles retry 42 43 --target lastfm",
    short_help="Send again what a service refused, or what you left out.",
)
@click.argument("play_ids", metavar="[ID]...", type=click.IntRange(1), nargs=-1)
@target_option
@json_option
@click.pass_obj
def retry(shared: Shared, play_ids: tuple[int, ...], target: str | None, as_json: bool) -> None:
    """Send again what a service refused: these plays, or all.

    Of a play whose ID is given also what was left out by hand is taken up again.
    """
    if len(play_ids) > MOST_IDS:
        raise click.UsageError(f"At most {MOST_IDS} plays at once; without an ID it is every one.")
    with shared.changing() as hub:
        done = hub.retry_plays({"ids": list(play_ids), "target": target})
    if as_json:
        show_json(done)
    elif done["changed"]:
        say(f"{_deliveries(done['changed'])} again; a running hub sends them by itself.")
    else:
        say("Nothing of that was refused: there is nothing to send again.")


@scrobbles.command(
    "edit",
    cls=Command,
    example="moodroom-hub scrobbles edit 42 --artist Stardust",
    short_help="Correct a play before it is sent.",
)
@click.argument("play_id", metavar="ID", type=click.IntRange(1))
@click.option("--name", help="The track's name.")
@click.option("--artist", help="The artist.")
@click.option("--album", help="The album.")
@target_option
@json_option
@click.pass_obj
def edit(
    shared: Shared,
    play_id: int,
    name: str | None,
    artist: str | None,
    album: str | None,
    target: str | None,
    as_json: bool,
) -> None:
    """Correct a play before it is sent; what a service refused of it is sent again."""
    names = {"name": name, "artist": artist, "album": album}
    if not any(names.values()):
        raise click.UsageError("Say what to correct: --name, --artist or --album.")
    order = {key: value for key, value in {**names, "target": target}.items() if value is not None}
    with shared.changing() as hub:
        done = hub.edit_play(play_id, order)
    if as_json:
        show_json(done)
    else:
        say(f"Corrected: {_deliveries(done['changed'])} to be sent so.")


@scrobbles.command(
    "leave-out",
    cls=Command,
    example="moodroom-hub scrobbles leave-out 42",
    short_help="Do not send a play that still waits or was refused.",
)
@click.argument("play_id", metavar="ID", type=click.IntRange(1))
@target_option
@json_option
@click.pass_obj
def leave_out(shared: Shared, play_id: int, target: str | None, as_json: bool) -> None:
    """Do not send a play that still waits or was refused.

    The command retry with its ID takes it up again.
    """
    with shared.changing() as hub:
        done = hub.leave_out_play(play_id, {} if target is None else {"target": target})
    if as_json:
        show_json(done)
    elif done["changed"]:
        say(f"Left out: {counted(done['changed'], 'service')} will not get play {play_id}.")
        say(f"Send it after all: moodroom-hub scrobbles retry {play_id}")
    else:
        say(f"Nothing of play {play_id} waits to be sent.")


@scrobbles.command(
    "export",
    cls=Command,
    example="moodroom-hub scrobbles export plays.csv\nmoodroom-hub scrobbles export listens.jsonl",
    short_help="Write the plays to a .csv, .json or .jsonl file.",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--zone", help="Only of this zone.")
@click.option("--twins", is_flag=True, help="Also the listens that another source saw, too.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.pass_obj
def export_plays(shared: Shared, file: Path, zone: str | None, twins: bool, force: bool) -> None:
    """Write every play, newest first.

    .csv (a table) and .json hold what the hub remembers, with what was corrected beside it; .jsonl holds listens for
    ListenBrainz as they would be sent: corrected, and without what was left out.
    """
    from moodroom_hub.app.play_files import export  # late: only this command needs it

    given = {"zone": zone, "twins": "true" if twins else None}
    with shared.reading() as hub:
        plays = _all(hub, {name: value for name, value in given.items() if value})
        written = export(file, plays, is_replacing=force)
    say(f"{counted(written.plays, 'play')} written to {file}.")
    if written.nameless:
        hint(f"{counted(written.nameless, 'play')} left out: no artist, so ListenBrainz would refuse them.")
    if written.unwanted:
        hint(f"{counted(written.unwanted, 'play')} not in it: left out by hand.")


def _all(hub: Client, wanted: dict[str, str]) -> Iterator[Json]:
    before: int | None = None
    while True:
        page = hub.plays(wanted, PAGE, before)
        yield from page["plays"]
        before = page["next"]
        if before is None:
            return


def _row(play: Json) -> tuple[object, ...]:
    sent = ", ".join(f"{each['target']} {_status(each)}" for each in play["deliveries"]) or None
    if play["twin_of"]:
        sent = f"same listen as {play['twin_of']}"
    return play["id"], _when(play["counted_at"]), play["zone"], play["name"], ", ".join(play["artists"]) or None, sent


def _told(play: Json) -> Iterator[str]:
    artists = ", ".join(play["artists"]) or "no artist"
    yield f"{play['name']} by {artists}, in the zone {play['zone']} (play {play['id']})."
    heard = f"heard for {_time(play['heard_ms'])} when it counted; the rule '{play['rules']}' asks for "
    yield f"  Began {_when(play['began_at'])} UTC, {heard}{_time(play['threshold_ms'])}."
    if play["twin_of"]:
        yield f"  It does not count: it is the same listen as play {play['twin_of']}, seen by another source."
    else:
        yield "  It counts as played."
    yield f"  Why: {play['why'].rstrip('.')}."
    if play["twins"] and not play["twin_of"]:
        also = ", ".join(map(str, play["twins"]))
        yield f"  Other sources saw the same listen, which counts once: play {also}."
    if not play["deliveries"]:
        yield "  It is sent nowhere." if play["twin_of"] else "  It was meant for no service."
    for each in play["deliveries"]:
        yield from _delivery(play["id"], each)


def _delivery(play_id: int, each: Json) -> Iterator[str]:
    tries = f" after {each['tries']} tries" if each["tries"] > 1 else ""
    why = f": {each['reason']}" if each["reason"] else ""
    yield f"  {each['target']}: {_status(each)}{tries}, since {_when(each['at'])} UTC{why}"
    if each["edit"]:
        told = (f"{name} {value!r}" for name, value in each["edit"].items() if value)
        yield f"    corrected: {', '.join(told)}"
    mend = _mend(play_id, each)
    if mend:
        yield f"    {mend}"


def _mend(play_id: int, each: Json) -> str:
    if each["status"] == "dead":
        return (
            f"Send it again: moodroom-hub scrobbles retry {play_id}; with other names: "
            f"moodroom-hub scrobbles edit {play_id} --artist ... ; or never: moodroom-hub scrobbles leave-out {play_id}"
        )
    if each["status"] == "left_out" and each["reason"] == BY_HAND:
        return f"Send it after all: moodroom-hub scrobbles retry {play_id} --target {each['target']}"
    if each["status"] == "waiting":
        when = f"not before {_when(each['next_try'])} UTC" if each["next_try"] else "as soon as it can"
        return f"The running hub sends it by itself, {when}."
    if each["status"] == "sending":
        return "It is on its way. If that goes on for minutes: moodroom-hub plugins says how the service is."
    return ""


def _status(each: Json) -> str:
    return str(each["status"]).replace("_", " ")


def _deliveries(number: int) -> str:
    return f"{number:,} {'delivery waits' if number == 1 else 'deliveries wait'}"


def _when(moment: str) -> str:
    return str(moment)[:16].replace("T", " ")


def _time(duration_ms: int) -> str:
    minutes, seconds = divmod(duration_ms // 1000, 60)
    return f"{minutes}:{seconds:02}"
