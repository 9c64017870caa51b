"""The sorter as the hub knows it: what it remembers between runs, and what faces ask of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from moodroom_hub.domain.models import EpochMs, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.sorting.models import (
    Label,
    Layer,
    LayerKey,
    Place,
    Standing,
    SublistKey,
)

# What the hub gives the sorter.


@dataclass(frozen=True, slots=True)
class OwnList:
    """One of the owner's playlists as it was read last, with its tracks in order."""

    id: str
    name: str
    snapshot: str
    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What listening taught of one track, over all rooms: how often it was heard to its end, and skipped."""

    completed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Material:
    """All that the hub knows of the owner's music.

    ``liked``: newest first, each once. ``lists``: the playlists. ``sittings``: what was heard together, by name and
    first artist. ``genres`` by uri, where known. ``tiers``: by room and uri, ``REMOVED`` ones too; ``taught``: those
    pairs that an owner's hand, a file or listening decided (never a miner alone). ``record_labels`` by uri, where
    known.
    """

    liked: tuple[Track, ...] = ()
    lists: tuple[OwnList, ...] = ()
    sittings: tuple[tuple[tuple[str, str], ...], ...] = ()
    genres: Mapping[Uri, tuple[str, ...]] = field(default_factory=dict)
    tiers: Mapping[RoomSlug, Mapping[Uri, Tier]] = field(default_factory=dict)
    taught: Collection[tuple[RoomSlug, Uri]] = ()
    heard: Mapping[Uri, Heard] = field(default_factory=dict)
    record_labels: Mapping[Uri, str] = field(default_factory=dict)


class VersionStatus(StrEnum):
    """What became of a trained model."""

    ADOPTED = "adopted"
    """It is in use."""
    REPLACED = "replaced"
    """It was in use."""
    REJECTED = "rejected"
    """It was worse on held-out labels than the one in use."""


@dataclass(frozen=True, slots=True)
class Version:
    """One training. ``file`` is the model's name in the sorter's folder; empty where none was kept.

    ``accuracy`` (of a non-mutual layer: micro-F1) is expected on songs that nobody labelled, within ``low`` and
    ``high`` in nineteen of twenty cases; ``calibration_error``: as measured on held-out labels. ``before``: the
    accuracy of the model in use then on the same held-out labels. ``scores``: every model that was tried.
    """

    id: int
    layer: LayerKey
    at_ms: EpochMs
    labels: int
    model: str
    status: VersionStatus
    accuracy: float
    low: float
    high: float
    calibration_error: float
    before: float | None = None
    scores: tuple[tuple[str, float], ...] = ()
    file: str = ""
    why: str = ""


class WriteStatus(StrEnum):
    """How far a change of a playlist has come."""

    BEGUN = "begun"
    """On its way; it is gone on with after a restart."""
    DONE = "done"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Write:
    """One playlist's change by one ``apply`` (``batch``). ``playlist`` is empty until it was made.

    ``former``: its uris in order before; ``wanted``: afterwards. ``ours_before`` and ``ours``: of these, those that
    the sorter put there. ``is_new``: made by this write. ``is_back``: this is a rollback.
    """

    id: int
    batch: int
    layer: LayerKey
    sublist: SublistKey
    name: str
    playlist: str
    former: tuple[Uri, ...]
    wanted: tuple[Uri, ...]
    ours_before: tuple[Uri, ...]
    ours: tuple[Uri, ...]
    at_ms: EpochMs
    status: WriteStatus = WriteStatus.BEGUN
    is_new: bool = False
    is_back: bool = False


class SortingFace(Protocol):
    """What the hub remembers for the sorter. May raise ``Trouble(UNAVAILABLE)`` while the database is away."""

    async def material(self) -> Material:
        """All that is known of the owner's music, as it was read last."""
        ...

    async def labels(self, layer: LayerKey) -> Sequence[Label]:
        """Every label of the layer that holds, one a song, in the order in which they were given."""
        ...

    async def put_labels(self, layer: LayerKey, labels: Sequence[Label]) -> None:
        """Remember these, each in the place of what was said of its song before."""
        ...

    async def take_back_label(self, layer: LayerKey) -> Label | None:
        """Forget the label that was given last by hand (asked or corrected); what was said before it holds again.

        Gives what was forgotten; ``None`` where there is none.
        """
        ...

    async def places(self, layer: LayerKey) -> Sequence[Place]:
        """Where the layer's songs belong, as it was decided last."""
        ...

    async def put_places(self, layer: LayerKey, places: Sequence[Place]) -> None:
        """Exactly these from now on."""
        ...

    async def versions(self, layer: LayerKey) -> Sequence[Version]:
        """Newest first."""
        ...

    async def add_version(self, version: Version) -> Version:
        """Remember a training; gives it with its id. An adopted one replaces the one that was in use."""
        ...

    async def writes(self, layer: LayerKey | None = None) -> Sequence[Write]:
        """Newest first, of all batches."""
        ...

    async def put_writes(self, writes: Sequence[Write]) -> Sequence[Write]:
        """Remember these, all in one transaction, those with the id 0 as new ones; gives them with their ids."""
        ...


# What faces ask of the sorter.


@dataclass(frozen=True, slots=True)
class SublistView:
    """One sublist: how many songs belong there, how many of them by label, its precision threshold, its playlist."""

    key: SublistKey
    name: str
    playlist: str
    songs: int
    labels: int
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class LayerView:
    """One layer at a glance. ``trouble``: why it cannot be sorted, with the mend."""

    layer: Layer
    songs: int
    sublists: tuple[SublistView, ...]
    void: int
    to_review: int
    labels: int
    version: Version | None = None
    last_write_ms: EpochMs | None = None
    is_write_open: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class LabelProgress:
    """How well the layer is taught. ``accuracy`` within ``low`` and ``high`` (``None``: too few labels to say).

    ``left``: about how many labels are left to ``goal``; ``None`` where that cannot be told.
    """

    labels: int
    accuracy: float | None
    low: float | None
    high: float | None
    goal: float
    left: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that teaches most: where does this track belong? ``chances`` in the layer's order.

    ``last``: what was answered last, and can be taken back.
    """

    layer: LayerKey
    track: Track | None
    chances: tuple[float, ...]
    why: str
    progress: LabelProgress
    last: Label | None = None
    last_track: Track | None = None


@dataclass(frozen=True, slots=True)
class PlacedTrack:
    """A track and its place."""

    track: Track
    place: Place


@dataclass(frozen=True, slots=True)
class SublistChange:
    """What ``apply`` would do to one playlist. ``kept_by_hand``: songs in it that the owner placed, never touched."""

    sublist: SublistKey
    name: str
    playlist: str
    is_new: bool
    added: tuple[PlacedTrack, ...]
    removed: tuple[Track, ...]
    unchanged: int
    kept_by_hand: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What goes where. ``changes``: against the playlists as they are on the service."""

    layer: LayerKey
    changes: tuple[SublistChange, ...]
    placed: tuple[PlacedTrack, ...]
    counts: Mapping[Standing, int]
    calls: int
    notes: tuple[str, ...] = ()


class SorterJobStatus(StrEnum):
    """Where the sorter's work stands."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SorterJob:
    """The work that runs, or ran last: ``what`` is ``train``, ``apply``, ``rollback`` or ``sync``."""

    status: SorterJobStatus
    what: str = ""
    layer: LayerKey | None = None
    phase: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    notes: tuple[str, ...] = ()


class Sorter(Protocol):
    """The sorter, as a plugin gives it. Works while its plugin is not started, too (a command without a running hub).

    Every method raises ``Trouble`` with the mend: ``NOT_FOUND`` for an unknown layer, song or sublist, ``CONFLICT``
    where other work of the sorter runs, ``BAD_REQUEST`` for an answer that the layer's case forbids,
    ``UNAVAILABLE`` where what it needs is not installed.
    """

    def layers(self) -> Sequence[Layer]:
        """Every layer; no I/O."""
        ...

    async def overview(self) -> Sequence[LayerView]:
        """Every layer at a glance."""
        ...

    async def question(self, layer: LayerKey) -> Asked:
        """What to ask next. ``track`` is ``None`` where every song was labelled or skipped."""
        ...

    async def answer(self, layer: LayerKey, uri: Uri, sublists: Collection[SublistKey]) -> Asked:
        """The song belongs to exactly these (none: to the void); gives the next question."""
        ...

    async def skip(self, layer: LayerKey, uri: Uri) -> Asked:
        """Don't ask for this one again for now; gives the next question."""
        ...

    async def take_back(self, layer: LayerKey) -> Asked:
        """Forget the last answer, and ask for that song again."""
        ...

    async def places(self, layer: LayerKey, standing: Standing | None = None) -> Sequence[PlacedTrack]:
        """Where songs belong; with ``DOUBTFUL``: the review list, the most doubtful last."""
        ...

    async def move(self, layer: LayerKey, uri: Uri, sublists: Collection[SublistKey]) -> PlacedTrack:
        """The owner says where a song belongs: a correction, and so a label."""
        ...

    async def history(self, layer: LayerKey) -> Sequence[Version]:
        """Every training, newest first."""
        ...

    async def preview(self, layer: LayerKey) -> Preview:
        """What ``apply`` would do. Reads the playlists; changes nothing."""
        ...

    def start_training(self, layer: LayerKey | None = None) -> SorterJob:
        """Learn anew and decide every song's place (all layers: ``None``). Returns at once."""
        ...

    def start_applying(self, layer: LayerKey | None = None) -> SorterJob:
        """Write the playlists; what an earlier one began is gone on with. Returns at once."""
        ...

    def start_rollback(self, layer: LayerKey | None = None, *, is_forced: bool = False) -> SorterJob:
        """Take the last ``apply`` back, to the exact former order. Returns at once.

        Fails where the owner changed a playlist since, unless ``is_forced``.
        """
        ...

    def start_sync(self) -> SorterJob:
        """Read what the owner moved on the service (corrections), and place new likes. Returns at once."""
        ...

    async def nightly(self) -> None:
        """The hub's nightly moment: retrain what is due. Never raises."""
        ...

    def job(self) -> SorterJob:
        """Where the work stands."""
        ...

    async def cancel(self) -> SorterJob:
        """Stop what runs, at a place from which it can go on."""
        ...


OnProgress = Callable[[int, int], None]
