"""Paths into JSON and what stands there: the rules, and everything hostile."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.plugins.buttons.matching import (
    LARGEST_BYTES,
    NoPath,
    document_of,
    format_path,
    parse_path,
    scalar_text,
    select,
    text_of,
    words_at,
)

EVENTS = b'{"params":{"events":[{"event":"btn_down"},{"event":"single_push"}]}}'


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("action", ("action",)),
        ("params.events.0.event", ("params", "events", "0", "event")),
        ("params.events[0].event", ("params", "events", "0", "event")),
        ("params.events[*].event", ("params", "events", "*", "event")),
        ("params.events.*.event", ("params", "events", "*", "event")),
        ("[0]", ("0",)),
        ("*", ("*",)),
        ("a[0][1]", ("a", "0", "1")),
        ('["a.b"]', ("a.b",)),
        (r'x["a\"b\\"].c', ("x", 'a"b\\', "c")),
        ("Button 1.Action", ("Button 1", "Action")),
    ],
)
def test_paths_are_read(text: str, steps: tuple[str, ...]) -> None:
    assert parse_path(text) == steps
    assert parse_path(format_path(steps)) == steps


@pytest.mark.parametrize("text", ["", ".", ".a", "a.", "a..b", "a[", "a[x]", "a]", "[0]a", "a[-1]", 'a["', "a**"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(NoPath):
        parse_path(text)


def test_a_path_has_an_end() -> None:
    with pytest.raises(NoPath, match="at most"):
        parse_path(".".join("a" * 100))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("params.events[0].event", ["btn_down"]),
        ("params.events.1.event", ["single_push"]),
        ("params.events.*.event", ["btn_down", "single_push"]),
        ("params.events.*", []),
        ("params.events.2.event", []),
        ("params.nothing", []),
        ("params.events.event", []),
        ("*.*.*.event", ["btn_down", "single_push"]),
    ],
)
def test_words_at_a_path(path: str, words: list[str]) -> None:
    assert words_at(EVENTS, parse_path(path)) == words


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b"single", "single"),
        (b" single\n", "single"),
        (b"", None),
        (b"  ", None),
        (b"null", None),
        (b"\xff\xfe", None),
        (b"x" * (LARGEST_BYTES + 1), None),
    ],
)
def test_plain_texts(payload: bytes, text: str | None) -> None:
    assert text_of(payload) == text


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"single",
        b"{",
        b"\xff",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"9" * 6_000,
        b'"' + b"x" * LARGEST_BYTES + b'"',
    ],
    ids=str,
)
def test_what_is_no_json_says_nothing(payload: bytes) -> None:
    assert document_of(payload) is None
    assert words_at(payload, ("a",)) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (1, "1"),
        (1.0, "1"),
        (1.5, "1.5"),
        (1e300, "1e+300"),
        ("single", "single"),
        ("", None),
        (" ", None),
        (None, None),
        ({}, None),
        ([1], None),
    ],
)
def test_scalars_as_a_mapping_writes_them(value: Any, text: str | None) -> None:
    assert scalar_text(value) == text


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4),
    max_leaves=12,
)


def leaves(document: Any, above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every scalar with the steps that lead to it."""
    if isinstance(document, dict):
        return [leaf for key, child in document.items() for leaf in leaves(child, (*above, key))]
    if isinstance(document, list):
        return [leaf for place, child in enumerate(document) for leaf in leaves(child, (*above, str(place)))]
    return [(above, document)]


@given(documents)
def test_every_leaf_is_found_at_its_path(document: Any) -> None:
    for steps, value in leaves(document):
        if "*" not in steps:  # a key of that name cannot be told from every key
            assert list(select(document, steps)) == [value]
        if steps and len(steps) <= 16:
            assert parse_path(format_path(steps)) == steps


@given(documents, st.lists(st.text(min_size=1) | st.just("*") | st.integers(0, 5).map(str), min_size=1, max_size=5))
def test_a_path_that_leads_nowhere_finds_nothing_and_never_fails(document: Any, steps: list[str]) -> None:
    payload = json.dumps(document).encode()
    assert all(words_at(payload, tuple(steps)))


@given(st.binary(max_size=200), st.sampled_from([None, ("a",), ("*", "0")]))
def test_any_bytes_are_borne(payload: bytes, path: tuple[str, ...] | None) -> None:
    assert all(words_at(payload, path))


@given(st.text(max_size=30))
def test_a_path_is_read_or_refused(text: str) -> None:
    try:
        steps = parse_path(text)
    except NoPath:
        return
    assert parse_path(format_path(steps)) == steps
