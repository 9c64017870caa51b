"""What holds of pools whatever is heard, liked, moved and undone."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import PoolEntry, ReceiptKind, Tier
from moodroom_hub.domain.pools import Pool, Refusal, live_receipts, project, undone_by
from tests.domain.pools.worlds import ROOM, Life, all_steps, bases, canonical, changing_steps, lives, verdict_steps

VERDICT_EDGES = {
    (Tier.CONFIRMED, Tier.SAFE_SIDE, ReceiptKind.SKIPPED),
    (Tier.SAFE_SIDE, Tier.REMOVED, ReceiptKind.SKIPPED),
    (Tier.DISCOVERY, Tier.REMOVED, ReceiptKind.SKIPPED),
    (Tier.DISCOVERY, Tier.SAFE_SIDE, ReceiptKind.COMPLETED),
    (Tier.SAFE_SIDE, Tier.CONFIRMED, ReceiptKind.LIKED),
}


@given(lives(changing_steps))
def test_undoing_every_receipt_newest_first_gives_the_start_to_the_byte(life: Life) -> None:
    start = canonical(project(ROOM, life.base, []))
    states = [canonical(project(ROOM, life.base, life.receipts[:count])) for count in range(len(life.receipts))]
    for receipt in reversed(life.receipts[:]):
        assert not isinstance(life.undo(receipt.id), Refusal)
        assert canonical(life.pool) == states[receipt.id - 1]
    assert canonical(life.pool) == start


@given(lives(), st.integers(0, 60))
@settings(max_examples=200)
def test_undo_restores_that_track_exactly_and_touches_no_other(life: Life, position: int) -> None:
    live = live_receipts(life.receipts)
    if not live:
        return
    target = live[position % len(live)]
    before = dict(life.pool.entries)
    assert not isinstance(life.undo(target.id), Refusal)
    after = dict(life.pool.entries)
    assert after.pop(target.track.uri, None) == target.before
    before.pop(target.track.uri, None)
    assert after == before


@given(lives(), st.integers(0, 60))
@settings(max_examples=200)
def test_undoing_an_undo_restores_what_was_before_it(life: Life, position: int) -> None:
    live = live_receipts(life.receipts)
    if not live:
        return
    entries, undone = dict(life.pool.entries), undone_by(life.receipts)
    undo = life.undo(live[position % len(live)].id)
    assert not isinstance(undo, Refusal)
    assert not isinstance(life.undo(undo.id), Refusal)
    assert dict(life.pool.entries) == entries
    now_undone = undone_by(life.receipts)
    assert {key: by for key, by in now_undone.items() if key < undo.id} == undone


@given(lives())
def test_a_receipt_that_is_undone_is_refused_with_the_reason(life: Life) -> None:
    for receipt_id, by in undone_by(life.receipts).items():
        refusal = life.undo(receipt_id)
        assert isinstance(refusal, Refusal)
        assert refusal.reason == f"receipt {receipt_id} was undone already, by receipt {by}"


@given(lives())
@settings(max_examples=200)
def test_the_live_receipts_of_a_track_are_one_unbroken_chain_from_base_to_pool(life: Life) -> None:
    places: dict[str, PoolEntry | None] = {entry.track.uri: entry for entry in life.base}
    for receipt in live_receipts(life.receipts):
        if receipt.kind is not ReceiptKind.UNDO:
            assert receipt.before == places.get(receipt.track.uri)
            places[receipt.track.uri] = receipt.after
    assert {uri: entry for uri, entry in places.items() if entry is not None} == dict(life.pool.entries)


@given(lives())
def test_each_undone_receipt_is_named_by_exactly_one_live_undo(life: Life) -> None:
    live = [receipt for receipt in live_receipts(life.receipts) if receipt.kind is ReceiptKind.UNDO]
    for receipt_id, by in undone_by(life.receipts).items():
        assert [undo.id for undo in live if receipt_id in undo.undoes] == [by]


@given(lives(), st.integers(0, 1000))
def test_the_projection_does_not_depend_on_order_or_batches_of_receipts(life: Life, seed: int) -> None:
    shuffled = life.receipts[:]
    Random(seed).shuffle(shuffled)
    assert canonical(project(ROOM, life.base, shuffled)) == canonical(life.pool)
    step_by_step: Pool = project(ROOM, life.base, [])
    for receipt in life.receipts:
        step_by_step = step_by_step.replaced(receipt.track.uri, receipt.after)
    assert dict(step_by_step.entries) == dict(life.pool.entries)


@given(lives(), bases)
def test_a_new_base_changes_no_track_that_has_a_live_receipt(life: Life, mined_again: list[PoolEntry]) -> None:
    replaced = project(ROOM, mined_again, life.receipts)
    touched = {receipt.track.uri for receipt in live_receipts(life.receipts)}
    for uri in touched:
        assert replaced.entries.get(uri) == life.pool.entries.get(uri)
    for entry in mined_again:
        if entry.track.uri not in touched:
            assert replaced.entries[entry.track.uri] == entry


@given(lives(verdict_steps))
def test_listening_moves_tracks_along_the_allowed_edges_only_and_never_back_from_removed(life: Life) -> None:
    for receipt in life.receipts:
        assert receipt.before is not None
        assert receipt.after is not None
        assert (receipt.before.tier, receipt.after.tier, receipt.kind) in VERDICT_EDGES
        assert receipt.after.strikes - receipt.before.strikes == (receipt.kind is ReceiptKind.SKIPPED)
    for entry in life.base:
        if entry.tier is Tier.REMOVED:
            assert life.pool.entries[entry.track.uri] == entry


@given(lives(all_steps))
def test_every_receipt_tells_the_whole_state_before_it(life: Life) -> None:
    for receipt in life.receipts:
        earlier = project(ROOM, life.base, life.receipts[: receipt.id - 1])
        assert receipt.before == earlier.entries.get(receipt.track.uri)
        assert receipt.before != receipt.after
