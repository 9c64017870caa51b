"""What every recommender promises, seen on lists of three scenes."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.plugins.radio.recommending.blend import Blend
from moodroom_hub.plugins.radio.recommending.interface import Lists, Query
from moodroom_hub.plugins.radio.recommending.ranking import products
from moodroom_hub.plugins.radio.recommending.seed_rule import SeedRule

SCENES, EACH = 3, 20
SIZE = SCENES * EACH
Kind = type[SeedRule] | type[Blend]
KINDS: tuple[Kind, ...] = (SeedRule, Blend)

artists = st.lists(st.integers(-2, SIZE + 2), max_size=6).map(tuple)
weights = st.sampled_from((0.0, 0.5, 1.0, 3.0))
queries = st.builds(Query, artists, artists, artists, weights, weights, weights)


def scenes() -> Lists:
    """Artist ``n`` is of scene ``n // EACH``; its first one is in the most lists; one list in five mixes two scenes."""
    rng = np.random.default_rng(3)
    chances = (np.arange(EACH) + 2.0) ** -1
    rows = []
    for number in range(90):
        scene = number % SCENES
        row = scene * EACH + rng.choice(EACH, 8, replace=False, p=chances / chances.sum())
        if number % 5 == 0:
            row = np.concatenate([row, (scene + 1) % SCENES * EACH + rng.choice(EACH, 2, replace=False)])
        rows.append(row)
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return Lists(starts, np.concatenate(rows).astype(np.int32), SIZE)


@cache
def named(name: str) -> SeedRule | Blend:
    return next(kind for kind in KINDS if kind.name == name).fit(scenes(), seed=1)


def learnt(kind: Kind) -> SeedRule | Blend:
    return named(kind.name)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(query=queries, count=st.integers(0, SIZE + 5), without=st.sets(st.integers(-1, SIZE + 1)))
def test_any_query_has_an_answer_in_order_and_without_what_is_left_out(
    kind: Kind, query: Query, count: int, without: set[int]
) -> None:
    best = learnt(kind).score(query, count, without)
    assert len(best.places) == min(count, SIZE - len(without & set(range(SIZE))))
    assert len(set(best.places.tolist())) == len(best.places) == len(best.scores)
    assert without.isdisjoint(best.places.tolist())
    assert np.isfinite(best.scores).all()
    assert (np.diff(best.scores) <= 0).all()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(data=st.data(), query=queries)
def test_the_order_of_the_seeds_says_nothing(kind: Kind, data: st.DataObject, query: Query) -> None:
    turned = Query(
        tuple(data.draw(st.permutations(query.seeds))),
        query.likes,
        query.dislikes,
        query.style,
        query.like_weight,
        query.dislike_weight,
    )
    one, other = (learnt(kind).score(each, SIZE) for each in (query, turned))
    assert one.places.tolist() == other.places.tolist()
    assert one.scores.tobytes() == other.scores.tobytes()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(query=queries)
def test_the_score_is_one_inner_product_ranked_once_more(kind: Kind, query: Query) -> None:
    model = learnt(kind)
    scores = products(model.items, model.query_vector(query))
    np.testing.assert_allclose(scores, model.items @ model.query_vector(query), atol=1e-5)
    order = np.argsort(-scores, kind="stable")
    again = model.rerank(query, order, scores[order], 15)
    assert again.places.tolist() == model.score(query, 15).places.tolist()
    assert model.query_vector(query).dtype == np.float32


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_is_found_by_its_artists(kind: Kind) -> None:
    for scene in range(SCENES):
        seeds = (scene * EACH + 1, scene * EACH + 3)
        best = learnt(kind).score(Query(seeds), 8, seeds)
        assert sum(place // EACH == scene for place in best.places.tolist()) >= 7


@pytest.mark.parametrize("kind", KINDS)
def test_likes_and_dislikes_turn_it_and_each_weight_switches_its_own_off(kind: Kind) -> None:
    model = learnt(kind)
    seeds, likes = (1, 2), (EACH + 1, EACH + 2, EACH + 3)
    plain, liked = model.score(Query(seeds), 10), model.score(Query(seeds, likes), 10)

    def others(places: list[int]) -> int:
        return sum(place // EACH == 1 for place in places)

    assert others(liked.places.tolist()) > others(plain.places.tolist())
    off = Query(seeds, likes, (5, 6), like_weight=0, dislike_weight=0)
    assert model.score(off, 10).places.tolist() == plain.places.tolist()
    only_likes = model.score(Query(seeds, likes, style=0), 10)
    assert only_likes.places.tolist() == model.score(Query((), likes), 10).places.tolist()
    scores = model.items @ model.query_vector(Query(seeds))
    disliked = model.items @ model.query_vector(Query(seeds, (), (4,)))
    assert np.argsort(np.argsort(-disliked))[4] >= np.argsort(np.argsort(-scores))[4]


@pytest.mark.parametrize("kind", KINDS)
def test_who_says_nothing_known_hears_what_is_common(kind: Kind) -> None:
    counts = np.bincount(scenes().artists, minlength=SIZE)
    for query in (Query(()), Query((SIZE + 7, -1)), Query((1,), style=0)):
        best = learnt(kind).score(query, 1)
        assert counts[best.places[0]] == counts.max()


@pytest.mark.parametrize("kind", KINDS)
def test_music_goes_on_where_everybody_is_disliked(kind: Kind) -> None:
    everybody = tuple(range(SIZE))
    assert len(learnt(kind).score(Query((), (), everybody), 5).places) == 5
    assert len(learnt(kind).score(Query((3,), (), everybody), 5, everybody).places) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_lists_and_seed_give_the_same_bits_and_so_does_a_copy_of_the_arrays(kind: Kind) -> None:
    model, again = learnt(kind), kind.fit(scenes(), seed=1)
    arrays = {name: np.array(array) for name, array in model.save().items()}
    assert arrays["items"].flags.c_contiguous
    assert all(again.save()[name].tobytes() == array.tobytes() for name, array in arrays.items())
    for array in arrays.values():
        array.flags.writeable = False  # as a map of a file that is only read
    copy = kind.load(arrays)
    query = Query((1, 2, 30), (4,), (45,))
    assert copy.score(query, SIZE).scores.tobytes() == model.score(query, SIZE).scores.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_that_are_not_what_they_must_be_are_refused(kind: Kind) -> None:
    arrays = learnt(kind).save()
    with pytest.raises(ValueError, match="missing"):
        kind.load({})
    for name, array in arrays.items():
        with pytest.raises(ValueError, match=name):
            kind.load({other: kept for other, kept in arrays.items() if other != name})
        with pytest.raises(ValueError, match="float64"):
            kind.load({**arrays, name: array.astype(np.float64)})
        with pytest.raises(ValueError, match=name):
            kind.load({**arrays, name: array.reshape(-1)})
    with pytest.raises(ValueError, match="items"):
        kind.load({**arrays, "items": np.ascontiguousarray(arrays["items"][:, :1])})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 3])
def test_hardly_any_artists_are_no_way_to_fail(kind: Kind, size: int) -> None:
    rows = [np.arange(size)] * 2
    starts = np.array([0, size, 2 * size], dtype=np.int64)
    model = kind.fit(Lists(starts, np.concatenate(rows).astype(np.int32), size))
    assert len(model.score(Query((0, 1)), 5).places) == size
    assert len(kind.load(model.save()).score(Query(()), 5).places) == size


def test_the_first_ten_are_less_of_the_same_and_the_best_one_stays() -> None:
    model = learnt(Blend)
    query = Query((1, EACH + 1))
    scores = products(model.items, model.query_vector(query))
    order = np.argsort(-scores, kind="stable")
    best = model.score(query, SIZE)
    assert best.places[0] == order[0]
    assert sorted(best.places.tolist()) == sorted(order.tolist())


def test_a_fit_tells_how_far_it_is() -> None:
    told: list[tuple[str, int, int]] = []
    Blend.fit(scenes(), tell=lambda doing, done, whole: told.append((doing, done, whole)))
    assert {doing for doing, _, _ in told} == {"vectors", "factors"}
    assert all(0 <= done <= whole for _, done, whole in told)
    assert any(done == whole for _, done, whole in told)
