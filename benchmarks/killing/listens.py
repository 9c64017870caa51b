"""The history against the true listens."""

from bisect import bisect_right
from collections import defaultdict

from benchmarks.killing.book import Book, Row
from benchmarks.killing.house import Record
from benchmarks.killing.play import Evidence
from benchmarks.killing.score import SETTLED_MS, Score, is_ledger_torn, tell_around, tell_row, tell_truth, was_in_memory
from moodroom_hub.domain.models import Cause, ListeningRules, VerdictKind
from moodroom_hub.simulator.truth import Actor, EndedBy, TrueListen

_RULES = ListeningRules()
_NEAR_MS = 4_000
_SEEN_OFTEN = 3
_SEEN_FOR_MS = 5_000
_DECIDED_WITHIN_MS = 20_000
_CLEAR_OF_THRESHOLD_MS = 2_000
_AUDIBLE_MS = 3_000
_NEXT_WITHIN_MS = 5_000


def match_rows(evidence: Evidence, book: Book, score: Score) -> dict[int, list[Row]]:
    """The rows of each true listen, by its id: same track, longest time in common."""
    by_uri: dict[str, list[TrueListen]] = defaultdict(list)
    for listen in evidence.house.truth.listens:
        for uri in {listen.uri, listen.queued_uri}:
            by_uri[uri].append(listen)
    matched: dict[int, list[Row]] = defaultdict(list)
    for row in book.history:
        best, best_ms = None, -_NEAR_MS
        for listen in by_uri[row.listen.track.uri]:
            common_ms = min(row.listen.ended_at_ms, listen.ended_ms) - max(row.listen.started_at_ms, listen.started_ms)
            if common_ms > best_ms:
                best, best_ms = listen, common_ms
        if best is None and row.listen.verdict.kind is VerdictKind.PARTIAL and not row.listen.verdict.end.estimate_ms:
            score.unclear += 1  # it was shown, standing still, and perhaps never heard
        elif best is None:
            score.invented += 1
            score.findings.append(f"no true listen for {tell_row(row)}")
        else:
            matched[best.id].append(row)
    score.rows = len(book.history)
    return matched


def check_listens(evidence: Evidence, book: Book, matched: dict[int, list[Row]], score: Score) -> None:
    """Every listen that a hub surely saw has one row, and no row says what was not so."""
    listens = sorted(evidence.house.truth.listens, key=lambda listen: listen.started_ms)
    seen = _Seen(evidence.record)
    nexts = [given.at_ms for given in evidence.record.given if given.order.name == "next"]
    for place, listen in enumerate(listens):
        rows = matched[listen.id]
        if len(rows) > 1:
            # Who seeks from the end back to the start looks, from outside, like a player that repeats.
            if listen.seeks:
                score.unclear += len(rows) - 1
            else:
                score.doubled += len(rows) - 1
                score.findings.append(f"{len(rows)} rows for {tell_truth(listen)}: {[tell_row(row) for row in rows]}")
        for row in rows:
            _judge(row, listen, nexts, score)
        if listen.put_there_by is not Actor.HUB or listen.ended_by is EndedBy.WORLD_CLOSED:
            continue
        if listen.ended_ms > evidence.record.lives[-1].end_ms - SETTLED_MS:
            continue  # the last hub was stopped before it could look once more; the next one would judge it
        score.listens += 1
        is_seen = seen.surely(listen)
        score.seen += is_seen
        if is_seen and not rows:
            if _is_merged(listen, listens, place, matched):
                score.unclear += 1
            elif was_in_memory(evidence, listen):
                score.excused += 1
            else:
                score.lost += 1
                score.findings.append(
                    f"no row for {tell_truth(listen)}, {tell_around(evidence, listen.started_ms, listen.ended_ms)}"
                )
        following = listens[place + 1] if place + 1 < len(listens) else None
        is_told_elsewhere = not rows and _is_merged(listen, listens, place, matched)
        if not is_told_elsewhere and not any(_is_of_left_room(row, book, evidence.record) for row in rows):
            _missed(listen, following, rows, seen, evidence, score)


def _is_merged(listen: TrueListen, listens: list[TrueListen], place: int, matched: dict[int, list[Row]]) -> bool:
    """Whether it was repeated while no hub lived: one row tells of both."""
    beside = [listens[near] for near in (place - 1, place + 1) if 0 <= near < len(listens)]
    return any(other.queued_uri == listen.queued_uri and matched[other.id] for other in beside)


def _is_of_left_room(row: Row, book: Book, record: Record) -> bool:
    """Whether this was a track of a room that was left meanwhile, which teaches nothing, however it ends."""
    entry = next((each for each in book.ledger if each.id == row.listen.ledger_id), None)
    if entry is None or row.listen.verdict.cause is not Cause.STALE_TAIL:
        return False
    switches = [given.at_ms for given in record.given if given.order.name == "activate"]
    return any(entry.drawn_at_ms < at_ms <= row.listen.ended_at_ms for at_ms in switches)


def _judge(row: Row, listen: TrueListen, nexts: list[int], score: Score) -> None:
    verdict = row.listen.verdict
    by_listener = listen.ended_by in {EndedBy.LISTENER_SKIP, EndedBy.LISTENER_JUMP} or any(
        -_NEXT_WITHIN_MS <= listen.ended_ms - at_ms <= 2 * _NEXT_WITHIN_MS for at_ms in nexts
    )
    # A leap ahead between two looks cannot be seen; what was heard was a skip all the same.
    is_early = min(listen.end_position_ms, listen.heard_ms) < _RULES.skip_threshold_ms
    if verdict.kind is VerdictKind.SKIPPED and not (by_listener and is_early):
        score.false_strikes += 1
        score.findings.append(f"false strike {tell_row(row)} for {tell_truth(listen)}")
    complete_ms = listen.duration_ms - _RULES.completion_margin_ms
    if verdict.kind is VerdictKind.COMPLETED and listen.end_position_ms < complete_ms - 500:
        if verdict.is_sure:
            score.false_ends += 1
            score.findings.append(f"false end {tell_row(row)} for {tell_truth(listen)}")
        else:
            score.unclear += 1


def _missed(
    listen: TrueListen,
    following: TrueListen | None,
    rows: list[Row],
    seen: "_Seen",
    evidence: Evidence,
    score: Score,
) -> None:
    """A skip or an end that the hub saw well enough, and did not write down as what it was."""
    is_skip = (
        listen.ended_by is EndedBy.LISTENER_SKIP
        and listen.heard_ms >= _AUDIBLE_MS
        and listen.end_position_ms < _RULES.skip_threshold_ms
    )
    kinds = {row.listen.verdict.kind for row in rows}
    if is_skip:
        score.skips += 1
        score.struck += VerdictKind.SKIPPED in kinds
    is_clear_skip = is_skip and listen.end_position_ms < _RULES.skip_threshold_ms - _CLEAR_OF_THRESHOLD_MS
    is_clear = is_clear_skip or listen.ended_by is EndedBy.NATURAL
    if following is None or not is_clear or not seen.decides(listen, following, evidence):
        return
    score.decidable += 1
    wanted = VerdictKind.SKIPPED if is_clear_skip else VerdictKind.COMPLETED
    if wanted not in kinds:
        if was_in_memory(evidence, listen) or is_ledger_torn(evidence, listen.ended_ms):
            score.excused += 1
        elif rows or seen.surely(listen):
            score.missed += 1
            score.findings.append(f"should be {wanted}: {tell_truth(listen)}: {[tell_row(row) for row in rows]}")


class _Seen:
    """What hubs were shown, and surely had written down: another look of the same hub came after it."""

    def __init__(self, record: Record) -> None:
        last_look = dict(record.asked_looks)
        settled = [look for look in record.looks if look.at_ms < last_look[look.life] - 900]
        self._looks = settled
        self._times = [look.at_ms for look in settled]
        self._own_ms = sorted(given.at_ms for given in record.given)
        self._commands = sorted(post.at_ms for post in record.posts)

    def of(self, listen: TrueListen) -> list[int]:
        """When it was shown."""
        first, last = (bisect_right(self._times, at_ms) for at_ms in (listen.started_ms, listen.ended_ms))
        return [look.at_ms for look in self._looks[first:last] if look.uri in (listen.uri, listen.queued_uri)]

    def surely(self, listen: TrueListen) -> bool:
        """Often and long enough that no hub can have overlooked it."""
        times = self.of(listen)
        return len(times) >= _SEEN_OFTEN and times[-1] - times[0] >= _SEEN_FOR_MS

    def decides(self, listen: TrueListen, following: TrueListen, evidence: Evidence) -> bool:
        """Whether hubs saw this listen and the next one so well that there is no doubt how it ended."""
        is_plain = not (listen.seeks or listen.pauses or following.seeks or following.pauses)
        before, after = self.of(listen), self.of(following)
        if not is_plain or not before or not after or following.queued_uri == listen.queued_uri:
            return False
        if len(before) < 2 or len(after) < 2 or listen.put_there_by is not Actor.HUB:
            return False
        if following.put_there_by is not Actor.HUB or after[0] - before[-1] > _DECIDED_WITHIN_MS:
            return False
        if listen.device != following.device or listen.transfers or following.transfers:
            return False
        # What people ordered of the hub at that moment is a cause of its own.
        return not any(before[0] - 3_000 <= at_ms <= after[0] + 3_000 for at_ms in self._own_ms)
