"""The verdict on a finished listen. In doubt, no strike."""

from moodroom_hub.domain.models import Cause, DurationMs, ListeningRules, Verdict, VerdictKind
from moodroom_hub.domain.playback.state import Ended

NATURAL_TOLERANCE_MS = 2_500
"""A track that gave way this close to its expected end came to its end by itself."""
SURE_WITHOUT_LOOKING_MS = 12_000
"""A natural end counts as sure if nobody looked for at most so long before it."""
SURE_OFF_THE_END_MS = 2_000
"""The same for a track that the listener left inside the completion margin."""
STRIKE_MARGIN_MS = 400
"""A strike keeps this distance from the threshold, for clocks are no better."""
AUDIBLE_MS = 1_000
"""A track that gave way sooner was never heard: the player passed over it by itself."""


def judge(ended: Ended, rules: ListeningRules, *, is_learning: bool = True) -> Verdict:
    """What the finished listen was. ``is_learning`` false keeps the kind, and names learning off as the cause."""
    kind, cause, is_sure = _decide(ended, rules)
    if not is_learning and cause in {Cause.LISTENER, Cause.NATURAL}:
        cause = Cause.LEARNING_OFF
    return Verdict(kind=kind, cause=cause, end=ended.end, is_sure=is_sure)


def _decide(ended: Ended, rules: ListeningRules) -> tuple[VerdictKind, Cause, bool]:
    end, duration = ended.end, ended.listening.track.duration_ms
    if duration is not None:
        complete_ms = max(0, duration - rules.completion_margin_ms)
        is_at_end = end.estimate_ms >= duration - ended.early_end_ms - NATURAL_TOLERANCE_MS
        cause = Cause.NATURAL if is_at_end else Cause.LISTENER
        if end.lo_ms >= complete_ms:
            return VerdictKind.COMPLETED, cause, True
        if ended.forced is None and end.estimate_ms >= complete_ms:
            limit_ms = SURE_WITHOUT_LOOKING_MS if is_at_end else SURE_OFF_THE_END_MS
            return VerdictKind.COMPLETED, cause, ended.unseen_ms <= limit_ms
    if ended.forced is not None:
        return VerdictKind.PARTIAL, ended.forced, False
    if not ended.listening.track.is_playable or end.hi_ms < AUDIBLE_MS:
        return VerdictKind.PARTIAL, Cause.UNPLAYABLE, False
    if ended.listening.heard_ms >= rules.skip_threshold_ms:
        # Heard for long, begun anew and left early: where it ended does not tell that it was disliked.
        return VerdictKind.PARTIAL, Cause.LISTENER, True
    return _skip_or_partial(end.lo_ms, end.estimate_ms, end.hi_ms, rules)


def _skip_or_partial(
    low: DurationMs, estimate: DurationMs, high: DurationMs, rules: ListeningRules
) -> tuple[VerdictKind, Cause, bool]:
    if high < rules.skip_threshold_ms - STRIKE_MARGIN_MS:
        return VerdictKind.SKIPPED, Cause.LISTENER, True
    if estimate >= rules.skip_threshold_ms:
        return VerdictKind.PARTIAL, Cause.LISTENER, low >= rules.skip_threshold_ms
    return VerdictKind.PARTIAL, Cause.UNCERTAIN, False
