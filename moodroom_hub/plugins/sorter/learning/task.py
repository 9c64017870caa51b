"""What the learning is asked, and what it answers. Plain data: the standard library is enough to make and read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Song:
    """A song as the learning sees it. ``tiers``: rooms that hold it, as ``late-night CONFIRMED``.

    ``audio``: the owner's own audio features in a fixed order; empty where there are none.
    """

    uri: str
    name: str
    artists: tuple[str, ...] = ()
    album: str = ""
    year: int | None = None
    duration_ms: int | None = None
    is_explicit: bool | None = None
    genres: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    completed: int = 0
    skipped: int = 0
    audio: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SongList:
    """Songs that the owner put or heard together: names and first artists. ``name`` is empty for a sitting."""

    name: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is known of one song (its place in ``songs``): sublists, by number, that it fits and that it does not."""

    song: int
    fits: frozenset[int]
    misfits: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TrainingTask:
    """One layer. ``names``: the sublists' names, in order. ``vectors``: by artist's name, where the owner has some.

    ``seed`` makes a training repeatable. ``is_quick``: between two questions; what takes longest is left out.
    ``layer``: its key; a stored model is of this layer alone.
    """

    songs: tuple[Song, ...]
    lists: tuple[SongList, ...]
    lessons: tuple[Lesson, ...]
    names: tuple[str, ...]
    is_mutual: bool
    is_complete: bool
    vectors: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    seed: int = 0
    is_quick: bool = False
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it.

    ``chances``: one row a song of the task, one value a sublist, calibrated (mutual: they sum to 1 at most; what is
    missing is the void's). ``whys``: one line a song. ``held_out``: by lesson, the chances of a model that never saw
    that lesson. ``model``: the chosen one; ``scores``: every one that was tried, by cross-validation on the lessons.
    ``accuracy``: of a non-mutual layer micro-F1. ``points``: for each song a few numbers; the nearer two are, the
    more alike are the songs.
    """

    chances: tuple[tuple[float, ...], ...]
    whys: tuple[str, ...]
    held_out: tuple[tuple[float, ...], ...]
    model: str
    scores: tuple[tuple[str, float], ...]
    accuracy: float
    calibration_error: float
    points: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What a stored model says: one row and one line a song, as in ``Trained``."""

    chances: tuple[tuple[float, ...], ...]
    whys: tuple[str, ...]
