"""From a device's words to a mapping's gestures. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from moodroom_hub.plugins.buttons.presets import Preset
from moodroom_hub.plugins.buttons.signs import Sign

_NUMBER: Final = re.compile(r"((?:[0-9]{1,6}_){1,2})(.+)")


def base_gesture(preset: Preset, gesture: str) -> str | None:
    """``single`` of ``0_single``: the gesture without the button's number; ``None`` where the device has none such."""
    if preset.is_open:
        return gesture
    if gesture in preset.gestures:
        return gesture
    found = _NUMBER.fullmatch(gesture) if preset.is_numbered else None
    return found[2] if found is not None and found[2] in preset.gestures else None


def vocabulary(preset: Preset, wanted: Collection[str]) -> Mapping[str, str]:
    """Word -> gesture, for somebody who wants these gestures: of a short press' two words the one that counts."""
    words = {word: gesture for gesture, said in preset.words.items() for word in said}
    bases = {base_gesture(preset, gesture) for gesture in wanted}
    for gesture, short in preset.shorts.items():
        words[short.release if short.hold in bases else short.press] = gesture
    return words


def names_of(sign: Sign, gesture: str) -> list[str]:
    """What a mapping may call it, the most exact first: ``0_single``, ``single``."""
    return [*(f"{button}_{gesture}" for button in sign.buttons), gesture]
