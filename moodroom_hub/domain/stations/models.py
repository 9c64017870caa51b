"""The words of stations as types.

A station plays as rooms do: its ledger entries and its session name it by ``station:<key>`` where a room's slug stands,
which no room's slug can be.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType

from moodroom_hub.domain.models import EpochMs, RoomSlug, Track

StationKey = NewType("StationKey", str)
"""A slug, made from the station's name; it stays when the name changes."""

STATION_MARK: Final = "station:"
MOST_SEEDS: Final = 200
LONGEST_NAME: Final = 100


def slug_of(station: StationKey) -> RoomSlug:
    """What sessions and ledgers call it."""
    return RoomSlug(f"{STATION_MARK}{station}")


def station_of(slug: RoomSlug | None) -> StationKey | None:
    """The station that is meant; ``None`` where it is a room's slug, or nothing."""
    if slug is None or not slug.startswith(STATION_MARK):
        return None
    return StationKey(slug.removeprefix(STATION_MARK))


def room_only(slug: RoomSlug | None) -> RoomSlug | None:
    """``slug`` where it is a room's; ``None`` where it is a station's."""
    return slug if station_of(slug) is None else None


@dataclass(frozen=True, slots=True)
class Seed:
    """What a station starts from: an artist, or one of their tracks, which then counts for the artist."""

    artist: str
    track: str = ""


class VoteRule(StrEnum):
    """What a listen says of a track."""

    SKIP = "skip"
    """Skipped within the listening's skip threshold: a dislike. Heard to its end: a like. Else nothing."""
    SHARE = "share"
    """Less than 80 % heard: a dislike; else a like. The seed system's one threshold."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How a station weighs. ``style`` (the seeds), ``likes`` and ``dislikes``: 0 to 3 each, 1 is the usual measure.

    ``adventure``: 0 the familiar, 1 what hardly anybody plays. ``drift``: how far from its seeds the likes may lead
    it, 0 (not at all) to 1 (anywhere).
    """

    style: float = 1.0
    likes: float = 1.0
    dislikes: float = 1.0
    adventure: float = 0.5
    drift: float = 0.5
    rule: VoteRule = VoteRule.SKIP


@dataclass(frozen=True, slots=True)
class Station:
    """A radio. ``origin``: ``typed``, ``playlist:<id>``, ``room:<slug>`` or ``card``. ``room``: the one that it stands
    for, whose ``REMOVED`` tracks it never plays and whose pool it falls back to; ``chance``: the seed of its draws."""

    key: StationKey
    name: str
    seeds: tuple[Seed, ...]
    tuning: Tuning = field(default_factory=Tuning)
    origin: str = "typed"
    room: RoomSlug | None = None
    created_at_ms: EpochMs = EpochMs(0)
    chance: int = 0


class VoteKind(StrEnum):
    """What somebody thinks of a track on a station."""

    LIKE = "like"
    DISLIKE = "dislike"


@dataclass(frozen=True, slots=True)
class Vote:
    """One like or dislike. ``event_id``: the listen's event that it was read from; ``None``: said by hand.

    At most one vote an event and station; ``why`` is one line for a person.
    """

    id: int
    station: StationKey
    kind: VoteKind
    track: Track
    at_ms: EpochMs
    event_id: int | None = None
    why: str = ""
