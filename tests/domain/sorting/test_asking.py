"""Which question comes next."""

import math
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.asking import next_question, rank
from moodroom_hub.domain.sorting.models import Chances, Label
from moodroom_hub.domain.sorting.reading import recording
from tests.domain.sorting.worlds import fits, layer_of, random_world, row, uri

MUTUAL = layer_of("late", "pop", complete=True)
OPEN = layer_of("late", "pop")
FREE = layer_of("late", "pop", mutual=False)
TAUGHT = {uri(number): fits(uri(number), "late" if number % 2 else "pop") for number in range(900, 904)}
A, B, C = uri(1), uri(2), uri(3)


def test_the_most_torn_song_comes_first_in_a_mutual_layer() -> None:
    chances = {A: row(A, 0.9, 0.1), B: row(B, 0.55, 0.45), C: row(C, 0.3, 0.7)}
    assert rank(MUTUAL, [A, B, C], chances, TAUGHT, Random(1), count=3) == [B, C, A]
    assert next_question(MUTUAL, [A, B, C], chances, TAUGHT, Random(1)) == B


def test_the_void_may_be_what_a_song_is_torn_between() -> None:
    chances = {A: row(A, 0.5, 0.02), B: row(B, 0.5, 0.3)}
    assert next_question(OPEN, [A, B], chances, TAUGHT, Random(1)) == A


def test_in_a_non_mutual_layer_every_sublist_adds_its_doubt() -> None:
    chances = {A: row(A, 0.5, 0.0), B: row(B, 0.4, 0.6), C: row(C, 0.99, 0.9)}
    assert rank(FREE, [A, B, C], chances, TAUGHT, Random(1), count=3) == [B, A, C]


def test_what_stands_for_many_is_asked_before_what_stands_alone() -> None:
    crowd = [uri(number) for number in range(50)]
    chances = {song: row(song, 0.5, 0.5) for song in [*crowd, A]}
    rng = Random(2)
    points = {song: (rng.gauss(0, 1), rng.gauss(0, 1)) for song in crowd} | {uri(99): (9.0, 9.0)}
    chances[uri(99)] = row(uri(99), 0.5, 0.5)
    for seed in range(10):
        order = rank(MUTUAL, [*crowd, uri(99)], chances, TAUGHT, Random(seed), count=4, points=points)
        assert uri(99) not in order


def test_the_like_of_what_was_just_asked_waits() -> None:
    left, right = [uri(number) for number in range(20)], [uri(number) for number in range(20, 40)]
    points = {song: (0.001 * at, 0.0) for at, song in enumerate(left)}
    points |= {song: (1 + 0.001 * at, 0.0) for at, song in enumerate(right)}
    chances = {song: row(song, 0.5, 0.5) for song in [*left, *right]}
    for seed in range(10):
        first, second = rank(MUTUAL, [*left, *right], chances, TAUGHT, Random(seed), count=2, points=points)
        assert (first in left) is not (second in left)
        lately = [left[0], left[19]]
        assert (
            next_question(MUTUAL, left[1:19] + right, chances, TAUGHT, Random(seed), points=points, lately=lately)
            in right
        )


def test_without_a_model_the_first_questions_spread_over_the_whole_list() -> None:
    rng = Random(4)
    heaps = {uri(number): number % 5 for number in range(200)}
    points = {song: (20.0 * heap + rng.gauss(0, 1), rng.gauss(0, 1)) for song, heap in heaps.items()}
    for seed in range(10):
        asked = rank(MUTUAL, list(heaps), {}, {}, Random(seed), count=5, points=points)
        assert len({heaps[song] for song in asked}) >= 4


def test_a_sublist_without_labels_gets_its_likeliest_examples_first() -> None:
    labels = {uri(number): fits(uri(number), "late") for number in range(900, 905)}
    songs = [uri(number) for number in range(50)]
    chances = {song: row(song, 0.5, 0.5 * at / 100) for at, song in enumerate(songs)}
    assert rank(OPEN, songs, chances, labels, Random(1), count=2) == [songs[49], songs[48]]


def test_the_owners_labels_and_other_takes_of_them_are_not_asked_for() -> None:
    same = {B: A, C: uri(900)}
    assert rank(OPEN, [A, A, B, C, uri(900)], {}, TAUGHT, Random(1), count=9, same=same) == [A]
    assert rank(OPEN, [A, A, uri(900)], {}, TAUGHT, Random(1), count=9) == [A]


def test_nothing_is_left_to_ask() -> None:
    assert next_question(OPEN, [], {}, {}, Random(1)) is None
    assert next_question(OPEN, list(TAUGHT), {}, TAUGHT, Random(1)) is None
    assert rank(OPEN, [A], {}, {}, Random(1), count=0) == []
    assert next_question(layer_of(), [A], {A: Chances(A, ())}, {}, Random(1)) == A
    assert next_question(layer_of("late", complete=True), [A], {A: row(A, 1.0)}, TAUGHT, Random(1)) == A


ODD_POINTS = st.sampled_from(
    ((0.0, 0.0), (1.0, 2.0), (1e308, -1e308), (float("nan"), 0.0), (float("inf"), 1.0), (3.0,), ())
)


@given(st.randoms(use_true_random=False), st.lists(ODD_POINTS, max_size=12), st.integers(0, 15))
def test_whatever_is_known_each_open_recording_is_asked_once(
    rng: Random, points: list[tuple[float, ...]], count: int
) -> None:
    world = random_world(rng)
    where = {uri(number): point for number, point in enumerate(points)}
    seed = rng.random()
    found, again = (
        rank(
            world.layer,
            world.songs,
            world.chances,
            world.labels,
            Random(seed),
            count=count,
            points=where,
            lately=world.songs[:2],
            same=world.same,
        )
        for _ in range(2)
    )
    assert found == again
    known = {recording(song, world.same) for song in world.labels}
    open_ones = {recording(song, world.same) for song in world.songs} - known
    asked = [recording(song, world.same) for song in found]
    assert len(asked) == len(set(asked)) == min(count, len(open_ones))
    assert set(asked) <= open_ones
    assert set(found) <= set(world.songs)


def test_points_further_apart_than_a_square_can_say_are_only_unlike() -> None:
    songs = [uri(number) for number in range(6)]
    where = {song: (1e-200 * number if number < 5 else 1e200,) for number, song in enumerate(songs)}
    assert sorted(rank(MUTUAL, songs, {}, TAUGHT, Random(1), count=6, points=where)) == sorted(songs)


def test_questions_teach_more_than_chance() -> None:
    """Three heaps, each one sublist, one of them small; the model: near labels count more."""
    better = [taught(seed, is_random=False) - taught(seed, is_random=True) for seed in range(12)]
    assert sum(better) / len(better) > 0.02


def taught(seed: int, *, is_random: bool) -> float:
    """The share of 120 songs that the model places rightly after 15 labels."""
    layer = layer_of("late", "pop", "house", complete=True)
    rng = Random(seed)
    truth = {uri(number): rng.choices((0, 1, 2), (12, 6, 2))[0] for number in range(120)}
    points = {song: (2.5 * heap + rng.gauss(0, 1), rng.gauss(0, 1)) for song, heap in truth.items()}
    weights = {song: [0.01] * 3 for song in truth}
    labels: dict[Uri, Label] = {}
    for _ in range(15):
        chances = {song: row(song, *(value / sum(of_song) for value in of_song)) for song, of_song in weights.items()}
        left = [song for song in truth if song not in labels]
        song = rng.choice(left) if is_random else next_question(layer, left, chances, labels, rng, points=points)
        assert song is not None
        labels[song] = fits(song, layer.keys[truth[song]])
        for other, of_song in weights.items():
            of_song[truth[song]] += math.exp(-(math.dist(points[song], points[other]) ** 2))
    return sum(max(range(3), key=of_song.__getitem__) == truth[song] for song, of_song in weights.items()) / 120


@pytest.mark.alone
@pytest.mark.parametrize("mutual", [True, False])
def test_five_thousand_candidates_take_fifty_milliseconds_at_most(mutual: bool) -> None:
    rng = Random(7)
    layer = layer_of(*(f"s{number}" for number in range(8)), mutual=mutual)
    songs = [uri(number) for number in range(5_000)]
    points = {song: tuple(rng.gauss(0, 1) for _ in range(12)) for song in songs}
    chances = {}
    for song in songs:
        values = [rng.random() ** 4 for _ in range(8)]
        chances[song] = row(song, *(value / sum(values) for value in values))
    labels = {song: fits(song, f"s{at % 8}") for at, song in enumerate(songs[:200])}
    took = []
    for _ in range(5):
        began = process_time()
        assert next_question(layer, songs, chances, labels, rng, points=points, lately=songs[200:210])
        took.append(process_time() - began)
    assert min(took) <= 0.05
