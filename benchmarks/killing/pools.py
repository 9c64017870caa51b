"""Receipts and pools against the verdicts that they come from."""

from collections import Counter
from collections.abc import Iterable

from benchmarks.killing.book import Book, Row
from benchmarks.killing.score import Score, tell_row
from moodroom_hub.domain.models import PoolEntry, Receipt, ReceiptKind, RoomSlug, Tier, Uri
from moodroom_hub.domain.pools import Pool, apply_verdict, project


def check_receipts(book: Book, score: Score) -> None:
    """Every receipt has its verdict, every verdict that teaches its receipt, and the pools are what they give."""
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
        score.findings.append(f"{told} has no verdict that explains it: {row and tell_row(row)}")


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
            score.findings.append(f"no receipt for {tell_row(row)} in {room} ({len(near)} pools)")


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
