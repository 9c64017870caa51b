"""How the hub's verdicts agree with what was truly heard, listen by listen, every disagreement with its reason."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from moodroom_hub.app.reliving import Relived
from moodroom_hub.domain.models import Cause, Listen, ListeningRules, VerdictKind
from moodroom_hub.simulator.items import ItemKind
from moodroom_hub.simulator.replay import TimedPlay
from moodroom_hub.simulator.truth import EndedBy, TrueListen

AUDIBLE_MS = 3_000
"""Shorter ones fall between two looks."""
NEAR_MS = 1_000
"""So near to a threshold the round trip alone decides."""
SILENCE_MS = 60_000


class Undecidable(StrEnum):
    """Why nobody could say by looking what a listen was."""

    NO_TRACK = "no track (an episode)"
    TOO_SHORT = f"heard for less than {AUDIBLE_MS // 1000} s"
    NEAR_THRESHOLD = f"ended within {NEAR_MS // 1000} s of a threshold"
    STOPPED = "the music was stopped, not the track left"
    AGAIN = "the same track was begun anew: by looking no other than a seek"
    UNSEEN = "no look fell into it"
    AFTER_SILENCE = "the first after a silence: nobody looks closely then, and no room begins so"


@dataclass(frozen=True, slots=True)
class Compared:
    """One true listen, what it was, why that may be undecidable, and what the hub said (``None``: nothing)."""

    play: TimedPlay
    truth: TrueListen
    expected: VerdictKind
    undecidable: Undecidable | None
    judged: Listen | None

    @property
    def agrees(self) -> bool:
        """Whether the hub said what it was."""
        return self.judged is not None and self.judged.verdict.kind is self.expected

    @property
    def reason(self) -> str:
        """Why the hub said something else."""
        if self.judged is None:
            return "no verdict of its own: taken for one listen with another play of the same track"
        verdict = self.judged.verdict
        if verdict.cause is Cause.UNCERTAIN:
            lo, hi = verdict.end.lo_ms / 1000, verdict.end.hi_ms / 1000
            return f"in doubt, so no verdict: the end was seen between {lo:.1f} s and {hi:.1f} s"
        if verdict.kind is VerdictKind.PARTIAL and verdict.cause not in (Cause.LISTENER, Cause.NATURAL):
            return f"held back: {verdict.cause}"
        off = (verdict.end.estimate_ms - self.truth.end_position_ms) / 1000
        return f"the end was reckoned {abs(off):.1f} s too {'late' if off > 0 else 'early'}"

    @property
    def is_false_strike(self) -> bool:
        """A strike for what was no skip."""
        judged = self.judged
        return judged is not None and _strikes(judged) and self.expected is not VerdictKind.SKIPPED

    @property
    def is_false_promotion(self) -> bool:
        """A completion, surely, of what was not heard to its end."""
        judged = self.judged
        is_sure = judged is not None and judged.verdict.kind is VerdictKind.COMPLETED and judged.verdict.is_sure
        return is_sure and self.expected is not VerdictKind.COMPLETED


def compare(relived: Relived, rules: ListeningRules) -> list[Compared]:
    """Every play of the past beside its verdict."""
    found: list[Compared] = []
    partners = _partners(relived)
    for place, (play, truth) in enumerate(zip(relived.timeline, relived.truth, strict=True)):
        before = relived.truth[place - 1] if place else None
        after = relived.truth[place + 1] if place + 1 < len(relived.truth) else None
        why = _undecidable(play, truth, rules) or _hidden_by_neighbours(before, truth, after)
        if why is None and _looks_into(truth, relived.looks_ms) == 0:
            why = Undecidable.UNSEEN
        found.append(Compared(play, truth, _expected(truth, rules), why, partners[place]))
    return found


def report(relived: Relived, compared: Sequence[Compared], set_aside: int) -> Iterator[str]:
    """The report's lines: figures, then every single disagreement with its reason."""
    decidable = [each for each in compared if each.undecidable is None]
    wrong = [each for each in decidable if not each.agrees]
    share = 100 * (1 - len(wrong) / len(decidable)) if decidable else 100.0
    hours = sum(each.truth.heard_ms for each in compared) / 3_600_000
    yield f"{len(compared)} plays, {hours:.0f} hours of music, {set_aside} rows set aside."
    looks = len(relived.looks_ms)
    yield f"Looks at the player: {looks} ({looks / max(hours, 0.01):.0f} for an hour of music)."
    for why, count in Counter(each.undecidable for each in compared if each.undecidable).most_common():
        yield f"Not decidable: {count:>6}  {why}"
    yield f"Decidable:     {len(decidable):>6}  agreed on {len(decidable) - len(wrong)}: {share:.2f} %"
    missed = sum(each.undecidable is Undecidable.UNSEEN and each.expected is VerdictKind.SKIPPED for each in compared)
    yield f"Missed strikes: {missed:>5}  skips of {AUDIBLE_MS // 1000} s and more that no look fell into"
    yield f"False strikes: {sum(each.is_false_strike for each in compared):>6}  among all plays, decidable or not"
    yield f"False promotions: {sum(each.is_false_promotion for each in compared):>3}  likewise"
    if wrong:
        yield "Disagreements, by what was true and what the hub said:"
        pairs = Counter((each.expected, _said(each.judged), _kind_of(each.reason)) for each in wrong)
        for (expected, said, reason), count in pairs.most_common():
            yield f"  {count:>6}  {expected} -> {said}: {reason}"
    for each in compared:
        is_false = each.is_false_strike or each.is_false_promotion
        if each.agrees or not (is_false or each.undecidable is None):
            continue
        at_s, name = each.truth.end_position_ms / 1000, each.play.play.name
        said = f"{each.expected} -> {_said(each.judged)}"
        aside = f" ({each.undecidable})" if each.undecidable else ""
        whole_s = each.truth.duration_ms / 1000
        yield f"    {name!r} left at {at_s:.1f} s of {whole_s:.1f} s: {said}; {each.reason}{aside}"


def _partners(relived: Relived) -> list[Listen | None]:
    """For each true listen its verdict: every verdict goes to the listen of the same track that it overlaps most."""
    places: dict[str, list[int]] = {}
    for place, truth in enumerate(relived.truth):
        places.setdefault(truth.uri, []).append(place)
    partners: list[Listen | None] = [None] * len(relived.truth)
    for listen in relived.judged:
        there = [(_overlap_ms(listen, relived.truth[place]), place) for place in places.get(listen.track.uri, ())]
        overlap_ms, place = max(there, default=(0, -1))
        rival = partners[place] if overlap_ms > 0 else None
        if overlap_ms > 0 and (rival is None or _overlap_ms(rival, relived.truth[place]) < overlap_ms):
            partners[place] = listen
    return partners


def _overlap_ms(listen: Listen, truth: TrueListen) -> int:
    slack_ms = 1_500
    begin_ms = max(listen.started_at_ms - slack_ms, truth.started_ms)
    return min(listen.ended_at_ms + slack_ms, truth.ended_ms) - begin_ms


def _expected(truth: TrueListen, rules: ListeningRules) -> VerdictKind:
    if truth.ended_by is EndedBy.NATURAL or truth.end_position_ms >= truth.duration_ms - rules.completion_margin_ms:
        return VerdictKind.COMPLETED
    return VerdictKind.SKIPPED if truth.end_position_ms < rules.skip_threshold_ms else VerdictKind.PARTIAL


def _undecidable(play: TimedPlay, truth: TrueListen, rules: ListeningRules) -> Undecidable | None:
    if truth.kind is not ItemKind.TRACK:
        return Undecidable.NO_TRACK
    if truth.heard_ms < AUDIBLE_MS:
        return Undecidable.TOO_SHORT
    if play.ending == "stop" or truth.ended_by is EndedBy.WORLD_CLOSED:
        return Undecidable.STOPPED
    thresholds = (rules.skip_threshold_ms, truth.duration_ms - rules.completion_margin_ms)
    is_left = truth.ended_by is not EndedBy.NATURAL
    if is_left and any(abs(truth.end_position_ms - threshold) < NEAR_MS for threshold in thresholds):
        return Undecidable.NEAR_THRESHOLD
    return None


def _looks_into(truth: TrueListen, looks_ms: Sequence[int]) -> int:
    return bisect_left(looks_ms, truth.ended_ms) - bisect_left(looks_ms, truth.started_ms)


def _hidden_by_neighbours(before: TrueListen | None, truth: TrueListen, after: TrueListen | None) -> Undecidable | None:
    def is_seek(first: TrueListen | None, second: TrueListen | None) -> bool:
        is_same = first is not None and second is not None and first.uri == second.uri
        return is_same and first is not None and first.ended_by is not EndedBy.NATURAL

    if is_seek(before, truth) or is_seek(truth, after):
        return Undecidable.AGAIN
    if before is None or truth.started_ms - before.ended_ms > SILENCE_MS:
        return Undecidable.AFTER_SILENCE
    return None


def _strikes(listen: Listen) -> bool:
    return listen.verdict.kind is VerdictKind.SKIPPED and listen.verdict.cause is Cause.LISTENER


def _said(listen: Listen | None) -> str:
    return "nothing" if listen is None else f"{listen.verdict.kind} ({listen.verdict.cause})"


def _kind_of(reason: str) -> str:
    return "the end was reckoned otherwise" if reason.startswith("the end was reckoned") else reason.partition(":")[0]
