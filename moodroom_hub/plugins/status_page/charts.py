"""Charts as plain SVG geometry: whole numbers for the templates, no styling, no text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moodroom_hub.domain.insight.course import DayCounts
from moodroom_hub.domain.insight.week import Taught

HEIGHT: Final = 160
STEP: Final = 8
"""Units between two days of the areas."""
BAR: Final = 16
GAP: Final = 8
HALF: Final = 40
"""Units above, and below, the middle line of the bars."""


@dataclass(frozen=True, slots=True)
class Area:
    """One tier's band: its path, from the oldest day to today."""

    tier: str
    path: str


@dataclass(frozen=True, slots=True)
class Areas:
    """Bands that stand on each other. ``top`` is what the upper edge stands for, ``lines`` heights with a number."""

    width: int
    height: int
    top: int
    areas: tuple[Area, ...]
    lines: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: ``kind`` is ``up``, ``down`` or ``removed``."""

    kind: str
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars above and below a middle line, one column per day; ``columns`` are the middles of the columns."""

    width: int
    height: int
    middle: int
    bars: tuple[Bar, ...]
    columns: tuple[int, ...]


def stacked(days: Sequence[DayCounts]) -> Areas | None:
    """The counts as bands; ``None`` where there is nothing to be seen."""
    most = max((day.total for day in days), default=0)
    if most == 0:
        return None
    top = nice_top(most)
    width = STEP * max(1, len(days) - 1)
    shown = [*days] if len(days) > 1 else [*days, *days]
    floors = [0] * len(shown)
    areas = []
    for tier in ("confirmed", "safe_side", "discovery"):
        ceilings = [floor + int(getattr(day, tier)) for floor, day in zip(floors, shown, strict=True)]
        areas.append(Area(tier, _band(floors, ceilings, top)))
        floors = ceilings
    lines = tuple((_y(value, top), value) for value in (top // 2, top) if value)
    return Areas(width, HEIGHT, top, tuple(areas), lines)


def bars(taught: Sequence[Taught], most: int) -> Bars:
    """One room's days; ``most`` is the greatest count of any room and day, so that rooms can be compared."""
    found: list[Bar] = []
    for number, day in enumerate(taught):
        x = GAP + number * (BAR + GAP)
        up, down, removed = (_length(count, most) for count in (day.up, day.down, day.removed))
        if up:
            found.append(Bar("up", x, HALF - up, up))
        if down:
            found.append(Bar("down", x, HALF, down))
        if removed:
            found.append(Bar("removed", x, HALF + down, removed))
    columns = tuple(GAP + number * (BAR + GAP) + BAR // 2 for number in range(len(taught)))
    return Bars(GAP + len(taught) * (BAR + GAP), 2 * HALF, HALF, tuple(found), columns)


def tallest(rooms: Sequence[Sequence[Taught]]) -> int:
    """The greatest height, up or down, of any column."""
    return max((max(day.up, day.down + day.removed) for days in rooms for day in days), default=0)


def nice_top(most: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100 ... that is not below ``most``."""
    scale = 1
    while True:
        for step in (2, 4, 10):
            if step * scale >= most:
                return step * scale
        scale *= 10


def _band(floors: Sequence[int], ceilings: Sequence[int], top: int) -> str:
    upper = [f"{number * STEP},{_y(value, top)}" for number, value in enumerate(ceilings)]
    lower = [f"{number * STEP},{_y(value, top)}" for number, value in enumerate(floors)]
    return f"M{' '.join(upper)} {' '.join(reversed(lower))}Z"


def _y(value: int, top: int) -> int:
    return HEIGHT - round(value * HEIGHT / top)


def _length(count: int, most: int) -> int:
    # What is there can be seen, however little it is beside the most.
    return max(2, round(count * HALF / most)) if count else 0


@dataclass(frozen=True, slots=True)
class HourBar:
    """One hour's bar."""

    hour: int
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class HourBars:
    """A day's hours beside each other; ``labels`` are the hours that are named, with the middles of their columns."""

    width: int
    height: int
    bars: tuple[HourBar, ...]
    labels: tuple[tuple[int, int], ...]


def hour_bars(counts: Sequence[int]) -> HourBars | None:
    """What happened at each hour of the day; ``None`` where there is nothing to be seen."""
    most = max(counts, default=0)
    if most == 0:
        return None
    step = BAR + GAP // 2
    tall = 2 * HALF
    lengths = [max(2, round(count * tall / most)) if count else 0 for count in counts]
    found = tuple(HourBar(hour, hour * step, tall - length, length) for hour, length in enumerate(lengths) if length)
    labels = tuple((hour, hour * step + BAR // 2) for hour in range(0, len(counts), 6))
    return HourBars(len(counts) * step - GAP // 2, tall, found, labels)
