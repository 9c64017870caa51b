"""A room's light as it can be shown: what was configured, or what the name suggests, made readable.

The stage lies behind everything: two grounds and three blobs that drift over them and each other. Cards are glass
upon it. Whatever a palette says, words stand on all of that with WCAG AA's 4.5:1, and the accent on cards with 3:1.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from moodroom_hub.domain.colours import (
    Oklch,
    Rgb,
    contrast,
    from_oklch,
    is_colour,
    mixed,
    parse,
    readable,
    to_oklch,
    written,
)
from moodroom_hub.domain.models import Palette

WORDS: Final = 4.5
SHAPES: Final = 3.0


@dataclass(frozen=True, slots=True)
class Scheme:
    """Dark or light: the colours of words, and how strongly blobs (at their middle) and glass cover what is under them.

    The stylesheet says the same numbers; a test compares them.
    """

    is_dark: bool
    ink: str
    soft: str
    glow: float
    glass: float


DARK: Final = Scheme(is_dark=True, ink="#f6f3fb", soft="#c2bdcf", glow=0.6, glass=0.6)
LIGHT: Final = Scheme(is_dark=False, ink="#1a1722", soft="#4c4759", glow=0.55, glass=0.7)


@dataclass(frozen=True, slots=True)
class Light:
    """A palette as it is shown; every colour ``#rrggbb``.

    ``accent`` is for shapes, ``text`` the same fit for words, ``on`` the colour of words upon the accent. ``glass`` is
    what cards are made of.
    """

    accent: str
    text: str
    on: str
    start: str
    end: str
    blobs: tuple[str, str, str]
    glass: str


def derived(name: str) -> Palette:
    """A palette for a room that has none, always the same for the same name: a dark stage, two related hues."""
    seed = hashlib.sha256(name.strip().casefold().encode("utf-8", "replace")).digest()
    hue = int.from_bytes(seed[:2]) / 65_536 * 360
    # Neighbours look calm, near-opposites look like a poster; in between it looks like an accident.
    turn = (30, 45, -35, -50, 150, -150)[seed[2] % 6]
    strength = 0.12 + seed[3] / 255 * 0.05

    def shade(lightness: float, chroma: float, at: float) -> str:
        return written(from_oklch(Oklch(lightness, chroma, at % 360)))

    return Palette(
        accent=shade(0.76, strength, hue),
        start=shade(0.15, 0.03, hue),
        end=shade(0.23, 0.055, hue + turn / 2),
        blobs=(
            shade(0.5, strength + 0.04, hue),
            shade(0.52, strength, hue + turn),
            shade(0.36, strength * 0.7, hue - 20),
        ),
    )


def shown(palette: Palette | None, name: str, scheme: Scheme) -> Light:
    """The light of the room ``name`` under ``scheme``. What ``palette`` leaves open or misspells is derived."""
    given, own = palette or derived(name), derived(name)
    start = _colour(given.start, own.start)
    end = _colour(given.end, own.end)
    blobs = [_colour(one, other) for one, other in zip(given.blobs, own.blobs, strict=True)]
    if not scheme.is_dark:
        start, end = _tint(start, 0.975, 0.012), _tint(end, 0.94, 0.03)
        blobs = [_tint(blob, 0.83, 0.11) for blob in blobs]
    start, end, blobs, glass = _calmed(start, end, blobs, scheme)
    cards = [mixed(glass, stage, scheme.glass) for stage in _stages(start, end, blobs, scheme.glow)]
    accent = readable(_colour(given.accent, own.accent), cards, SHAPES, is_lighter=scheme.is_dark)
    text = readable(accent, cards, WORDS, is_lighter=scheme.is_dark)
    return Light(
        accent=written(accent),
        text=written(text),
        on=_on(accent),
        start=written(start),
        end=written(end),
        blobs=(written(blobs[0]), written(blobs[1]), written(blobs[2])),
        glass=written(glass),
    )


def _calmed(start: Rgb, end: Rgb, blobs: list[Rgb], scheme: Scheme) -> tuple[Rgb, Rgb, list[Rgb], Rgb]:
    """The stage, made darker (or lighter) until words stand everywhere on it, and the glass for it."""
    ink, soft = parse(scheme.ink), parse(scheme.soft)
    while True:
        glass = start if scheme.is_dark else Rgb(1, 1, 1)
        stages = _stages(start, end, blobs, scheme.glow)
        stands = all(contrast(ink, stage) >= WORDS for stage in stages) and all(
            contrast(soft, mixed(glass, stage, scheme.glass)) >= WORDS for stage in stages
        )
        if stands:
            return start, end, blobs, glass
        start, end = _quieter(start, scheme), _quieter(end, scheme)
        blobs = [_quieter(blob, scheme) for blob in blobs]


def _stages(start: Rgb, end: Rgb, blobs: list[Rgb], glow: float) -> list[Rgb]:
    """Every ground under every set of blobs that can drift over it: whatever a word may come to stand on."""
    found = [start, end]
    for blob in blobs:
        # Rounded as the screen does.
        found += [parse(written(mixed(blob, under, glow))) for under in found]
    return found


def _quieter(colour: Rgb, scheme: Scheme) -> Rgb:
    shade = to_oklch(colour)
    lightness = shade.lightness * 0.94 if scheme.is_dark else 1 - (1 - shade.lightness) * 0.9
    return parse(written(from_oklch(shade._replace(lightness=lightness))))


def _tint(colour: Rgb, lightness: float, chroma: float) -> Rgb:
    shade = to_oklch(colour)
    return parse(written(from_oklch(Oklch(lightness, min(chroma, shade.chroma), shade.hue))))


def _on(accent: Rgb) -> str:
    # Of pure black and white one always stands (4.58 at worst); of softer ones not.
    return max(("#000000", "#ffffff"), key=lambda each: contrast(parse(each), accent))


def _colour(given: str, otherwise: str) -> Rgb:
    return parse(given if is_colour(given) else otherwise)
