"""The corners of every profile, and what no profile may ever do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.plays.models import CountingRules
from moodroom_hub.domain.plays.rules import (
    LASTFM,
    LISTENBRAINZ,
    PROFILES,
    SPINSTACK,
    is_reached,
    known_length_ms,
    threshold_ms,
    why_counted,
)

OWN = CountingRules("custom", share=0.75, minimum_ms=DurationMs(10_000), at_least_ms=DurationMs(60_000))


@pytest.mark.parametrize(
    ("seconds", "spinstack", "lastfm", "listenbrainz"),
    [
        (29.9, None, None, 14.95),
        (30.0, 30, None, 15),
        (30.001, 30, 15.001, 15.001),
        (31, 30, 15.5, 15.5),
        (59, 30, 29.5, 29.5),
        (60, 30, 30, 30),
        (61, 30.5, 30.5, 30.5),
        (190, 95, 95, 95),
        (480, 240, 240, 240),
        (481, 240.5, 240, 240),
        (36_000, 18_000, 240, 240),
        (None, 30, 240, 240),
        (0, 30, 240, 240),
        (-5, 30, 240, 240),
        (10**9, 30, 240, 240),
    ],
)
def test_the_corners(
    seconds: float | None, spinstack: float | None, lastfm: float | None, listenbrainz: float | None
) -> None:
    duration = None if seconds is None else DurationMs(round(seconds * 1000))
    found = [threshold_ms(rules, duration) for rules in (SPINSTACK, LASTFM, LISTENBRAINZ)]
    wanted = [None if each is None else round(each * 1000) for each in (spinstack, lastfm, listenbrainz)]
    assert found == wanted


def test_numbers_of_ones_own() -> None:
    assert threshold_ms(OWN, DurationMs(9_999)) is None
    assert threshold_ms(OWN, DurationMs(40_000)) == 40_000, "never more than the whole"
    assert threshold_ms(OWN, DurationMs(70_000)) == 60_000
    assert threshold_ms(OWN, DurationMs(200_000)) == 150_000


def test_who_heard_the_whole_heard_enough_though_looks_measure_it_shorter() -> None:
    short, long = DurationMs(30_000), DurationMs(200_000)
    assert is_reached(SPINSTACK, short, 28_000, is_at_end=True)
    assert not is_reached(SPINSTACK, short, 28_000, is_at_end=False)
    assert not is_reached(SPINSTACK, short, 27_000, is_at_end=True)
    assert not is_reached(SPINSTACK, long, 98_000, is_at_end=True)
    assert not is_reached(LASTFM, short, 30_000, is_at_end=True)


@given(st.sampled_from([*PROFILES.values(), OWN]), st.integers(-(10**6), 10**9), st.integers(0, 10**6))
def test_a_threshold_lies_inside_the_track(rules: CountingRules, duration: int, heard: int) -> None:
    needed = threshold_ms(rules, DurationMs(duration))
    length = known_length_ms(DurationMs(duration))
    if needed is not None and length is not None:
        assert 0 < needed <= length
    if is_reached(rules, DurationMs(duration), heard, is_at_end=False):
        assert is_reached(rules, DurationMs(duration), heard + 1, is_at_end=False)
        assert is_reached(rules, DurationMs(duration), heard, is_at_end=True)


@pytest.mark.parametrize(
    ("rules", "seconds", "heard", "said"),
    [
        (SPINSTACK, 190, 95.2, "counted after 95 s of 190 s (half, profile spinstack)"),
        (SPINSTACK, 50, 31, "counted after 31 s of 50 s (at least 30s, profile spinstack)"),
        (SPINSTACK, 30, 29, "counted after 29 s of 30 s (the whole, profile spinstack)"),
        (LASTFM, 900, 241, "counted after 241 s of 900 s (at most 4m, profile lastfm)"),
        (OWN, 200, 151, "counted after 151 s of 200 s (75%, profile custom)"),
        (SPINSTACK, None, 31, "counted after 31 s (no known length: after 30s, profile spinstack)"),
    ],
)
def test_it_is_said_in_one_line(rules: CountingRules, seconds: int | None, heard: float, said: str) -> None:
    duration = None if seconds is None else DurationMs(seconds * 1000)
    assert why_counted(rules, duration, round(heard * 1000)) == said
