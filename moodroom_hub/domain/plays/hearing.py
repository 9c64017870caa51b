"""How long each track was really listened to, look by look, and the moment at which that counts.

The fold tells listens apart by the player's doings; a hearing is what a person would call one time of listening to a
track. It outlives interruptions, and a track begun anew after it has counted is another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from moodroom_hub.domain.models import DurationMs, EpochMs, LedgerEntry, PlaybackSnapshot, Playing, Track
from moodroom_hub.domain.playback import Ended, Listening, PlaybackState, Sighting, Started, Transition
from moodroom_hub.domain.plays.joining import (
    AT_START_MS,
    CLOSE_LOOKS_MS,
    goes_on,
    is_same,
    is_stream,
    joined,
    kept,
    lead_ms,
    may_be_fresh,
    was_moved_meanwhile,
    without,
)
from moodroom_hub.domain.plays.models import CountingRules, Hearing, Reached, Tally
from moodroom_hub.domain.plays.rules import WHOLE_TOLERANCE_MS, is_reached, threshold_ms

DRIFT_MS = 1_500
"""So far a position may stray from the reckoned one before somebody moved it."""
EARLY_END_LIMIT_MS = 13_000
"""The longest crossfade, which may be on for some queues only: nobody can learn it from the tracks before."""
INEXACT_MS = 1_000
"""Players that tell whole seconds are off by as much between two looks."""
STEADY_LOOKS_MS = 25_000
"""The slowest looks at a player that plays: one that played at two of them, moved back meanwhile, hardly paused."""
STREAM_LOOKS_MS = 60_000
"""A stream that played at two looks no further apart played in between."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The tally after a look. ``at_end`` counted only when their listen ended, ``now`` at the look itself."""

    tally: Tally
    at_end: tuple[Reached, ...] = ()
    now: tuple[Reached, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """One look, as far as counting needs it: what the fold made of it, and whose the tracks are."""

    snapshot: PlaybackSnapshot
    before: PlaybackState
    after: PlaybackState
    transitions: Sequence[Transition]
    was: LedgerEntry | None = None
    now: LedgerEntry | None = None


def move_on(tally: Tally, look: Look, rules: CountingRules) -> Moved:
    """Count one look."""
    at_ms = look.snapshot.at_ms
    unseen_ms = None if tally.looked_at_ms is None else max(0, at_ms - tally.looked_at_ms)
    tally = _inherited(tally, look)
    ended = next((each for each in look.transitions if isinstance(each, Ended)), None)
    started = next((each for each in look.transitions if isinstance(each, Started)), None)
    at_end: tuple[Reached, ...] = ()
    now: tuple[Reached, ...] = ()
    if ended is not None and started is not None and _is_relinked(tally, started, at_ms, unseen_ms):
        tally = _again(tally, ended.listening.last, started.listening, look, unseen_ms)
    else:
        if ended is not None:
            tally, at_end = _end(tally, ended, look, rules)
        if started is not None:
            tally = _start(tally, started, look, unseen_ms)
        elif ended is None and look.before.listening is not None and look.after.listening is not None:
            if _came_round(look.before.listening.last, look.after.listening):
                tally, at_end = _round(tally, look.before.listening.last, look.after.listening, look, rules)
            else:
                tally = _again(tally, look.before.listening.last, look.after.listening, look, unseen_ms)
    listening = look.after.listening
    if tally.current is not None and listening is not None:
        hearing, now = _count(tally.current, rules, at_ms, listening.last.position_ms, is_at_end=False)
        tally = replace(tally, current=hearing)
    return Moved(_looked(tally, look), at_end, now)


def counts_in_ms(tally: Tally, playback: PlaybackState, rules: CountingRules, now_ms: EpochMs) -> DurationMs | None:
    """How long until what plays will have counted, if it goes on; ``None``: it has, never will, or does not play."""
    hearing, listening = tally.current, playback.listening
    if hearing is None or hearing.counted_at_ms is not None or listening is None or not listening.last.is_playing:
        return None
    needed_ms = threshold_ms(rules, hearing.track.duration_ms)
    if needed_ms is None or playback.nothing_since_ms is not None:
        return None
    return DurationMs(max(0, needed_ms - hearing.heard_ms - (now_ms - hearing.seen_at_ms)))


def _looked(tally: Tally, look: Look) -> Tally:
    doubted = look.after.doubted
    is_doubted = doubted is not None and doubted.at_ms == look.snapshot.at_ms
    if look.snapshot.playing is Playing.UNKNOWN or is_doubted:
        return tally
    return replace(tally, looked_at_ms=look.snapshot.at_ms)


def _inherited(tally: Tally, look: Look) -> Tally:
    """A session that was stored before anything was counted has a listen under way, and no tally."""
    listening = look.before.listening
    if tally.looked_at_ms is not None or tally.current is not None or listening is None:
        return tally
    began = _begun(listening.track, listening.began_at_ms, listening.last, look.was)
    return replace(tally, current=replace(began, heard_ms=listening.heard_ms))


def _begun(track: Track, began_at_ms: EpochMs, last: Sighting, entry: LedgerEntry | None) -> Hearing:
    return Hearing(
        track=track if entry is None else as_known(track, entry.track),
        began_at_ms=began_at_ms,
        seen_at_ms=last.at_ms,
        position_ms=last.position_ms,
        room=None if entry is None else entry.room,
        tier=None if entry is None else entry.tier,
        ledger_id=None if entry is None else entry.id,
    )


def as_known(played: Track, drawn: Track) -> Track:
    """What plays, by the names under which it was drawn: some players tell all artists as one, and no ISRC."""
    return replace(
        played,
        name=drawn.name or played.name,
        artists=drawn.artists or played.artists,
        isrc=played.isrc or drawn.isrc,
        album=played.album or drawn.album,
        year=drawn.year if played.year is None else played.year,
    )


def _is_relinked(tally: Tally, started: Started, at_ms: EpochMs, unseen_ms: int | None) -> bool:
    """Whether the player only calls by another uri what goes on sounding."""
    hearing, listening = tally.current, started.listening
    if hearing is None or started.is_repeat or is_stream(listening.track):
        return False
    return goes_on(hearing, listening.track, listening.last.position_ms, at_ms, unseen_ms)


def _end(tally: Tally, ended: Ended, look: Look, rules: CountingRules) -> tuple[Tally, tuple[Reached, ...]]:
    hearing = tally.current
    if hearing is None:
        return tally, ()
    last, duration = ended.listening.last, ended.listening.track.duration_ms
    ran_to_ms = last.position_ms + ended.at_ms - last.at_ms
    heard_ms = min(ended.end.estimate_ms - last.position_ms, ended.at_ms - last.at_ms) if last.is_playing else 0
    is_overdue = duration is not None and ran_to_ms > duration + WHOLE_TOLERANCE_MS
    if is_overdue or is_stream(ended.listening.track):
        # Others may have played since: what nobody saw is not made up, save for a moment.
        heard_ms = min(heard_ms, CLOSE_LOOKS_MS)
    end_ms = ended.end.estimate_ms
    if look.before.is_idle and look.before.nothing_since_ms is not None:
        # A player was there that had nothing to play: it can have sounded before that only.
        heard_ms = min(heard_ms, max(0, look.before.nothing_since_ms - last.at_ms))
        end_ms = DurationMs(min(end_ms, last.position_ms + heard_ms))
    gone_ms = look.before.nothing_since_ms
    unsure_ms = 0 if gone_ms is None else max(0, heard_ms - max(0, gone_ms - last.at_ms))
    is_at_end = (
        last.is_playing and duration is not None and end_ms >= duration - ended.early_end_ms - WHOLE_TOLERANCE_MS
    )
    hearing = replace(
        hearing,
        heard_ms=DurationMs(hearing.heard_ms + max(0, heard_ms)),
        position_ms=end_ms,
        seen_at_ms=ended.at_ms,
        unsure_ms=DurationMs(unsure_ms),
    )
    if _vanished(look, ended):
        # Nobody saw it come so far. Where it goes on will tell how far it came; else it is not made up.
        return replace(tally, current=None, former=kept(hearing, tally.former)), ()
    hearing, reached = _count(hearing, rules, ended.at_ms, end_ms, is_at_end=is_at_end)
    return replace(tally, current=None, former=kept(hearing, tally.former)), reached


def _vanished(look: Look, ended: Ended) -> bool:
    """Whether the player was gone before the track can have come to its end, and is not back at that end now."""
    before, last, duration_ms = look.before, ended.listening.last, ended.listening.track.duration_ms
    if before.nothing_since_ms is None or not before.is_lost or not last.is_playing:
        return False
    now = look.snapshot
    if now.track is not None and now.is_playing and is_same(now.track, ended.listening.track):
        return (now.position_ms or 0) < last.position_ms
    if duration_ms is None or before.nothing_since_ms - last.at_ms > STEADY_LOOKS_MS:
        return True  # it answered nobody before that either
    end_ms = last.at_ms + duration_ms - last.position_ms - ended.early_end_ms - WHOLE_TOLERANCE_MS
    return before.nothing_since_ms < end_ms


def _start(tally: Tally, started: Started, look: Look, unseen_ms: int | None) -> Tally:
    if look.snapshot.playing is Playing.EPISODE:
        return replace(tally, current=None)  # talk is no music that one plays
    listening, at_ms = started.listening, look.snapshot.at_ms
    last = listening.last
    former, went_on_ms = (None, 0) if started.is_repeat else _left_before(tally, listening.track, look, last, unseen_ms)
    if former is not None:
        hearing = replace(
            joined(former, last.position_ms, at_ms),
            seen_at_ms=at_ms,
            position_ms=last.position_ms,
            heard_ms=DurationMs(max(0, former.heard_ms + went_on_ms)),
        )
        return replace(tally, current=hearing, former=tuple(each for each in tally.former if each is not former))
    heard_ms = lead_ms(last.position_ms, unseen_ms, is_playing=last.is_playing)
    began = _begun(listening.track, EpochMs(at_ms - heard_ms), last, look.now)
    return replace(tally, current=replace(began, heard_ms=heard_ms), former=without(tally.former, listening.track))


def _left_before(
    tally: Tally, track: Track, look: Look, last: Sighting, unseen_ms: int | None
) -> tuple[Hearing | None, int]:
    """The hearing that goes on with this start, if one does, and how much more (or less) was heard of it meanwhile."""
    for former in tally.former:
        if goes_on(former, track, last.position_ms, look.snapshot.at_ms, unseen_ms):
            # Behind where it was thought to be left: then it was left there, and so much less was heard of it.
            went_on_ms = min(last.position_ms - former.position_ms, (unseen_ms or 0) if last.is_playing else 0)
            return former, 0 if is_stream(track) else went_on_ms
    newest = tally.former[0] if tally.former else None
    if newest is not None and was_moved_meanwhile(newest, track, last.position_ms, unseen_ms):
        return newest, 0
    return None, 0


def _again(tally: Tally, last: Sighting, listening: Listening, look: Look, unseen_ms: int | None) -> Tally:
    """The listen under way was seen again (``last`` is the sighting before)."""
    hearing, now = tally.current, listening.last
    if hearing is None or now is last:
        return tally
    is_endless = is_stream(listening.track)
    if hearing.counted_at_ms is not None and not is_endless and _went_to_start(last, now, _leapt_ms(look, unseen_ms)):
        heard_ms = lead_ms(now.position_ms, unseen_ms, is_playing=now.is_playing)
        began = _begun(listening.track, EpochMs(now.at_ms - heard_ms), now, look.now)
        return replace(tally, current=replace(began, heard_ms=heard_ms, why="begun anew after it had counted"))
    heard = _heard_between(last, now, look.before, unseen_ms, is_endless=is_endless)
    return replace(
        tally,
        current=replace(
            hearing,
            heard_ms=DurationMs(hearing.heard_ms + heard),
            seen_at_ms=now.at_ms,
            position_ms=now.position_ms,
        ),
    )


def _came_round(last: Sighting, listening: Listening) -> bool:
    """Whether the track ran to a crossfade before its end and began again: where it stands fits that exactly."""
    now, duration_ms = listening.last, listening.track.duration_ms
    began_ms = now.at_ms - now.position_ms
    if duration_ms is None or not (last.is_playing and now.is_playing) or began_ms <= last.at_ms:
        return False
    if now.position_ms >= last.position_ms - DRIFT_MS or now.at_ms - last.at_ms <= CLOSE_LOOKS_MS:
        return False  # where looks are close, a listener who went back is as likely
    ran_to_ms = last.position_ms + began_ms - last.at_ms
    return duration_ms - EARLY_END_LIMIT_MS <= ran_to_ms <= duration_ms + WHOLE_TOLERANCE_MS


def _round(
    tally: Tally, last: Sighting, listening: Listening, look: Look, rules: CountingRules
) -> tuple[Tally, tuple[Reached, ...]]:
    """The listen under way came to its end, and the same track began by itself."""
    now = listening.last
    reached: tuple[Reached, ...] = ()
    began_ms = EpochMs(now.at_ms - now.position_ms)
    former = tally.former
    if tally.current is not None:
        ran_ms = began_ms - last.at_ms
        whole = replace(
            tally.current,
            heard_ms=DurationMs(tally.current.heard_ms + ran_ms),
            seen_at_ms=began_ms,
            position_ms=DurationMs(last.position_ms + ran_ms),
        )
        _, reached = _count(whole, rules, began_ms, whole.position_ms, is_at_end=False)
        former = without(former, listening.track)
    began = _begun(listening.track, began_ms, now, look.now)
    return replace(tally, current=replace(began, heard_ms=now.position_ms, why="played again"), former=former), reached


def _leapt_ms(look: Look, unseen_ms: int | None) -> int | None:
    """How long ago at most somebody moved the track, if anybody did since the look before."""
    after_ms = look.snapshot.leapt_after_ms
    if after_ms is None or unseen_ms is None:
        return unseen_ms
    return min(unseen_ms, max(0, look.snapshot.at_ms - after_ms))


def _went_to_start(last: Sighting, now: Sighting, unseen_ms: int | None) -> bool:
    if now.position_ms - last.position_ms >= -DRIFT_MS:
        return False
    if not now.is_playing:
        return may_be_fresh(now.position_ms, None)
    # Begun anew before the last look it can't be: that one saw it elsewhere.
    return now.position_ms <= max(AT_START_MS, (unseen_ms or 0) + INEXACT_MS)


def _heard_between(
    last: Sighting, now: Sighting, before: PlaybackState, unseen_ms: int | None, *, is_endless: bool
) -> int:
    """How much sounded between two looks at the same listen: never longer than the time between them."""
    elapsed_ms, advanced_ms = max(0, now.at_ms - last.at_ms), now.position_ms - last.position_ms
    if not last.is_playing and not now.is_playing:
        return 0
    if is_endless and elapsed_ms <= STREAM_LOOKS_MS:
        return elapsed_ms if last.is_playing and now.is_playing else max(0, min(advanced_ms, elapsed_ms))
    if not last.is_playing:
        # Gone on since the last look; whoever is further than time allows was moved there, nobody knows when.
        elapsed_ms = elapsed_ms if unseen_ms is None else min(elapsed_ms, unseen_ms)
        return max(0, advanced_ms) if advanced_ms <= elapsed_ms + DRIFT_MS else 0
    if abs(advanced_ms - elapsed_ms) <= DRIFT_MS and now.is_playing:
        return max(0, advanced_ms)
    if advanced_ms < 0:
        return elapsed_ms if now.is_playing and elapsed_ms <= STEADY_LOOKS_MS else 0
    if before.nothing_since_ms is not None and unseen_ms is not None:
        # No player was there meanwhile: it can have sounded before that and after it only.
        elapsed_ms = min(elapsed_ms, max(0, before.nothing_since_ms - last.at_ms) + unseen_ms)
    return min(advanced_ms, elapsed_ms)


def _count(
    hearing: Hearing, rules: CountingRules, at_ms: EpochMs, position_ms: DurationMs, *, is_at_end: bool
) -> tuple[Hearing, tuple[Reached, ...]]:
    duration_ms = hearing.track.duration_ms
    needed_ms = threshold_ms(rules, duration_ms)
    if hearing.counted_at_ms is not None or needed_ms is None:
        return hearing, ()
    if not is_reached(rules, duration_ms, hearing.heard_ms, is_at_end=is_at_end):
        return hearing, ()
    counted = replace(hearing, counted_at_ms=at_ms, heard_when_counted_ms=hearing.heard_ms)
    return counted, (Reached(counted, needed_ms, position_ms, at_ms),)
