"""Learning off and on, for a while and for good."""

from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.learning import Learning
from moodroom_hub.domain.models import DurationMs, EpochMs


def test_on_until_told_otherwise() -> None:
    assert Learning.from_json(None).effective_since_ms(EpochMs(5)) == 0


def test_off_for_a_while_comes_back_and_counts_from_then() -> None:
    learning = Learning().switched(False, EpochMs(1_000), DurationMs(500))
    assert learning.effective_since_ms(EpochMs(1_499)) is None
    assert learning.effective_since_ms(EpochMs(1_500)) == 1_500


def test_saying_it_again_only_changes_for_how_long() -> None:
    learning = Learning().switched(False, EpochMs(1_000), None).switched(False, EpochMs(2_000), DurationMs(100))
    assert learning.since_ms == 1_000
    assert learning.back_at_ms == 2_100


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10_000), st.none() | st.integers(1, 500)), max_size=6))
def test_survives_being_written(switches: list[tuple[bool, int, int | None]]) -> None:
    learning = Learning()
    for is_on, at_ms, for_ms in switches:
        learning = learning.switched(is_on, EpochMs(at_ms), None if for_ms is None else DurationMs(for_ms))
    assert Learning.from_json(learning.to_json()) == learning
