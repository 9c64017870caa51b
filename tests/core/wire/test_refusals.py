"""What is wrong with an order is told in words, without its value."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from moodroom_hub.core.wire.refusals import refusal
from moodroom_hub.core.wire.station_orders import StationNewOrder, StationTrainOrder, StationVoteOrder


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        (StationVoteOrder, {}, "kind: is missing"),
        (StationVoteOrder, {"kind": "SECRET"}, "kind: expected 'like' or 'dislike'"),
        (StationVoteOrder, [], "expected a JSON object"),
        (
            StationTrainOrder,
            {"folders": [7], "x\u202e": 1},
            r"folders, number 1: expected a text; x\u202e: there is no such key",
        ),
        (
            StationTrainOrder,
            {"folders": ["a"] * 51, "seed": -1},
            "folders: expected at most 50 of them; seed: expected at least 0",
        ),
        (StationNewOrder, {"artists": ["a", ""]}, "artists, number 2: expected a text that is not empty"),
        (StationNewOrder, {}, "say what it is made of: artists and tracks, or a playlist, or a room"),
        (
            StationNewOrder,
            {"artists": [1] * 9},
            "; ".join(f"artists, number {at}: expected a text" for at in range(1, 6)),
        ),
    ],
)
def test_an_order_is_refused_in_words(model: type[BaseModel], given: Any, words: str) -> None:
    with pytest.raises(ValidationError) as error:
        model.model_validate(given)
    assert refusal(error.value) == words
