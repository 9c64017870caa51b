"""Stations as JSPF: what other programs get of them, and what their playlists give."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.stations.cards import Signer, card_of, read
from moodroom_hub.domain.stations.jspf import EXTENSION, LARGEST_BYTES, is_jspf, read_jspf, write_jspf
from moodroom_hub.domain.stations.models import MOST_SEEDS, Seed
from moodroom_hub.domain.stations.untrusted import CardError
from tests.domain.stations.test_cards import ANNA, FRIDAY, HOSTILE, JSON, Untouched, checksum


def playlist(*tracks: Any, **others: Any) -> str:
    """A playlist as other programs write it."""
    return json.dumps({"playlist": {"title": "Rain", "track": list(tracks), **others}})


def friday(*tracks: Track) -> str:
    """The station as a playlist."""
    card = card_of(FRIDAY, ANNA)
    return write_jspf(card, checksum(card), tracks)


def test_a_station_is_a_playlist_of_its_seeds() -> None:
    found = Track(Uri("spotify:track:1"), "Trophies (Remastered)", ("Drake", "Others"))
    learnt = Track(Uri("spotify:track:2"), "A secret love", ("Somebody",))
    written = json.loads(friday(found, learnt))["playlist"]
    assert (written["title"], written["creator"]) == ("Friday", "Anna's hub")
    assert written["track"] == [
        {"creator": "Drake", "title": "Trophies", "identifier": ["spotify:track:1"]},
        {"creator": "Rich Gang"},
        {"creator": "Sigur Rós", "title": HOSTILE},
    ]
    assert "secret" not in json.dumps(written)


def test_the_card_travels_in_it_whatever_others_do_to_the_file() -> None:
    card = card_of(FRIDAY, ANNA)
    told = json.loads(friday())
    told["playlist"]["title"] = "Mine"
    told["playlist"]["track"].append({"creator": "Taylor Swift"})
    again = json.dumps(told, indent=4, sort_keys=True)
    assert is_jspf(again)
    got = read_jspf(again)
    assert got.card == card.text(checksum(card))
    assert read(got.card)[0].seeds == FRIDAY.seeds, "the signed card alone counts"


@pytest.mark.parametrize("held", [None, [], {}, "card", [{"card": 7}], [None]])
def test_a_card_taken_out_of_its_place_is_no_playlist_without_one(held: Any) -> None:
    got = read_jspf(playlist({"creator": "Drake"}, extension={EXTENSION: held}))
    with pytest.raises(CardError, match="empty"):
        read(got.card if got.card is not None else "a playlist")


def test_any_playlist_becomes_seeds() -> None:
    got = read_jspf(
        playlist(
            {
                "creator": "Drake",
                "title": "Trophies",
                "album": "x",
                "extension": {"https://example.org/": {"a": [[1]]}},
            },
            {"creator": " Drake\n", "title": "Trophies"},
            {"creator": "Björk"},
            {"title": "Nobody's song"},
            {"creator": 7},
            "track",
            {"creator": "\x00", "title": "x"},
            extension={"https://example.org/": {}},
        )
    )
    assert (got.card, got.name) == (None, "Rain")
    assert got.seeds == (Seed("Drake", "Trophies"), Seed("Björk"))
    assert got.notes == ("4 of its 7 tracks name no artist",)
    bare = read_jspf('{"title": 5, "track": [{"creator": "Drake"}]}')
    assert (bare.name, bare.seeds) == ("", (Seed("Drake"),))


def test_of_too_many_tracks_every_artist_gets_one_first() -> None:
    tracks = [{"creator": "Drake", "title": f"Song {number}"} for number in range(MOST_SEEDS)]
    got = read_jspf(playlist(*tracks, {"creator": "Björk", "title": "Jóga"}))
    assert len(got.seeds) == MOST_SEEDS
    assert got.seeds[:3] == (Seed("Drake", "Song 0"), Seed("Björk", "Jóga"), Seed("Drake", "Song 1"))
    assert got.notes == ("200 of its 201 tracks are seeds: more is no help",)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ('{"playlist": []}', "no playlist"),
        ('{"playlist": {}}', "no list of tracks"),
        ('{"playlist": {"track": {}}}', "no list of tracks"),
        ('{"playlist": {"track": []}}', "names an artist"),
        ('{"playlist": {"track": [' + "1," * 10_000 + "1]}}", "10001 tracks"),
        ('{"playlist": ' + "[" * 10_000, "nested"),
        ('{"playlist": {"track": [{"creator": "A", "creator": "B"}]}}', "twice"),
        ('{"playlist": {"duration": Infinity}}', "Infinity"),
        ('{"playlist": {', "no JSON"),
        (Untouched(LARGEST_BYTES + 1), "512 kB"),
    ],
)
def test_playlists_that_are_none(given: str | bytes, word: str) -> None:
    with pytest.raises(CardError, match=word):
        read_jspf(given)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["playlist", "title", "track", "extension"]), JSON), JSON)
def test_any_json_is_a_playlist_or_a_card_error(fields: dict[str, Any], track: Any) -> None:
    for text in (json.dumps(fields), playlist(track, {"creator": track}), playlist(extension=track)):
        try:
            got = read_jspf(text)
        except CardError:
            continue
        assert got.card is not None or got.seeds


def test_a_card_does_not_begin_as_a_playlist_does() -> None:
    card = card_of(replace(FRIDAY, name='{"playlist":'), Signer("", ANNA.key))
    assert not is_jspf(card.text(checksum(card)))
    assert is_jspf('\ufeff\n{ "playlist"\t:')
    assert is_jspf(b'{"title": "x", "track": []}')
    assert not is_jspf(b"\xff\xfe")
