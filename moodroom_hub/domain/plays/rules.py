"""From when on a listen counts as played: the profiles, and the threshold that each sets for a track."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from moodroom_hub.domain.durations import format_duration
from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.plays.models import CountingRules

LONGEST_TRACK_MS = 86_400_000
"""Whoever claims to last longer than a day is taken for a stream: nobody hears half of it."""
WHOLE_TOLERANCE_MS = 2_500
"""A track that came to its end by itself was heard whole, though looks and players measure it that much shorter."""

SPINSTACK = CountingRules(
    "spinstack",
    share=0.5,
    minimum_ms=DurationMs(30_000),
    at_least_ms=DurationMs(30_000),
    without_length_ms=DurationMs(30_000),
)
"""Half of the track, at least 30 s; nothing shorter than 30 s."""
LASTFM = CountingRules(
    "lastfm",
    share=0.5,
    minimum_ms=DurationMs(30_000),
    is_minimum_enough=False,
    at_most_ms=DurationMs(240_000),
)
"""Half of the track or four minutes, whichever comes first; only what is longer than 30 s."""
LISTENBRAINZ = CountingRules("listenbrainz", share=0.5, at_most_ms=DurationMs(240_000))
"""Half of the track or four minutes, whichever comes first."""

PROFILES: Mapping[str, CountingRules] = MappingProxyType(
    {rules.name: rules for rules in (SPINSTACK, LASTFM, LISTENBRAINZ)}
)
"""The profiles with fixed numbers, by name; ``custom`` takes its own from the configuration."""


def known_length_ms(duration_ms: DurationMs | None) -> DurationMs | None:
    """The length of a track, if what was claimed can be one; ``None``: a stream, or nobody knows."""
    return duration_ms if duration_ms is not None and 0 < duration_ms <= LONGEST_TRACK_MS else None


def threshold_ms(rules: CountingRules, duration_ms: DurationMs | None) -> DurationMs | None:
    """How long a track of this length must be listened to until it counts; ``None``: it never does.

    Never longer than the track itself: who heard the whole of it heard enough.
    """
    length_ms = known_length_ms(duration_ms)
    if length_ms is None:
        return rules.without_length_ms
    if length_ms < rules.minimum_ms or (length_ms == rules.minimum_ms and not rules.is_minimum_enough):
        return None
    needed_ms = max(math.ceil(length_ms * rules.share), rules.at_least_ms)
    if rules.at_most_ms is not None:
        needed_ms = min(needed_ms, rules.at_most_ms)
    return DurationMs(min(needed_ms, length_ms))


def is_reached(rules: CountingRules, duration_ms: DurationMs | None, heard_ms: int, *, is_at_end: bool) -> bool:
    """Whether so much is enough. ``is_at_end``: the track came to its end by itself just then."""
    needed_ms = threshold_ms(rules, duration_ms)
    if needed_ms is None:
        return False
    length_ms = known_length_ms(duration_ms)
    is_whole = length_ms is not None and needed_ms > length_ms - WHOLE_TOLERANCE_MS
    return heard_ms >= (needed_ms - WHOLE_TOLERANCE_MS if is_whole and is_at_end else needed_ms)


def why_counted(rules: CountingRules, duration_ms: DurationMs | None, heard_ms: int) -> str:
    """One line for a person: ``counted after 95 s of 190 s (half, profile spinstack)``."""
    length_ms = known_length_ms(duration_ms)
    heard = f"counted after {_seconds(heard_ms)}"
    needed_ms = threshold_ms(rules, duration_ms)
    if length_ms is None or needed_ms is None:
        limit = f"no known length: after {format_duration(rules.without_length_ms)}"
        return f"{heard} ({limit}, profile {rules.name})"
    share_ms = math.ceil(length_ms * rules.share)
    if needed_ms == share_ms:
        limit = "half" if rules.share == 0.5 else "the whole" if rules.share == 1 else f"{rules.share:.0%}"
    elif needed_ms == length_ms:
        limit = "the whole"
    elif needed_ms > share_ms:
        limit = f"at least {format_duration(needed_ms)}"
    else:
        limit = f"at most {format_duration(needed_ms)}"
    return f"{heard} of {_seconds(length_ms)} ({limit}, profile {rules.name})"


def _seconds(ms: int) -> str:
    return f"{ms // 1000} s"
