"""The book against the truth: nothing lost, nothing doubled, nothing invented."""

from collections import Counter

from benchmarks.killing.book import Book
from benchmarks.killing.listens import check_listens, match_rows
from benchmarks.killing.play import Evidence
from benchmarks.killing.pools import check_receipts
from benchmarks.killing.score import Score, is_ledger_torn, tell_around
from moodroom_hub.simulator.truth import Actor

_STILL_AWAITED_MS = 5 * 60_000
_BREATH_MS = 15_000


def audit(evidence: Evidence, book: Book) -> Score:
    """Compare."""
    score = Score()
    matched = match_rows(evidence, book, score)
    check_listens(evidence, book, matched, score)
    check_receipts(book, score)
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
                if is_ledger_torn(evidence, from_ms):
                    score.dry_after_loss_s += length_ms / 1000
                    continue
                score.dry_s += length_ms / 1000
                told = f"dry for {length_ms / 1000:.0f} s in life {life.number} at {from_ms} ({spell.reason})"
                score.findings.append(f"{told}: {tell_around(evidence, spell.started_ms, spell.started_ms + 120_000)}")
