"""What the learning part speaks of: songs, lists, what is known of rooms, and what it answers. Plain data."""

from collections.abc import Sequence
from dataclasses import dataclass

NONE_OF_THEM = -1
"""The room of a song that belongs in no room."""


@dataclass(frozen=True, slots=True)
class Song:
    """What is known of one track of the library. ``name``, ``artists`` and ``album`` are hostile text."""

    name: str
    artists: tuple[str, ...]
    album: str = ""
    year: int | None = None
    duration_ms: int | None = None
    genres: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SongList:
    """Songs that somebody put or heard together, as names and first artists; ``title`` is empty for a sitting."""

    title: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Label:
    """The song at index ``song`` fits the room at index ``room``, or does not."""

    song: int
    room: int
    is_fit: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one song: for each room the probability that it fits, and a line for a person."""

    probabilities: tuple[float, ...]
    why: str = ""

    @property
    def best(self) -> int:
        """The likeliest room."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A song of a room that seems not to belong there: how probably it does not, and why."""

    song: int
    probability: float
    why: str


@dataclass(frozen=True, slots=True)
class Sparse:
    """A song's features: ids in rising order and their values."""

    ids: Sequence[int]
    values: Sequence[float]
