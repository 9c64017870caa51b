"""What a finished listen says of a track on a station: a like, a dislike, or nothing. In doubt, nothing."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from moodroom_hub.domain.models import Cause, Listen, VerdictKind
from moodroom_hub.domain.stations.models import VoteKind, VoteRule

ENOUGH: Final = Fraction(4, 5)
"""The share of a track that ``VoteRule.SHARE`` takes for a like."""
THAT_COUNT: Final = frozenset({Cause.LISTENER, Cause.NATURAL})
"""What ended otherwise (a takeover, a lost device, the hub's own skips, learning off) says nothing of the track."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What was heard out of a listen, and one line why."""

    kind: VoteKind
    why: str


def opinion(listen: Listen, rule: VoteRule) -> Opinion | None:
    """What the listen says. ``SKIPPED`` is what the listening's own skip threshold made of it."""
    if listen.verdict.cause not in THAT_COUNT:
        return None
    return _of_share(listen) if rule is VoteRule.SHARE else _of_verdict(listen)


def opinion_of_share(heard: float, length: float) -> Opinion | None:
    """The one threshold for players that tell only how long they played; any one unit. ``None``: no such lengths."""
    if not (0 <= heard < float("inf") and 0 < length < float("inf")):
        return None
    return _shared(min(heard / length, 1.0), heard >= ENOUGH * Fraction(length))


def _of_verdict(listen: Listen) -> Opinion | None:
    verdict = listen.verdict
    if verdict.kind is VerdictKind.COMPLETED:
        return Opinion(VoteKind.LIKE, "heard to its end")
    if verdict.kind is VerdictKind.SKIPPED and verdict.is_sure and verdict.cause is Cause.LISTENER:
        return Opinion(VoteKind.DISLIKE, f"skipped after {verdict.end.estimate_ms // 1000} s")
    return None


def _of_share(listen: Listen) -> Opinion | None:
    duration_ms, end = listen.track.duration_ms, listen.verdict.end
    if duration_ms is None or duration_ms <= 0:
        return _of_verdict(listen)
    enough_ms = ENOUGH * duration_ms
    if (end.lo_ms < enough_ms <= end.hi_ms) and listen.verdict.kind is not VerdictKind.COMPLETED:
        return None
    is_enough = end.lo_ms >= enough_ms or listen.verdict.kind is VerdictKind.COMPLETED
    return _shared(min(max(end.estimate_ms, 0) / duration_ms, 1.0), is_enough)


def _shared(share: float, is_enough: bool) -> Opinion:
    # Rounded down: 79.9 % is said to be less than 80.
    return Opinion(VoteKind.LIKE if is_enough else VoteKind.DISLIKE, f"{int(share * 100)} % heard")
