"""Calibrating a room: which tracks to ask its owner about, and what the answers make of the room's words."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from moodroom_hub.domain.mining.models import Definition, Example
from moodroom_hub.domain.models import Anchor, PoolEntry, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.recording import fold, name_key

MOST_ANCHORS: Final = 30
"""More anchors blur a room, and every call of a model carries them all."""
MOST_AVOID: Final = 60
LONGEST_LINE: Final = 200
LONGEST_DESCRIPTION: Final = 2_000
SURE_SHARE: Final = 4
"""One of so many tracks shown is a sure one: there the definition itself shows whether it is right."""

_REFERENCE: Final = re.compile(r"(env|file):(?=\S)")


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the owner said of a sample. ``avoid`` are words; ``description`` is ``None`` where it stays."""

    kept: tuple[Track, ...] = ()
    dropped: tuple[Track, ...] = ()
    anchors: tuple[Track, ...] = ()
    avoid: tuple[str, ...] = ()
    description: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return self == Feedback()


def sample(entries: Sequence[PoolEntry], size: int, rng: Random, judged: Collection[Uri] = ()) -> list[PoolEntry]:
    """At most ``size`` of the room's tracks to be shown: the most doubtful first, then some of the surest.

    Artists and tiers come in turn as far as the room allows. Nothing that was ``judged`` before, nothing removed.
    """
    asked = [each for each in entries if each.tier is not Tier.REMOVED and each.track.uri not in judged]
    rng.shuffle(asked)  # among equally sure ones (a pool from a file) no order is better than another
    asked.sort(key=_certainty)
    choice = _Choice()
    doubtful = choice.take(asked, size - size // SURE_SHARE)
    chosen = {each.track.uri for each in doubtful}
    rest = [each for each in reversed(asked) if each.track.uri not in chosen]
    return doubtful + choice.take(rest, size - len(doubtful))


def rewritten(definition: Definition, feedback: Feedback, ours: Collection[Anchor] = ()) -> Definition:
    """The room's words with the feedback in them.

    New anchors and words stand behind the old ones, none twice. Where there are too many anchors, those of ``ours``
    (which calibrating put there, the first the oldest) make room; what the owner wrote always stays. Whatever comes
    in is one harmless line: no song's title may be a reference to a file, nor break a line.
    """
    description = definition.description
    if feedback.description is not None:
        description = one_line(feedback.description, LONGEST_DESCRIPTION)
    anchors = _with_anchors(definition.anchors, map(_anchor, feedback.anchors), ours)
    known = {fold(word) or word for word in definition.avoid}
    avoid = list(definition.avoid)
    for word in map(one_line, feedback.avoid):
        if word and (fold(word) or word) not in known and len(avoid) < MOST_AVOID:
            known.add(fold(word) or word)
            avoid.append(word)
    return Definition(description, anchors, tuple(avoid))


def examples(room: RoomSlug, feedback: Feedback) -> tuple[Example, ...]:
    """What the feedback teaches a miner of the room; each track once, and a dropped one does not fit."""
    fits = {track.uri: (track, True) for track in (*feedback.kept, *feedback.anchors)}
    fits |= {track.uri: (track, False) for track in feedback.dropped}
    return tuple(Example(room, track, is_fit) for track, is_fit in fits.values())


def is_anchor(definition: Definition, track: Track) -> bool:
    """Whether the room's words name this song as typical."""
    return _key(_anchor(track)) in {_key(anchor) for anchor in definition.anchors}


def likeness(track: Track) -> str:
    """The words that keep a track's like out of a room."""
    name, artist = one_line(track.name, 90), one_line(track.artists[0] if track.artists else "", 90)
    return one_line(f"like {name} by {artist}" if artist else f"like {name}")


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """``text`` as a configuration takes it: one printable line that no loader resolves as a reference."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if _REFERENCE.match(plain):
        plain = plain.replace(":", ": ", 1)
    return plain[:longest].strip()


@dataclass(slots=True)
class _Choice:
    """Picks, so that artists and tiers come in turn."""

    artists: Counter[str] = field(default_factory=Counter)
    tiers: Counter[Tier] = field(default_factory=Counter)

    def take(self, entries: Iterable[PoolEntry], count: int) -> list[PoolEntry]:
        """At most ``count`` of ``entries``, earlier ones preferred."""
        left = list(entries)
        taken: list[PoolEntry] = []
        while left and len(taken) < count:
            place = min(range(len(left)), key=lambda at: (self._seen(left[at]), at))
            entry = left.pop(place)
            self.artists[_artist(entry)] += 1
            self.tiers[entry.tier] += 1
            taken.append(entry)
        return taken

    def _seen(self, entry: PoolEntry) -> tuple[int, int]:
        return self.artists[_artist(entry)], self.tiers[entry.tier]


def _artist(entry: PoolEntry) -> str:
    return fold(entry.track.artists[0]) if entry.track.artists else ""


def _certainty(entry: PoolEntry) -> float:
    """Unknown is in the middle: neither a miner's doubt nor its trust."""
    return 0.5 if entry.confidence is None else entry.confidence


def _anchor(track: Track) -> Anchor:
    return Anchor(one_line(track.name), one_line(track.artists[0] if track.artists else ""))


def _with_anchors(before: tuple[Anchor, ...], wanted: Iterable[Anchor], ours: Collection[Anchor]) -> tuple[Anchor, ...]:
    known = {_key(anchor) for anchor in before}
    new: dict[str, Anchor] = {}
    asked = set()
    for anchor in wanted:
        asked.add(_key(anchor))
        if anchor.name and anchor.artist and _key(anchor) not in known:
            new.setdefault(_key(anchor), anchor)
    older = [anchor for anchor in before if anchor in ours and _key(anchor) not in asked]
    too_many = len(before) + len(new) - MOST_ANCHORS
    gone = older[: max(0, too_many)] if new and len(before) - len(older) < MOST_ANCHORS else []
    stay = tuple(anchor for anchor in before if anchor not in gone)
    return stay + tuple(new.values())[: max(0, MOST_ANCHORS - len(stay))]


def _key(anchor: Anchor) -> str:
    return name_key(anchor.name, anchor.artist) or f"{anchor.name}\n{anchor.artist}".casefold()
