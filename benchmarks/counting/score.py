"""Plays that were told, beside those that were true.

**Whose play is it.** A told play belongs to the true listen of the same title that was under way in the told room
when it was told, or had ended at most ``LATE_MS`` before (what ends unseen is told at the next look). Each true listen
takes one; a second one that belongs to no other listen is a duplicate, one that belongs to a listen which never came to
the threshold is false, as is one that belongs to none.

**What cannot be decided by looking.** A listen is left out of false and missed only where its true margin (time
heard minus threshold) is smaller than its looking error: ``LOOK_MS`` (a player tells whole seconds, and is looked at
every three), plus the time of that listen in which nobody could look, because no hub ran or the speaker did not
answer. Both kinds are counted and shown, the second one apart. Nothing else is forgiven.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.counting.drive import Record, Spans
from benchmarks.counting.houses import HOUR_MS
from benchmarks.counting.seed_system import Told
from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.plays.models import CountingRules, Play
from moodroom_hub.domain.plays.rules import LASTFM, LISTENBRAINZ, SPINSTACK, threshold_ms
from moodroom_hub.simulator.sonos.truth import TruePlay, judged

LOOK_MS = 3_000
SEEN_MS = 60_000
"""What sounded undisturbed for so long before a gap, and again after it, was seen on both sides of it."""
LATE_MS = 90_000
EARLY_MS = 5_000
CUSTOM = CountingRules(
    "custom",
    share=0.9,
    at_least_ms=DurationMs(20_000),
    at_most_ms=DurationMs(600_000),
    without_length_ms=DurationMs(90_000),
)
RULES = {rules.name: rules for rules in (SPINSTACK, LASTFM, LISTENBRAINZ, CUSTOM)}


@dataclass(slots=True)
class Score:
    """One system in one or many households. The lists hold a line for a person each."""

    hours: float = 0.0
    true_plays: int = 0
    told: int = 0
    right: int = 0
    near: int = 0
    unseen: int = 0
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        """Both together."""
        self.hours += other.hours
        for name in ("true_plays", "told", "right", "near", "unseen"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("false", "missed", "duplicates"):
            getattr(self, name).extend(getattr(other, name))


def total(scores: Iterable[Score]) -> Score:
    """All together."""
    whole = Score()
    for score in scores:
        whole.add(score)
    return whole


def told_by_hub(plays: Sequence[Play], rooms: Sequence[str]) -> list[Told]:
    """What the hub told, without the twins that it told nobody of."""
    names = {room.lower().replace(" ", "-"): room for room in rooms}
    return [
        Told(play.track.name, names.get(play.zone, play.zone), play.began_at_ms, play.counted_at_ms)
        for play in plays
        if play.twin_of is None
    ]


def score(record: Record, told: Sequence[Told], rules: CountingRules) -> Score:
    """What a system told, against what was true by these rules."""
    return _Judge(record, rules).judge(sorted(told, key=lambda each: each.at_ms))


class _Judge:
    def __init__(self, record: Record, rules: CountingRules) -> None:
        self._record = record
        self._listens = judged(record.truth, lambda ms: threshold_ms(rules, None if ms is None else DurationMs(ms)))
        self._spans: dict[int, list[tuple[int, int, tuple[str, ...]]]] = {}
        at_ms = record.truth.at_ms
        for listen in record.truth.listens:
            self._spans[listen.id] = [(one.from_ms, one.to_ms, one.players) for one in listen.until(at_ms)]

    def judge(self, told: Sequence[Told]) -> Score:
        score = Score(hours=self._record.house.length_ms / HOUR_MS, told=len(told))
        by_title: dict[str, list[TruePlay]] = {}
        for listen in self._listens:
            by_title.setdefault(listen.recording.title, []).append(listen)
        taken: dict[int, Told] = {}
        index = {id(listen): place for place, listen in enumerate(self._listens)}
        left: list[Told] = []
        for each in told:
            fits = [one for one in by_title.get(each.title, ()) if self._fits(one, each)]
            free = [one for one in fits if index[id(one)] not in taken]
            if not free:
                left.append(each)
                continue
            best = min(free, key=lambda one: self._distance(one, each))
            taken[index[id(best)]] = each
        for place, listen in enumerate(self._listens):
            self._weigh(score, listen, taken.get(place))
        for each in left:
            is_again = any(self._fits(one, each) for one in by_title.get(each.title, ()))
            (score.duplicates if is_again else score.false).append(self._line(each))
        return score

    def _weigh(self, score: Score, listen: TruePlay, told: Told | None) -> None:
        is_true = listen.counted_ms is not None
        score.true_plays += is_true
        if is_true == (told is not None):
            score.right += is_true
            return
        if listen.threshold_ms is None:
            if told is not None:
                score.false.append(f"{self._line(told)}; never counts: {listen}")
            return
        if abs(listen.margin_ms) <= LOOK_MS:
            score.near += 1
        elif abs(listen.margin_ms) <= LOOK_MS + (unseen_ms := self._unseen_ms(listen)):
            score.unseen += 1
        elif told is None:
            score.missed.append(self._tell(listen, unseen_ms))
        else:
            score.false.append(f"{self._line(told)}; {self._tell(listen, unseen_ms)}")

    def _fits(self, listen: TruePlay, told: Told) -> bool:
        if not listen.began_ms - EARLY_MS <= told.at_ms <= self._over_ms(listen) + LATE_MS:
            return False
        return any(told.room in players for _, _, players in self._of(listen))

    def _over_ms(self, listen: TruePlay) -> int:
        """When it was over; a listen that ended while nobody could look is told when somebody can again."""
        over_ms = listen.ended_ms
        for spans in (self._record.down, *self._record.unseen.values()):
            for from_ms, to_ms in spans:
                if from_ms - LATE_MS <= listen.ended_ms <= to_ms:
                    over_ms = max(over_ms, to_ms)
        return over_ms

    def _distance(self, listen: TruePlay, told: Told) -> tuple[int, int]:
        moment_ms = listen.ended_ms if listen.counted_ms is None else listen.counted_ms
        return int(listen.counted_ms is None), abs(moment_ms - told.at_ms)

    def _of(self, listen: TruePlay) -> list[tuple[int, int, tuple[str, ...]]]:
        return [
            (max(from_ms, listen.began_ms), min(to_ms, listen.ended_ms), players)
            for from_ms, to_ms, players in self._spans[listen.listen_id]
            if from_ms < listen.ended_ms and to_ms > listen.began_ms
        ]

    def _unseen_ms(self, listen: TruePlay) -> int:
        """How much of what sounded nobody could see, nor tell afterwards from how far it had come meanwhile."""
        whole = 0
        for from_ms, to_ms, players in self._of(listen):
            gaps = [*self._record.down, *(span for name in players for span in self._record.unseen.get(name, ()))]
            whole += _covered(from_ms, to_ms, [gap for gap in gaps if not _is_within(gap, from_ms, to_ms)])
        return whole

    def _line(self, told: Told) -> str:
        began_s, at_s = (self._seconds(ms) for ms in (told.began_ms, told.at_ms))
        return f"house {self._record.house.number}: {told.title!r} in {told.room}, {began_s:.0f} to {at_s:.0f} s"

    def _tell(self, listen: TruePlay, unseen_ms: int) -> str:
        parts = ", ".join(
            f"{self._seconds(from_ms):.1f}..{self._seconds(to_ms):.1f} in {'+'.join(players)}"
            for from_ms, to_ms, players in self._of(listen)
        )
        needed_s = (listen.threshold_ms or 0) / 1000
        return (
            f"house {self._record.house.number}: {listen.recording.title!r} truly heard {listen.heard_ms / 1000:.1f} "
            f"of {needed_s:.1f} s needed, {unseen_ms / 1000:.1f} s unseen: {parts}"
        )

    def _seconds(self, at_ms: int) -> float:
        return (at_ms - (self._record.truth.at_ms - self._record.house.length_ms)) / 1000


def _is_within(gap: tuple[int, int], from_ms: int, to_ms: int) -> bool:
    """Whether whoever looked before and after it saw one undisturbed stretch, and so knows what was between."""
    return from_ms + SEEN_MS <= gap[0] and gap[1] <= to_ms - SEEN_MS


def _covered(from_ms: int, to_ms: int, gaps: Spans) -> int:
    covered = 0
    at_ms = from_ms
    for begin_ms, end_ms in sorted(gaps):
        begin_ms, end_ms = max(begin_ms, at_ms), min(end_ms, to_ms)
        if end_ms > begin_ms:
            covered += end_ms - begin_ms
            at_ms = end_ms
    return covered


def all_scores(record: Record) -> dict[str, Score]:
    """Every system by its name. The others know one threshold, SpinStack's: they are judged by that one alone."""
    rules = RULES[record.house.rules]
    rooms = [player.name for player in record.house.players]
    hub = {f"hub, {rules.name}": score(record, told_by_hub(record.plays, rooms), rules)}
    if rules is not SPINSTACK:
        return hub
    return hub | {
        f"seed's algorithm, {rules.name}": score(record, record.seed, rules),
        f"each new title after 30 s, {rules.name}": score(record, record.naive, rules),
    }


def deeds(records: Iterable[dict[str, int]]) -> Counter[str]:
    """What people did in all."""
    whole: Counter[str] = Counter()
    for each in records:
        whole.update(each)
    return whole
