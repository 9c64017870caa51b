"""The rooms' light as a stylesheet: for each room its custom properties, under the dark and under the light scheme."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from moodroom_hub.domain.light import DARK, LIGHT, Light, Scheme, shown
from moodroom_hub.domain.models import Palette, Room, RoomSlug

HOUSE_LIGHT: Final = Palette("#a79bf0", "#0c0b13", "#17152a", ("#3d3a78", "#4a3566", "#25304f"))
"""While no room is on."""


def palette_css(rooms: Mapping[RoomSlug, Room]) -> str:
    """``--room-*`` of ``[data-room="<slug>"]`` for every room, and of ``[data-room=""]`` for a house without one."""
    lines = ["".join(_rules(rooms, DARK)), "@media (prefers-color-scheme: light) {\n", *_rules(rooms, LIGHT), "}\n"]
    return "".join(lines)


def theme_colour(room: Room | None, scheme: Scheme) -> str:
    """The colour of the browser's own frame round the page: the stage's upper edge."""
    return _light(room, scheme).start


def _rules(rooms: Mapping[RoomSlug, Room], scheme: Scheme) -> list[str]:
    lights: list[tuple[str, Room | None]] = [("", None), *rooms.items()]
    return [_rule(slug, _light(room, scheme)) for slug, room in lights]


def _light(room: Room | None, scheme: Scheme) -> Light:
    return _shown(HOUSE_LIGHT, "", scheme) if room is None else _shown(room.palette, room.name, scheme)


@lru_cache(maxsize=256)
def _shown(palette: Palette | None, name: str, scheme: Scheme) -> Light:
    return shown(palette, name, scheme)


def _rule(slug: str, light: Light) -> str:
    named = [
        ("accent", light.accent), ("text", light.text), ("on", light.on), ("glass", light.glass),
        ("from", light.start), ("to", light.end),
        *((f"blob-{number}", colour) for number, colour in enumerate(light.blobs, 1)),
    ]  # fmt: skip
    values = " ".join(f"--room-{name}: {colour};" for name, colour in named)
    return f'[data-room="{_css_text(slug)}"] {{ {values} }}\n'


def _css_text(given: Iterable[str]) -> str:
    return "".join(
        each if each.isascii() and (each.isalnum() or each in "-_") else f"\\{ord(each):x} " for each in given
    )
