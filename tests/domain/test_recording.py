"""Which tracks are one song to a listener, and which playing track is the queued one."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import DurationMs, Track, Uri
from moodroom_hub.domain.recording import (
    fold,
    is_same_recording,
    matches_played,
    name_key,
    normal_artist,
    normal_isrc,
    normal_name,
    recording_keys,
)

TEXT = st.text(max_size=40)
TITLE_ISH = st.lists(
    st.sampled_from(["Song", " - ", "(", ")", "[", "]", "feat. X", "Live", "Remaster", "2011", " ", "光", "÷", "Mono"]),
    max_size=12,
).map("".join)


def track(
    name: str = "Trophies",
    artist: str = "Drake",
    uri: str = "spotify:track:a",
    isrc: str | None = None,
    duration_ms: int | None = None,
) -> Track:
    duration = None if duration_ms is None else DurationMs(duration_ms)
    return Track(Uri(uri), name, (artist,) if artist else (), duration, isrc)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Yellow Submarine - Remastered 2009", "Yellow Submarine"),
        ("Yellow Submarine - 2015 Remaster / Mono", "yellow submarine"),
        ("Heroes - 2017 - Remaster", "Heroes - 2017"),
        ("Airplanes (feat. Hayley Williams of Paramore) - Radio Edit", "Airplanes"),
        ("Say Something (Featuring Drake)", "Say Something"),
        ("Say Something ft. Drake", "Say Something"),
        ("I Don't Care (with Justin Bieber)", "I Don’t Care"),
        ('Let It Go - From "Frozen" / Single Version', "Let It Go"),
        ("Lose Yourself - From '8 Mile' Soundtrack", "Lose Yourself"),
        ("Numb - Explicit Album Version", "Numb"),
        ("Déjà Vu", "Deja vu"),
        ("Hey Ma (Remix)", "Hey Ma - Remix"),
        ("Can't Tell Me Nothing - Remix feat. Young Jeezy", "Can't Tell Me Nothing [Remix]"),
        ("Me & You", "Me and You"),
        ("Ｆｕｌｌ Ｗｉｄｔｈ", "Full Width"),
        ("Song（Live）", "Song - Live"),
        ("Levels - Original Mix", "Levels"),
        ("Straße", "STRASSE"),
        ("Cafe\u0301", "Caf\u00e9"),
    ],
)
def test_what_leaves_the_recording_the_same_is_taken_away(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trophies", "Trophies - Live"),
        ("Trophies", "Trophies (Sped Up)"),
        ("Trophies", "Trophies - Acoustic"),
        ("Trophies", "Trophies - Slowed + Reverb"),
        ("Levels", "Levels - Skrillex Remix"),
        ("Levels", "Levels - Radio Mix"),
        ("Levels", "Levels - Extended Mix"),
        ("Song - Live - Remastered", "Song - Remastered"),
        ('Song - From "MTV Unplugged"', "Song"),
        ("Song (with the Royal Philharmonic Orchestra)", "Song"),
        ("Love Story", "Love Story (Taylor's Version)"),
        ("Dancing", "Dancing (With Myself)"),
        ("Part One", "Part Two"),
        ("Song, Pt. 1", "Song, Pt. 2"),
        ("Sweet Dreams", "Sweet Dreams (Are Made of This)"),
        ("6 Ft. 7 Ft.", "6 Ft. 8 Ft."),
        ("カ", "ガ"),
        ("光年之外", "泡沫"),
        ("÷", "×"),
        ("!!!", "???"),
        ("💔", "🔥"),
        ("หมา", "หมี"),
        ("की", "कु"),
    ],
)
def test_what_makes_another_song_stays(one: str, other: str) -> None:
    assert normal_name(one) != normal_name(other)


@pytest.mark.parametrize(
    "name", ["光年之外", "÷", "!!!", "...", "💔", "가을 아침", "हिन्दी", "(Remastered)", "()", "- Live", "Ä"]
)
def test_a_name_that_shows_something_never_normalises_to_nothing(name: str) -> None:
    assert normal_name(name)
    assert name_key(name, name) is not None


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u200b", "\u00a0\u2003"])
def test_blank_names_or_artists_equal_nothing_not_even_each_other(blank: str) -> None:
    assert name_key(blank, "Drake") is None
    assert name_key("Trophies", blank) is None
    assert not is_same_recording(track(blank, uri="spotify:track:a"), track(blank, uri="spotify:track:b"))
    assert not is_same_recording(track("", "", uri=""), track("", "", uri=""))


def test_the_same_song_with_different_isrcs_is_one_song() -> None:
    single = track(uri="spotify:track:a", isrc="USCM51300762")
    album = track("TROPHIES (Explicit)", uri="spotify:track:b", isrc="USCM51300999")
    assert is_same_recording(single, album)


def test_one_isrc_in_two_spellings_is_one_recording_whatever_the_names_say() -> None:
    assert is_same_recording(
        track("Trophies", uri="spotify:track:a", isrc="us-cm5-13-00762"),
        track("Trofeos", "Someone", uri="spotify:track:b", isrc="USCM51300762"),
    )


@pytest.mark.parametrize(
    "nonsense", ["", "N/A", "0", "none", "USCM5130076", "USCM513007621", "ÜSCM51300762", "USCM5130076²"]
)
def test_a_text_that_is_no_isrc_joins_nothing(nonsense: str) -> None:
    assert normal_isrc(nonsense) is None
    assert not is_same_recording(
        track("One", uri="spotify:track:a", isrc=nonsense), track("Two", uri="spotify:track:b", isrc=nonsense)
    )


def test_only_the_first_artist_counts_and_guests_in_it_do_not() -> None:
    assert normal_artist("JAŸ-Z feat. Rihanna") == normal_artist("Jay Z")
    duet = Track(Uri("spotify:track:a"), "Run", ("JAŸ-Z", "Rihanna"))
    assert is_same_recording(duet, track("Run", "Jay-Z", uri="spotify:track:b"))
    assert not is_same_recording(duet, track("Run", "Rihanna", uri="spotify:track:b"))


class TestMatchesPlayed:
    def test_the_uri_is_enough(self) -> None:
        assert matches_played(track("One"), track("Two", "Other"))

    def test_the_isrc_is_enough(self) -> None:
        assert matches_played(
            track("One", isrc="USCM51300762"), track("Two", uri="spotify:track:b", isrc="US-CM5-13-00762")
        )

    @pytest.mark.parametrize(
        ("queued_ms", "played_ms", "expected"),
        [
            (200_000, 200_000, True),
            (200_000, 202_000, True),
            (202_000, 200_000, True),
            (200_000, 202_001, False),
            (None, 200_000, False),
            (200_000, None, False),
            (None, None, False),
        ],
    )
    def test_a_name_needs_a_known_and_close_duration(
        self, queued_ms: int | None, played_ms: int | None, expected: bool
    ) -> None:
        queued = track(duration_ms=queued_ms, isrc="USCM51300762")
        played = track("Trophies (Explicit)", uri="spotify:track:b", duration_ms=played_ms, isrc="USCM51300999")
        assert matches_played(queued, played) is expected

    def test_another_take_of_the_same_length_is_not_ours(self) -> None:
        queued = track(duration_ms=200_000)
        assert not matches_played(queued, track("Trophies - Live", uri="spotify:track:b", duration_ms=200_000))

    def test_two_nameless_tracks_of_one_length_do_not_match(self) -> None:
        assert not matches_played(track("", "", duration_ms=5), track("", "", uri="spotify:track:b", duration_ms=5))
        assert not matches_played(track("", "", uri=""), track("", "", uri=""))


@given(TEXT | TITLE_ISH)
@settings(max_examples=200)
def test_normalising_any_text_keeps_what_shows_and_ignores_case_and_blanks(name: str) -> None:
    shows = any(unicodedata.category(sign)[0] not in "CZ" for sign in unicodedata.normalize("NFKC", name))
    assert bool(normal_name(name)) == shows
    assert normal_name(f"  {name}\t ") == normal_name(name)
    assert fold(fold(name)) == fold(name)


@given(st.text(st.characters(max_codepoint=127), max_size=30))
def test_plain_ascii_folds_as_every_other_text_does(text: str) -> None:
    assert fold(f"{text} é") == f"{fold(text)} e".strip()


@given(TITLE_ISH, TITLE_ISH)
def test_sameness_is_mutual(one: str, other: str) -> None:
    a, b = track(one, uri="spotify:track:a"), track(other, uri="spotify:track:b")
    assert is_same_recording(a, b) == is_same_recording(b, a)
    assert is_same_recording(a, a)
    assert recording_keys(a) == recording_keys(a)


def test_a_hostile_title_costs_no_more_than_its_length() -> None:
    for hostile in ("(" * 50_000, " - " * 30_000, "feat. " * 20_000, "(a) " * 20_000, "\u0301" * 50_000):
        assert normal_name(hostile)
