"""What the past says of one song: how often it was skipped early, heard to its end, or heard for a while."""

from dataclasses import dataclass, field

from moodroom_hub.domain.models import ListeningRules
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.past.verdicts import AUDIBLE_MS, BY_LISTENER, is_whole

HALF_LIFE_MS = 2 * 365 * 86_400_000
"""A play of two years ago counts half, one of four years a quarter."""
WHOLE_SECONDS_SHARE = 0.2
"""At least so many of a song's longer plays end in the very same second, where that second is its end."""
MOST_SECONDS = 2_000


@dataclass(slots=True)
class Tally:
    """Counts, to be fed with one song's plays in the order of time; ``now_ms`` is what ages are reckoned from: the
    newest play of all that is known, so that the same past says the same on any day.

    ``length_ms`` is the song's length where it is known. Where it is not, account data (which does not tell why a
    play ended) gets it from the second in which most of the longer plays ended: people leave a song anywhere, and it
    ends always at the same place. ``seconds``: by that second, how many plays, their weight, and when the last was.

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
    seconds: dict[int, tuple[int, float, int]] = field(default_factory=dict)
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
        is_long = play.heard_ms >= rules.skip_threshold_ms + rules.completion_margin_ms
        if play.reason_end is None and self.length_ms is None and is_long:
            self._measure(play, weight)

    def finished(self, rules: ListeningRules) -> "Evidence":
        """What all of it says."""
        plays, plays_weight = self.plays, self.plays_weight
        skips, skips_weight, last_skip_ms = self.skips, self.skips_weight, self.last_skip_ms
        whole, whole_weight, last_whole_ms = self.whole, self.whole_weight, self.last_whole_ms
        since_skip = self.since_skip
        if self.length_ms is not None or self.seconds:
            # The song is longer than a short play: whoever was there for less went away.
            plays, plays_weight = plays + self.unsure_skips, plays_weight + self.unsure_skips_weight
            skips, skips_weight = skips + self.unsure_skips, skips_weight + self.unsure_skips_weight
            if self.last_unsure_skip_ms is not None:
                is_last = last_skip_ms is None or self.last_unsure_skip_ms >= last_skip_ms
                last_skip_ms = max(self.last_unsure_skip_ms, last_skip_ms or 0)
                since_skip = self.since_unsure_skip if is_last else since_skip
        for plays_then, weight_then, at_ms in self._whole_seconds(rules):
            whole, whole_weight = whole + plays_then, whole_weight + weight_then
            last_whole_ms = max(at_ms, last_whole_ms or 0)
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
        """Remember in which second of the song a longer play ended."""
        second = play.heard_ms // 1000
        count, weight_then, _ = self.seconds.get(second, (0, 0.0, 0))
        if count or len(self.seconds) < MOST_SECONDS:
            self.seconds[second] = (count + 1, weight_then + weight, play.ended_at_ms)

    def _whole_seconds(self, rules: ListeningRules) -> list[tuple[int, float, int]]:
        """Of ``seconds``, those of plays to the end; none where no end can be told."""
        if not self.seconds:
            return []
        end, (most, _, _) = max(self.seconds.items(), key=lambda each: (each[1][0], each[0]))
        if most < max(2, WHOLE_SECONDS_SHARE * sum(count for count, _, _ in self.seconds.values())):
            return []
        return [each for second, each in self.seconds.items() if second >= end - rules.completion_margin_ms / 1000]


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
