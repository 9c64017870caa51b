"""What the past says of one song: how often it was skipped early, heard to its end, or heard for a while."""

from dataclasses import dataclass

from moodroom_hub.domain.models import ListeningRules
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.past.verdicts import AUDIBLE_MS, BY_LISTENER, is_whole

HALF_LIFE_MS = 2 * 365 * 86_400_000
"""A play of two years ago counts half, one of four years a quarter."""
LENGTH_TOLERANCE_MS = 2_000
"""Whole plays of one song lie as close together as this."""


@dataclass(slots=True)
class Tally:
    """Counts, to be fed with one song's plays in the order of time; ``now_ms`` is what ages are reckoned from.

    ``length_ms`` is the song's length where it is known. Where it is not, account data (which does not tell why a
    play ended) gets it from the longest plays, if at least two are alike: nobody skips twice at the same moment.

    ``plays`` are those that say something: early skips, whole ones, and others of at least the skip threshold. A short
    play that ended for another reason (the device was gone, another list was started) says nothing. ``..._weight``
    is the same count with old years fading. ``since_skip``: plays since the last early skip.
    """

    now_ms: int
    length_ms: int | None = None
    plays: int = 0
    plays_weight: float = 0.0
    skips: int = 0
    skips_weight: float = 0.0
    whole: int = 0
    whole_weight: float = 0.0
    since_skip: int = 0
    last_skip_ms: int | None = None
    last_whole_ms: int | None = None
    longest_ms: int = 0
    at_longest: int = 0
    at_longest_weight: float = 0.0
    last_longest_ms: int | None = None
    unsure_skips: int = 0
    unsure_skips_weight: float = 0.0
    last_unsure_skip_ms: int | None = None
    since_unsure_skip: int = 0

    def add(self, play: PastPlay, rules: ListeningRules) -> None:
        """Count one more play, not older than the last."""
        weight = 0.5 ** (max(0, self.now_ms - play.ended_at_ms) / HALF_LIFE_MS)
        if is_whole(play, rules, self.length_ms):
            self._count(weight)
            self.whole += 1
            self.whole_weight += weight
            self.last_whole_ms = play.ended_at_ms
        elif AUDIBLE_MS <= play.heard_ms < rules.skip_threshold_ms and play.reason_end in BY_LISTENER:
            self._count(weight)
            self.skips += 1
            self.skips_weight += weight
            self.last_skip_ms, self.since_skip = play.ended_at_ms, 0
        elif play.reason_end is None and AUDIBLE_MS <= play.heard_ms < rules.skip_threshold_ms:
            self.unsure_skips += 1
            self.unsure_skips_weight += weight
            self.last_unsure_skip_ms, self.since_unsure_skip = play.ended_at_ms, 0
        elif play.heard_ms >= rules.skip_threshold_ms:
            self._count(weight)
        if play.reason_end is None and self.length_ms is None:
            self._measure(play, weight)

    def finished(self, rules: ListeningRules) -> "Evidence":
        """What all of it says."""
        plays, plays_weight = self.plays, self.plays_weight
        skips, skips_weight, last_skip_ms = self.skips, self.skips_weight, self.last_skip_ms
        whole, whole_weight, last_whole_ms = self.whole, self.whole_weight, self.last_whole_ms
        since_skip = self.since_skip
        is_long = self.longest_ms >= rules.skip_threshold_ms + rules.completion_margin_ms
        if self.length_ms is not None or is_long:
            # The song is longer than a short play: whoever was there for less went away.
            plays, plays_weight = plays + self.unsure_skips, plays_weight + self.unsure_skips_weight
            skips, skips_weight = skips + self.unsure_skips, skips_weight + self.unsure_skips_weight
            if self.last_unsure_skip_ms is not None:
                is_last = last_skip_ms is None or self.last_unsure_skip_ms >= last_skip_ms
                last_skip_ms = max(self.last_unsure_skip_ms, last_skip_ms or 0)
                since_skip = self.since_unsure_skip if is_last else since_skip
        if is_long and self.at_longest >= 2:
            whole, whole_weight = whole + self.at_longest, whole_weight + self.at_longest_weight
            last_whole_ms = max(self.last_longest_ms or 0, last_whole_ms or 0)
        return Evidence(
            plays=plays,
            plays_weight=plays_weight,
            skips=skips,
            skips_weight=skips_weight,
            whole=whole,
            whole_weight=whole_weight,
            since_skip=since_skip,
            last_skip_ms=last_skip_ms,
            last_whole_ms=last_whole_ms,
        )

    def _count(self, weight: float) -> None:
        self.plays += 1
        self.plays_weight += weight
        self.since_skip += 1
        self.since_unsure_skip += 1

    def _measure(self, play: PastPlay, weight: float) -> None:
        """How long the song seems to be: the longest play, and how many were as long."""
        if play.heard_ms > self.longest_ms + LENGTH_TOLERANCE_MS:
            self.longest_ms, self.at_longest, self.at_longest_weight = play.heard_ms, 0, 0.0
        if play.heard_ms >= self.longest_ms - LENGTH_TOLERANCE_MS:
            self.at_longest += 1
            self.at_longest_weight += weight
            self.last_longest_ms = play.ended_at_ms


@dataclass(frozen=True, slots=True)
class Evidence:
    """One song's past, counted; see ``Tally``."""

    plays: int
    plays_weight: float
    skips: int
    skips_weight: float
    whole: int
    whole_weight: float
    since_skip: int
    last_skip_ms: int | None
    last_whole_ms: int | None
