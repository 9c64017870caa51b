"""Whether what was found is the song that was meant: real cases by hand, and what must always hold."""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.mining.matching import match
from moodroom_hub.domain.mining.models import Suggestion
from moodroom_hub.domain.mining.spelling import alikeness, slips_between, words_of
from moodroom_hub.domain.models import Anchor, DurationMs, RoomSlug, Tier, Track, Uri
from tests.domain.mining.matching_cases import CASES, Case


@dataclass(frozen=True)
class Song:
    """A song by its name."""

    name: str
    artist: str


def track(name: str, *artists: str, album: str | None = None, duration_ms: int | None = None) -> Track:
    """What a search found."""
    length = None if duration_ms is None else DurationMs(duration_ms)
    return Track(Uri("spotify:track:x"), name, artists, length, album=album)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} | {case.found} | {case.artists}"[:90])
def test_cases_of_real_life(case: Case) -> None:
    found = track(case.found, *case.artists.split("; "), album=case.album)
    score = match(Song(case.name, case.artist), found)
    assert score.is_good is case.is_it, score


def test_there_are_enough_cases() -> None:
    assert len(set(CASES)) >= 60
    assert 0.3 < sum(case.is_it for case in CASES) / len(CASES) < 0.7


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ("Hello (Karaoke Version)", "a karaoke version"),
        ("Hello - Live at the Royal Albert Hall", "a live version"),
        ("Hello - Sped Up", "a sped-up or slowed version"),
        ("Goodbye", "another title"),
    ],
)
def test_the_reason_is_told(found: str, reason: str) -> None:
    assert match(Song("Hello", "Adele"), track(found, "Adele")).reason == reason
    assert match(Song("Hello", "Adele"), track("Hello", "Adele")) == match(
        Anchor("Hello", "Adele"), track("Hello", "Adele")
    )


def test_the_reason_of_another_artist_and_of_a_version_that_is_missing() -> None:
    assert match(Song("Hello", "Adele"), track("Hello", "Lionel Richie")).reason == "another artist"
    assert match(Song("Latch (Acoustic)", "Sam Smith"), track("Latch", "Sam Smith")).reason == (
        "not an acoustic version, which is meant"
    )


def test_better_finds_score_higher() -> None:
    wanted = Suggestion(RoomSlug("house"), Tier.DISCOVERY, "Hello", "Adele")
    finds = ["Hello", "Hello - 2015 Remaster", "Hello (from afar)", "Hello - Live", "Hello (Karaoke)"]
    scores = [match(wanted, track(name, "Adele")).score for name in finds]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
    assert scores[-1] == 0.0


@pytest.mark.parametrize(
    ("apart_ms", "is_good"), [(0, True), (2_900, True), (10_000, True), (30_000, True), (90_000, False)]
)
def test_a_length_that_is_known_counts(apart_ms: int, is_good: bool) -> None:
    found = track("Hello", "Adele", duration_ms=200_000 + apart_ms)
    assert match(Song("Hello", "Adele"), found, 200_000).is_good is is_good
    assert match(Song("Hello", "Adele"), track("Hello", "Adele"), 200_000).score == 1.0


def test_names_that_say_nothing_match_nothing() -> None:
    for name, artist in [("", "Adele"), ("Hello", ""), (" ", " "), ("\u200b", "Adele")]:
        assert not match(Song(name, artist), track("Hello", "Adele")).is_good
    assert not match(Song("", "Adele"), track("", "Adele")).is_good
    assert not match(Song("Hello", "Adele"), track("Hello")).is_good


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abcd", 1), ("abc", "xyz", 3), ("a", "abcdef", 3)],
)
def test_slips_of_the_pen(one: str, other: str, slips: int) -> None:
    assert slips_between(one, other) == slips == slips_between(other, one)


# --- what must always hold -------------------------------------------------------------------------------

REAL = sorted({(case.name, case.artist) for case in CASES})
ARTISTS = words_of(
    "Drake Adele Queen Oasis Nirvana Radiohead Rihanna Prince Kino Sia Seal Nena Abba Björk Moby Gorillaz Muse Blur "
    "Eminem Coldplay Metallica"
)
WORDS = st.sampled_from(words_of("love night room dancing you the fire again blue heart one of tomorrow gone ocean"))
TITLES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
ANY_TEXT = st.text(max_size=30) | st.lists(
    WORDS | st.sampled_from(["-", "(", ")", "[", "live", "remix", "feat.", "karaoke", "&", "!", "é", "part", "2"]),
    max_size=8,
).map(" ".join)


@settings(max_examples=200)
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, max_size=3), ANY_TEXT, st.none() | st.integers(-5, 10**9))
def test_any_text_gives_a_score_between_0_and_1(
    name: str, artist: str, found: str, artists: Sequence[str], album: str, length_ms: int | None
) -> None:
    score = match(Song(name, artist), track(found, *artists, album=album, duration_ms=200_000), length_ms)
    assert 0.0 <= score.score <= 1.0
    assert score.reason


@settings(max_examples=150)
@given(ANY_TEXT.filter(lambda text: bool(words_of(text))), st.sampled_from(ARTISTS))
def test_a_track_is_itself(name: str, artist: str) -> None:
    assert match(Song(name, artist), track(name, artist)).score == 1.0


def accented(text: str) -> str:
    """Every vowel with an accent, save in the words by which guests are named."""
    return re.sub(
        r"\b(?:feat|ft|featuring|with|and)\b|[aeiouAEIOU]", lambda hit: hit[0] + "\u0301" * (len(hit[0]) == 1), text
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} | {case.found}"[:70])
def test_case_and_accents_change_nothing(case: Case) -> None:
    artists = case.artists.split("; ")
    plain = match(Song(case.name, case.artist), track(case.found, *artists, album=case.album)).score
    for change in (str.upper, str.lower, accented):
        assert (
            match(Song(change(case.name), change(case.artist)), track(case.found, *artists, album=case.album)).score
            == plain
        )
        found = track(change(case.found), *map(change, artists), album=change(case.album))
        assert match(Song(case.name, case.artist), found).score == plain


@settings(max_examples=150)
@given(TITLES, st.sampled_from(ARTISTS), st.data())
def test_more_noise_never_scores_higher(title: str, artist: str, data: st.DataObject) -> None:
    letters = [place for place, sign in enumerate(title) if sign in string.ascii_letters]
    spoilt = list(title)
    last = match(Song(title, artist), track(title, artist)).score
    assert last == 1.0
    for place in data.draw(st.permutations(letters).map(lambda places: places[:6])):
        spoilt[place] = "q"
        score = match(Song("".join(spoilt), artist), track(title, artist)).score
        assert score <= last
        last = score


@settings(max_examples=100)
@given(
    TITLES,
    st.sampled_from(ARTISTS),
    st.lists(
        st.sampled_from(["Live", "Remix", "Karaoke Version", "2011 Remaster", "Sped Up", "Acoustic", "Radio Edit"]),
        max_size=4,
    ),
)
def test_more_additions_never_score_higher(title: str, artist: str, additions: Sequence[str]) -> None:
    last, found = 1.0, title
    for addition in additions:
        found += f" ({addition})"
        score = match(Song(title, artist), track(found, artist)).score
        assert score <= last
        last = score


@settings(max_examples=150)
@given(
    TITLES, st.lists(st.sampled_from(ARTISTS), min_size=2, max_size=4, unique=True), st.sampled_from(["", " (Live)"])
)
def test_another_artist_is_never_a_good_match(title: str, artists: Sequence[str], version: str) -> None:
    wanted, *others = artists
    assert not match(Song(title + version, wanted), track(title + version, *others)).is_good


@settings(max_examples=100)
@given(st.sampled_from(REAL), st.sampled_from(["Karaoke", "Tribute", "Sped Up", "Slowed", "8D", "Nightcore"]))
def test_what_nobody_asked_for_is_never_good(song: tuple[str, str], kind: str) -> None:
    name, artist = song
    assert match(Song(name, artist), track(f"{name} ({kind})", artist)).score == 0.0


@settings(max_examples=100)
@given(TITLES, TITLES)
def test_alikeness_is_symmetric(one: str, other: str) -> None:
    assert alikeness(one.split(), other.split()) == alikeness(other.split(), one.split())
