"""A chance as a person reads it."""

_FINE = 6
"""0.29 * 100 is a hair less than 29."""


def percent(chance: float) -> int:
    """Whole per cent, rounded down; 100 and 0 only where it is certain. ``chance``: within 0 and 1."""
    if chance in (0.0, 1.0):
        return round(chance * 100)
    return min(99, max(1, int(round(chance * 100, _FINE))))
