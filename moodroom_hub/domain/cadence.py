"""When to look next. The hub looks when it matters.

A strike can fall only in a track's first seconds, a promotion only at a discovery's end; skips come in bursts, and
whoever skipped lately will skip again. Everything else can wait. The numbers come from ``benchmarks/listening.py``,
which draws calls per hour against truth and latency.
"""

from dataclasses import dataclass
from math import exp

from moodroom_hub.domain.models import DurationMs, EpochMs, ListeningRules, Tier
from moodroom_hub.domain.playback import PlaybackState, expected_end_ms, latest_end_ms, position_at, settled_at_ms


@dataclass(frozen=True, slots=True)
class Cadence:
    """How long to wait, in milliseconds, in each phase of listening.

    ``burst_ms`` just after a skip, for ``burst_for_ms``. Else between ``calm`` and ``restless``, by how many skips came
    how lately (they fade with ``restless_fade_ms``): ``early`` while a strike can fall, ``middle`` afterwards.
    ``first_ms`` in a track's first ``first_for_ms``, where most skips fall: one of them may begin a burst.
    ``after_end_ms`` past the expected end, then every ``mixing_ms`` while it may come now or later (automix), then
    again after ``overdue_ms``.
    ``before_margin_ms``: so far inside the completion margin a discovery is looked at once more.
    """

    burst_ms: int = 2_500
    burst_for_ms: int = 15_000
    first_ms: int = 5_000
    first_for_ms: int = 15_000
    early_restless_ms: int = 9_000
    early_calm_ms: int = 9_000
    early_for_ms: int = 30_000
    middle_restless_ms: int = 8_000
    middle_calm_ms: int = 30_000
    restless_fade_ms: int = 1_800_000
    hunt_within_ms: int = 20_000
    lone_skip: float = 0.5
    after_end_ms: int = 600
    mixing_ms: int = 1_300
    overdue_ms: tuple[int, ...] = (500, 500, 500, 600, 900, 1_500, 3_000, 5_000)
    before_margin_ms: int = 600
    foreign_ms: int = 20_000
    paused_ms: int = 10_000
    paused_long_ms: int = 30_000
    paused_long_after_ms: int = 60_000
    nothing_ms: int = 10_000
    nothing_long_ms: int = 45_000
    nothing_long_after_ms: int = 300_000
    doubted_ms: int = 1_000
    hiccup_ms: int = 1_500
    stale_tail_ms: int = 3_000


NORMAL = Cadence()
LEAST_MS = 300

ECO = Cadence(
    burst_ms=3_500,
    burst_for_ms=10_500,
    first_ms=7_000,
    early_restless_ms=14_000,
    early_calm_ms=14_000,
    middle_restless_ms=20_000,
    middle_calm_ms=60_000,
    foreign_ms=60_000,
    paused_ms=20_000,
    paused_long_ms=60_000,
    nothing_ms=20_000,
    nothing_long_ms=60_000,
    overdue_ms=(1_500, 4_000, 8_000),
)


@dataclass(frozen=True, slots=True)
class Watch:
    """What the cadence must know beside the fold.

    ``tier`` is the current track's tier where the hub may learn from it, else ``None``. ``skips_at_ms`` are the
    moments of the last skips, ``late_looks`` how many looks already came after the latest end expected.
    ``has_stale_tail``: tracks of a room that was left lie ahead in the queue and must be passed over as soon as they
    surface.
    """

    tier: Tier | None
    skips_at_ms: tuple[EpochMs, ...]
    late_looks: int
    now_ms: EpochMs
    has_stale_tail: bool = False


def next_look_ms(state: PlaybackState, watch: Watch, rules: ListeningRules, cadence: Cadence) -> DurationMs:
    """How many milliseconds from ``watch.now_ms`` the next look should come."""
    listening = state.listening
    if state.doubted is not None:
        return DurationMs(cadence.doubted_ms)
    if listening is None or state.nothing_since_ms is not None:
        return _quiet(state, watch.now_ms, cadence)
    if not listening.last.is_playing:
        stood_ms = watch.now_ms - max(state.changed_at_ms, listening.began_at_ms + listening.heard_ms)
        return DurationMs(cadence.paused_ms if stood_ms < cadence.paused_long_after_ms else cadence.paused_long_ms)
    end_ms = expected_end_ms(state)
    latest_ms = latest_end_ms(state)
    if end_ms is not None and latest_ms is not None and end_ms <= watch.now_ms < latest_ms:
        return DurationMs(min(cadence.mixing_ms, latest_ms - watch.now_ms + cadence.after_end_ms))
    if latest_ms is not None and watch.now_ms >= latest_ms:
        return DurationMs(cadence.overdue_ms[min(watch.late_looks, len(cadence.overdue_ms) - 1)])
    wait_ms = _phase(state, watch, rules, cadence)
    if watch.has_stale_tail:
        wait_ms = min(wait_ms, cadence.stale_tail_ms)
    if (settled_ms := settled_at_ms(state)) is not None and settled_ms > watch.now_ms:
        wait_ms = min(wait_ms, settled_ms - watch.now_ms)
    if end_ms is None:
        return DurationMs(wait_ms)
    met_ms = _meet_the_end(wait_ms, end_ms - watch.now_ms, watch, rules, cadence)
    return DurationMs(max(LEAST_MS, met_ms))


def _phase(state: PlaybackState, watch: Watch, rules: ListeningRules, cadence: Cadence) -> int:
    if watch.tier is None:
        return cadence.foreign_ms
    now_ms, listening = watch.now_ms, state.listening
    last_skip_ms = watch.skips_at_ms[-1] if watch.skips_at_ms else None
    if last_skip_ms is not None and now_ms - last_skip_ms < cadence.burst_for_ms:
        return cadence.burst_ms
    restless = _restlessness(watch.skips_at_ms, now_ms, cadence)
    early_for_ms = min(cadence.early_for_ms, rules.skip_threshold_ms)
    position_ms = early_for_ms if listening is None else position_at(listening, now_ms)
    if position_ms < min(cadence.first_for_ms, early_for_ms):
        return cadence.first_ms
    if position_ms < early_for_ms:
        return round(cadence.early_calm_ms + (cadence.early_restless_ms - cadence.early_calm_ms) * restless)
    return round(cadence.middle_calm_ms + (cadence.middle_restless_ms - cadence.middle_calm_ms) * restless)


def _restlessness(skips_at_ms: tuple[EpochMs, ...], now_ms: EpochMs, cadence: Cadence) -> float:
    """From 0 (calm) to 1. A skip right behind another one tells of hunting; one by itself tells of a bad track."""
    weight = 0.0
    before_ms: EpochMs | None = None
    for at_ms in skips_at_ms:
        is_hunting = before_ms is not None and at_ms - before_ms <= cadence.hunt_within_ms
        weight += (1.0 if is_hunting else cadence.lone_skip) * exp((at_ms - now_ms) / cadence.restless_fade_ms)
        before_ms = at_ms
    return 1 - exp(-weight)


def _meet_the_end(wait_ms: int, left_ms: int, watch: Watch, rules: ListeningRules, cadence: Cadence) -> int:
    """Shorten or stretch the wait so that a look falls right after the expected end (and before a discovery's)."""
    after_end_ms = left_ms + cadence.after_end_ms
    if watch.tier is Tier.DISCOVERY:
        before_ms = left_ms - rules.completion_margin_ms + cadence.before_margin_ms
        if 0 < before_ms <= wait_ms * 1.4:
            return before_ms
        if before_ms > 0:
            return min(wait_ms, before_ms)
    # A look shortly before the end would only repeat what the one after it tells.
    return after_end_ms if after_end_ms <= wait_ms * 1.4 else wait_ms


def _quiet(state: PlaybackState, now_ms: EpochMs, cadence: Cadence) -> DurationMs:
    since_ms = state.nothing_since_ms if state.nothing_since_ms is not None else state.changed_at_ms
    is_long = now_ms - since_ms >= cadence.nothing_long_after_ms
    if state.nothing_since_ms is not None and not (state.is_lost or state.is_idle):
        return DurationMs(cadence.hiccup_ms)
    return DurationMs(cadence.nothing_long_ms if is_long else cadence.nothing_ms)
