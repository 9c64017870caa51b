"""A play is known by what it was, in whatever form it is told; times that cannot be are refused."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.past.plays import (
    EARLIEST_MS,
    LATEST_MS,
    SPREAD,
    PastPlay,
    clean_reason,
    first_key_at,
    is_minute_key,
    minute_key,
    next_id,
    play_of,
)
from moodroom_hub.domain.past.rows import RowKind, Unreadable, read_row
from tests.domain.past.made_up import NOW_MS, PRIVATE, account, extended

PLAYS = st.builds(
    PastPlay,
    ended_at_ms=st.integers(EARLIEST_MS // 1000, LATEST_MS // 1000).map(lambda second: second * 1000),
    heard_ms=st.integers(0, 86_400_000),
    name=st.text(max_size=20),
    artist=st.text(max_size=20),
)


def the_play(row: dict[str, Any]) -> PastPlay:
    return play_of(read_row(row), NOW_MS)


def test_the_two_forms_of_one_play_are_known_as_one() -> None:
    rich, plain = the_play(extended()), the_play(account())
    assert (rich.is_minute, plain.is_minute) == (False, True)
    assert minute_key(rich.key) == plain.key != rich.key
    assert is_minute_key(plain.key)
    assert not is_minute_key(rich.key)
    again = the_play(extended(ts="2020-05-01T10:00:13Z"))
    assert again.key != rich.key
    assert minute_key(again.key) == plain.key


@pytest.mark.parametrize(
    "other",
    [
        account(end_time="2020-05-01 10:01"),
        account(ms_played=9_001),
        account(trackName="Song 2"),
        account(artistName="Somebody else"),
    ],
)
def test_what_differs_is_another_play(other: dict[str, Any]) -> None:
    assert the_play(other).key != the_play(account()).key


def test_case_and_blanks_make_no_other_play() -> None:
    assert the_play(account(trackName=" SONG  1", artistName="somebody")).key == the_play(account()).key


@given(PLAYS, PLAYS)
def test_keys_and_ids_grow_with_time_and_fit(one: PastPlay, other: PastPlay) -> None:
    for each in (one, other):
        assert 0 <= each.key < 2**63
        assert -(2**53) < each.first_id < 0
        assert first_key_at(each.ended_at_ms) <= each.key < first_key_at(each.ended_at_ms + 60_000)
    if one.ended_at_ms // 60_000 < other.ended_at_ms // 60_000:
        assert one.key < other.key
    if one.ended_at_ms < other.ended_at_ms:
        assert one.first_id < other.first_id


@given(PLAYS, st.integers(1, 50))
def test_an_id_that_is_taken_gives_way_within_its_second(play: PastPlay, steps: int) -> None:
    play_id = play.first_id
    for _ in range(steps):
        play_id = next_id(play_id)
    assert play_id != play.first_id
    assert (play_id + 2**52) // SPREAD == play.ended_at_ms // 1000


@given(PLAYS)
def test_what_is_not_told_by_both_forms_does_not_part_them(play: PastPlay) -> None:
    richer = replace(play, album="An album", uri="spotify:track:" + "a" * 22, reason_end="fwdbtn", is_skipped=True)
    assert richer.key == play.key


def test_no_private_field_leaves_a_row() -> None:
    told = repr(read_row(extended())) + repr(the_play(extended()))
    assert not [value for value in PRIVATE.values() if not isinstance(value, bool) and str(value) in told]


def test_only_known_kinds_of_words_come_in_as_reasons() -> None:
    assert the_play(extended(reason_end="Anna's phone", reason_start="x" * 41)).reason_end is None
    assert clean_reason("unexpected-exit-while-paused") == "unexpected-exit-while-paused"
    assert [clean_reason(each) for each in ("", "TRACKDONE", "a b", "203.0.113.7", None)] == [None] * 5


def test_foreign_uris_and_endless_names_are_cut() -> None:
    play = the_play(extended(spotify_track_uri="spotify:track:javascript", master_metadata_track_name="x" * 5_000))
    assert (play.uri, len(play.name)) == (None, 1_000)
    assert the_play(extended(master_metadata_track_name="a\x00\ud800b")).name == "a\ufffd\ufffdb"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (extended(ts="1970-01-01T00:00:00Z"), "before the service"),
        (extended(ts="2090-01-01T00:00:00Z"), "in the future"),
        (extended(ts="9999-12-31T23:59:59+00:00"), "in the future"),
        (extended(ts="0001-01-01T00:00:00+14:00"), "before the service"),
        (extended(ts="yesterday"), "ts is no time"),
        (extended(ts=None), "ts is missing"),
        (extended(ms_played=-1), "missing or absurd"),
        (extended(ms_played=86_400_001), "missing or absurd"),
        (extended(ms_played=10**400), "missing or absurd"),
        (extended(ms_played=1.5), "missing or absurd"),
        (extended(ms_played=True), "missing or absurd"),
        (extended(ms_played=None), "missing or absurd"),
        (extended(master_metadata_track_name=None), "nothing that was played"),
        (extended(master_metadata_track_name=""), "nothing that was played"),
        (extended(master_metadata_track_name=["x"]), "nothing that was played"),
        (account(end_time="2020-13-01 10:00"), "endTime is no time"),
        (account(artistName=None), "nothing that was played"),
        ({"a": 1}, "neither ts nor endTime"),
        ({}, "neither ts nor endTime"),
        (None, "no object"),
        (["ts"], "no object"),
        ("ts", "no object"),
        (7, "no object"),
    ],
)
def test_rows_that_cannot_be_are_refused_with_the_reason(row: Any, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason) as refused:
        play_of(read_row(row), NOW_MS)
    assert "Song" not in str(refused.value)


_NO_TRACK: dict[str, Any] = {"master_metadata_track_name": None, "spotify_track_uri": None}


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (extended(), RowKind.TRACK),
        (account(), RowKind.TRACK),
        (extended(**_NO_TRACK, episode_name="A talk", spotify_episode_uri="spotify:episode:1"), RowKind.EPISODE),
        (extended(**_NO_TRACK, audiobook_title="A book", audiobook_chapter_title="One"), RowKind.AUDIOBOOK),
        (extended(spotify_track_uri="spotify:local:::Song:1"), RowKind.LOCAL),
        ({"endTime": "2020-05-01 10:00", "podcastName": "P", "episodeName": "E", "msPlayed": 1}, RowKind.EPISODE),
        ({"endTime": "2020-05-01 10:00", "bookName": "B", "chapterName": "E", "msPlayed": 1}, RowKind.AUDIOBOOK),
    ],
)
def test_music_is_told_from_the_rest(row: dict[str, Any], kind: RowKind) -> None:
    assert read_row(row).kind is kind


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([extended(), account()]), st.data())
def test_any_value_in_any_field_is_read_or_refused(row: dict[str, Any], data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(sorted(row)))
    with suppress(Unreadable):
        read = read_row({**row, field: data.draw(JSON)})
        if read.kind is RowKind.TRACK:
            assert play_of(read, NOW_MS).key >= 0
