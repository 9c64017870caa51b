"""What an owner's answer says, and which ones a layer's case forbids."""

import pytest

from moodroom_hub.domain.sorting.answers import answered, refusal
from moodroom_hub.domain.sorting.models import SublistKey
from tests.domain.sorting.worlds import layer_of, uri

LATE, POP = SublistKey("late"), SublistKey("pop")


@pytest.mark.parametrize("mutual", [True, False])
@pytest.mark.parametrize("complete", [True, False])
def test_each_case_takes_just_its_answers(mutual: bool, complete: bool) -> None:
    layer = layer_of("late", "pop", mutual=mutual, complete=complete)
    assert refusal(layer, [LATE]) is None
    assert (refusal(layer, [LATE, POP]) is None) is not mutual
    assert (refusal(layer, []) is None) is not complete
    assert refusal(layer, [SublistKey("rage")]) == "Moods has no sublist rage; it has late, pop"


def test_an_answer_speaks_of_every_sublist() -> None:
    label = answered(layer_of("late", "pop"), uri(1), [LATE])
    assert (label.fits, label.misfits) == (frozenset({LATE}), frozenset({POP}))
    assert answered(layer_of("late", "pop"), uri(1), []).misfits == {LATE, POP}
    with pytest.raises(ValueError, match="one sublist of Moods only"):
        answered(layer_of("late", "pop"), uri(1), [LATE, POP])
