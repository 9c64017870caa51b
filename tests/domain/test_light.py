"""Colours as numbers, and the promise of every light: whatever a palette says, words can be read on it."""

import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.config.default_rooms import DEFAULT_ROOMS
from moodroom_hub.domain.colours import (
    Oklch,
    Rgb,
    contrast,
    from_oklch,
    is_colour,
    luminance,
    mixed,
    parse,
    readable,
    to_oklch,
    written,
)
from moodroom_hub.domain.light import DARK, LIGHT, SHAPES, WORDS, Light, Scheme, derived, shown
from moodroom_hub.domain.models import Palette

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
PALETTES = st.builds(Palette, COLOURS, COLOURS, COLOURS, st.tuples(COLOURS, COLOURS, COLOURS))
SCHEMES = st.sampled_from([DARK, LIGHT])
STYLE = Path(__file__).parents[2] / "moodroom_hub" / "plugins" / "status_page" / "static" / "style.css"


def stages(light: Light, scheme: Scheme) -> list[Rgb]:
    """Whatever a word may come to stand on: each ground under each set of blobs."""
    found = []
    for ground, lit in product((light.start, light.end), product((False, True), repeat=3)):
        under = parse(ground)
        for blob, is_lit in zip(light.blobs, lit, strict=True):
            under = mixed(parse(blob), under, scheme.glow) if is_lit else under
        found.append(under)
    return found


def check(light: Light, scheme: Scheme) -> None:
    """Words stand on the stage and on cards, the accent on cards, words on the accent."""
    ink, soft = parse(scheme.ink), parse(scheme.soft)
    for stage in stages(light, scheme):
        card = mixed(parse(light.glass), stage, scheme.glass)
        # The screen rounds each layer; so much may be lost.
        assert contrast(ink, stage) >= WORDS - 0.06
        assert contrast(soft, card) >= WORDS - 0.06
        assert contrast(parse(light.accent), card) >= SHAPES - 0.06
        assert contrast(parse(light.text), card) >= WORDS - 0.06
    assert contrast(parse(light.on), parse(light.accent)) >= WORDS


@given(PALETTES, SCHEMES)
def test_any_palette_can_be_read(palette: Palette, scheme: Scheme) -> None:
    check(shown(palette, "Any", scheme), scheme)


@given(st.text(max_size=30), SCHEMES)
def test_any_name_has_a_light(name: str, scheme: Scheme) -> None:
    palette = derived(name)
    assert palette == derived(f" {name.upper().lower()} ") or name.strip().casefold() != name.upper().lower().strip()
    assert all(map(is_colour, (palette.accent, palette.start, palette.end, *palette.blobs)))
    assert luminance(parse(palette.start)) < 0.02
    check(shown(None, name, scheme), scheme)


def test_names_have_different_lights() -> None:
    names = ["Kitchen", "Sunday", "Gym", "Dinner", "Focus", "Rain", "Berlin", "Kids"]
    assert len({derived(name).accent for name in names}) == len(names)


def test_the_six_rooms_keep_their_accents_in_the_dark() -> None:
    for slug, room in DEFAULT_ROOMS.items():
        told = room["palette"]
        palette = Palette(told["accent"], told["from"], told["to"], (*told["blobs"],))
        assert shown(palette, slug, DARK).accent == palette.accent
        check(shown(palette, slug, DARK), DARK)
        check(shown(palette, slug, LIGHT), LIGHT)


def test_what_is_misspelt_is_derived() -> None:
    broken = Palette("red", "#12", "url(x)", ("#zzzzzz", "", "#123456"))
    light = shown(broken, "Kitchen", DARK)
    assert light.accent == shown(None, "Kitchen", DARK).accent
    assert light.blobs[2] == "#123456"


@pytest.mark.parametrize("scheme", [DARK, LIGHT])
def test_the_stylesheet_says_the_same_numbers(scheme: Scheme) -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE.read_text(), re.DOTALL)
    said = dict(re.findall(r"(--[\w-]+): ([^;]+);", blocks[0 if scheme.is_dark else 1]))
    assert (said["--ink"], said["--soft"]) == (scheme.ink, scheme.soft)
    assert (said["--glow"], said["--glass-share"]) == (f"{scheme.glow:.0%}", f"{scheme.glass:.0%}")


@pytest.mark.parametrize("scheme", [DARK, LIGHT])
def test_the_tiers_marks_can_be_read_on_every_card(scheme: Scheme) -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE.read_text(), re.DOTALL)
    said = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", blocks[0 if scheme.is_dark else 1]))
    for slug, room in DEFAULT_ROOMS.items():
        told = room["palette"]
        light = shown(Palette(told["accent"], told["from"], told["to"], (*told["blobs"],)), slug, scheme)
        for stage in stages(light, scheme):
            card = mixed(parse(light.glass), stage, scheme.glass)
            for name in ("--conf", "--safe", "--disc", "--out", "--bad"):
                assert contrast(parse(said[name]), card) >= WORDS, (slug, name)


@given(COLOURS)
def test_oklch_there_and_back(colour: str) -> None:
    assert written(from_oklch(to_oklch(parse(colour)))) == colour


@given(st.floats(0, 1), st.floats(0, 0.4), st.floats(0, 360))
def test_every_shade_is_shown_somehow(lightness: float, chroma: float, hue: float) -> None:
    given_shade = Oklch(lightness, chroma, hue)
    got = from_oklch(given_shade)
    assert all(0 <= part <= 1 for part in got)
    assert abs(to_oklch(got).lightness - lightness) < 0.05


@given(COLOURS, COLOURS)
def test_readable_is_readable(colour: str, ground: str) -> None:
    under = parse(ground)
    is_lighter = luminance(under) < 0.18
    assert contrast(readable(parse(colour), [under], WORDS, is_lighter=is_lighter), under) >= WORDS


def test_known_contrasts() -> None:
    white, black, grey = parse("#ffffff"), parse("#000000"), parse("#767676")
    assert contrast(white, black) == pytest.approx(21)
    assert contrast(white, grey) == pytest.approx(4.54, abs=0.01)
    assert mixed(white, black, 0.25) == (0.25, 0.25, 0.25)
    for wrong in ("#fff", "ffffff", "#ffffffff", "#gggggg", ""):
        with pytest.raises(ValueError, match="#rrggbb"):
            parse(wrong)
