"""Colours as numbers: sRGB and OKLCH, how light one is, how well one stands on another.

A colour is written ``#rrggbb``. OKLCH (Björn Ottosson, 2020) is a space in which equal steps look equal: ``lightness``
0 to 1, ``chroma`` 0 to about 0.37, ``hue`` in degrees.
"""

import math
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_WRITTEN: Final = re.compile("#[0-9a-fA-F]{6}")
_STEP: Final = 0.02


class Rgb(NamedTuple):
    """Red, green and blue as a screen is told them, 0 to 1."""

    red: float
    green: float
    blue: float


class Oklch(NamedTuple):
    """Lightness, chroma and hue (degrees)."""

    lightness: float
    chroma: float
    hue: float


def is_colour(given: str) -> bool:
    """Is ``given`` written ``#rrggbb``?"""
    return _WRITTEN.fullmatch(given) is not None


def parse(written: str) -> Rgb:
    """``#rrggbb`` as numbers. Raises ``ValueError``."""
    if not is_colour(written):
        raise ValueError("a colour is written #rrggbb")
    return Rgb(*(int(written[at : at + 2], 16) / 255 for at in (1, 3, 5)))


def written(colour: Rgb) -> str:
    """The colour as ``#rrggbb``."""
    return "#" + "".join(f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in colour)


def mixed(over: Rgb, under: Rgb, share: float) -> Rgb:
    """``over`` laid upon ``under``, covering ``share`` (0 to 1) of it, as a browser does."""
    return Rgb(*(a * share + b * (1 - share) for a, b in zip(over, under, strict=True)))


def luminance(colour: Rgb) -> float:
    """Relative luminance as WCAG 2 reckons it, 0 (black) to 1 (white)."""
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG 2's contrast ratio, 1 to 21; the order does not matter."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: Rgb, grounds: Iterable[Rgb], ratio: float, *, is_lighter: bool) -> Rgb:
    """``colour``, moved as little as needed towards white (``is_lighter``) or black until it stands on every ground.

    Hue stays. Where even white or black is not enough, that is given.
    """
    under = tuple(grounds)
    shade = to_oklch(colour)
    for _ in range(math.ceil(1 / _STEP) + 1):
        # As it will be written: the rounding must not cost the last hundredth.
        tried = parse(written(from_oklch(shade)))
        if all(contrast(tried, ground) >= ratio for ground in under):
            return tried
        lightness = shade.lightness + (_STEP if is_lighter else -_STEP)
        shade = shade._replace(lightness=min(1.0, max(0.0, lightness)))
    return Rgb(1, 1, 1) if is_lighter else Rgb(0, 0, 0)


def to_oklch(colour: Rgb) -> Oklch:
    """sRGB → OKLCH."""
    red, green, blue = map(_linear, colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def from_oklch(shade: Oklch) -> Rgb:
    """OKLCH → sRGB; a shade that no screen shows loses chroma until one does."""
    low, high = 0.0, shade.chroma
    whole = _unbounded(shade)
    if _is_shown(whole):
        return _bounded(whole)
    for _ in range(14):
        middle = (low + high) / 2
        if _is_shown(_unbounded(shade._replace(chroma=middle))):
            low = middle
        else:
            high = middle
    return _bounded(_unbounded(shade._replace(chroma=low)))


def _unbounded(shade: Oklch) -> Rgb:
    a = shade.chroma * math.cos(math.radians(shade.hue))
    b = shade.chroma * math.sin(math.radians(shade.hue))
    long = (shade.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (shade.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (shade.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return Rgb(
        _gamma(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _gamma(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _gamma(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _is_shown(colour: Rgb) -> bool:
    return all(-0.0005 <= part <= 1.0005 for part in colour)


def _bounded(colour: Rgb) -> Rgb:
    return Rgb(*(min(1.0, max(0.0, part)) for part in colour))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)
