"""Stations as the hub knows them: what it remembers of them, and what faces ask of the radio."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from moodroom_hub.domain.models import EpochMs, PoolEntry, Receipt, RoomSlug, Track, Uri, ZoneName
from moodroom_hub.domain.stations.models import Seed, Station, StationKey, Tuning, Vote, VoteKind

# What the hub remembers for the radio.


class StationsFace(Protocol):
    """Every station and its votes: in memory, so that nothing here waits for the database; written behind."""

    def all(self) -> Sequence[Station]:
        """In the order in which they were made."""
        ...

    def get(self, key: StationKey) -> Station | None:
        """One station."""
        ...

    async def put(self, station: Station) -> None:
        """Remember it, in the place of what had its key."""
        ...

    async def remove(self, key: StationKey) -> None:
        """Forget it and its votes; nothing happens where it is not known."""
        ...

    def votes(self, key: StationKey) -> Sequence[Vote]:
        """Oldest first; of each event one."""
        ...

    async def vote(self, vote: Vote) -> Vote | None:
        """Remember it under an id of its own; ``None`` where its event has voted here already, or there is no such
        station."""
        ...

    async def take_back(self, key: StationKey) -> Vote | None:
        """Forget the newest vote, and give it; ``None`` where there is none."""
        ...

    async def clear(self, key: StationKey) -> int:
        """Forget every vote; gives how many."""
        ...

    async def discover(self, room: RoomSlug, entries: Sequence[PoolEntry]) -> Sequence[Receipt]:
        """Put tracks into a room's pool, each with a receipt, all in one group that can be undone at once.

        Recordings that the pool knows already (``REMOVED`` ones, too) are left out.
        """
        ...


# What faces ask of the radio.


@dataclass(frozen=True, slots=True)
class ModelView:
    """The model that stations are played from. ``trouble``: why there is none, with the mend."""

    artists: int = 0
    lists: int = 0
    trained_at_ms: EpochMs | None = None
    recommender: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class StationView:
    """One station at a glance. ``known``: how many of its seed artists the model knows; ``unknown``: the others' names.

    ``drift``: how far its likes have led it from its seeds, 0 to 1 (``None``: the model knows none of its artists);
    ``is_bounded``: the owner's limit holds it back. ``zones``: where it plays.
    """

    station: Station
    likes: int
    dislikes: int
    known: int
    unknown: tuple[str, ...] = ()
    drift: float | None = None
    is_bounded: bool = False
    zones: tuple[ZoneName, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class NextTrack:
    """A track that would come now, why, and by which link of the chain: ``station``, ``similar``, ``seeds``."""

    track: Track
    why: str
    link: str = "station"
    score: float | None = None


@dataclass(frozen=True, slots=True)
class StationWhy:
    """What a station would play now, in order, and what it knows. ``votes``: newest first."""

    view: StationView
    next: tuple[NextTrack, ...]
    votes: tuple[Vote, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewStation:
    """What a station shall be made of: exactly one of ``seeds``, ``playlist`` (its name or id) and ``room``."""

    name: str = ""
    seeds: tuple[Seed, ...] = ()
    playlist: str = ""
    room: RoomSlug | None = None
    tuning: Tuning | None = None


@dataclass(frozen=True, slots=True)
class CardImport:
    """What became of a card. ``coverage``: the share of its artists that this hub's model knows."""

    view: StationView
    coverage: float
    signer: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refill:
    """What a room's discoveries got. ``why_not``: why it was not more."""

    room: RoomSlug
    added: tuple[PoolEntry, ...]
    receipts: tuple[Receipt, ...] = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class PlayedOut:
    """What another player tells of a track that it played for a station."""

    track_id: str
    play_seconds: float
    length_seconds: float


@dataclass(frozen=True, slots=True)
class Following:
    """What comes next in somebody's session. ``unknown``: ids of what was played that nothing is known of: it counted
    for nothing."""

    tracks: tuple[NextTrack, ...]
    unknown: tuple[str, ...] = ()


class StationJobStatus(StrEnum):
    """Where a training stands."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class StationJob:
    """The training (``train``) or refilling (``refill``) that runs, or ran last."""

    status: StationJobStatus
    what: str = ""
    phase: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    notes: tuple[str, ...] = ()
    refills: tuple[Refill, ...] = ()


class Radio(Protocol):
    """The radio, as a plugin gives it. Works while its plugin is not started, too (a command without a running hub).

    Every method raises ``Trouble`` with the mend: ``NOT_FOUND`` for an unknown station, ``BAD_REQUEST`` for what
    cannot be a station, a tuning or a card, ``UNAVAILABLE`` where what it needs is not installed or not trained.
    """

    def model(self) -> ModelView:
        """What stations are played from."""
        ...

    async def overview(self) -> Sequence[StationView]:
        """Every station at a glance."""
        ...

    async def new(self, order: NewStation) -> StationView:
        """Make a station; a name that is taken gets a number."""
        ...

    async def rename(self, key: StationKey, name: str) -> StationView:
        """Another name; the key stays."""
        ...

    async def remove(self, key: StationKey) -> None:
        """Forget a station and its votes."""
        ...

    async def tune(self, key: StationKey, changes: Mapping[str, float | str]) -> StationView:
        """Change fields of its tuning, while it plays, too."""
        ...

    async def vote(self, key: StationKey, kind: VoteKind, uri: Uri | None = None) -> StationView:
        """Like or dislike a track by hand; no uri: what plays now on the station (``CONFLICT`` where it does not)."""
        ...

    async def take_back(self, key: StationKey) -> StationView:
        """Forget the newest vote."""
        ...

    async def clear(self, key: StationKey) -> StationView:
        """Forget every vote: the station is its seeds again."""
        ...

    async def why(self, key: StationKey, count: int = 10) -> StationWhy:
        """What it would play now, and why; changes nothing."""
        ...

    async def card(self, key: StationKey, form: str = "card") -> str:
        """The station as a file's text to share: ``card`` (signed JSON) or ``jspf``. No token, no history."""
        ...

    async def import_card(self, text: str, name: str = "") -> CardImport:
        """Make a station of a card, or of a JSPF file."""
        ...

    async def next(self, key: StationKey, played: Sequence[PlayedOut], count: int = 5) -> Following:
        """For players that the hub does not see: what comes next in a session of which this was played, oldest first.
        Nothing of it is remembered."""
        ...

    async def artist_vectors(self, artists: Collection[str]) -> Mapping[str, tuple[float, ...]]:
        """What the model knows of these artists, all of one length: who stands in the same lists lies near. By the
        names as they were given; whom it does not know is left out. Empty without a model; never raises."""
        ...

    def start_refill(self, room: RoomSlug | None = None) -> StationJob:
        """Fill the room's discoveries (every room's: ``None``) from its station. Returns at once."""
        ...

    def start_training(self, folders: Sequence[str] = (), seed: int | None = None, *, anew: bool = False) -> StationJob:
        """Add what these folders of playlists and the owner's own lists and history teach. Returns at once.

        ``anew``: forget what was learned from other folders before. With ``seed`` the same playlists make the same
        model.
        """
        ...

    async def nightly(self) -> None:
        """The hub's nightly moment: read ``radio: `` playlists, refill rooms, learn what is new. Never raises."""
        ...

    def job(self) -> StationJob:
        """Where the work stands."""
        ...

    async def cancel(self) -> StationJob:
        """Stop what runs."""
        ...
