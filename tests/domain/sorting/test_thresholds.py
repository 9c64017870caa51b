"""From which chance on a placement counts as sure."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.sorting.models import SublistKey
from moodroom_hub.domain.sorting.thresholds import NEVER, target_precision, threshold, thresholds
from tests.domain.sorting.worlds import fits, layer_of, misfits, random_world, row, uri

placements = st.lists(st.tuples(st.floats(0, 1) | st.sampled_from((0.5, 0.7, 0.9, 1.0)), st.booleans()), max_size=40)
targets = st.floats(0.6, 0.95)


def test_the_wish_is_a_precision() -> None:
    assert target_precision(0.0) == 0.95
    assert target_precision(1.0) == pytest.approx(0.6)
    assert target_precision(7.0) == pytest.approx(0.6)
    assert target_precision(float("nan")) == target_precision(0.5) == pytest.approx(0.775)


@given(placements, targets)
def test_held_out_placements_from_the_threshold_on_are_as_precise_as_wished(
    found: list[tuple[float, bool]], target: float
) -> None:
    bar = threshold(found, target)
    above = [is_right for chance, is_right in found if chance >= bar]
    assert not above or sum(above) >= target * len(above)


def test_a_few_lucky_labels_at_the_bottom_prove_nothing() -> None:
    """Six right ones from 0.7 % on, and nobody yet who was wrong down there."""
    lucky = [(0.007, True), *((0.9 + number / 100, True) for number in range(6))]
    assert threshold(lucky, 0.775) >= 0.775 / 2


@given(placements, targets, targets)
def test_a_more_eager_wish_never_has_a_higher_threshold(
    found: list[tuple[float, bool]], one: float, other: float
) -> None:
    assert threshold(found, min(one, other)) <= threshold(found, max(one, other))


@given(st.randoms(use_true_random=False), st.floats(0, 1), st.floats(0, 1))
def test_the_same_holds_of_whole_layers_however_odd(rng: Random, one: float, other: float) -> None:
    world = random_world(rng)
    keys = world.layer.keys

    def at(eagerness: float) -> dict[SublistKey, float]:
        layer = layer_of(*keys, mutual=world.layer.is_mutual, complete=world.layer.is_complete, eagerness=eagerness)
        return thresholds(layer, world.chances, world.labels)

    careful, eager = at(min(one, other)), at(max(one, other))
    assert tuple(careful) == tuple(eager) == keys
    assert all(0 < eager[key] <= careful[key] <= NEVER for key in keys)


def test_without_labels_the_calibrated_chance_is_taken_at_its_word() -> None:
    assert threshold([], 0.8) == 0.8
    assert threshold([(0.3, True)] * 4, 0.8) == 0.8  # too few to prove that less is enough


def test_labels_prove_that_less_is_enough() -> None:
    assert threshold([(0.6, True)] * 20, 0.95) == 0.6
    assert threshold([(0.6, True)] * 18, 0.95) == 0.95  # the same again, and one fewer: a cautious estimate says no


def test_a_miss_above_the_wish_lifts_the_threshold_over_it() -> None:
    assert threshold([(0.97, False)], 0.95) > 0.97
    assert threshold([(1.0, False)], 0.95) == NEVER > 1.0


def test_only_what_leads_is_a_placement_of_a_mutual_layer() -> None:
    songs = [uri(number) for number in range(20)]
    chances = {song: row(song, 0.5, 0.4) for song in songs}
    labels = {song: fits(song, "late") for song in songs}
    assert thresholds(layer_of("late", "pop"), chances, labels) == {"late": 0.5, "pop": pytest.approx(0.775)}
    torn = {song: row(song, 0.5, 0.5) for song in songs}
    assert thresholds(layer_of("late", "pop"), torn, labels)[SublistKey("late")] == pytest.approx(0.775)


def test_what_a_label_leaves_open_proves_nothing_in_a_non_mutual_layer() -> None:
    songs = [uri(number) for number in range(20)]
    chances = {song: row(song, 0.5, 0.9) for song in songs}
    layer = layer_of("late", "pop", mutual=False)
    open_ended = thresholds(layer, chances, {song: fits(song, "late") for song in songs})
    assert open_ended == {"late": 0.5, "pop": pytest.approx(0.775)}
    said_not = thresholds(layer, chances, {song: misfits(song, "pop") for song in songs})
    assert said_not == {"late": pytest.approx(0.775), "pop": pytest.approx(0.9)}
    assert said_not[SublistKey("pop")] > 0.9
