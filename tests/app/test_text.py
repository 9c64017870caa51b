"""Hostile text on a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.app.output import show_table, width
from moodroom_hub.app.text import LONGEST, one_line, sentence

HOSTILE = "\x1b[2Jx\r\nforged\u202egpj.exe\u2028\x9b31m\u200b\ud800 {0} %s <b>"


def test_whatever_steers_a_terminal_is_written_out() -> None:
    assert one_line(HOSTILE) == ("\\x1b[2Jx\\r\\nforged\\u202egpj.exe\\u2028\\x9b31m\\u200b\\ud800 {0} %s <b>")


@given(st.text(st.characters(codec=None)))
def test_what_comes_out_is_one_printable_line(text: str) -> None:
    shown = one_line(text)
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in shown)
    assert not any(
        unicodedata.bidirectional(sign) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI") for sign in shown
    )
    shown.encode("utf-8")


@pytest.mark.parametrize("text", ["Déjà Vu", "夜に駆ける", "Σ", "🎵", "a’b – c"])
def test_names_of_songs_stay_as_they_are(text: str) -> None:
    assert one_line(text) == text


def test_a_long_title_is_cut() -> None:
    assert len(one_line("x" * 10_000)) == LONGEST + 1


def test_a_table_keeps_its_columns_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("name", "n"), [("夜に", 1), ("a\nb", 22), ("e\u0301", None), ("y" * 500, 3)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert lines[0].split() == ["NAME", "N"]
    assert {width(line[: line.rindex(" ")]) for line in lines} == {62}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("It is on", "It is on."),
        ("It is on.", "It is on."),
        ("Is it plugged in?", "Is it plugged in?"),
        ("No..", "No."),
    ],
)
def test_a_sentence_has_one_end(text: str, told: str) -> None:
    assert sentence(text) == told
