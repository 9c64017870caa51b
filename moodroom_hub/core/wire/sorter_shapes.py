"""What the API says of the sorter, as models."""

from moodroom_hub.core.sorting import SorterJobStatus, VersionStatus
from moodroom_hub.core.wire.shapes import Answer, Moment
from moodroom_hub.domain.sorting.models import LabelOrigin, MotherKind, Standing


class ScoreShape(Answer):
    """One model that was tried, and how it did."""

    model: str
    accuracy: float | None


class VersionShape(Answer):
    """One training. ``accuracy`` is expected on songs that nobody labelled, within ``low`` and ``high``.

    ``before``: what the model in use then had on the same labels. What cannot be told is null.
    """

    id: int
    layer: str
    at: Moment
    labels: int
    model: str
    status: VersionStatus
    accuracy: float | None
    low: float | None
    high: float | None
    calibration_error: float | None
    before: float | None
    scores: list[ScoreShape]
    why: str


class VersionsAnswer(Answer):
    """Every training of a layer, newest first."""

    layer: str
    versions: list[VersionShape]


class MotherlistShape(Answer):
    """What a layer sorts; only what its ``kind`` needs is filled in."""

    kind: MotherKind
    playlist: str | None
    layer: str | None
    sublist: str | None


class SublistShape(Answer):
    """One sublist: how many songs belong there, how many of them by label, from which chance on, and where it is
    kept: a playlist by name, or a room."""

    key: str
    name: str
    playlist: str
    room: str | None
    songs: int
    labels: int
    threshold: float | None


class LayerShape(Answer):
    """One layer at a glance. ``trouble`` says why it cannot be sorted, with the mend.

    ``eagerness``: from careful (0) to eager (1). ``write_open``: an apply was begun and is to be gone on with.
    """

    key: str
    name: str
    mutual: bool
    complete: bool
    eagerness: float
    motherlist: MotherlistShape
    songs: int
    sublists: list[SublistShape]
    void: int
    to_review: int
    labels: int
    version: VersionShape | None
    last_write_at: Moment | None
    write_open: bool
    trouble: str


class SorterJobAnswer(Answer):
    """The sorter's work that runs, or ran last. ``what``: train, apply, rollback or sync."""

    status: SorterJobStatus
    what: str
    layer: str | None
    phase: str
    done: int
    total: int
    error: str
    notes: list[str]


class SorterAnswer(Answer):
    """Every layer, and the sorter's work."""

    layers: list[LayerShape]
    job: SorterJobAnswer


class SongShape(Answer):
    """A track of a layer's motherlist."""

    uri: str
    name: str
    artists: list[str]
    album: str | None
    artwork_url: str | None
    duration_ms: int | None


class ChanceShape(Answer):
    """How likely the song belongs to this sublist."""

    sublist: str
    name: str
    chance: float | None


class LearnedShape(Answer):
    """How well a layer is taught; ``left``: about how many labels are left to ``goal``. Null: it cannot be told."""

    labels: int
    accuracy: float | None
    low: float | None
    high: float | None
    goal: float
    left: int | None


class SortLabelShape(Answer):
    """What was said of a song: it belongs to exactly ``sublists``."""

    uri: str
    name: str
    sublists: list[str]
    origin: LabelOrigin
    at: Moment


class QuestionAnswer(Answer):
    """What to ask next. ``song`` is null where every song was labelled or skipped. ``last`` can be taken back."""

    layer: str
    song: SongShape | None
    chances: list[ChanceShape]
    why: str
    progress: LearnedShape
    last: SortLabelShape | None


class PlacedShape(Answer):
    """Where a song belongs. ``likely``: what a doubtful one may belong to. ``chance``: of the likeliest sublist."""

    song: SongShape
    sublists: list[str]
    standing: Standing
    chance: float | None
    likely: list[str]
    why: str


class PlacesAnswer(Answer):
    """Where the layer's songs belong."""

    layer: str
    places: list[PlacedShape]


class PlaylistChangeShape(Answer):
    """What an apply would do to one playlist: its ``name``, and its id, empty while it is ``new``.

    ``kept_by_hand``: songs that the owner placed, never touched.
    """

    sublist: str
    name: str
    playlist: str
    new: bool
    added: list[PlacedShape]
    removed: list[SongShape]
    unchanged: int
    kept_by_hand: int


class PreviewAnswer(Answer):
    """What goes where, and what an apply would change on the service, in how many ``calls``."""

    layer: str
    changes: list[PlaylistChangeShape]
    placed: list[PlacedShape]
    counts: dict[Standing, int]
    calls: int
    notes: list[str]
