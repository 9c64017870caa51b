"""The book against the truth: nothing lost, nothing doubled, nothing invented."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.killing.book import Book, Row
from benchmarks.killing.house import Record
from benchmarks.killing.play import Evidence
from moodroom_hub.domain.models import (
    ListeningRules,
    PoolEntry,
    Receipt,
    ReceiptKind,
    RoomSlug,
    Tier,
    Uri,
    VerdictKind,
)
from moodroom_hub.domain.pools import Pool, apply_verdict, project
from moodroom_hub.simulator.truth import Actor, EndedBy, TrueListen

_RULES = ListeningRules()
_NEAR_MS = 4_000
_SEEN_OFTEN = 3
_SEEN_FOR_MS = 5_000
_DECIDED_WITHIN_MS = 20_000
_CLEAR_OF_THRESHOLD_MS = 2_000
_AUDIBLE_MS = 3_000
_SETTLED_MS = 60_000
_STILL_AWAITED_MS = 5 * 60_000
_BREATH_MS = 15_000
_LEDGER_TORN_MS = 60 * 60_000
_NEXT_WITHIN_MS = 5_000


@dataclass(slots=True)
class Score:
    """Counts for the table, and every finding in words.

    ``excused`` is what waited in memory when a hub was killed in an outage. ``unclear`` are rows that say of
    themselves that they are not sure (they teach nothing), or that no one could tell apart from outside.
    """

    listens: int = 0
    seen: int = 0
    rows: int = 0
    lost: int = 0
    excused: int = 0
    doubled: int = 0
    unclear: int = 0
    invented: int = 0
    skips: int = 0
    struck: int = 0
    decidable: int = 0
    missed: int = 0
    false_strikes: int = 0
    false_ends: int = 0
    receipts: int = 0
    receipts_missing: int = 0
    receipts_without_cause: int = 0
    receipts_doubled: int = 0
    pools_unlike: int = 0
    posts: int = 0
    posts_doubled: int = 0
    dry_s: float = 0.0
    dry_after_loss_s: float = 0.0
    pending: int = 0
    unsaved: int = 0
    own_ends: int = 0
    errors: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """What must be nothing."""
        return (
            self.lost
            + self.doubled
            + self.invented
            + self.missed
            + self.false_strikes
            + self.false_ends
            + self.receipts_missing
            + self.receipts_without_cause
            + self.receipts_doubled
            + self.pools_unlike
            + self.posts_doubled
            + self.pending
            + self.unsaved
            + self.own_ends
            + self.errors
            + (self.dry_s > 0)
        )


def audit(evidence: Evidence, book: Book) -> Score:
    """Compare."""
    score = Score()
    matched = _match(evidence, book, score)
    _listens(evidence, book, matched, score)
    _receipts(book, score)
    _queue(evidence, book, score)
    _music(evidence, score)
    score.pending = len(book.pending)
    if book.pending:
        score.findings.append(f"still to be told: {Counter(book.pending)}")
    score.own_ends = len(evidence.own_ends)
    score.findings += evidence.own_ends
    for window in evidence.windows:
        if window.began_ms is not None and not window.is_saved:
            score.unsaved += 1
            score.findings.append(f"not all saved after the outage at {window.began_ms}")
    errors = [note for note in evidence.record.notes if " ERROR " in note or note.startswith("ERROR")]
    score.errors = len(errors)
    score.findings += errors
    return score


# history


def _match(evidence: Evidence, book: Book, score: Score) -> dict[int, list[Row]]:
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
            score.findings.append(f"no true listen for {_told(row)}")
        else:
            matched[best.id].append(row)
    score.rows = len(book.history)
    return matched


def _listens(evidence: Evidence, book: Book, matched: dict[int, list[Row]], score: Score) -> None:
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
                score.findings.append(f"{len(rows)} rows for {_truth(listen)}: {[_told(row) for row in rows]}")
        for row in rows:
            _judge(row, listen, nexts, score)
        if listen.put_there_by is not Actor.HUB or listen.ended_by is EndedBy.WORLD_CLOSED:
            continue
        score.listens += 1
        is_seen = seen.surely(listen)
        score.seen += is_seen
        if is_seen and not rows:
            if _was_in_memory(evidence, listen):
                score.excused += 1
            else:
                score.lost += 1
                score.findings.append(
                    f"no row for {_truth(listen)}, {_around(evidence, listen.started_ms, listen.ended_ms)}"
                )
        following = listens[place + 1] if place + 1 < len(listens) else None
        _missed(listen, following, rows, seen, evidence, score)


def _judge(row: Row, listen: TrueListen, nexts: list[int], score: Score) -> None:
    verdict = row.listen.verdict
    by_listener = listen.ended_by in {EndedBy.LISTENER_SKIP, EndedBy.LISTENER_JUMP} or any(
        -_NEXT_WITHIN_MS <= listen.ended_ms - at_ms <= 2 * _NEXT_WITHIN_MS for at_ms in nexts
    )
    # A leap ahead between two looks cannot be seen; what was heard was a skip all the same.
    is_early = min(listen.end_position_ms, listen.heard_ms) < _RULES.skip_threshold_ms
    if verdict.kind is VerdictKind.SKIPPED and not (by_listener and is_early):
        score.false_strikes += 1
        score.findings.append(f"false strike {_told(row)} for {_truth(listen)}")
    complete_ms = listen.duration_ms - _RULES.completion_margin_ms
    if verdict.kind is VerdictKind.COMPLETED and listen.end_position_ms < complete_ms - 500:
        if verdict.is_sure:
            score.false_ends += 1
            score.findings.append(f"false end {_told(row)} for {_truth(listen)}")
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
        if _was_in_memory(evidence, listen) or _after_a_loss(evidence, listen.ended_ms):
            score.excused += 1
        elif rows or seen.surely(listen):
            score.missed += 1
            score.findings.append(f"should be {wanted}: {_truth(listen)}: {[_told(row) for row in rows]}")


def _was_in_memory(evidence: Evidence, listen: TrueListen) -> bool:
    """Whether its verdict fell into an outage in which the hub was killed."""
    return any(
        window.killed_ms is not None
        and window.began_ms is not None
        and listen.ended_ms >= window.began_ms - _SETTLED_MS
        and listen.started_ms <= window.killed_ms + _SETTLED_MS
        for window in evidence.windows
    )


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


# receipts and pools


def _receipts(book: Book, score: Score) -> None:
    rows = {row.event_id: row for row in book.history}
    score.receipts = len(book.receipts)
    causes = Counter((receipt.event_id, receipt.room) for receipt in book.receipts if receipt.event_id is not None)
    for cause, count in causes.items():
        if count > 1:
            score.receipts_doubled += count - 1
            score.findings.append(f"{count} receipts for event and room {cause}")
    for room, base in book.base.items():
        receipts = [receipt for receipt in book.receipts if receipt.room == room]
        pools = [Pool(room, {entry.track.uri: entry for entry in base})]
        for receipt in receipts:
            _check_receipt(receipt, rows, pools[-1], score)
            pools.append(pools[-1].replaced(receipt.track.uri, receipt.after))
        _check_missing(room, receipts, pools, rows.values(), score)
        _check_pool(room, base, receipts, pools[-1], book, score)


def _check_receipt(receipt: Receipt, rows: dict[int, Row], pool: Pool, score: Score) -> None:
    told = f"receipt {receipt.id} ({receipt.kind}, {receipt.room}, {receipt.track.name})"
    if receipt.before != pool.entries.get(receipt.track.uri):
        score.receipts_without_cause += 1
        score.findings.append(f"{told} does not begin where the pool stood")
    if receipt.kind not in {ReceiptKind.SKIPPED, ReceiptKind.COMPLETED}:
        return
    row = rows.get(receipt.event_id or 0)
    change = None
    if row is not None and row.listen.room == receipt.room:
        at_ms = receipt.after.since_ms if receipt.after is not None else receipt.at_ms
        change = apply_verdict(pool, row.listen.track, row.listen.verdict, at_ms)
    if change is None or (change.kind, change.before, change.after) != (receipt.kind, receipt.before, receipt.after):
        score.receipts_without_cause += 1
        score.findings.append(f"{told} has no verdict that explains it: {row and _told(row)}")


def _check_missing(
    room: RoomSlug, receipts: list[Receipt], pools: list[Pool], rows: Iterable[Row], score: Score
) -> None:
    """Every verdict that teaches has its receipt, unless there was nothing to learn in the pool of that moment."""
    by_event = {receipt.event_id for receipt in receipts if receipt.event_id is not None}
    for row in rows:
        if row.listen.room != room or row.event_id in by_event:
            continue
        near = [
            pools[place]
            for place in range(len(pools))
            if (place == 0 or (receipts[place - 1].event_id or 0) < row.event_id)
            and (place == len(receipts) or (receipts[place].event_id or row.event_id) >= row.event_id)
        ]
        at_ms = row.listen.ended_at_ms
        if all(apply_verdict(pool, row.listen.track, row.listen.verdict, at_ms) is not None for pool in near):
            score.receipts_missing += 1
            score.findings.append(f"no receipt for {_told(row)} in {room} ({len(near)} pools)")


def _check_pool(
    room: RoomSlug, base: list[PoolEntry], receipts: list[Receipt], last: Pool, book: Book, score: Score
) -> None:
    projected = dict(project(room, base, receipts).entries)
    shown: dict[Uri, PoolEntry] = dict(book.shown[room])
    if projected != dict(last.entries) or projected != shown:
        score.pools_unlike += 1
        score.findings.append(f"the pool of {room} is not what base and receipts give")
    removed = [entry for entry in base if projected[entry.track.uri].tier is Tier.REMOVED]
    if len(removed) == len(base):
        score.findings.append(f"the pool of {room} is used up")


# queue and music


def _queue(evidence: Evidence, book: Book, score: Score) -> None:
    """What reached the player's queue, against what was drawn: no entry twice."""
    posts = Counter(
        command.detail
        for command in evidence.house.truth.commands
        if command.by is Actor.HUB and command.name == "queue" and command.refusal is None
    )
    drawn = Counter(str(entry.track.uri) for entry in book.ledger)
    score.posts = sum(posts.values())
    for uri, count in posts.items():
        if count > drawn[uri]:
            if any(window.killed_ms is not None for window in evidence.windows):
                score.excused += count - drawn[uri]
                continue
            score.posts_doubled += count - drawn[uri]
            score.findings.append(f"{uri} was queued {count} times and drawn {drawn[uri]} times")


def _music(evidence: Evidence, score: Score) -> None:
    """Silence that was not wanted, and that began while a hub lived or shortly before one came back.

    After a longer silence the device is off: no hub may start music then by itself, which nobody awaits any more.
    """
    for spell in evidence.house.truth.dry_spells:
        for life in evidence.record.lives:
            if life.ready_ms is None or spell.started_ms < life.ready_ms - _STILL_AWAITED_MS:
                continue
            from_ms = max(spell.started_ms, life.ready_ms)
            length_ms = min(spell.ended_ms, life.end_ms) - from_ms
            if length_ms > _BREATH_MS:
                if _after_a_loss(evidence, from_ms):
                    score.dry_after_loss_s += length_ms / 1000
                    continue
                score.dry_s += length_ms / 1000
                told = f"dry for {length_ms / 1000:.0f} s in life {life.number} at {from_ms} ({spell.reason})"
                score.findings.append(f"{told}: {_around(evidence, spell.started_ms, spell.started_ms + 120_000)}")


def _around(evidence: Evidence, from_ms: int, until_ms: int) -> str:
    """What the house saw in this span and shortly before and after it, in seconds from its beginning."""
    record = evidence.record
    seen = [(look.at_ms, f"look {look.uri[-6:]}") for look in record.looks]
    seen += [(life.start_ms, f"life {life.number}") for life in record.lives]
    seen += [(life.end_ms, life.end) for life in record.lives]
    seen += [(given.at_ms, given.order.name) for given in record.given]
    for command in evidence.house.truth.commands:
        seen.append(
            (command.at_ms, f"{command.by} {command.name} {command.detail[-6:]} {command.refusal or ''}".strip())
        )
    for listen in evidence.house.truth.listens:
        seen.append((listen.ended_ms, f"{listen.uri[-6:]} ended at {listen.end_position_ms} ({listen.ended_by})"))
    near = sorted(each for each in seen if from_ms - 20_000 <= each[0] <= until_ms + 60_000)
    told = (f"{(at_ms - from_ms) / 1000:.1f} {what}" for at_ms, what in near)
    return "; ".join(told)


def _after_a_loss(evidence: Evidence, at_ms: int) -> bool:
    """Whether the hub's ledger was torn by a kill in an outage lately, so that it knows less than the player has."""
    return any(
        window.killed_ms is not None and window.killed_ms <= at_ms <= window.killed_ms + _LEDGER_TORN_MS
        for window in evidence.windows
    )


def _told(row: Row) -> str:
    listen, verdict = row.listen, row.listen.verdict
    span = f"{listen.started_at_ms}–{listen.ended_at_ms}"
    end = verdict.end
    return (
        f"[{row.event_id}] {listen.track.name} {span} {verdict.kind} {verdict.cause} "
        f"{end.lo_ms}/{end.estimate_ms}/{end.hi_ms} of {listen.track.duration_ms} {'sure' if verdict.is_sure else ''}"
    )


def _truth(listen: TrueListen) -> str:
    return (
        f"<{listen.id}> {listen.queued_uri[-6:]} {listen.started_ms}–{listen.ended_ms} to {listen.end_position_ms} of "
        f"{listen.duration_ms} {listen.ended_by} {listen.came_from} by {listen.put_there_by} "
        f"(seeks {listen.seeks}, pauses {listen.pauses})"
    )
