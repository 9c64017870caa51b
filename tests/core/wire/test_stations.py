"""What stations are told and tell, for whatever comes: orders are whole or refused, words never break."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from moodroom_hub.core.wire import station_orders as orders
from moodroom_hub.core.wire import station_views as views
from moodroom_hub.core.wire import station_words as words
from tests.plugins.radio.fake_radio import FRIDAY, FakeRadio, song, station

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MODELS = [
    orders.StationNewOrder,
    orders.StationTuneOrder,
    orders.StationVoteOrder,
    orders.StationPlayedOrder,
    orders.StationImportOrder,
    orders.StationTrainOrder,
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@settings(max_examples=30)
@given(st.data())
def test_an_order_is_whole_or_refused(model: type[BaseModel], data: st.DataObject) -> None:
    names = st.sampled_from([*model.model_fields, "more"])
    given_json: dict[str, Any] = data.draw(st.dictionaries(names, JSON, max_size=4))
    try:
        order = model.model_validate(given_json)
    except ValidationError:
        return
    assert "more" not in given_json
    if isinstance(order, orders.StationNewOrder):
        made = order.order()
        assert sum((bool(made.seeds), bool(made.playlist), made.room is not None)) == 1
    if isinstance(order, orders.StationTuneOrder):
        assert all(0 <= value <= 3 for value in order.changes().values() if isinstance(value, float))


@given(st.none() | st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_drift_is_always_words(drift: float | None, bound: float, is_bounded: bool) -> None:
    told = words.drift_words(drift, bound, is_bounded=is_bounded)
    assert told.startswith("drift")
    assert "nan" not in told


def test_many_names_are_cut() -> None:
    seeds = [(f"Artist {number}", "Song" if number == 1 else "") for number in range(8)]
    assert words.seed_words(seeds) == "Artist 0, Artist 1 (Song), Artist 2, Artist 3, Artist 4 and 3 more"
    assert words.known_words(2, ()) == ""
    assert words.known_words(1, ("A", "B")) == "1 of 3 artists known; not: A, B"
    assert words.known_words(0, tuple("ABCDEFG")).endswith("A, B, C, D, E and 2 more")
    assert words.votes_words(1, 2) == "1 like, 2 dislikes"


async def test_what_is_no_number_is_null_and_half_characters_are_whole() -> None:
    radio = FakeRadio(station(name="\ud800"))
    radio.drift = float("nan")
    told = views.why(await radio.why(FRIDAY))
    assert (told.station.drift, told.station.name, told.next[-1].score) == (None, "\ufffd", None)
    assert views.track_id(song(1)) == f"{1:022d}"
    json.dumps(told.model_dump(mode="json"), allow_nan=False).encode()
