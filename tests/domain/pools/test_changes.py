"""Single changes: what each verdict, like and move does, and the line that a person reads."""

from dataclasses import replace

import pytest

from moodroom_hub.domain.models import (
    Cause,
    DurationMs,
    EpochMs,
    PoolEntry,
    ReceiptKind,
    RoomSlug,
    Tier,
    Track,
    Uri,
    VerdictKind,
    ZoneName,
)
from moodroom_hub.domain.pools import (
    Pool,
    Refusal,
    UndoPlan,
    apply_verdict,
    liked,
    moved,
    plan_undo,
    project,
    tier_after_skip,
)
from tests.domain.pools.worlds import COMPLETION, ROOM, SKIP, TRACKS, Life, verdict

TRACK = Track(Uri("spotify:track:x"), "Trophies", ("Drake",), DurationMs(222_000), "USCM51300762")
NOW = EpochMs(9_000)


def pool_with(tier: Tier, strikes: int = 0, track: Track = TRACK) -> Pool:
    return project(ROOM, [PoolEntry(track, tier, strikes, EpochMs(1), "mined")], [])


@pytest.mark.parametrize(
    ("tier", "expected"),
    [(Tier.CONFIRMED, Tier.SAFE_SIDE), (Tier.SAFE_SIDE, Tier.REMOVED), (Tier.DISCOVERY, Tier.REMOVED)],
)
def test_a_skip_moves_a_track_one_tier_down(tier: Tier, expected: Tier) -> None:
    change = apply_verdict(pool_with(tier), TRACK, SKIP, NOW)
    assert change is not None
    assert change.kind is ReceiptKind.SKIPPED
    assert change.before == PoolEntry(TRACK, tier, 0, EpochMs(1), "mined")
    why = f"first skip · at 0:12 of 3:42 · {tier} → {expected}"
    assert change.after == PoolEntry(TRACK, expected, 1, NOW, why)
    assert change.why == why
    assert (change.heard_ms, change.duration_ms) == (12_000, 222_000)
    assert tier_after_skip(tier) is expected


@pytest.mark.parametrize(
    ("strikes", "said"),
    [(0, "first"), (1, "second"), (2, "third"), (3, "4th"), (10, "11th"), (20, "21st"), (110, "111th")],
)
def test_strikes_are_counted_in_words(strikes: int, said: str) -> None:
    change = apply_verdict(pool_with(Tier.CONFIRMED, strikes), TRACK, SKIP, NOW)
    assert change is not None
    assert change.why.startswith(f"{said} skip · ")


def test_a_discovery_surely_heard_to_its_end_moves_up() -> None:
    for cause in (Cause.NATURAL, Cause.LISTENER):
        heard = verdict(VerdictKind.COMPLETED, cause, heard_ms=221_000)
        change = apply_verdict(pool_with(Tier.DISCOVERY), TRACK, heard, NOW)
        assert change is not None
        assert change.why == "heard to its end · 3:41 of 3:42 · DISCOVERY → SAFE_SIDE"
        assert change.after is not None
        assert change.after.strikes == 0


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.LISTENER])
@pytest.mark.parametrize("tier", list(Tier))
def test_only_the_listeners_own_skip_strikes(cause: Cause, tier: Tier) -> None:
    assert apply_verdict(pool_with(tier), TRACK, verdict(VerdictKind.SKIPPED, cause), NOW) is None


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause not in {Cause.LISTENER, Cause.NATURAL}])
def test_no_other_cause_lifts_a_discovery(cause: Cause) -> None:
    heard = verdict(VerdictKind.COMPLETED, cause)
    assert apply_verdict(pool_with(Tier.DISCOVERY), TRACK, heard, NOW) is None


def test_an_unsure_completion_lifts_nothing() -> None:
    unsure = verdict(VerdictKind.COMPLETED, Cause.NATURAL, is_sure=False)
    assert apply_verdict(pool_with(Tier.DISCOVERY), TRACK, unsure, NOW) is None


@pytest.mark.parametrize("tier", [Tier.CONFIRMED, Tier.SAFE_SIDE, Tier.REMOVED])
def test_a_completion_changes_no_other_tier(tier: Tier) -> None:
    assert apply_verdict(pool_with(tier), TRACK, COMPLETION, NOW) is None


@pytest.mark.parametrize("tier", list(Tier))
def test_a_partial_listen_changes_nothing(tier: Tier) -> None:
    for cause in Cause:
        assert apply_verdict(pool_with(tier), TRACK, verdict(VerdictKind.PARTIAL, cause), NOW) is None


def test_a_removed_or_unknown_track_is_left_alone() -> None:
    assert apply_verdict(pool_with(Tier.REMOVED), TRACK, SKIP, NOW) is None
    assert apply_verdict(pool_with(Tier.CONFIRMED), TRACKS[0], SKIP, NOW) is None
    assert tier_after_skip(Tier.REMOVED) is None


def test_a_strike_reaches_the_entry_though_the_player_relinked_the_track() -> None:
    relinked = replace(TRACK, uri=Uri("spotify:track:y"))
    change = apply_verdict(pool_with(Tier.CONFIRMED), relinked, SKIP, NOW)
    assert change is not None
    assert change.track == TRACK


def test_of_two_listings_of_a_relinked_track_the_removed_one_is_passed_over() -> None:
    twin = replace(TRACK, uri=Uri("spotify:track:y"))
    pool = project(ROOM, [PoolEntry(TRACK, Tier.REMOVED), PoolEntry(twin, Tier.CONFIRMED)], [])
    found = pool.find(replace(TRACK, uri=Uri("spotify:track:z")))
    assert found is not None
    assert found.track == twin
    assert pool.find(TRACK) == PoolEntry(TRACK, Tier.REMOVED)


def test_unknown_durations_are_left_out_of_the_line_and_hours_are_told() -> None:
    unknown = replace(TRACK, duration_ms=None)
    change = apply_verdict(pool_with(Tier.CONFIRMED, track=unknown), unknown, SKIP, NOW)
    assert change is not None
    assert change.why == "first skip · at 0:12 · CONFIRMED → SAFE_SIDE"
    long = replace(TRACK, duration_ms=DurationMs(3_725_000))
    change = apply_verdict(pool_with(Tier.CONFIRMED, track=long), long, SKIP, NOW)
    assert change is not None
    assert "of 1:02:05" in change.why


@pytest.mark.parametrize("tier", list(Tier))
def test_a_like_lifts_safe_side_only(tier: Tier) -> None:
    change = liked(pool_with(tier, strikes=1), TRACK, NOW)
    if tier is not Tier.SAFE_SIDE:
        assert change is None
        return
    assert change is not None
    assert change.kind is ReceiptKind.LIKED
    assert change.after == PoolEntry(TRACK, Tier.CONFIRMED, 1, NOW, "liked · SAFE_SIDE → CONFIRMED")


@pytest.mark.parametrize("start", list(Tier))
@pytest.mark.parametrize("tier", list(Tier))
def test_a_hand_may_move_a_track_anywhere(start: Tier, tier: Tier) -> None:
    change = moved(pool_with(start), TRACK, tier, NOW)
    if start is tier:
        assert change is None
        return
    assert change is not None
    assert change.kind is ReceiptKind.MOVED
    assert change.why == f"by hand · {start} → {tier}"


def test_a_hand_may_bring_a_track_in_and_undo_takes_it_out_again() -> None:
    life = Life([])
    added = life.write(moved(life.pool, TRACK, Tier.CONFIRMED, NOW))
    assert added is not None
    assert added.before is None
    assert added.why == "by hand · not in the pool → CONFIRMED"
    undo = life.undo(added.id)
    assert not isinstance(undo, Refusal)
    assert undo.why == "undo of receipt 1 · CONFIRMED → not in the pool"
    assert not life.pool.entries


def test_a_change_becomes_a_receipt_and_a_new_pool() -> None:
    pool = pool_with(Tier.CONFIRMED)
    change = apply_verdict(pool, TRACK, SKIP, NOW)
    assert change is not None
    receipt = change.receipt(7, NOW, event_id=3, zone=ZoneName("home"))
    assert (receipt.id, receipt.event_id, receipt.zone, receipt.room) == (7, 3, "home", ROOM)
    assert (receipt.heard_ms, receipt.duration_ms) == (12_000, 222_000)
    assert change.applied_to(pool) == project(ROOM, pool.entries.values(), [receipt])
    assert pool.counts() == {Tier.CONFIRMED: 1, Tier.SAFE_SIDE: 0, Tier.DISCOVERY: 0, Tier.REMOVED: 0}


def test_receipts_of_another_room_say_nothing_about_this_one() -> None:
    life = Life([PoolEntry(TRACK, Tier.CONFIRMED)])
    life.write(apply_verdict(life.pool, TRACK, SKIP, NOW))
    house = project(RoomSlug("house"), life.base, life.receipts)
    assert house.entries[TRACK.uri].tier is Tier.CONFIRMED


class TestUndo:
    def life(self, skips: int) -> Life:
        life = Life([PoolEntry(TRACK, Tier.CONFIRMED, why="mined")])
        for _ in range(skips):
            life.write(apply_verdict(life.pool, TRACK, SKIP, life.now_ms))
        return life

    def test_the_first_of_two_skips_takes_the_second_with_it(self) -> None:
        plan = plan_undo(self.life(2).receipts, 1)
        assert isinstance(plan, UndoPlan)
        assert plan.undoes == (1, 2)
        assert plan.change.why == "undo of receipt 1 and 1 later · REMOVED → CONFIRMED"

    def test_an_unknown_receipt_is_refused(self) -> None:
        assert plan_undo(self.life(1).receipts, 99) == Refusal("there is no receipt 99 in this room")

    def test_what_an_undo_had_taken_back_does_not_rise_when_the_undo_itself_falls(self) -> None:
        life = self.life(2)
        life.undo(2)
        life.undo(1)
        assert life.pool.entries[TRACK.uri] == life.base[0]
        refusal = life.undo(2)
        assert refusal == Refusal("receipt 2 was undone already, by receipt 4")

    def test_an_undo_names_no_other_tracks_receipts(self) -> None:
        life = Life([PoolEntry(track, Tier.CONFIRMED) for track in TRACKS])
        for track in TRACKS:
            life.write(apply_verdict(life.pool, track, SKIP, life.now_ms))
        plan = plan_undo(life.receipts, 2)
        assert isinstance(plan, UndoPlan)
        assert plan.undoes == (2,)
