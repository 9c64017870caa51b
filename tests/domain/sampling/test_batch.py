"""Batches: the recipe, freshness, tiny pools, and what the notes say."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import PLAYABLE_TIERS, BatchRecipe, Drawn, PoolEntry, Tier, Track
from moodroom_hub.domain.sampling import FILL_ORDER, draw_batch
from tests.domain.sampling.pools_of_songs import (
    RECIPE,
    listing,
    pasts,
    plain_pool,
    playable_songs,
    pools,
    recipes,
    seeds,
    song_of,
    songs_of,
    tier_counts,
    windows,
)


@given(pools, recipes, pasts, windows, seeds)
@settings(max_examples=300)
def test_whatever_the_pool_a_batch_is_right(
    pool: list[PoolEntry], recipe: BatchRecipe, recent: list[Track], window: int, seed: int
) -> None:
    drawn = draw_batch(pool, recipe, recent, window, Random(seed))
    tiers = {entry.track.uri: entry.tier for entry in pool}
    songs = [song_of(pick.track) for pick in drawn.picks]
    may = playable_songs(pool)
    blocked = songs_of(recent[len(recent) - min(window, len(recent)) :])

    assert len(set(songs)) == len(songs), "no recording twice within a batch"
    assert len(songs) == min(recipe.size, len(may)), "as long as there are recordings"
    assert set(songs) <= may
    for pick in drawn.picks:
        assert pick.tier is tiers[pick.track.uri]
        assert pick.track.is_playable
        assert pick.why.startswith(pick.tier)

    fresh = [song for song in songs if song not in blocked]
    assert len(fresh) == min(recipe.size, len(may - blocked)), "the window is loosened only when nothing else is left"
    assert songs[: len(fresh)] == fresh, "what comes again comes last"
    last_queued = {song_of(track): position for position, track in enumerate(recent)}
    again = [last_queued[song] for song in songs[len(fresh) :]]
    assert again == sorted(again)
    assert not again or max(again) <= min(
        (last_queued[song] for song in (may & blocked) - set(songs)), default=len(recent)
    ), "the window is loosened oldest first"


@given(pools, pasts, seeds)
def test_a_batch_that_is_not_the_recipe_says_so(pool: list[PoolEntry], recent: list[Track], seed: int) -> None:
    drawn = draw_batch(pool, RECIPE, recent, 15, Random(seed))
    queue = [song_of(track) for track in recent] + [song_of(pick.track) for pick in drawn.picks]
    repeats = any(queue[place] in queue[max(0, place - 15) : place] for place in range(len(recent), len(queue)))
    is_recipe = tier_counts(drawn) == {tier: RECIPE.share(tier) for tier in PLAYABLE_TIERS}
    assert bool(drawn.notes) == (repeats or not is_recipe)


@given(st.tuples(*[st.integers(0, 12)] * 3), recipes, seeds)
def test_short_tiers_are_filled_in_the_fixed_order(sizes: tuple[int, int, int], recipe: BatchRecipe, seed: int) -> None:
    left = dict(zip(PLAYABLE_TIERS, sizes, strict=True))
    expected = Counter(dict.fromkeys(PLAYABLE_TIERS, 0))
    missing = {}
    for tier in PLAYABLE_TIERS:
        own = min(left[tier], recipe.share(tier))
        left[tier] -= own
        expected[tier] += own
        missing[tier] = recipe.share(tier) - own
    for tier in PLAYABLE_TIERS:
        for other in FILL_ORDER[tier]:
            fill = min(missing[tier], left[other])
            left[other] -= fill
            missing[tier] -= fill
            expected[other] += fill
    assert tier_counts(draw_batch(plain_pool(*sizes), recipe, [], 15, Random(seed))) == dict(expected)


@given(pools, pasts, seeds)
def test_the_same_seed_draws_the_same(pool: list[PoolEntry], recent: list[Track], seed: int) -> None:
    first = draw_batch(pool, RECIPE, recent, 15, Random(seed))
    assert draw_batch(pool, RECIPE, recent, 15, Random(seed)) == first


def test_a_full_pool_gives_the_recipe_without_a_note() -> None:
    drawn = draw_batch(plain_pool(40, 30, 20), RECIPE, [], 15, Random(1))
    assert tier_counts(drawn) == {Tier.CONFIRMED: 5, Tier.SAFE_SIDE: 4, Tier.DISCOVERY: 1}
    assert drawn.notes == ()
    assert {pick.why for pick in drawn.picks} == {"CONFIRMED", "SAFE_SIDE", "DISCOVERY"}


def test_a_batch_is_shuffled() -> None:
    pool = plain_pool(40, 30, 20)
    orders = {tuple(pick.tier for pick in draw_batch(pool, RECIPE, [], 15, Random(seed)).picks) for seed in range(50)}
    places = {order.index(Tier.DISCOVERY) for order in orders}
    assert len(orders) > 40
    assert places == set(range(10))


def test_an_empty_pool_gives_nothing_and_says_so() -> None:
    nothing = ("the pool holds nothing that can be played",)
    assert draw_batch([], RECIPE, [], 15, Random(1)) == Drawn((), nothing)
    gone = [PoolEntry(listing(1), Tier.REMOVED), PoolEntry(listing(2, is_playable=False), Tier.CONFIRMED)]
    assert draw_batch(gone, RECIPE, [], 15, Random(1)) == Drawn((), nothing)


def test_the_only_song_plays_again_rather_than_silence() -> None:
    drawn = draw_batch(plain_pool(1, 0, 0), RECIPE, [listing(0)], 15, Random(1))
    assert [pick.track for pick in drawn.picks] == [listing(0)]
    assert drawn.picks[0].why == "CONFIRMED, last queued one track ago: nothing fresher is left"
    assert "the pool is smaller than the repeat window: a song comes again after 0 others instead of 15" in drawn.notes
    assert "the pool holds only 1 songs that can be played" not in drawn.notes
    assert "the pool holds only one song that can be played" in drawn.notes


def test_another_listing_of_what_was_queued_lately_is_not_fresh() -> None:
    pool = [PoolEntry(listing(song, copy=2), Tier.CONFIRMED) for song in range(20)]
    recent = [listing(song, copy=1) for song in range(10)]
    drawn = draw_batch(pool, BatchRecipe(5, 0, 0), recent, 15, Random(3))
    assert songs_of([pick.track for pick in drawn.picks]).isdisjoint(range(10))


def test_another_listing_of_a_removed_song_is_never_drawn() -> None:
    pool = [PoolEntry(listing(1), Tier.REMOVED), PoolEntry(listing(1, copy=3), Tier.CONFIRMED)]
    assert draw_batch(pool, RECIPE, [], 15, Random(1)).picks == ()


def test_stand_ins_say_whom_they_stand_in_for() -> None:
    drawn = draw_batch(plain_pool(20, 20, 0), RECIPE, [listing(99)], 15, Random(1))
    assert drawn.notes == ("DISCOVERY is 1 short: SAFE_SIDE stands in",)
    assert "SAFE_SIDE for want of DISCOVERY, not queued lately" in {pick.why for pick in drawn.picks}


def test_a_pool_that_just_outgrows_the_window_repeats_nothing_within_it() -> None:
    pool = plain_pool(9, 6, 1)
    recent: list[Track] = []
    rng = Random(5)
    for _ in range(20):
        drawn = draw_batch(pool, RECIPE, recent, 15, rng)
        assert not any("repeat window" in note for note in drawn.notes)
        recent += [pick.track for pick in drawn.picks]
    songs = [song_of(track) for track in recent]
    assert all(songs[place] not in songs[max(0, place - 15) : place] for place in range(len(songs)))


def _share_drawn(pool: Sequence[PoolEntry], recent: Sequence[Track], song: int) -> int:
    draws = (draw_batch(pool, BatchRecipe(1, 0, 0), recent, 5, Random(seed)) for seed in range(300))
    return sum(song_of(drawn.picks[0].track) == song for drawn in draws)


def test_what_was_queued_not_long_ago_tends_to_wait() -> None:
    pool = plain_pool(10, 0, 0)
    others = [listing(song) for song in range(100, 140)]
    never = _share_drawn(pool, others, 0)
    long_ago = _share_drawn(pool, [listing(0), *others], 0)
    lately = _share_drawn(pool, [*others[:-5], listing(0), *others[-5:]], 0)
    assert lately < never / 3
    assert long_ago > never / 2


@pytest.mark.parametrize("window", [0, -3])
def test_without_a_window_a_batch_still_repeats_nothing_within_itself(window: int) -> None:
    drawn = draw_batch(plain_pool(3, 0, 0), RECIPE, [listing(song) for song in range(3)], window, Random(1))
    assert sorted(songs_of([pick.track for pick in drawn.picks])) == [0, 1, 2]
    assert not any("repeat window" in note for note in drawn.notes)
