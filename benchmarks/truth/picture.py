"""Two panels of dots and lines as an SVG, without any library."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 1120, 520
LEFT, TOP, BOTTOM, GAP = 64, 118, 64, 56
PAPER, INK, FAINT, GRID = "#fbfaf7", "#1f1d2b", "#75718a", "#e3e0ea"
SEED, HUB, LONE = "#b4552d", "#4c3fd1", "#0f8a7e"
GRID_LINES = 4
MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, monospace"
SERIF = "'Iowan Old Style', Palatino, Georgia, serif"


@dataclass(frozen=True, slots=True)
class Dot:
    """One cadence: calls per hour of music, and the value of the panel."""

    name: str
    calls: float
    value: float


@dataclass(frozen=True, slots=True)
class Panel:
    """``seed`` and ``hub`` are joined by a line, in the order of their calls; ``lone`` stand by themselves."""

    title: str
    unit: str
    seed: tuple[Dot, ...]
    hub: tuple[Dot, ...]
    lone: tuple[Dot, ...]


def draw(title: str, subtitle: str, panels: Sequence[Panel]) -> str:
    """The picture."""
    width = (WIDTH - LEFT - GAP * len(panels)) / len(panels)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}" font-family="{MONO}" font-size="12">'
    )
    parts = [
        head,
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="14" fill="{PAPER}"/>',
        _text(LEFT, 42, title, INK, size=26, family=SERIF),
        _text(LEFT, 64, subtitle, FAINT),
    ]
    for place, panel in enumerate(panels):
        left = LEFT + place * (width + GAP)
        parts.extend(_panel(panel, left, width))
    parts.extend(_legend())
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, left: float, width: float) -> Iterator[str]:
    dots = (*panel.seed, *panel.hub, *panel.lone)
    most_calls = _round_up(max(dot.calls for dot in (*panel.hub, *panel.lone)) * 1.6, 100)
    most_value = _round_up(min(max(dot.value for dot in dots), 4 * max(dot.value for dot in panel.hub)), GRID_LINES)
    floor = HEIGHT - BOTTOM

    def at(dot: Dot) -> tuple[float, float]:
        x = left + width * dot.calls / most_calls
        return x, floor - (floor - TOP) * dot.value / most_value

    yield _text(left, TOP - 20, panel.title, INK, size=15, family=SERIF)
    for step in range(GRID_LINES + 1):
        value, y = most_value * step / GRID_LINES, floor - (floor - TOP) * step / GRID_LINES
        yield f'<path d="M{left:.1f} {y:.1f}H{left + width:.1f}" stroke="{GRID}"/>'
        yield _text(left - 8, y + 4, f"{value:g} {panel.unit}", FAINT, anchor="end")
    for calls in range(0, int(most_calls) + 1, 200):
        x = left + width * calls / most_calls
        yield _text(x, floor + 20, str(calls), FAINT, anchor="middle")
    yield _text(left + width, floor + 40, "calls of the Web API per hour of music", FAINT, anchor="end")
    marks: list[_Mark] = []
    for found, colour in ((panel.seed, SEED), (panel.hub, HUB), (panel.lone, LONE)):
        shown = sorted((dot for dot in found if dot.calls <= most_calls and dot.value <= most_value), key=_calls)
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, shown))
        if colour != LONE:
            yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        marks += [_Mark(dot, *at(dot), colour) for dot in shown]
    yield from _dots(marks)


def _calls(dot: Dot) -> float:
    return dot.calls


@dataclass(frozen=True, slots=True)
class _Mark:
    dot: Dot
    x: float
    y: float
    colour: str

    @property
    def is_chosen(self) -> bool:
        return self.dot.name in ("normal", "eco", "seed 6 s")


def _dots(marks: Sequence[_Mark]) -> Iterator[str]:
    """Circles, and names above or below them; a name that would lie on another one is left out."""
    taken: list[tuple[float, float, float]] = []
    for mark in sorted(marks, key=lambda one: not one.is_chosen):
        size = 12 if mark.is_chosen else 10
        radius = 6 if mark.is_chosen else 3.5
        yield f'<circle cx="{mark.x:.1f}" cy="{mark.y:.1f}" r="{radius}" fill="{mark.colour}"/>'
        name = mark.dot.name.removeprefix("seed ")
        began, ended = mark.x + 9, mark.x + 9 + 0.62 * size * len(name)
        for y in (mark.y - 7, mark.y + 17):
            if all(ended < left or right < began or abs(y - other) > size for left, right, other in taken):
                taken.append((began, ended, y))
                weight = "700" if mark.is_chosen else "400"
                yield _text(began, y, name, mark.colour, weight=weight, size=size)
                break


def _legend() -> Iterator[str]:
    x = float(WIDTH - 470)
    for words, colour in (("the seed: fixed polls", SEED), ("the hub's cadence", HUB), ("others", LONE)):
        yield f'<circle cx="{x:.1f}" cy="38" r="5" fill="{colour}"/>'
        yield _text(x + 11, 42, words, INK)
        x += 60 + 7.3 * len(words)


def _text(
    x: float,
    y: float,
    words: str,
    colour: str,
    *,
    size: int = 12,
    family: str | None = None,
    anchor: str = "start",
    weight: str = "400",
) -> str:
    more = f' font-family="{family}"' if family is not None else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}"{more}>{escape(words)}</text>'
    )


def _round_up(value: float, step: int) -> float:
    return max(step, -(-value // step) * step)
