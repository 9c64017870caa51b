"""Which listens are one hearing: whether a track that begins to be seen goes on where one was left, or begins anew."""

from dataclasses import replace

from moodroom_hub.domain.models import DurationMs, EpochMs, Track
from moodroom_hub.domain.plays.models import Hearing
from moodroom_hub.domain.plays.rules import known_length_ms
from moodroom_hub.domain.recording import matches_played

CLOSE_LOOKS_MS = 15_000
"""Between two looks no further apart than this not much can have happened."""
AT_START_MS = 3_000
"""So near to its start a track was begun anew, and not gone on with."""
NEAR_MS = 10_000
"""So far from where it was left a track may go on: players and adverts are not exact."""
STREAM_PAUSE_MS = 600_000
"""A stream has no place to go on from: after so long it is switched on anew."""
OUTDATED_MS = 2_500
FORMER_KEPT = 12
"""Music that is moved from room to room meets what was left in each of them."""
STREAMS_KEPT = 2
"""An hour of a station's songs must not push out the track that goes on afterwards."""


def is_same(one: Track, other: Track) -> bool:
    """Whether two sightings of one zone are the same recording (a player may change its uri on the way)."""
    return matches_played(one, other)


def is_stream(track: Track) -> bool:
    """Whether positions in it mean nothing."""
    return known_length_ms(track.duration_ms) is None


def may_be_fresh(position_ms: int, unseen_ms: int | None) -> bool:
    """Whether a track that stands there may have begun from its start since somebody looked last."""
    return position_ms <= (unseen_ms or 0) + AT_START_MS


def goes_on(hearing: Hearing, track: Track, position_ms: int, at_ms: EpochMs, unseen_ms: int | None) -> bool:
    """Whether ``track``, first seen at ``position_ms``, is ``hearing`` going on. ``unseen_ms``: since the look before.

    Where it stands decides, not how long that was ago: a pause may last a night.
    """
    if not is_same(hearing.track, track):
        return False
    if is_stream(track):
        return at_ms - hearing.seen_at_ms <= STREAM_PAUSE_MS
    close_ms = min(unseen_ms or 0, CLOSE_LOOKS_MS)
    if may_be_fresh(position_ms, close_ms):
        return False
    ahead_ms, behind_ms = position_ms - hearing.position_ms, NEAR_MS + hearing.unsure_ms
    if -behind_ms <= ahead_ms <= NEAR_MS + close_ms:
        return True
    # Nobody looked for long: it may have gone on for that long, unless it rather looks as if begun anew meanwhile.
    return not may_be_fresh(position_ms, unseen_ms) and -behind_ms <= ahead_ms <= NEAR_MS + (unseen_ms or 0)


def was_moved_meanwhile(newest: Hearing, track: Track, position_ms: int, unseen_ms: int | None) -> bool:
    """Whether ``track`` is what was left last, and only its place is another: no player had anything else since."""
    duration_ms = newest.track.duration_ms
    if duration_ms is None or is_stream(track) or not is_same(newest.track, track):
        return False
    has_finished = newest.position_ms >= duration_ms - NEAR_MS
    return not has_finished and not may_be_fresh(position_ms, unseen_ms)


def lead_ms(position_ms: int, unseen_ms: int | None, *, is_playing: bool) -> DurationMs:
    """How much of a track was surely heard before it was first seen at ``position_ms``."""
    if unseen_ms is None:
        return DurationMs(position_ms if position_ms <= AT_START_MS else 0)
    is_close = unseen_ms <= CLOSE_LOOKS_MS
    if position_ms <= unseen_ms + OUTDATED_MS:
        return DurationMs(position_ms if is_playing or is_close else 0)
    # It was begun somewhere in its middle, at some moment since the look before.
    return DurationMs(unseen_ms // 2 if is_playing and is_close else 0)


def without(former: tuple[Hearing, ...], track: Track) -> tuple[Hearing, ...]:
    """The hearings that may go on once ``track`` has begun anew."""
    return tuple(each for each in former if not is_same(each.track, track))


def kept(hearing: Hearing, former: tuple[Hearing, ...]) -> tuple[Hearing, ...]:
    """``former`` with the hearing that was just left."""
    found = (hearing, *without(former, hearing.track))
    streams = [each for each in found if is_stream(each.track)][:STREAMS_KEPT]
    tracks = [each for each in found if not is_stream(each.track)][:FORMER_KEPT]
    return tuple(each for each in found if each in streams or each in tracks)


def both(one: tuple[Hearing, ...], other: tuple[Hearing, ...]) -> tuple[Hearing, ...]:
    """What may go on once the music of two zones is one zone's, newest first."""
    together: tuple[Hearing, ...] = ()
    for hearing in sorted((*one, *other), key=lambda each: each.seen_at_ms):
        together = kept(hearing, together)
    return together


def joined(hearing: Hearing, position_ms: int, at_ms: EpochMs) -> Hearing:
    """The hearing as it goes on, with a word about it."""
    minutes = round((at_ms - hearing.seen_at_ms) / 60_000)
    where = f"{position_ms // 60_000}:{position_ms // 1000 % 60:02}"
    when = f"after {minutes} min" if minutes else "at once"
    return replace(hearing, why=f"went on at {where} {when}", unsure_ms=DurationMs(0))
