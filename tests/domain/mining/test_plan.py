"""What a mining makes of a room: the rules that keep what files, hands and listening decided."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.mining.models import Mined, Placement, Suggestion, Unplaced
from moodroom_hub.domain.mining.plan import RoomNow, RoomPlan, plan_room
from moodroom_hub.domain.models import EpochMs, PoolEntry, RoomSlug, Tier, Track, Uri

HOUSE = RoomSlug("house")
NOW = EpochMs(1_000)
LIBRARY = {Uri(f"u{number}"): Track(Uri(f"u{number}"), f"Song {number}", ("Band",)) for number in range(8)}
URIS = list(LIBRARY)


def entry(uri: str, tier: Tier = Tier.CONFIRMED, source: str = "mined:model", since: int = 1) -> PoolEntry:
    return PoolEntry(LIBRARY.get(Uri(uri)) or Track(Uri(uri), uri), tier, since_ms=EpochMs(since), source=source)


def now(base: Sequence[PoolEntry], pool: Mapping[Uri, PoolEntry] | None = None, learned: Sequence[str] = ()) -> RoomNow:
    effective = {row.track.uri: row for row in base} if pool is None else pool
    return RoomNow(HOUSE, base, effective, {Uri(uri) for uri in learned})


def placed(uri: str, confidence: float = 0.9, tier: Tier = Tier.CONFIRMED, room: RoomSlug = HOUSE) -> Placement:
    return Placement(room, Uri(uri), confidence, "four to the floor", tier)


def planned(state: RoomNow, mined: Mined, found: Sequence[tuple[Suggestion, Track]] = ()) -> RoomPlan:
    return plan_room(state, mined, found, LIBRARY, miner="model", at_ms=NOW)


def uris(rows: Sequence[PoolEntry]) -> list[str]:
    return [row.track.uri for row in rows]


def test_a_placed_song_comes_into_the_room_with_its_reason_and_its_miner() -> None:
    plan = planned(now([]), Mined((placed("u1", 0.93),)))
    assert plan.added == (
        PoolEntry(LIBRARY[Uri("u1")], Tier.CONFIRMED, 0, NOW, "93% sure: four to the floor", "mined:model", 0.93),
    )
    assert plan.base == plan.added


def test_what_the_same_miner_no_longer_places_goes() -> None:
    plan = planned(now([entry("u1"), entry("u2")]), Mined((placed("u1"),), (Unplaced(Uri("u2"), "no room"),)))
    assert (uris(plan.base), uris(plan.gone), plan.unchanged) == (["u1"], ["u2"], 1)


def test_what_could_not_be_judged_stays() -> None:
    unjudged = Mined(unplaced=(Unplaced(Uri("u1"), "cut off", is_judged=False),))
    plan = planned(now([entry("u1")]), unjudged)
    assert (uris(plan.base), plan.gone) == (["u1"], ())


def test_what_a_file_or_another_miner_brought_stays() -> None:
    base = [entry("u1", source=""), entry("u2", source="mined:local")]
    mined = Mined(unplaced=tuple(Unplaced(Uri(uri), "no room") for uri in ("u1", "u2")))
    assert uris(planned(now(base), mined).base) == ["u1", "u2"]


def test_a_file_goes_before_a_miner_in_the_tier_too() -> None:
    plan = planned(now([entry("u1", Tier.SAFE_SIDE, source="")]), Mined((placed("u1"),)))
    assert plan.base[0].tier is Tier.SAFE_SIDE
    assert not plan.is_change


def test_a_miner_of_greater_rank_is_never_taken_over() -> None:
    base = [entry("u1", source="mined:local"), entry("u2", source="suggested:local")]
    plan = planned(now(base), Mined((placed("u1"),), (Unplaced(Uri("u2"), "no room"),)))
    assert plan.base == tuple(base)


def test_what_a_yielding_miner_placed_is_judged_anew() -> None:
    base = [entry("u1", source="mined:local"), entry("u2", source="mined:local")]
    mined = Mined((placed("u1"),), (Unplaced(Uri("u2"), "no room"),))
    plan = plan_room(now(base), mined, (), LIBRARY, miner="model", yielding={"local"}, at_ms=NOW)
    assert [(row.track.uri, row.source) for row in plan.base] == [("u1", "mined:model")]
    assert uris(plan.gone) == ["u2"]


def test_another_miners_placing_is_replaced_where_this_one_places_the_same_song() -> None:
    state = now([entry("u1", Tier.SAFE_SIDE, source="mined:local")])
    plan = plan_room(state, Mined((placed("u1"),)), (), LIBRARY, miner="model", yielding={"local"}, at_ms=NOW)
    assert [(before.tier, after.tier) for before, after in plan.moved] == [(Tier.SAFE_SIDE, Tier.CONFIRMED)]
    assert plan.base[0].source == "mined:model"


def test_a_song_that_is_liked_no_more_goes() -> None:
    plan = planned(now([entry("gone")]), Mined((placed("u1"),)))
    assert uris(plan.gone) == ["gone"]


def test_what_listening_decided_is_counted_as_kept_and_shown_as_no_change() -> None:
    base = [entry("u1")]
    plan = planned(now(base, {Uri("u1"): entry("u1", Tier.REMOVED)}, ["u1"]), Mined((placed("u1"),)))
    assert (plan.kept, plan.is_change) == (1, False)


def test_the_day_it_came_stays_where_the_tier_does() -> None:
    plan = planned(now([entry("u1", since=7)]), Mined((placed("u1"),)))
    assert plan.base[0].since_ms == 7


def test_of_two_placings_the_surest_counts() -> None:
    plan = planned(now([]), Mined((placed("u1", 0.6, Tier.SAFE_SIDE), placed("u1", 0.9))))
    assert [row.confidence for row in plan.base] == [0.9]


def test_suggestions_are_replaced_only_where_new_ones_came() -> None:
    base = [entry("old", Tier.DISCOVERY, "suggested:model")]
    fresh = (Suggestion(HOUSE, Tier.DISCOVERY, "New", "Band", "near"), Track(Uri("new"), "New", ("Band",)))
    assert uris(planned(now(base), Mined(), [fresh]).base) == ["old", "new"]
    assert uris(planned(now(base), Mined(suggested_rooms=frozenset({HOUSE})), [fresh]).base) == ["new"]


def test_a_liked_song_is_never_a_suggestion() -> None:
    liked = (Suggestion(HOUSE, Tier.DISCOVERY, "Song 1", "Band"), LIBRARY[Uri("u1")])
    assert planned(now([]), Mined(suggested_rooms=frozenset({HOUSE})), [liked]).base == ()


ROWS = st.lists(
    st.builds(
        entry,
        st.sampled_from(URIS),
        st.sampled_from(Tier),
        st.sampled_from(["", "mined:model", "mined:local", "suggested:model"]),
    ),
    unique_by=lambda row: row.track.uri,
)
MINED = st.lists(st.sampled_from(URIS), unique=True).flatmap(
    lambda chosen: st.builds(
        lambda judged: Mined(
            tuple(placed(uri) for uri in chosen),
            tuple(Unplaced(uri, "", is_judged=uri in judged) for uri in URIS if uri not in chosen),
        ),
        st.sets(st.sampled_from(URIS)),
    )
)


@given(ROWS, MINED)
def test_mining_twice_is_mining_once(base: list[PoolEntry], mined: Mined) -> None:
    once = planned(now(base), mined)
    again = planned(now(once.base), mined)
    assert again.base == once.base
    assert not again.is_change


@given(ROWS, MINED)
def test_no_row_of_a_file_is_ever_touched_and_none_comes_twice(base: list[PoolEntry], mined: Mined) -> None:
    plan = planned(now(base), mined)
    assert [row for row in plan.base if not row.source] == [row for row in base if not row.source]
    assert len(set(uris(plan.base))) == len(plan.base)


@given(ROWS, MINED)
def test_the_difference_is_exactly_what_differs(base: list[PoolEntry], mined: Mined) -> None:
    plan = planned(now(base), mined)
    before = {row.track.uri: row.tier for row in base}
    for row in plan.added:
        before[row.track.uri] = row.tier
    for row in plan.gone:
        del before[row.track.uri]
    for _, after in plan.moved:
        before[after.track.uri] = after.tier
    assert before == {row.track.uri: row.tier for row in plan.base}
