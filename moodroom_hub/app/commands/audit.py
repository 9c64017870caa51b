"""``moodroom-hub rooms audit``."""

import click

from moodroom_hub.app.asking import asked
from moodroom_hub.app.client import Client, Json
from moodroom_hub.app.output import hint, say, show_json, show_table
from moodroom_hub.app.shapes import Command, json_option
from moodroom_hub.app.shared import Shared, is_interactive

REMOVE, KEEP, STOP = "r", "k", "s"


@click.command(
    cls=Command,
    example="moodroom-hub rooms audit house\nmoodroom-hub rooms audit house --miner local --apply",
    short_help="Look for tracks that do not belong in a room.",
)
@click.argument("room")
@click.option("--miner", metavar="NAME", help="local, model ... Else the best that is ready.")
@click.option("--apply", "is_applying", is_flag=True, help="Remove every misfit, without a question for each.")
@click.option("--all", "is_thorough", is_flag=True, help="Also look at what you kept in an earlier audit.")
@click.option("--yes", "-y", is_flag=True, help="Agree to what it costs.")
@json_option
@click.pass_obj
def audit(
    shared: Shared, room: str, miner: str | None, is_applying: bool, is_thorough: bool, yes: bool, as_json: bool
) -> None:
    """Look for tracks that do not belong in a room, each with the reason.

    It says first what it will take, and asks before it may cost money. On a terminal you then decide on each one:
    remove or keep. Every removal is a receipt that can be undone; what you keep is not flagged again (but by --all).
    """
    # Late: both bring more than a --help may cost, and rooms brings this module.
    from moodroom_hub.app.commands.rooms import known_slug
    from moodroom_hub.app.mining_watch import agreed, watched

    with shared.changing() as hub:
        slug = known_slug(hub.rooms(), room)
        order: Json = {
            "kind": "audit",
            "rooms": [slug],
            "miner": miner,
            "suggestions": False,
            "accepted": True,
            "all": is_thorough,
        }
        if not agreed(hub, order, yes=yes):
            say("Nothing was asked, nothing was changed.")
            return
        report = watched(hub, order, is_quiet=as_json)["report"]
        decisions = _Decisions(hub, slug)
        is_asking = not (is_applying or as_json) and is_interactive()
        if not as_json:
            _tell(report, is_listed=not is_asking)
        if is_applying:
            for misfit in report["misfits"]:
                decisions.remove(misfit, is_told=not as_json)
        elif report["misfits"] and is_asking:
            decisions.ask(report["misfits"])
        elif report["misfits"] and not as_json:
            hint("Nothing was changed. Add --apply to remove them, or run this on a terminal to decide on each.")
    if as_json:
        show_json({**report, "removed": decisions.receipts, "kept": decisions.kept})


class _Decisions:
    """What the owner decides on misfits, made true one by one."""

    def __init__(self, hub: Client, slug: str) -> None:
        self._hub = hub
        self._slug = slug
        self.receipts: list[Json] = []
        self.kept: list[str] = []

    def remove(self, misfit: Json, *, is_told: bool = True) -> None:
        """Out of the room, with a receipt."""
        receipt = self._hub.move(self._slug, misfit["uri"], "REMOVED", f"audit: {misfit['reason']}"[:300])
        self.receipts.append(receipt)
        if is_told:
            number = receipt["id"]
            say(f"   removed: {called(misfit)} (receipt {number}; back with: moodroom-hub receipts undo {number})")

    def ask(self, misfits: list[Json]) -> None:
        """One by one, until all are decided or the owner stops; what was decided until then holds."""
        try:
            for number, misfit in enumerate(misfits, 1):
                say()
                say(f"{number}/{len(misfits)}  {called(misfit)}  ({misfit['tier']}, {misfit['confidence']:.0%} sure)")
                say(f"   {misfit['reason']}")
                answer = asked("   remove, keep or stop? [r/K/s]", (REMOVE, KEEP, STOP), KEEP)
                if answer == STOP:
                    break
                if answer == REMOVE:
                    self.remove(misfit)
                else:
                    self.kept.append(misfit["uri"])
        finally:
            if self.kept:
                self._hub.audit_kept(self._slug, self.kept)
        say()
        left = len(misfits) - len(self.receipts) - len(self.kept)
        undecided = f", {left} undecided" if left else ""
        say(f"{len(self.receipts)} removed, {len(self.kept)} kept{undecided}.")


def _tell(report: Json, *, is_listed: bool) -> None:
    misfits, unseen = report["misfits"], report["not_looked_at"]
    if misfits and not is_listed:
        say(f"In {report['room']} may be out of place: {len(misfits)}. Decide on each; Enter keeps it.")
    elif misfits:
        rows = [
            (each["tier"], each["name"], ", ".join(each["artists"]), f"{each['confidence']:.0%}", each["reason"])
            for each in misfits
        ]
        show_table(("tier", "track", "artists", "sure", "why it does not belong"), rows)
    else:
        say(f"Nothing in {report['room']} looks out of place.")
    if unseen:
        say(f"{len(unseen)} could not be looked at:")
        for each in unseen:
            say(f"  {called(each)}: {each['reason']}")
    for note in report["notes"]:
        say(f"Note: {note}")


def called(track: Json) -> str:
    """A track for a person."""
    return f"{track['name']} - {', '.join(track['artists'])}" if track["artists"] else str(track["name"])
