"""Asking the owner about a room's tracks: one letter each, the last one can be taken back."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from random import Random

import click

from moodroom_hub.app.asking import asked
from moodroom_hub.app.client import Json
from moodroom_hub.app.output import hint, say
from moodroom_hub.app.text import one_line
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.domain.mining.calibration import Feedback, likeness, sample
from moodroom_hub.domain.mining.models import Definition
from moodroom_hub.domain.models import Anchor, PoolEntry, Tier, Track, Uri

KEEP, DROP, ANCHOR, AVOID, SKIP, UNDO, DONE = "k", "d", "a", "v", "s", "u", "q"
QUESTION = "   [k]eep [d]rop [a]nchor a[v]oid [S]kip [u]ndo [q] done:"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One answer: the letter, the track, and the words of an ``AVOID``."""

    letter: str
    track: Track
    words: str = ""


@dataclass(slots=True)
class Given:
    """What the options of the command say, in place of answers."""

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    anchor: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    description: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was given."""
        return self == Given()

    def feedback(self, entries: Sequence[PoolEntry]) -> Feedback:
        """As the rules take it. Raises ``MoodroomError`` for a track that is not in the room."""
        tracks = {entry.track.uri: entry.track for entry in entries}
        named = [*self.keep, *self.drop, *self.anchor]
        strangers = [uri for uri in named if uri not in tracks]
        if strangers:
            raise MoodroomError(f"{strangers[0]} is not in this room. Its tracks: moodroom-hub rooms show ROOM --json")
        both = set(self.drop) & {*self.keep, *self.anchor}
        if both:
            raise MoodroomError(f"{min(both)} is to be dropped and to stay: which of the two?")

        def of(uris: tuple[str, ...]) -> tuple[Track, ...]:
            return tuple(tracks[Uri(uri)] for uri in dict.fromkeys(uris))

        return Feedback(of(self.keep), of(self.drop), of(self.anchor), self.avoid, self.description)


@dataclass(slots=True)
class Talk:
    """One round of questions."""

    spoken: list[Spoken] = field(default_factory=list)

    def ask(self, entries: Sequence[PoolEntry]) -> None:
        """About each of ``entries`` in turn, until the last or until the owner is done."""
        passed: list[bool] = []
        """Of each track behind us, whether something was said of it."""
        say("Enter passes over a track. A track to avoid is dropped, and its words go into the room's definition.")
        while len(passed) < len(entries):
            entry = entries[len(passed)]
            say()
            say(f"{len(passed) + 1}/{len(entries)}  {_shown(entry)}")
            letter = asked(QUESTION, (KEEP, DROP, ANCHOR, AVOID, SKIP, UNDO, DONE), SKIP)
            if letter == DONE:
                return
            if letter == UNDO:
                if not passed:
                    hint("   There is nothing to take back.")
                elif passed.pop():
                    self.spoken.pop()
            elif letter == SKIP:
                passed.append(False)
            else:
                words = _words(entry.track) if letter == AVOID else ""
                self.spoken.append(Spoken(letter, entry.track, words))
                passed.append(True)

    def feedback(self) -> Feedback:
        """What was said, as the rules take it."""

        def of(*letters: str) -> tuple[Track, ...]:
            return tuple(each.track for each in self.spoken if each.letter in letters)

        words = tuple(each.words for each in self.spoken if each.words)
        return Feedback(kept=of(KEEP), dropped=of(DROP, AVOID), anchors=of(ANCHOR), avoid=words)


def drawn(entries: Sequence[PoolEntry], size: int, judged: Collection[Uri]) -> list[PoolEntry]:
    """A sample to ask about, another one each time."""
    return sample(entries, size, Random(secrets.randbits(64)), judged)  # noqa: S311 -- which songs to show is no secret


def entries_of(pool: Json) -> list[PoolEntry]:
    """A room's entries from what the API says of them."""
    return [
        PoolEntry(
            Track(Uri(track["uri"]), track["name"], tuple(track["artists"])),
            Tier(tier),
            why=track["why"],
            source=track.get("source", ""),
            confidence=track.get("confidence"),
        )
        for tier, tracks in pool["tiers"].items()
        for track in tracks
    ]


def definition_of(words: Json) -> Definition:
    """A room's words from what the API says."""
    anchors = tuple(Anchor(each["name"], each["artist"]) for each in words["anchors"])
    return Definition(words["description"], anchors, tuple(words["avoid"]))


def told(definition: Definition) -> Json:
    """A room's words as the API takes them."""
    anchors = [{"name": each.name, "artist": each.artist} for each in definition.anchors]
    return {"description": definition.description, "anchors": anchors, "avoid": list(definition.avoid)}


def differences(old: Definition, new: Definition) -> list[str]:
    """What changes in a room's words, a line each."""
    lines = []
    if old.description != new.description:
        lines += [f"- description: {old.description}", f"+ description: {new.description}"]
    lines += [f"- anchor: {each.name} - {each.artist}" for each in old.anchors if each not in new.anchors]
    lines += [f"+ anchor: {each.name} - {each.artist}" for each in new.anchors if each not in old.anchors]
    lines += [f"- avoid: {each}" for each in old.avoid if each not in new.avoid]
    lines += [f"+ avoid: {each}" for each in new.avoid if each not in old.avoid]
    return lines


def called(track: Track) -> str:
    """A track for a person."""
    return f"{track.name} - {', '.join(track.artists)}" if track.artists else track.name


def _shown(entry: PoolEntry) -> str:
    sure = "" if entry.confidence is None else f"{entry.confidence:.0%} sure"
    why = entry.why if entry.why.startswith(sure) else f"{sure}: {entry.why}"
    return f"{called(entry.track)}  ({entry.tier.value}){f'  {why}' if why else ''}"


def _words(track: Track) -> str:
    """What to avoid, in the owner's words."""
    default = likeness(track)
    question = one_line(f"   What is to be avoided? (Enter: {default})")
    return str(click.prompt(question, default=default, show_default=False, prompt_suffix=" ", err=True))
