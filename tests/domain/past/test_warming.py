"""What the past says of a pool: much heard counts, little proves nothing, old years fade, and hands come first."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import EpochMs, PoolEntry, Receipt, ReceiptKind, RoomSlug, Tier, Uri
from moodroom_hub.domain.past.gathering import Gathering
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.past.tally import Evidence
from moodroom_hub.domain.past.warming import is_disliked, is_loved, lower_bound, warmed
from moodroom_hub.domain.pools import Pool, PoolChange, plan_group_undo, project
from tests.domain.past.made_up import LENGTH_MS, NOW_MS, RULES, play, skipped, told, track, uri, whole

HOUSE = RoomSlug("house")
YEAR = 365
NOW = EpochMs(NOW_MS)


def pool_of(tier: Tier, *more: PoolEntry) -> Pool:
    return project(HOUSE, [PoolEntry(track(), tier, why="mined"), *more], [])


def changes(tier: Tier, plays: list[PastPlay], receipts: list[Receipt] | None = None) -> list[PoolChange]:
    return warmed(pool_of(tier), receipts or [], {Uri(uri(1)): told(plays)}, NOW)


@pytest.mark.parametrize(
    ("tier", "lower"),
    [
        (Tier.CONFIRMED, Tier.SAFE_SIDE),
        (Tier.SAFE_SIDE, Tier.REMOVED),
        (Tier.DISCOVERY, Tier.REMOVED),
        (Tier.REMOVED, None),
    ],
)
def test_skipped_early_again_and_again_goes_one_tier_down(tier: Tier, lower: Tier | None) -> None:
    found = changes(tier, [skipped(30 + day) for day in range(7)] + [whole(90)])
    assert [change.after.tier for change in found if change.after] == ([] if lower is None else [lower])


@pytest.mark.parametrize(
    ("tier", "higher"),
    [
        (Tier.DISCOVERY, Tier.SAFE_SIDE),
        (Tier.SAFE_SIDE, Tier.CONFIRMED),
        (Tier.CONFIRMED, None),
        (Tier.REMOVED, None),
    ],
)
def test_always_heard_to_its_end_goes_one_tier_up(tier: Tier, higher: Tier | None) -> None:
    found = changes(tier, [whole(30 + day) for day in range(5)])
    assert [change.after.tier for change in found if change.after] == ([] if higher is None else [higher])


def test_the_reason_can_be_read() -> None:
    (change,) = changes(Tier.CONFIRMED, [skipped(900 + day) for day in range(7)] + [whole(901.5)])
    assert change.why == "your past: skipped early 7 of 8 times, last 2024-04 · CONFIRMED → SAFE_SIDE"
    assert (change.kind, change.before, change.after) == (
        ReceiptKind.IMPORTED,
        PoolEntry(track(), Tier.CONFIRMED, why="mined"),
        PoolEntry(track(), Tier.SAFE_SIDE, since_ms=NOW, why=change.why),
    )
    (change,) = changes(Tier.DISCOVERY, [whole(30 + day) for day in range(4)])
    assert change.why.startswith("your past: heard to its end 4 of 4 times, last 2026-0")


@pytest.mark.parametrize(
    ("skips", "wholes", "days_ago", "is_so"),
    [
        (3, 0, 30, True),
        (2, 0, 30, False),
        (3, 1, 30, False),
        (7, 1, 30, True),
        (6, 2, 30, True),
        (5, 2, 30, False),
        (5, 5, 30, False),
        (50, 40, 30, False),
        (3, 0, 5 * YEAR, False),
        (12, 0, 5 * YEAR, True),
    ],
)
def test_a_clear_majority_is_needed(skips: int, wholes: int, days_ago: float, is_so: bool) -> None:
    plays = [skipped(days_ago + day) for day in range(skips)] + [whole(days_ago + day + 0.5) for day in range(wholes)]
    assert is_disliked(told(plays)) is is_so


def test_old_years_count_less() -> None:
    once, now = [skipped(6 * YEAR + day) for day in range(6)], [whole(30 + day) for day in range(6)]
    assert is_disliked(told(once + now[:1])) is False
    assert is_loved(told(once + now)) is False  # six plays since, ten would forgive
    forgiven = told(once + [whole(30 + day) for day in range(12)])
    assert is_loved(forgiven) is True


def test_one_late_skip_ends_the_love() -> None:
    assert is_loved(told([whole(60 + day) for day in range(20)]))
    assert not is_loved(told([whole(60 + day) for day in range(20)] + [skipped(1)]))


def test_what_is_skipped_now_and_then_is_not_always_heard() -> None:
    often = [whole(60 + day) for day in range(40)]
    assert is_loved(told([*often, *(skipped(200 + day) for day in range(3))]))
    assert not is_loved(told([*often, *(skipped(200 + day) for day in range(8))]))


@pytest.mark.parametrize(
    "reason",
    ["endplay", "logout", "unexpected-exit", "trackerror", "backbtn", "remote", "unknown", "uriopen", "playbtn"],
)
def test_ends_that_were_no_skips_say_nothing(reason: str) -> None:
    evidence = told([play(5_000, reason, 30 + day) for day in range(20)])
    assert (evidence.plays, evidence.skips) == (0, 0)
    assert not is_disliked(evidence)


def test_what_was_jumped_over_was_not_heard() -> None:
    assert told([play(600, "fwdbtn", 30 + day) for day in range(20)]).plays == 0


def test_a_short_song_heard_whole_is_no_skip() -> None:
    evidence = told([play(19_000, "fwdbtn", 30 + day) for day in range(5)], length_ms=24_000)
    assert (evidence.skips, evidence.whole) == (0, 5)
    evidence = told([play(24_000, "trackdone", 30 + day) for day in range(5)], length_ms=None)
    assert (evidence.skips, evidence.whole) == (0, 5)


def minute(heard_ms: int, days_ago: float) -> PastPlay:
    return play(heard_ms, None, days_ago, is_minute=True)


def test_account_data_strikes_only_where_the_song_is_known_to_be_longer() -> None:
    short = [minute(7_000 + 900 * day, 30 + day) for day in range(6)]
    assert not is_disliked(told(short, length_ms=None))
    assert is_disliked(told(short, length_ms=LENGTH_MS))
    assert not is_disliked(told(short, length_ms=14_000))
    assert is_disliked(told([*short, minute(90_000, 40.5)], length_ms=None))


def test_account_data_tells_whole_plays_by_their_equal_length() -> None:
    alike = [minute(181_000 + day, 30 + day) for day in range(4)]
    assert is_loved(told(alike, length_ms=None))
    assert is_loved(told(alike, length_ms=182_000))
    assert not is_loved(told(alike, length_ms=240_000))
    unlike = [minute(60_000 + 20_000 * day, 30 + day) for day in range(6)]
    assert told(unlike, length_ms=None).whole == 0


@pytest.mark.parametrize("kind", list(ReceiptKind))
@pytest.mark.parametrize("is_undone", [False, True])
def test_a_track_with_any_receipt_in_the_room_is_left_alone(kind: ReceiptKind, is_undone: bool) -> None:
    plays = [skipped(30 + day) for day in range(9)]
    before = PoolEntry(track(), Tier.CONFIRMED)
    receipts = [Receipt(1, HOUSE, track(), kind, before, before, NOW, "")]
    if is_undone:
        receipts.append(Receipt(2, HOUSE, track(), ReceiptKind.UNDO, before, before, NOW, "", undoes=(1,)))
    assert changes(Tier.CONFIRMED, plays, receipts) == []
    elsewhere = [replace(each, room=RoomSlug("rage")) for each in receipts]
    assert len(changes(Tier.CONFIRMED, plays, elsewhere)) == 1


def test_nothing_is_said_of_what_was_never_played() -> None:
    assert warmed(pool_of(Tier.CONFIRMED), [], {}, NOW) == []


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_the_bound_is_a_share_below_what_was_seen(hits: float, misses: float) -> None:
    bound = lower_bound(hits, hits + misses)
    assert 0 <= bound <= 1
    if hits + misses > 1e-6:
        assert bound <= hits / (hits + misses) + 1e-9


EVIDENCE = st.lists(st.tuples(st.sampled_from("sw-"), st.floats(0, 4_000)), max_size=30)


def evidence_of(drawn: list[tuple[str, float]]) -> Evidence:
    makers = {"s": skipped, "w": whole, "-": lambda days: play(90_000, "endplay", days)}
    return told([makers[sign](days) for sign, days in drawn])


@given(EVIDENCE)
def test_nobody_is_both_and_few_plays_prove_nothing(drawn: list[tuple[str, float]]) -> None:
    evidence = evidence_of(drawn)
    assert not (is_disliked(evidence) and is_loved(evidence))
    if len(drawn) < 3:
        assert not is_disliked(evidence)
        assert not is_loved(evidence)


@given(EVIDENCE)
def test_one_more_skip_never_lifts(drawn: list[tuple[str, float]]) -> None:
    if not is_loved(evidence_of(drawn)):
        assert not is_loved(evidence_of([*drawn, ("s", 0.0)]))


@given(EVIDENCE, st.sampled_from([Tier.CONFIRMED, Tier.SAFE_SIDE, Tier.DISCOVERY, Tier.REMOVED]))
def test_a_warming_undone_at_once_leaves_the_pool_as_it_was(drawn: list[tuple[str, float]], tier: Tier) -> None:
    base = [PoolEntry(track(), tier, strikes=2, why="mined")]
    pool = project(HOUSE, base, [])
    evidence = {Uri(uri(1)): evidence_of(drawn)}
    written = [
        change.receipt(number, NOW, group="past-1") for number, change in enumerate(warmed(pool, [], evidence, NOW), 1)
    ]
    after = project(HOUSE, base, written)
    assert warmed(after, written, evidence, NOW) == []
    undos = [
        plan.change.receipt(100 + number, NOW, undoes=plan.undoes)
        for number, plan in enumerate(plan_group_undo(written, "past-1"))
    ]
    back = project(HOUSE, base, written + undos)
    assert dict(back.entries) == dict(pool.entries)
    assert warmed(back, written + undos, evidence, NOW) == []
    assert plan_group_undo(written + undos, "past-1") == []


def test_listings_of_one_recording_share_their_past() -> None:
    album, single = track(1, name="A song"), track(2, None, name="A Song - Remastered 2011")
    gathering = Gathering([album, single, track(3, name="Another")], RULES, NOW_MS)
    for number in range(3):
        gathering.take(play(5_000, "fwdbtn", 50 - number, 2))
    gathering.take(play(5_000, None, 40, uri=None, is_minute=True))
    gathering.take(play(5_000, "fwdbtn", 39, 9, name="Unknown"))
    evidence = gathering.evidence()
    assert set(evidence) == {album.uri, single.uri}
    assert evidence[album.uri] == evidence[single.uri]
    assert evidence[album.uri].skips == 4
