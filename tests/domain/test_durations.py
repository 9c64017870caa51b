"""Durations: what people write, what comes out, and that nothing else gets through."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.durations import LONGEST_MS, format_duration, parse_duration


@pytest.mark.parametrize(
    ("written", "ms"),
    [
        ("30s", 30_000),
        ("6 s", 6_000),
        (" 2m ", 120_000),
        ("2 min", 120_000),
        ("3h", 10_800_000),
        ("1d", 86_400_000),
        ("500ms", 500),
        ("1h 30m", 5_400_000),
        ("1m30s", 90_000),
        ("0", 0),
        ("30", 30_000),
        ("0.1", 100),
        ("0.1s", 100),
        ("1.5m", 90_000),
        ("0.4ms", 0),
        ("0.5ms", 1),
        (30, 30_000),
        (2.5, 2_500),
        (0, 0),
    ],
)
def test_what_people_write(written: str | float, ms: int) -> None:
    assert parse_duration(written) == ms


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        " ",
        "s",
        "30x",
        "30S",
        "1m 1m",
        "1s 1m",
        "30s later",
        "1,5s",
        "1e3",
        "٣٠s",
        "--3s",
        "0x10",
        "1_000",
        "9" * 5_000,
        "9" * 15 + "d",
        True,
        False,
        math.nan,
        math.inf,
        -math.inf,
        1e300,
        10**400,
    ],
)
def test_everything_else_is_refused(wrong: str | float) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(wrong)


@pytest.mark.parametrize("wrong", ["-3s", "-3", -3, -0.001])
def test_time_does_not_run_backwards(wrong: str | float) -> None:
    with pytest.raises(ValueError, match="not negative"):
        parse_duration(wrong)


def test_format_refuses_negative() -> None:
    with pytest.raises(ValueError, match="not negative"):
        format_duration(-1)


@pytest.mark.parametrize(
    ("ms", "written"),
    [(0, "0s"), (30_000, "30s"), (90_000, "90s"), (120_000, "2m"), (1_500, "1500ms"), (86_400_000, "24h")],
)
def test_format(ms: int, written: str) -> None:
    assert format_duration(ms) == written


@given(st.integers(min_value=0, max_value=LONGEST_MS))
def test_what_is_formatted_reads_back(ms: int) -> None:
    assert parse_duration(format_duration(ms)) == ms


@given(st.one_of(st.text(), st.from_regex(r"\A[0-9.]{1,20} ?[dhmsin]{0,3}\Z"), st.floats(), st.integers()))
def test_gives_whole_milliseconds_or_a_value_error(anything: str | float) -> None:
    try:
        ms = parse_duration(anything)
    except ValueError:
        return
    assert 0 <= ms <= LONGEST_MS
    assert isinstance(ms, int)


@given(st.text(alphabet="qwxyz#", min_size=3))
def test_the_error_never_repeats_the_text(secret: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_duration(secret)
    assert secret not in str(caught.value)
