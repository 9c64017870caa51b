"""Where a listen ended: an interval that holds the truth, and the best guess inside it."""

from moodroom_hub.domain.models import DurationMs, EndInterval, EpochMs
from moodroom_hub.domain.playback.state import OUTDATED_ANSWER_MS, Listening


def end_interval(listening: Listening, gave_way_ms: EpochMs, seen_ms: EpochMs, uncertainty_ms: int = 0) -> EndInterval:
    """Where in its track ``listening`` ended.

    ``gave_way_ms`` is when the next track must have begun if it played undisturbed (its sighting minus its
    position); ``seen_ms`` is when that next track was first seen. All in epoch milliseconds.
    """
    last = listening.last
    low: int = last.position_ms
    slack = last.uncertainty_ms + uncertainty_ms
    if not last.is_playing:
        # It may have been resumed at any moment since; it surely did not go back.
        high = low + max(0, min(gave_way_ms, seen_ms) - last.at_ms) + slack
        estimate = low
    elif gave_way_ms >= last.at_ms:
        estimate = last.offset_ms + gave_way_ms
        high = listening.high_offset_ms + gave_way_ms + slack
    elif last.at_ms - gave_way_ms <= OUTDATED_ANSWER_MS:
        # The last sighting was an answer out of date: the track had given way a moment before.
        estimate = low = max(0, last.offset_ms + gave_way_ms)
        high = max(last.position_ms, listening.high_offset_ms + last.at_ms) + slack
    else:
        # The next track claims to have begun before this one was last seen: it was not played from its start.
        estimate = low + max(0, seen_ms - last.at_ms) // 2
        high = listening.high_offset_ms + seen_ms + slack
    if listening.track.duration_ms is not None:
        limit = listening.track.duration_ms
        low, estimate, high = min(low, limit), min(estimate, limit), min(high, limit)
    high = max(high, low)
    return EndInterval(DurationMs(low), DurationMs(min(max(estimate, low), high)), DurationMs(high))
