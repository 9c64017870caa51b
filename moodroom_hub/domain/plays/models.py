"""Plays as types: what counts as played, what is remembered of it, and what becomes of it elsewhere."""

from dataclasses import dataclass
from enum import StrEnum

from moodroom_hub.domain.models import DurationMs, EpochMs, RoomSlug, Tier, Track, ZoneName


@dataclass(frozen=True, slots=True)
class CountingRules:
    """When a listen counts as played, by the time that was really listened.

    A track of known length counts once ``share`` of it was listened to, yet not before ``at_least_ms`` and at the
    latest after ``at_most_ms``; one shorter than ``minimum_ms`` (``is_minimum_enough`` false: not longer) never does.
    ``without_length_ms`` is for streams and whatever else has no known length. ``None``: no such limit.
    """

    name: str
    share: float
    minimum_ms: DurationMs = DurationMs(0)
    is_minimum_enough: bool = True
    at_least_ms: DurationMs = DurationMs(0)
    at_most_ms: DurationMs | None = None
    without_length_ms: DurationMs = DurationMs(240_000)


@dataclass(frozen=True, slots=True)
class Hearing:
    """One listen as far as counting goes; it outlives interruptions that the fold takes for two listens.

    ``heard_ms`` is what was heard of it up to its last look, in all; ``position_ms`` / ``seen_at_ms`` are where and
    when it was seen last. ``counted_at_ms``: when it counted, if it did; ``heard_when_counted_ms`` how much had been
    heard then. ``unsure_ms``: so much of its end was reckoned while no player was to be seen: it may have been left so
    much earlier. ``why`` says in one line how its parts were joined.
    """

    track: Track
    began_at_ms: EpochMs
    seen_at_ms: EpochMs
    position_ms: DurationMs
    heard_ms: DurationMs = DurationMs(0)
    counted_at_ms: EpochMs | None = None
    heard_when_counted_ms: DurationMs = DurationMs(0)
    room: RoomSlug | None = None
    tier: Tier | None = None
    ledger_id: int | None = None
    why: str = ""
    unsure_ms: DurationMs = DurationMs(0)


@dataclass(frozen=True, slots=True)
class Tally:
    """One zone's counting, written with the fold's state. ``former`` are the hearings that may go on, newest first.

    ``looked_at_ms`` is when somebody last saw what the player does: what began since can't have been heard for longer.
    """

    current: Hearing | None = None
    former: tuple[Hearing, ...] = ()
    looked_at_ms: EpochMs | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A hearing has just passed the threshold. A happening of ``domain.session``; the core decides if it is new."""

    hearing: Hearing
    threshold_ms: DurationMs
    position_ms: DurationMs
    at_ms: EpochMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A hearing that passed the threshold, and what was decided about it.

    ``twin_of``: another play that was the same listen, seen by another source; then it is told and sent nowhere.
    ``why`` explains the decision to a person. ``offset_ms`` is position minus wall time when it counted: two sources
    that see one playback agree about it. ``rules`` names the profile that counted it.
    """

    id: int
    zone: ZoneName
    track: Track
    began_at_ms: EpochMs
    counted_at_ms: EpochMs
    heard_ms: DurationMs
    threshold_ms: DurationMs
    offset_ms: int
    rules: str
    why: str
    twin_of: int | None = None
    room: RoomSlug | None = None
    tier: Tier | None = None
    ledger_id: int | None = None


class DeliveryStatus(StrEnum):
    """Where a play stands on its way to a service."""

    WAITING = "waiting"
    SENDING = "sending"
    """Written before the request leaves; found so after a crash, its outcome is unknown."""
    SENT = "sent"
    DEAD = "dead"
    """The service refused it for good, or too often; a person may edit it and send it again."""
    LEFT_OUT = "left_out"
    """Not for this service: no artist, a zone that is not scrobbled, a person's wish."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person corrected before a play is sent; ``None`` leaves a field as it was."""

    name: str | None = None
    artist: str | None = None
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One play on its way to one service (``target``: ``lastfm``, ``listenbrainz``).

    ``reason`` is one line: why it waits, is dead or was left out. ``next_try_ms``: not before.
    """

    play_id: int
    target: str
    status: DeliveryStatus
    at_ms: EpochMs
    tries: int = 0
    next_try_ms: EpochMs = EpochMs(0)
    reason: str = ""
    edit: Edit | None = None


@dataclass(frozen=True, slots=True)
class Artwork:
    """A picture of a track's album by address; the picture itself is never kept.

    ``source`` is who gave it, as people say it; ``page_url`` the page that the source asks to be linked, if it does.
    """

    url: str
    source: str
    page_url: str | None = None


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """What others know of a track. ``mbid`` is the recording at MusicBrainz; ``genres``: the most agreed on first."""

    mbid: str | None = None
    release_mbid: str | None = None
    artist_mbid: str | None = None
    year: int | None = None
    label: str | None = None
    genres: tuple[str, ...] = ()
    isrc: str | None = None
    source: str = ""
