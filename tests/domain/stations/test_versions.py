"""Live takes, remasters, sped-up copies and karaoke of a song are that song again; other songs are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.stations.versions import (
    is_imitation,
    is_imitator,
    is_other_take,
    one_of_each,
    song_key,
)


def track(name: str, artist: str = "Drake", album: str | None = None) -> Track:
    """One with this title."""
    return Track(Uri(f"spotify:track:{abs(hash((name, artist, album)))}"), name, (artist,), album=album)


@pytest.mark.parametrize(
    "other",
    [
        "Trophies (Live)",
        "Trophies - Live at Wembley, 2014",
        "Trophies - 2014 Remaster",
        "Trophies (Sped Up)",
        "trophies sped up",
        "Trophies (slowed + reverb)",
        "Trophies - Karaoke Version",
        "Trophies (Acoustic)",
        "Trophies (Drake's Version)",
        "Trophies [Instrumental]",
        "TROPHIES (feat. Somebody)",
        "Trophies - Radio Edit",
        "Trophies (Club Mix)",
    ],
)
def test_versions_of_a_song_are_the_song(other: str) -> None:
    assert song_key(track(other)) == song_key(track("Trophies"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trophies", "Trophies (Pt. 2)"),
        ("Intro", "Intro (Interlude)"),
        ("Long Live", "Long"),
        ("Live and Let Die", "Let Die"),
        ("Instrumental", "Song"),
        ("Love", "Love Me"),
    ],
)
def test_other_songs_are_others(one: str, other: str) -> None:
    assert song_key(track(one)) != song_key(track(other))


def test_the_same_title_by_somebody_else_is_another_song() -> None:
    assert song_key(track("Hallelujah", "Leonard Cohen")) != song_key(track("Hallelujah", "Jeff Buckley"))


@pytest.mark.parametrize(
    ("name", "artist", "album"),
    [
        ("Trophies (Karaoke Version)", "Drake", None),
        ("Trophies (Originally Performed by Drake)", "Party Songs", None),
        ("Trophies", "Karaoke Kings", None),
        ("Trophies - In the Style of Drake", "Somebody", None),
        ("Trophies", "Somebody", "A Tribute to Drake"),
        ("Trophies", "Vitamin String Quartet", None),
    ],
)
def test_imitations_are_known(name: str, artist: str, album: str | None) -> None:
    assert is_imitation(track(name, artist, album))
    assert one_of_each([track(name, artist, album)]) == ()


@pytest.mark.parametrize("name", ["Covers", "Karaoke", "Tribute", "Karaokean", "Tributes to Her"])
def test_songs_may_be_called_so(name: str) -> None:
    assert not is_imitation(track(name))


def test_who_plays_others_songs_is_known_by_name() -> None:
    assert is_imitator("Zoom Karaoke")
    assert not is_imitator("Drake")


def test_of_each_song_the_plain_version_is_taken() -> None:
    found = one_of_each(
        [track("A (Live)"), track("B - 2011 Remaster"), track("A"), track("B"), track("C (Taylor's Version)")]
    )
    assert [each.name for each in found] == ["A", "B", "C (Taylor's Version)"]
    assert [each.name for each in one_of_each([track("A (Live)"), track("B (Live)"), track("A - Demo")])] == [
        "A (Live)",
        "B (Live)",
    ]
    assert is_other_take(track("A - Live"))
    assert not is_other_take(track("A - 2011 Remaster"))


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["", " (Live)", " - Remaster", " (feat. X)", " (("]))))
def test_any_titles_give_each_song_once(parts: list[tuple[str, str]]) -> None:
    found = one_of_each(track(name + addition) for name, addition in parts)
    keys = [song_key(each) for each in found]
    assert len(set(keys)) == len(keys)
    assert None not in keys
