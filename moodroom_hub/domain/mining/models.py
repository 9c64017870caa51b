"""What miners are asked, and what they answer.

Everything here is data: names, titles and reasons are hostile text. Confidences lie between 0 and 1.
"""

from dataclasses import dataclass
from enum import StrEnum

from moodroom_hub.domain.models import Anchor, Room, RoomSlug, Tier, Track, Uri

MINED = "mined:"
"""What the ``source`` of a pool entry begins with where a miner put it there; the miner's name follows."""


class Ability(StrEnum):
    """What a miner can do."""

    PLACE = "place"
    """Say in which rooms a liked song belongs."""
    SUGGEST = "suggest"
    """Name songs that the owner has not liked."""
    AUDIT = "audit"
    """Say which of a room's tracks do not belong there."""


@dataclass(frozen=True, slots=True)
class Example:
    """A track of which it is known that it fits a room, or that it does not."""

    room: RoomSlug
    track: Track
    is_fit: bool


@dataclass(frozen=True, slots=True)
class TrackList:
    """Tracks that the owner put or heard together: a playlist (``name`` is its title), or one sitting of the past
    (``name`` is empty). ``items`` are names and first artists."""

    name: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MiningTask:
    """What a miner is asked.

    ``rooms``: those to be filled. ``tracks``: the liked songs, each once, newest first. ``examples``: what is known
    of these rooms (from files, hands and listening, never from the same miner's own placing). ``lists``: the owner's
    playlists and sittings. ``genres``: by uri, where some are known. ``safe_side`` and ``discovery``: how many
    suggestions each room shall get.
    """

    rooms: tuple[Room, ...]
    tracks: tuple[Track, ...]
    examples: tuple[Example, ...] = ()
    lists: tuple[TrackList, ...] = ()
    genres: tuple[tuple[Uri, tuple[str, ...]], ...] = ()
    safe_side: int = 0
    discovery: int = 0


@dataclass(frozen=True, slots=True)
class AuditTask:
    """One room's tracks to be looked through; the rest as in ``MiningTask`` (``tracks``: the whole library)."""

    room: Room
    audited: tuple[Track, ...]
    tracks: tuple[Track, ...] = ()
    rooms: tuple[Room, ...] = ()
    examples: tuple[Example, ...] = ()
    lists: tuple[TrackList, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """A liked song belongs in a room."""

    room: RoomSlug
    uri: Uri
    confidence: float
    why: str
    tier: Tier = Tier.CONFIRMED


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A liked song that got into no room, and why.

    ``is_judged``: the miner looked at it and found no room. False: it could not be judged (a failed call, a hostile
    title), so that what an earlier mining said of it stays.
    """

    uri: Uri
    reason: str
    is_judged: bool = True


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A song that a room may want, by name: not looked up yet."""

    room: RoomSlug
    tier: Tier
    name: str
    artist: str
    why: str = ""
    confidence: float = 0.5


@dataclass(frozen=True, slots=True)
class Mined:
    """What a miner found. Every track of the task is placed at least once, or unplaced once.

    ``suggested_rooms`` are the rooms whose suggestions were asked for and came; elsewhere the old ones stay.
    ``notes``: one line for a person each, about what was odd.
    """

    placements: tuple[Placement, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    suggested_rooms: frozenset[RoomSlug] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Misfit:
    """A track that does not belong in the audited room, and why."""

    uri: Uri
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Audited:
    """What an audit found. ``not_looked_at``: tracks that could not be judged, each with the reason."""

    misfits: tuple[Misfit, ...] = ()
    not_looked_at: tuple[Unplaced, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What would be sent to a model, word for word, for ``--dry-run``."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a task will take, before anything is spent.

    ``calls`` to a service (0: none), of which ``paid_before`` were answered in an earlier run and cost nothing again
    (not counted in ``calls``). ``cost_usd`` is ``None`` where no price is known. ``prompts`` show one of each kind.
    ``is_at_home``: no name leaves this machine (or this house).
    """

    calls: int = 0
    paid_before: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None
    is_at_home: bool = True
    prompts: tuple[Prompt, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MiningProgress:
    """How far a miner is: ``done`` of ``total`` (``unit`` in the plural), and what was spent so far."""

    done: int
    total: int
    unit: str = "tracks"
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A room's words: what calibrating rewrites."""

    description: str
    anchors: tuple[Anchor, ...]
    avoid: tuple[str, ...]
