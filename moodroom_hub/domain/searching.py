"""Finding songs by what a person types: every word must be somewhere in what is searched, case and accents aside."""

import json
from dataclasses import dataclass
from functools import lru_cache

from moodroom_hub.domain.models import ReceiptKind, RoomSlug, Track, VerdictKind
from moodroom_hub.domain.recording import fold

MOST_WORDS = 12
_FOLDED_AWAY = str.maketrans("", "", "'`")


@dataclass(frozen=True, slots=True)
class Words:
    """What was typed, made ready. No word at all is in everything."""

    folded: tuple[str, ...] = ()
    raw: tuple[str, ...] = ()

    def are_in(self, *texts: str) -> bool:
        """Whether every word is in one of ``texts``."""
        if not self.folded:
            return True
        found = [_plain(text) for text in texts]
        return all(any(word in text for text in found) for word in self.folded)

    def are_in_track(self, track: Track) -> bool:
        """Whether every word is in the track's name, artists or album."""
        return not self.folded or self.are_in(track.name, *track.artists, track.album or "")

    def may_be_in_json(self, document: str) -> bool:
        """Quickly, and in doubt yes: whether the ``track`` of a JSON document may hold every word.

        A document of plain ASCII has no accents to fold: a word that is nowhere in it is in none of its texts.
        """
        if self.raw and document.isascii() and "&" not in document:
            lower = document.lower().translate(_FOLDED_AWAY)
            return all(word in lower for word in self.raw)
        if not self.folded:
            return True
        try:
            track = json.loads(document)["track"]
            return self.are_in(track["name"], *track["artists"], track.get("album") or "")
        except (ValueError, TypeError, KeyError, AttributeError):
            return True


@lru_cache(maxsize=64)
def words(typed: str) -> Words:
    """``typed`` as words."""
    parts = typed.split()[:MOST_WORDS]
    pairs = [(plain, part.lower()) for part in parts if (plain := _plain(part))]
    return Words(
        tuple(plain for plain, _ in pairs),
        # Where folding changes signs (a quote, an accent), the raw text says nothing about the folded one.
        tuple(raw for plain, raw in pairs if plain == raw and raw.isalnum()),
    )


@dataclass(frozen=True, slots=True)
class ReceiptSearch:
    """Which receipts are wanted; all of what is given must be true. ``undoable``: not those that were undone."""

    text: str = ""
    room: RoomSlug | None = None
    kind: ReceiptKind | None = None
    undoable: bool = False

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.text.strip() and self.room is None and self.kind is None and not self.undoable


@dataclass(frozen=True, slots=True)
class HistorySearch:
    """Which listens are wanted; all of what is given must be true."""

    text: str = ""
    room: RoomSlug | None = None
    verdict: VerdictKind | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.text.strip() and self.room is None and self.verdict is None


def _plain(text: str) -> str:
    # What folds to nothing (mere signs) stands for itself.
    return fold(text) or text.lower().strip()
