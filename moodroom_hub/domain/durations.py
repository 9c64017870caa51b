"""Durations as people write them: ``30s``, ``6 s``, ``2m``, ``3h``, ``1d``, ``500ms``, ``1h 30m``.

A plain number is seconds. Everything comes out as whole milliseconds.
"""

import math
import re
from fractions import Fraction
from typing import Final

from moodroom_hub.domain.models import DurationMs

LONGEST_MS: Final = DurationMs(3650 * 86_400_000)
"""Ten years: longer is a slip of the pen, and every database column holds it."""

_UNITS_MS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "min": 60_000, "s": 1_000, "ms": 1}
_ABOUT: Final = "expected a duration such as 30s, 2m, 3h or 500ms (a plain number is seconds)"
_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_PIECE: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*(ms|min|[dhms])\s*")


def parse_duration(given: str | int | float) -> DurationMs:
    """Whole milliseconds of ``given``, rounded to the nearest; numbers and bare numerals are seconds.

    Several pieces add up, greatest unit first, each unit once (``1h 30m``).
    Raises ``ValueError``, whose text never repeats what was given, for anything else: no duration, negative,
    not finite, longer than ``LONGEST_MS``.
    """
    if isinstance(given, bool):
        raise ValueError(_ABOUT)
    if isinstance(given, str):
        exact_ms = _written_ms(given.strip())
    else:
        if isinstance(given, float) and not math.isfinite(given):
            raise ValueError(_ABOUT)
        exact_ms = Fraction(given) * 1_000
    if exact_ms < 0:
        raise ValueError("expected a duration that is not negative")
    if exact_ms > LONGEST_MS:
        raise ValueError("expected a duration of at most ten years")
    return DurationMs(math.floor(exact_ms + Fraction(1, 2)))


def format_duration(ms: int) -> str:
    """The shortest exact spelling with one unit, up to hours: ``30s``, ``90s``, ``2m``, ``1500ms``.

    ``parse_duration`` gives ``ms`` back for every value from 0 to ``LONGEST_MS``. Raises ``ValueError`` if negative.
    """
    if ms < 0:
        raise ValueError("expected a duration that is not negative")
    if ms == 0:
        return "0s"
    for unit in ("h", "m", "s"):
        if ms % _UNITS_MS[unit] == 0:
            return f"{ms // _UNITS_MS[unit]}{unit}"
    return f"{ms}ms"


def _written_ms(text: str) -> Fraction:
    """Exact milliseconds of a written duration; exact, because 0.1 s must be 100 ms and not a float's neighbour."""
    if text.startswith("-") and _NUMBER.match(text, 1):
        return Fraction(-1)
    if _NUMBER.fullmatch(text):
        return Fraction(text) * 1_000
    total = Fraction(0)
    last_unit_ms: float = math.inf
    at = 0
    while piece := _PIECE.match(text, at):
        unit_ms = _UNITS_MS[piece[2]]
        if unit_ms >= last_unit_ms:
            raise ValueError(_ABOUT)
        total += Fraction(piece[1]) * unit_ms
        last_unit_ms = unit_ms
        at = piece.end()
    if at == 0 or at != len(text):
        raise ValueError(_ABOUT)
    return total
