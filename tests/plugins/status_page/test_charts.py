"""Charts are geometry: bands that fill their counts, bars that can be compared."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.insight.course import DayCounts
from moodroom_hub.domain.insight.days import Day
from moodroom_hub.domain.insight.week import Taught
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.status_page.charts import HALF, HEIGHT, bars, nice_top, stacked, tallest

counts = st.tuples(*[st.integers(0, 20_000)] * 3)


def day(number: int) -> Day:
    return Day(date(2026, 1, 1) + timedelta(days=number), EpochMs(number), EpochMs(number + 1))


def heights(path: str) -> list[int]:
    """The heights of a band's points, upper edge first."""
    return [int(point.split(",")[1]) for point in re.findall(r"\d+,\d+", path)]


@given(st.lists(counts, min_size=1, max_size=90))
def test_bands_stand_on_each_other_and_stay_inside(given_counts: list[tuple[int, int, int]]) -> None:
    chart = stacked([DayCounts(day(number), *each) for number, each in enumerate(given_counts)])
    if not any(map(sum, given_counts)):
        assert chart is None
        return
    assert chart is not None
    assert chart.top >= max(map(sum, given_counts))
    floor = None
    for area in chart.areas:
        points = heights(area.path)
        upper, lower = points[: len(points) // 2], points[len(points) // 2 :][::-1]
        assert all(0 <= high <= low <= HEIGHT for high, low in zip(upper, lower, strict=True))
        assert lower == (floor or [HEIGHT] * len(lower))
        floor = upper


@given(st.lists(st.tuples(*[st.integers(0, 500)] * 3), min_size=1, max_size=14))
def test_what_is_there_can_be_seen_and_the_greatest_fills(given_counts: list[tuple[int, int, int]]) -> None:
    taught = [Taught(day(number), *each) for number, each in enumerate(given_counts)]
    chart = bars(taught, tallest([taught]))
    assert len(chart.bars) == sum(each > 0 for one in given_counts for each in one)
    assert all(bar.height >= 2 and 0 <= bar.y <= 2 * HALF for bar in chart.bars)
    if any(map(any, given_counts)):
        reach = max(HALF - min(bar.y for bar in chart.bars), max(bar.y + bar.height for bar in chart.bars) - HALF)
        assert abs(reach - HALF) <= 2


@pytest.mark.parametrize(("most", "top"), [(0, 2), (1, 2), (3, 4), (5, 10), (11, 20), (100, 100), (4_001, 10_000)])
def test_the_scale_ends_on_a_round_number(most: int, top: int) -> None:
    assert nice_top(most) == top
