"""JSON as a stream: whatever the portions, the same values; and a break keeps what stood before it."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.app.past.values import LONGEST_VALUE, Broken, lines, values
from moodroom_hub.domain.past.rows import Unreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


class Portions:
    """Bytes that come a few at a time, as from a slow disk."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content = io.BytesIO(content)
        self._size = size

    def read(self, size: int = -1, /) -> bytes:
        return self._content.read(self._size)


def read(content: bytes, size: int = 65_536) -> tuple[list[Any], str]:
    """The values, and why they ended."""
    found: list[Any] = []
    try:
        for value in values(Portions(content, size)):
            found.append(value)
    except Broken as broken:
        return found, str(broken)
    return found, ""


@given(st.lists(JSON, max_size=8), st.integers(3, 40), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans())
def test_an_array_comes_as_it_was_written(rows: list[Any], size: int, encoding: str, is_wide: bool) -> None:
    text = json.dumps(rows, ensure_ascii=False, indent=2 if is_wide else None)
    assert read(text.encode(encoding), size) == (rows, "")


@given(st.lists(st.dictionaries(st.text(max_size=4), JSON, max_size=3), min_size=1, max_size=6), st.data())
def test_what_stands_before_a_break_is_kept(rows: list[Any], data: st.DataObject) -> None:
    whole = json.dumps(rows).encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    found, told = read(whole[:cut], data.draw(st.integers(3, 40)))
    assert told == ("it is empty" if cut == 0 else "the JSON breaks off")
    assert found == rows[: len(found)]
    assert len(found) >= len(rows) - 1 or cut < len(whole) - len(json.dumps(rows[-1])) - 1


@pytest.mark.parametrize(
    ("content", "rows", "told"),
    [
        (b"", [], "it is empty"),
        (b" \n\t", [], "it is empty"),
        (b"\xef\xbb\xbf", [], "it is empty"),
        (b"[]", [], ""),
        (b'{"a": 1}', [{"a": 1}], ""),
        (b'{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}], ""),
        (b"[1, 2] x", [1, 2], "something follows after the end of the list"),
        (b'[{"a": 1}, {"a": oh no                        }]', [{"a": 1}], "the JSON is broken"),
        (b"[1, 2 3, 4]", [1, 2], "the JSON is broken"),
        (b"[1,, 2                                   ]", [1], "the JSON is broken"),
        (b"[" + b"9" * 5_000 + b"]", [], "the JSON is broken"),
        (b"not JSON at all, but some letter of somebody", [], "the JSON is broken"),
        (b"\x00\x01\x02\x03" * 10, [], "the JSON is broken"),
        (b"[" * 200_000, [], "the JSON is nested absurdly deep"),
        (b'["' + b"x" * (3 * LONGEST_VALUE), [], "a row is absurdly long, or the JSON is broken"),
    ],
)
def test_broken_files(content: bytes, rows: list[Any], told: str) -> None:
    assert read(content) == (rows, told)


@given(st.lists(JSON, max_size=8), st.integers(1, 40), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines_come_as_they_were_written(rows: list[Any], size: int, end: str) -> None:
    text = end.join(json.dumps(row) for row in rows)
    assert list(lines(Portions(text.encode(), size))) == rows


def test_a_broken_line_breaks_nothing_else() -> None:
    found = list(lines(Portions(b'{"a": 1}\n{"a":\n\n[[[\n{"a": 2}', 5)))
    assert [isinstance(each, Unreadable) for each in found] == [False, True, True, False]
    with pytest.raises(Broken, match="a line is absurdly long"):
        list(lines(Portions(b"x" * (3 * LONGEST_VALUE), 65_536)))
