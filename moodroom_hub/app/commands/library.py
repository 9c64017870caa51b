"""``moodroom-hub library``."""

import click

from moodroom_hub.app.client import Json
from moodroom_hub.app.output import hint, say, show_json, show_table
from moodroom_hub.app.shapes import Command, Group, json_option
from moodroom_hub.app.shared import Shared


@click.group(cls=Group, example="moodroom-hub library sync")
def library() -> None:
    """Your liked songs in the hub's database."""


@library.command("sync", cls=Command, example="moodroom-hub library sync")
@json_option
@click.pass_obj
def sync(shared: Shared, as_json: bool) -> None:
    """Read new likes and the playlists that changed. The hub does this by itself once a day.

    Where the sorter has layers, it places them, too.
    """
    with shared.changing() as hub:
        report = hub.sync_library()
        if not as_json:
            _tell_read(report)
        if report["sorting"]:
            # Late: only who sorts needs it.
            from moodroom_hub.app.sorting_likes import sort_likes

            report = {**report, "sorted": sort_likes(hub.sorter, report["new"], is_quiet=as_json)}
    if as_json:
        show_json(report)
    elif report["not_sorted"]:
        hint(f"The new likes are not sorted yet: {report['not_sorted']} Then: moodroom-hub sorter sync")


def _tell_read(report: Json) -> None:
    playlists = "1 playlist" if report["playlists"] == 1 else f"{report['playlists']} playlists"
    say(f"{report['new']} new liked songs, {report['total']} in all; {playlists} read.")


@library.command("list", cls=Command, example="moodroom-hub library list --limit 100 --json")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True, help="Leave out this many first.")
@json_option
@click.pass_obj
def list_library(shared: Shared, limit: int, offset: int, as_json: bool) -> None:
    """Your liked songs, the newest first."""
    # Late: brings the store.
    from moodroom_hub.app.exporting import liked_songs

    songs, total = liked_songs(shared.config(), limit, offset)
    if as_json:
        show_json({"total": total, "tracks": songs})
    elif songs:
        rows = [(song["added_at"][:10], song["name"], ", ".join(song["artists"]), song["uri"]) for song in songs]
        show_table(("liked", "track", "artists", "uri"), rows)
        say(f"{len(songs)} of {total}.")
    else:
        say("No liked songs here. Read them with: moodroom-hub library sync")


@library.command("facts", cls=Command, example="moodroom-hub library facts --limit 200")
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many songs this time; default: all.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Say how many songs it would ask for and how long it takes.")
@json_option
@click.pass_obj
def facts(shared: Shared, limit: int | None, is_dry: bool, as_json: bool) -> None:
    """Fetch year, label and genres of liked songs, while no hub runs.

    From MusicBrainz: a request a second, two for a song. Ctrl-C ends it at any time; the next run goes on from there.
    """
    # Late: brings the store and the plugin.
    from moodroom_hub.app.fact_filling import fill_facts

    done = fill_facts(shared.config(), limit, is_dry=is_dry)
    if as_json:
        show_json(done.shape())
    elif is_dry:
        minutes = max(1, round(done.about_s / 60)) if done.open else 0
        say(
            f"{done.known} of {done.liked} liked songs were looked up before, {done.open} not yet: about {minutes} min."
        )
    else:
        say(f"{done.found} songs found, {done.unknown} not known to MusicBrainz, {done.open} left.")
