"""Fold one snapshot into the state of a zone. Pure: the same snapshots give the same listens, for ever."""

from dataclasses import replace

from moodroom_hub.domain.models import Cause, Device, DurationMs, EpochMs, PlaybackSnapshot, Playing, Track
from moodroom_hub.domain.playback.interval import end_interval
from moodroom_hub.domain.playback.state import (
    EARLY_ENDS_KEPT,
    Back,
    Ended,
    Listening,
    Lost,
    OwnAct,
    PausedAt,
    PlaybackState,
    ResumedAt,
    Sighting,
    Started,
    Stopped,
    Transition,
    position_at,
)

DRIFT_MS = 1_500
"""So far a position may stray from the reckoned one before it means something."""
REPEAT_TOLERANCE_MS = 2_500
LOST_AFTER_MS = 8_000
"""One empty answer is a hiccup; only so long a silence is a lost player."""
FORGET_LOST_AFTER_MS = 30 * 60_000
OUTDATED_RETURN_MS = 5_000
"""For so long after a change, an answer that shows the former track again needs a second one to be believed."""
OWN_ACT_HOLDS_MS = 20_000
OWN_ACT_TAKES_MS = 1_500
STUCK_AT_END_MS = 5_000
STOOD_WITHIN_MS = 10_000
"""What goes on so near to where it was seen last was not played in between."""
EARLY_END_LIMIT_MS = 13_000
"""The longest crossfade that Spotify offers is 12 s."""

Folded = tuple[PlaybackState, tuple[Transition, ...]]


def fold(state: PlaybackState, snapshot: PlaybackSnapshot, gap: Cause | None = None) -> Folded:
    """Give the state after ``snapshot`` and what changed, in order.

    ``gap`` says why nobody could look since the last snapshot (``HUB_DOWN``, ``RATE_LIMITED`` ...); a listen
    that ended meanwhile gets it as its cause.
    """
    if snapshot.playing in {Playing.NOTHING, Playing.IDLE}:
        return _nothing(state, snapshot, is_there=snapshot.playing is Playing.IDLE)
    back: tuple[Transition, ...] = (Back(),) if state.is_lost else ()
    forced = Cause.DEVICE_LOST if _was_lost(state, snapshot.at_ms) else gap
    state = replace(state, nothing_since_ms=None, is_lost=False, is_idle=False)
    if snapshot.playing is Playing.ADVERT:
        state, changes = _advert(state, snapshot, forced)
    elif snapshot.playing is Playing.INPUT:
        state, changes = _input(state, snapshot, forced)
    elif snapshot.playing is Playing.UNKNOWN or snapshot.track is None or snapshot.position_ms is None:
        changes = ()
    else:
        state = replace(state, is_advert=False, is_input=False)
        state, changes = _track(state, snapshot, snapshot.track, snapshot.position_ms, forced)
    return state, back + changes


def _nothing(state: PlaybackState, snapshot: PlaybackSnapshot, *, is_there: bool) -> Folded:
    """No track and nothing else: no player answers, or one is there that has nothing to play."""
    if is_there and state.is_lost:
        return replace(state, is_lost=False, is_idle=True), (Back(),)
    since = state.nothing_since_ms
    if since is None or (state.is_idle and not is_there):
        return replace(state, nothing_since_ms=snapshot.at_ms, is_idle=False), ()
    silent_ms = snapshot.at_ms - since
    if is_there and not state.is_idle and silent_ms >= LOST_AFTER_MS:
        return _emptied(replace(state, is_idle=True), since)
    if not is_there and not state.is_lost and silent_ms >= LOST_AFTER_MS:
        return replace(state, is_lost=True, is_idle=False), (Lost(),)
    if state.listening is not None and silent_ms >= FORGET_LOST_AFTER_MS:
        ended = _ended(state, state.listening, since, since, Cause.DEVICE_LOST)
        return _left(state, state.listening, since), (ended,)
    return state, ()


def _emptied(state: PlaybackState, since: EpochMs) -> Folded:
    """The player is there and has nothing any more: whoever looks shall not be told that the last track plays on."""
    if state.listening is None:
        return state, ()
    ended = _ended(state, state.listening, since, since, Cause.DEVICE_LOST)
    return _left(state, state.listening, since), (ended,)


def _was_lost(state: PlaybackState, now_ms: EpochMs) -> bool:
    """Whether no player answered for so long that it may have vanished; a listener may skip during a hiccup."""
    since = state.nothing_since_ms
    return state.is_lost or (since is not None and now_ms - since >= LOST_AFTER_MS)


def _advert(state: PlaybackState, snapshot: PlaybackSnapshot, forced: Cause | None) -> Folded:
    state, changes = _interrupted(state, snapshot, forced or Cause.ADVERT)
    return replace(state, is_advert=True, is_input=False), changes


def _input(state: PlaybackState, snapshot: PlaybackSnapshot, forced: Cause | None) -> Folded:
    state, changes = _interrupted(state, snapshot, forced or Cause.TAKEOVER)
    return replace(state, is_advert=False, is_input=True, finished_uri=None), changes


def _interrupted(state: PlaybackState, snapshot: PlaybackSnapshot, cause: Cause) -> Folded:
    """Something that is no track sounds: the listen is over, and by no will that says anything about the track."""
    if state.listening is None:
        return state, ()
    began = EpochMs(snapshot.at_ms - (snapshot.position_ms or 0))
    ended = _ended(state, state.listening, began, snapshot.at_ms, cause)
    return _left(state, state.listening, snapshot.at_ms), (ended,)


def _track(
    state: PlaybackState,
    snapshot: PlaybackSnapshot,
    track: Track,
    position_ms: DurationMs,
    forced: Cause | None,
) -> Folded:
    sighting = Sighting(snapshot.at_ms, position_ms, snapshot.is_playing, snapshot.uncertainty_ms)
    listening = state.listening
    if listening is not None and listening.track.uri == track.uri:
        return _same(replace(state, doubted=None), listening, sighting, snapshot, forced)
    if listening is None:
        if state.finished_uri == track.uri and not snapshot.is_playing:
            return state, ()
        return _start(state, snapshot, track, sighting)
    if _is_outdated(state, listening, track, sighting):
        return replace(state, doubted=sighting), ()
    began = EpochMs(sighting.at_ms - position_ms)
    forced = forced or _own_cause(state, listening, began, sighting.at_ms)
    if forced is None and _device(snapshot.device) != listening.device:
        forced = Cause.TRANSFERRED
    ended = _ended(state, listening, began, sighting.at_ms, forced, sighting.uncertainty_ms)
    state, started = _start(_left(state, listening, sighting.at_ms, ended), snapshot, track, sighting)
    return state, (ended, *started)


def _same(
    state: PlaybackState,
    listening: Listening,
    sighting: Sighting,
    snapshot: PlaybackSnapshot,
    forced: Cause | None,
) -> Folded:
    duration = listening.track.duration_ms
    reckoned_ms = position_at(listening, sighting.at_ms)
    if duration is not None and listening.last.is_playing:
        began = EpochMs(sighting.at_ms - sighting.position_ms)
        is_due = position_at(listening, began) >= duration - state.early_end_ms - REPEAT_TOLERANCE_MS
        went_back = sighting.position_ms < reckoned_ms - REPEAT_TOLERANCE_MS
        is_after = began > listening.last.at_ms - REPEAT_TOLERANCE_MS
        if sighting.is_playing and went_back and is_due and is_after and not _stood(state, listening, sighting, forced):
            ended = _ended(state, listening, began, sighting.at_ms, forced, sighting.uncertainty_ms)
            state = _left(state, listening, sighting.at_ms, ended)
            state, started = _start(state, snapshot, listening.track, sighting, is_repeat=True)
            return state, (ended, *started)
        overdue_ms = sighting.at_ms - (listening.last.at_ms + duration - listening.last.position_ms)
        is_at_edge = sighting.position_ms <= DRIFT_MS or sighting.position_ms >= duration - DRIFT_MS
        is_over = overdue_ms >= -DRIFT_MS if not sighting.is_playing else overdue_ms >= STUCK_AT_END_MS
        if is_over and is_at_edge and (not sighting.is_playing or sighting.position_ms > DRIFT_MS):
            gave_way = EpochMs(listening.last.at_ms + duration - listening.last.position_ms)
            ended = _ended(state, listening, gave_way, sighting.at_ms, forced)
            state = replace(_left(state, listening, sighting.at_ms), finished_uri=listening.track.uri)
            return state, (ended, Stopped(listening.track))
    updated = _seen_again(listening, sighting, snapshot)
    state = replace(state, listening=updated)
    if sighting.is_playing == listening.last.is_playing:
        return state, ()
    kind = ResumedAt if sighting.is_playing else PausedAt
    return state, (kind(listening.track, sighting.position_ms),)


def _stood(state: PlaybackState, listening: Listening, sighting: Sighting, forced: Cause | None) -> bool:
    """Whether it rather stood still while nobody looked and goes on where it was, than ended and came round again."""
    advanced_ms = sighting.position_ms - listening.last.position_ms
    if advanced_ms < -DRIFT_MS or (advanced_ms > STOOD_WITHIN_MS and forced is not Cause.DEVICE_LOST):
        return False
    round_ms = sighting.at_ms - listening.last.at_ms - advanced_ms
    one_round_ms = (listening.track.duration_ms or 0) - state.early_end_ms
    return abs(round_ms - one_round_ms) > REPEAT_TOLERANCE_MS


def _seen_again(listening: Listening, sighting: Sighting, snapshot: PlaybackSnapshot) -> Listening:
    last = listening.last
    elapsed_ms = max(0, sighting.at_ms - last.at_ms)
    high = sighting.offset_ms
    if last.is_playing and sighting.is_playing:
        drift_ms = sighting.offset_ms - last.offset_ms
        if drift_ms < -DRIFT_MS:
            high = max(listening.high_offset_ms, high)
        elif drift_ms <= DRIFT_MS:
            high = max(last.offset_ms, high)
    heard_ms = max(0, min(elapsed_ms, sighting.position_ms - last.position_ms)) if last.is_playing else 0
    return replace(
        listening,
        last=sighting,
        high_offset_ms=high,
        device=_device(snapshot.device),
        context_uri=snapshot.context_uri,
        heard_ms=DurationMs(listening.heard_ms + heard_ms),
    )


def _start(
    state: PlaybackState,
    snapshot: PlaybackSnapshot,
    track: Track,
    sighting: Sighting,
    *,
    is_repeat: bool = False,
) -> Folded:
    listening = Listening(
        track=track,
        began_at_ms=EpochMs(sighting.at_ms - sighting.position_ms),
        last=sighting,
        high_offset_ms=sighting.offset_ms,
        device=_device(snapshot.device),
        context_uri=snapshot.context_uri,
    )
    state = replace(
        state,
        listening=listening,
        changed_at_ms=sighting.at_ms,
        doubted=None,
        own_act=_shown(state.own_act),
        finished_uri=None,
    )
    return state, (Started(listening, is_repeat),)


def _ended(
    state: PlaybackState,
    listening: Listening,
    gave_way_ms: EpochMs,
    seen_ms: EpochMs,
    forced: Cause | None,
    uncertainty_ms: int = 0,
) -> Ended:
    at_ms = EpochMs(max(min(gave_way_ms, seen_ms), listening.last.at_ms))
    return Ended(
        listening=listening,
        at_ms=at_ms,
        end=end_interval(listening, gave_way_ms, seen_ms, uncertainty_ms),
        unseen_ms=DurationMs(at_ms - listening.last.at_ms),
        forced=forced,
        early_end_ms=state.early_end_ms,
    )


def _left(state: PlaybackState, listening: Listening, at_ms: EpochMs, ended: Ended | None = None) -> PlaybackState:
    early = state.early_ends_ms
    duration = listening.track.duration_ms
    if ended is not None and ended.forced is None and duration is not None:
        early_ms = duration - ended.end.estimate_ms
        if early_ms <= EARLY_END_LIMIT_MS:
            early = (*early, early_ms)[-EARLY_ENDS_KEPT:]
    return replace(
        state,
        listening=None,
        former=listening,
        changed_at_ms=at_ms,
        doubted=None,
        own_act=_shown(state.own_act),
        early_ends_ms=early,
    )


def _own_cause(state: PlaybackState, listening: Listening, gave_way_ms: EpochMs, now_ms: EpochMs) -> Cause | None:
    """Why the hub itself may have ended the listen.

    It did the first change after its act, and all until that act was over: several may lie under one act. And answers
    lag behind: one that shows a track from before the act's end may be out of date for some time after it.
    """
    act = state.own_act
    if act is None:
        return None
    if act.may_be_unseen and listening.began_at_ms <= act.at_ms and listening.last.at_ms <= act.settled_at_ms:
        return act.cause
    if now_ms - act.at_ms > OWN_ACT_HOLDS_MS:
        return None
    return act.cause if not act.has_shown or gave_way_ms <= act.at_ms + OWN_ACT_TAKES_MS else None


def _shown(act: OwnAct | None) -> OwnAct | None:
    return None if act is None else replace(act, has_shown=True)


def _is_outdated(state: PlaybackState, listening: Listening, track: Track, sighting: Sighting) -> bool:
    """Whether the answer may be an old one: it shows the track that just ended, near where it ended."""
    former = state.former
    if former is None or former.track.uri != track.uri or sighting.at_ms - state.changed_at_ms > OUTDATED_RETURN_MS:
        return False
    if sighting.position_ms < former.last.position_ms - DRIFT_MS:
        return False
    doubted = state.doubted
    if doubted is None:
        return True
    return sighting.at_ms - doubted.at_ms < DRIFT_MS // 2 or sighting.position_ms <= doubted.position_ms


def _device(device: Device | None) -> str | None:
    """Devices are known by name and kind: Spotify gives the same one a new id whenever it reconnects."""
    return None if device is None else f"{device.name}\n{device.kind}"
