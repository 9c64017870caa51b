"""Top-ups: the ratio over every stretch of picks, freshness, never silence; and that drawing is quick."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import (
    PLAYABLE_TIERS,
    BatchRecipe,
    Drawn,
    DurationMs,
    PoolEntry,
    Tier,
    Track,
    Uri,
)
from moodroom_hub.domain.sampling import FILL_ORDER, draw_batch, draw_top_up
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
    songs_by_tier,
    songs_of,
)

TIERS = st.lists(st.sampled_from(PLAYABLE_TIERS), max_size=30)


def keeps_recipe(tiers: Sequence[Tier], recipe: BatchRecipe) -> bool:
    """Every stretch of the recipe's size holds exactly the recipe."""
    return all(
        tiers[start : start + recipe.size].count(tier) == recipe.share(tier)
        for start in range(len(tiers) - recipe.size + 1)
        for tier in PLAYABLE_TIERS
    )


@given(recipes, seeds, st.integers(1, 3))
@settings(max_examples=60)
def test_every_stretch_from_batch_to_top_ups_keeps_the_recipe(recipe: BatchRecipe, seed: int, count: int) -> None:
    rng = Random(seed)
    pool = plain_pool(30, 30, 30)
    batch = draw_batch(pool, recipe, [], 15, rng)
    queued = [pick.track for pick in batch.picks]
    tiers = [pick.tier for pick in batch.picks]
    for _ in range(25):
        drawn = draw_top_up(pool, recipe, queued, tiers, 15, count, rng)
        assert len(drawn.picks) == count
        assert drawn.notes == ()
        queued += [pick.track for pick in drawn.picks]
        tiers += [pick.tier for pick in drawn.picks]
    assert keeps_recipe(tiers, recipe)


@given(recipes, TIERS, seeds)
def test_the_recipe_stands_again_one_batch_after_any_disorder(
    recipe: BatchRecipe, recent_tiers: list[Tier], seed: int
) -> None:
    drawn = draw_top_up(plain_pool(40, 40, 40), recipe, [], recent_tiers, 15, 3 * recipe.size, Random(seed))
    assert keeps_recipe([pick.tier for pick in drawn.picks], recipe)


@given(pools, recipes, pasts, TIERS, st.integers(0, 20), seeds)
@settings(max_examples=300)
def test_whatever_the_pool_a_top_up_is_right(
    pool: list[PoolEntry],
    recipe: BatchRecipe,
    recent: list[Track],
    recent_tiers: list[Tier],
    window: int,
    seed: int,
) -> None:
    drawn = draw_top_up(pool, recipe, recent, recent_tiers, window, 4, Random(seed))
    may, by_tier = playable_songs(pool), songs_by_tier(pool)
    assert len(drawn.picks) == (4 if may else 0), "never silence while there is a song"
    queue, tiers = [song_of(track) for track in recent], list(recent_tiers)
    for pick in drawn.picks:
        song = song_of(pick.track)
        assert song in by_tier[pick.tier]
        blocked = set(queue[len(queue) - min(window, len(queue)) :])
        if song in blocked:
            assert may <= blocked, "the window is loosened only when nothing else is left"
            last = {queued: place for place, queued in enumerate(queue)}
            assert song == min(may, key=lambda each: last[each]), "oldest first"
            assert drawn.notes
        else:
            staying = tiers[-(recipe.size - 1) :] if recipe.size > 1 else []
            owed = {tier: recipe.share(tier) - staying.count(tier) for tier in PLAYABLE_TIERS}
            can = [tier for tier in PLAYABLE_TIERS if by_tier[tier] - blocked]
            if owed[pick.tier] <= 0:
                assert not any(owed[tier] > 0 for tier in can), "a stand-in only where nothing due is left"
                short = max(PLAYABLE_TIERS, key=lambda tier: owed[tier])
                assert pick.tier is next(tier for tier in FILL_ORDER[short] if tier in can)
                assert f"{short} is 1 short: {pick.tier} stands in" in drawn.notes
        queue.append(song)
        tiers.append(pick.tier)


@given(pools, pasts, TIERS, seeds)
def test_the_same_seed_draws_the_same(
    pool: list[PoolEntry], recent: list[Track], recent_tiers: list[Tier], seed: int
) -> None:
    def draw() -> Drawn:
        return draw_top_up(pool, RECIPE, recent, recent_tiers, 15, 3, Random(seed))

    assert draw() == draw()


def test_a_room_without_discoveries_stays_at_five_and_five() -> None:
    rng, pool = Random(4), plain_pool(40, 40, 0)
    batch = draw_batch(pool, RECIPE, [], 15, rng)
    queued, tiers = [pick.track for pick in batch.picks], [pick.tier for pick in batch.picks]
    drawn = draw_top_up(pool, RECIPE, queued, tiers, 15, 60, rng)
    assert keeps_recipe([*tiers, *(pick.tier for pick in drawn.picks)], BatchRecipe(5, 5, 0))
    assert drawn.notes == ("DISCOVERY is 1 short: SAFE_SIDE stands in",)


def test_a_single_discovery_returns_as_soon_as_the_window_lets_it() -> None:
    drawn = draw_top_up(plain_pool(40, 40, 1), RECIPE, [], [], 15, 120, Random(8))
    places = [place for place, pick in enumerate(drawn.picks) if pick.tier is Tier.DISCOVERY]
    assert {after - before for before, after in pairwise(places)} <= {16, 17, 18}
    assert len(places) >= 7


def test_nothing_to_play_is_said() -> None:
    drawn = draw_top_up([PoolEntry(listing(1), Tier.REMOVED)], RECIPE, [], [], 15, 1, Random(1))
    assert drawn == Drawn((), ("the pool holds nothing that can be played",))
    assert draw_top_up(plain_pool(3, 0, 0), BatchRecipe(0, 0, 0), [], [], 15, 1, Random(1)) == Drawn()


def test_a_loosened_window_is_said() -> None:
    recent = [listing(song) for song in (0, 1, 2)]
    drawn = draw_top_up(plain_pool(3, 0, 0), RECIPE, recent, [], 15, 1, Random(1))
    assert songs_of([pick.track for pick in drawn.picks]) == {0}
    assert drawn.picks[0].why == "CONFIRMED, last queued 3 tracks ago: nothing fresher is left"
    assert drawn.notes == (
        "the pool is smaller than the repeat window: a song comes again after 2 others instead of 15",
    )


def test_every_song_of_a_tier_gets_its_turn() -> None:
    pool = plain_pool(30, 0, 0)
    drawn = draw_top_up(pool, RECIPE, [], [], 15, 400, Random(2))
    counts = [sum(song_of(pick.track) == song for pick in drawn.picks) for song in range(30)]
    assert min(counts) > 400 / 30 / 2


@pytest.mark.alone
def test_a_draw_from_twenty_thousand_takes_at_most_twenty_milliseconds() -> None:
    rng = Random(6)
    tiers = [Tier.CONFIRMED] * 9 + [Tier.SAFE_SIDE] * 7 + [Tier.DISCOVERY] * 3 + [Tier.REMOVED]
    pool = [
        PoolEntry(
            Track(
                Uri(f"spotify:track:{number:022}"),
                f"Song number {number} (feat. Somebody)",
                (f"Artist {number % 900}",),
                DurationMs(200_000),
                f"USXX1{number:07}",
            ),
            rng.choice(tiers),
        )
        for number in range(20_000)
    ]
    recent = [entry.track for entry in rng.sample(pool, 100)]
    times_ms = []
    for _ in range(7):
        started = perf_counter()
        drawn = draw_batch(pool, RECIPE, recent, 15, rng)
        draw_top_up(pool, RECIPE, recent, [pick.tier for pick in drawn.picks], 15, 1, rng)
        times_ms.append((perf_counter() - started) * 1000 / 2)
    assert min(times_ms) <= 20
