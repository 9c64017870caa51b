"""The sorter's words: layers and their sublists, labels, chances, and where a song belongs.

Titles, names and reasons are hostile text: data only. Chances lie between 0 and 1.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from moodroom_hub.domain.models import EpochMs, RoomSlug, Uri

LayerKey = NewType("LayerKey", str)
SublistKey = NewType("SublistKey", str)

BALANCED = 0.5
"""The wish between careful (0) and eager (1)."""


class MotherKind(StrEnum):
    """What a layer sorts."""

    LIKED = "liked"
    PLAYLIST = "playlist"
    SUBLIST = "sublist"


@dataclass(frozen=True, slots=True)
class Motherlist:
    """The source list of a layer: the liked songs, a playlist by its name, or another layer's sublist."""

    kind: MotherKind = MotherKind.LIKED
    playlist: str = ""
    layer: LayerKey | None = None
    sublist: SublistKey | None = None


@dataclass(frozen=True, slots=True)
class Sublist:
    """A target list. ``playlist`` is the name of the playlist it is kept in; ``room``: it is this room's."""

    key: SublistKey
    name: str
    playlist: str = ""
    room: RoomSlug | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One independent set of sublists, in the owner's order.

    ``is_mutual``: a song lies in exactly one sublist. ``is_complete``: every song lies in some sublist; else the rest
    goes to the void. ``eagerness``: from careful (0) to eager (1).
    """

    key: LayerKey
    name: str
    sublists: tuple[Sublist, ...]
    motherlist: Motherlist = Motherlist()
    is_mutual: bool = True
    is_complete: bool = False
    eagerness: float = BALANCED

    @property
    def keys(self) -> tuple[SublistKey, ...]:
        """The sublists' keys, in order."""
        return tuple(each.key for each in self.sublists)


class LabelOrigin(StrEnum):
    """How the sorter came to know."""

    ASKED = "asked"
    """The owner answered a question."""
    CORRECTED = "corrected"
    """The owner moved the song, on the service or on the page."""
    PLAYLIST = "playlist"
    """It lay in the sublist's playlist before the sorter ever wrote there."""
    ROOM = "room"
    """It is confirmed in, or was taken out of, the sublist's room."""


@dataclass(frozen=True, slots=True)
class Label:
    """What the owner said of one song in one layer. A sublist in neither set was not spoken of.

    In a mutual layer what fits one sublist does not fit the others, also where ``misfits`` does not say so.
    """

    uri: Uri
    fits: frozenset[SublistKey]
    misfits: frozenset[SublistKey] = frozenset()
    origin: LabelOrigin = LabelOrigin.ASKED
    at_ms: EpochMs = EpochMs(0)


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely a song belongs to each sublist, in the layer's order: calibrated.

    In a mutual layer they sum to 1 at most; what is missing is the void's (nothing is, where the layer is complete).
    ``why``: one line for a person.
    """

    uri: Uri
    values: tuple[float, ...]
    why: str = ""


class Standing(StrEnum):
    """How a song came to its place."""

    SAID = "said"
    """By a label."""
    SURE = "sure"
    DOUBTFUL = "doubtful"
    """For the review list. In a complete layer it lies in its likeliest sublist meanwhile, else in none."""
    VOID = "void"
    """It belongs to none, as far as is known."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one song belongs: ``sublists`` in the layer's order; ``likely``: what a doubtful one may belong to.

    ``chance``: of the likeliest sublist.
    """

    uri: Uri
    sublists: tuple[SublistKey, ...]
    standing: Standing
    chance: float
    likely: tuple[SublistKey, ...] = ()
    why: str = ""
