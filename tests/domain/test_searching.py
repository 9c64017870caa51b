"""Search finds what a person means: case, accents and signs aside, and the quick look never loses anything."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.searching import HistorySearch, ReceiptSearch, words

TRACK = Track(Uri("spotify:track:1"), "Déjà Vu (Don't Stop)", ("Beyoncé", "AC/DC"), album="B'Day")


@pytest.mark.parametrize(
    "typed", ["", "  ", "deja", "BEYONCE vu", "dont", "don't", "ac/dc", "bday", "B'day beyoncé", "stop déjà"]
)
def test_what_is_found(typed: str) -> None:
    assert words(typed).are_in_track(TRACK)


@pytest.mark.parametrize("typed", ["drake", "deja drake", "acdc2", "!!!", "%", "_"])
def test_what_is_not_found(typed: str) -> None:
    assert not words(typed).are_in_track(TRACK)


def test_mere_signs_are_found_where_they_stand_for_a_name() -> None:
    assert words("!!!").are_in_track(Track(Uri("u"), "Hello? Is This Thing On?", ("!!!",)))
    assert words("÷").are_in_track(Track(Uri("u"), "Perfect", ("Ed Sheeran",), album="÷"))


texts = st.text(max_size=12) | st.text(alphabet="aB'`&é/\"\\ 1ß$", max_size=12)


@given(texts, texts, st.lists(texts, max_size=2))
def test_the_quick_look_sets_nothing_aside_that_fits(typed: str, name: str, artists: list[str]) -> None:
    track = Track(Uri("spotify:track:1"), name, tuple(artists))
    told = {"name": name, "artists": artists, "album": None}
    document = json.dumps({"track": told, "why": "→"}, ensure_ascii=False, separators=(",", ":"))
    plain = json.dumps({"track": told}, ensure_ascii=False)
    if words(typed).are_in_track(track):
        assert words(typed).may_be_in_json(document)
        assert words(typed).may_be_in_json(plain)


@pytest.mark.parametrize(
    "document", ["", "{", "[]", '{"track":1,"why":"→"}', '{"track":{"name":1,"artists":null}}', "é"]
)
def test_what_cannot_be_read_is_left_to_a_closer_look(document: str) -> None:
    assert words("é").may_be_in_json(document)


@given(texts, st.integers(0, 11), st.integers(0, 11))
def test_every_whole_word_of_a_name_finds_it(name: str, start: int, length: int) -> None:
    parts = name.split()[start : start + length]
    assert words(" ".join(parts)).are_in_track(Track(Uri("u"), name))


def test_empty_searches_want_everything() -> None:
    assert ReceiptSearch().is_all
    assert HistorySearch(text="  ").is_all
    assert not ReceiptSearch(undoable=True).is_all
    assert not HistorySearch(text="x").is_all
