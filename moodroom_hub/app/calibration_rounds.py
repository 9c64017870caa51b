"""Rounds of calibration: ask, rewrite the room's words, mine it again, show the difference, make it true or not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click

from moodroom_hub.app.calibrating import (
    Given,
    Talk,
    called,
    definition_of,
    differences,
    drawn,
    entries_of,
    told,
)
from moodroom_hub.app.client import Client, Json
from moodroom_hub.app.commands.mine import tell_difference
from moodroom_hub.app.mining_watch import agreed, watched
from moodroom_hub.app.output import hint, say, show_json, show_table
from moodroom_hub.app.shared import is_interactive
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.domain.mining.calibration import Feedback, examples, is_anchor, rewritten
from moodroom_hub.domain.mining.models import Definition
from moodroom_hub.domain.models import Anchor, PoolEntry, RoomSlug, Track, Uri

UNCHANGED = "Nothing was changed."


@dataclass(slots=True)
class Rounds:
    """One sitting. ``where`` says in which file the room's words stand (``None``: none yet)."""

    hub: Client
    slug: str
    miner: str | None
    wants_songs: bool
    is_agreed: bool
    is_json: bool
    where: Callable[[], Path | None]
    judged: set[Uri] = field(default_factory=set)
    ours: list[Anchor] = field(default_factory=list)

    def run(self, given: Given, size: int) -> None:
        """By what the options say; else by questions, round after round; else only show what would be asked."""
        if not given.is_empty:
            self._by_options(given)
        elif self.is_json or not is_interactive():
            self._show(size)
        else:
            while self._by_questions(size) and click.confirm("\nAnother round?", default=False, err=True):
                pass

    def _by_options(self, given: Given) -> None:
        words, entries, _known = self._room()
        answer = self._round(words, given.feedback(entries))
        if self.is_json:
            show_json(answer)

    def _show(self, size: int) -> None:
        words, entries, known = self._room()
        found = drawn(entries, size, known)
        if self.is_json:
            sample = [{**_track(each.track), "tier": each.tier.value, "confidence": each.confidence} for each in found]
            show_json({"room": self.slug, "definition": told(words), "sample": sample})
            return
        rows = [
            (each.tier.value, each.track.name, ", ".join(each.track.artists), _sure(each), each.track.uri)
            for each in found
        ]
        show_table(("tier", "track", "artists", "sure", "uri"), rows)
        hint("Say what you think of them with --keep, --drop, --anchor or --avoid, or run this on a terminal.")

    def _by_questions(self, size: int) -> bool:
        """One round. False: there is nothing (more) to ask about, or nothing was said."""
        words, entries, known = self._room()
        asked = drawn(entries, size, self.judged | known)
        if not asked:
            say("There is no track here that you have not judged yet." if entries else "The room has no tracks yet.")
            return False
        talk = Talk()
        talk.ask(asked)
        feedback = talk.feedback()
        if feedback.is_empty:
            say(UNCHANGED)
            return False
        self._round(words, feedback)
        return True

    def _round(self, words: Definition, feedback: Feedback) -> Json:
        """From what was said to what is so; gives that as JSON."""
        new = rewritten(words, feedback, self.ours)
        self._tell_words(words, new, feedback)
        answer: Json = {"room": self.slug, "definition": {"before": told(words), "after": told(new)}, "applied": False}
        order: Json = {
            "kind": "mine",
            "rooms": [self.slug],
            "miner": self.miner,
            "suggestions": self.wants_songs,
            "definition": told(new),
            "examples": [
                {"uri": each.track.uri, "fits": each.is_fit} for each in examples(RoomSlug(self.slug), feedback)
            ],
            "accepted": True,
            "held": True,
        }
        if not agreed(self.hub, order, yes=self.is_agreed):
            say(UNCHANGED)
            return answer
        state = watched(self.hub, order, is_quiet=self.is_json)
        answer["report"] = state["report"]
        is_wanted = False
        try:
            self._tell_pool(state["report"], feedback.dropped)
            is_wanted = self._is_wanted()
            if is_wanted:
                answer["report"] = self._apply(words, new, feedback)["report"]
        finally:
            if not is_wanted:
                self.hub.mining_discard()
        if not is_wanted:
            self._say(UNCHANGED)
            return answer
        receipts = self._receipts(feedback.dropped)
        self._tell_done(words != new, receipts)
        return {**answer, "applied": True, "dropped": receipts}

    def _apply(self, words: Definition, new: Definition, feedback: Feedback) -> Json:
        order: Json = {"drop": [track.uri for track in feedback.dropped]}
        if new != words:
            order["definition"] = told(new)
        try:
            state = self.hub.mining_apply(order)
        except MoodroomError:
            self.hub.mining_discard()
            raise
        fitting = [track.uri for track in (*feedback.kept, *feedback.anchors)]
        if fitting:
            self.hub.audit_kept(self.slug, list(fitting))
        self.judged.update(track.uri for track in (*feedback.kept, *feedback.anchors, *feedback.dropped))
        self.ours += [anchor for anchor in new.anchors if anchor not in words.anchors]
        return state

    def _is_wanted(self) -> bool:
        if self.is_agreed:
            return True
        if self.is_json or not is_interactive():
            raise MoodroomError("Nobody can be asked here, so nothing was changed. Add --yes to apply it.")
        return click.confirm("Apply this?", default=False, err=True)

    def _receipts(self, dropped: tuple[Track, ...]) -> list[Json]:
        """The newest receipt of each track that was dropped."""
        left, found = {str(track.uri) for track in dropped}, []
        for receipt in self.hub.receipts(200, None) if left else []:
            if receipt["uri"] in left and receipt["room"] == self.slug and receipt["after"] == "REMOVED":
                left.discard(receipt["uri"])
                found.append(receipt)
        return found

    def _room(self) -> tuple[Definition, list[PoolEntry], set[Uri]]:
        """The room's words, its entries, and those that need no question: anchors, and what was kept before."""
        words = definition_of(self.hub.room_definition(self.slug))
        entries = entries_of(self.hub.pool(self.slug))
        known = {entry.track.uri for entry in entries if is_anchor(words, entry.track)}
        return words, entries, known.union(map(Uri, self.hub.kept(self.slug)))

    def _tell_words(self, old: Definition, new: Definition, feedback: Feedback) -> None:
        lines = differences(old, new)
        self._say()
        self._say(f"The definition of {self.slug}:" if lines else f"The definition of {self.slug} stays as it is.")
        for line in lines:
            self._say(f"  {line}")
        left_out = [track for track in feedback.anchors if not is_anchor(new, track)]
        for track in left_out:
            hint(f"Not made an anchor: {called(track)} (the room has as many as are good for it, or it has no artist).")

    def _tell_pool(self, report: Json, dropped: tuple[Track, ...]) -> None:
        if self.is_json:
            return
        say()
        tell_difference(report)
        for track in dropped:
            say(f"  x {called(track)}: dropped by you")
        plan = report["rooms"][0]
        heard = f", {plan['kept']} stay as listening or you decided" if plan["kept"] else ""
        say(
            f"{len(plan['added'])} come, {len(plan['gone'])} go, {len(plan['moved'])} change their tier, "
            f"{plan['unchanged']} stay{heard}, {len(dropped)} dropped."
        )
        for note in report["notes"]:
            say(f"Note: {note}")

    def _tell_done(self, is_written: bool, receipts: list[Json]) -> None:
        path = self.where() if is_written and not self.is_json else None
        if path is not None:
            before = path.resolve().with_name(f"{path.name}.bak")
            say(f"Written: {path}" + (f" (as it was before: {before})." if before.exists() else "."))
        for receipt in receipts:
            back = f"back with: moodroom-hub receipts undo {receipt['id']}"
            self._say(f"Dropped: {receipt['name']} - {', '.join(receipt['artists'])} ({back})")
        self._say("Done. Take the mining back with: moodroom-hub mine --undo")

    def _say(self, text: str = "") -> None:
        if not self.is_json:
            say(text)


def _track(track: Track) -> Json:
    return {"uri": track.uri, "name": track.name, "artists": list(track.artists)}


def _sure(entry: PoolEntry) -> str:
    return "-" if entry.confidence is None else f"{entry.confidence:.0%}"
