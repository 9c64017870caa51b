"""Whatever bytes come back, only sound judgements get through."""

import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.plugins.llm_mining.envelopes import AnswerError, read_completion, read_error, read_models
from moodroom_hub.plugins.llm_mining.parsers import Verdict, parse_misfits, parse_placements, parse_songs
from moodroom_hub.plugins.llm_mining.texts import LONGEST_WHY, clean_line

IDS = frozenset({"t1", "t2", "t3"})
ROOMS = frozenset({"house", "rage"})

_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["t1", "t2", "t9", "house", "rage", "no-such-room", "1", "placements", "\ud800", "\x1b[31m"])
    | st.text(max_size=12)
)
_keys = st.sampled_from(["placements", "misfits", "safe_side", "discovery", "id", "rooms", "room", "confidence", "why",
                         "reason", "name", "artist", "x"])  # fmt: skip
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=5),
    max_leaves=25,
)
_near_rooms = st.fixed_dictionaries(
    {
        "room": st.sampled_from(["house", "rage", "no-such-room"]),
        "confidence": st.floats() | st.integers() | st.booleans() | st.just("0.5"),
        "why": st.text(max_size=400),
    }
)
_near = st.fixed_dictionaries(
    {
        "placements": st.lists(
            st.fixed_dictionaries(
                {"id": st.sampled_from(["t1", "t2", "t3", "t4"]), "rooms": st.lists(_near_rooms, max_size=3)}
            ),
            max_size=4,
        )
    }
)
_texts = (
    st.text(max_size=200)
    | _values.map(json.dumps)
    | _near.map(json.dumps)
    | st.tuples(st.text(max_size=20), _near.map(json.dumps), st.text(max_size=20)).map("".join)
    | _near.map(lambda value: f"```json\n{json.dumps(value)}\n```")
    | st.text(alphabet='{}[]",:t1e-.`\\ \n', max_size=200)
)


def is_sound(found: dict[str, Verdict]) -> bool:
    """Whether nothing odd got through."""
    return all(
        one in IDS
        and len({said.room for said in verdict}) == len(verdict)
        and all(
            said.room in ROOMS
            and type(said.confidence) is float
            and math.isfinite(said.confidence)
            and 0 <= said.confidence <= 1
            and 0 < len(said.why) <= LONGEST_WHY
            and said.why.isprintable()
            for said in verdict
        )
        for one, verdict in found.items()
    )


@given(_texts)
def test_no_answer_places_what_it_may_not(text: str) -> None:
    complaints: list[str] = []
    try:
        assert is_sound(parse_placements(text, IDS, ROOMS))
    except AnswerError as error:
        complaints.append(str(error))
    try:
        assert is_sound(parse_misfits(text, sorted(IDS), "house"))
    except AnswerError as error:
        complaints.append(str(error))
    try:
        near, far = parse_songs(text)
        assert all(one.name.isprintable() and one.artist.isprintable() for one in (*near, *far))
    except AnswerError as error:
        complaints.append(str(error))
    assert all(one.isprintable() for one in complaints)


@given(st.binary(max_size=300) | _values.map(lambda value: json.dumps(value).encode()))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    with contextlib.suppress(AnswerError):
        read_completion(body)
    with contextlib.suppress(AnswerError):
        read_models(body)
    read_error(body)


@given(_near)
def test_a_right_answer_is_taken_and_any_other_refused_whole(answer: dict[str, Any]) -> None:
    placements = answer["placements"]
    is_right = all(
        one["id"] in IDS
        and len({said["room"] for said in one["rooms"]}) == len(one["rooms"])
        and all(
            said["room"] in ROOMS
            and isinstance(said["confidence"], int | float)
            and not isinstance(said["confidence"], bool)
            and 0 <= said["confidence"] <= 1
            for said in one["rooms"]
        )
        for one in placements
    ) and len({one["id"] for one in placements}) == len(placements)
    try:
        found = parse_placements(json.dumps(answer), IDS, ROOMS)
    except AnswerError:
        assert not is_right
    else:
        assert is_right
        assert set(found) == {one["id"] for one in placements}


@pytest.mark.parametrize(
    "text",
    [
        '{"placements":' + "[" * 100_000 + "]" * 100_000 + "}",
        "{" * 100_000,
        '{"a":' * 50_000,
        "x" * 3_000_000,
        '{"placements": [{"id": "t1", "rooms": [{"room": "house", "confidence": ' + "9" * 6000 + ', "why": ""}]}]}',
        '{"placements": [{"id": "t1", "id": "t2", "rooms": []}]}',
        '{"placements": [{"id": "t1", "rooms": [{"room": "house", "confidence": NaN, "why": ""}]}]}',
        "<think>" * 10_000,
        "```json\n" * 10_000,
    ],
)
def test_monsters(text: str) -> None:
    with pytest.raises(AnswerError):
        parse_placements(text, IDS, ROOMS)


@given(st.text())
def test_a_clean_line_is_one_clean_line(text: str) -> None:
    line = clean_line(text)
    assert line.isprintable()
    assert len(line) <= LONGEST_WHY
    assert line == clean_line(line)
    line.encode()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\x1b[31mred\x1b[0m alert", "red alert"),
        ("\x1b]0;title\x07after", "after"),
        ("one\r\ntwo\tthree", "one two three"),
        ("ab\u202ecd\u2066ef\u200bg", "abcdefg"),
        ("\ud83d lone", "lone"),
        ("café 日本 🎵", "café 日本 🎵"),
        ("x" * 200, "x" * 159 + "…"),
    ],
)
def test_clean_lines(text: str, line: str) -> None:
    assert clean_line(text) == line


def test_an_object_among_prose_is_found_behind_an_example() -> None:
    text = 'Say {"placements": []} or so. Here: {"placements": [{"id": "t1", "rooms": []}]} {bye}'
    assert parse_placements(text, IDS, ROOMS) == {"t1": ()}


def test_prices_and_errors_in_the_shapes_that_exist() -> None:
    body = b'{"data": [{"id": "a", "pricing": {"prompt": "0.0000005", "completion": 1e-6}}, {"id": "b"}, {"id": 3}]}'
    assert read_models(body) == {"a": (0.5, 1.0), "b": None}
    for shape in (
        b'{"error": {"message": "No such model", "code": "model_not_found"}}',
        b'{"error": "No such model"}',
        b'{"object": "error", "message": "No such model", "code": 404}',
    ):
        error = read_error(shape)
        assert error is not None
        assert "no such model" in error.words
    assert read_error(b'{"choices": []}') is None
