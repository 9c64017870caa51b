"""The devices whose buttons are known by name: which topics they speak on, and which of their words are which gesture.

All of it is data. A gesture is what a mapping names under ``actions``; devices with several buttons on one topic take
the button's number before it (``0_single``), where without a number any button is meant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from moodroom_hub.plugins.buttons import signs
from moodroom_hub.plugins.buttons.signs import Reader


class PresetName(StrEnum):
    """The names that a mapping may give as ``preset``."""

    ZIGBEE2MQTT = "zigbee2mqtt"
    HUE_DIMMER = "hue_dimmer"
    HUE_TAP_DIAL = "hue_tap_dial"
    IKEA = "ikea"
    TUYA = "tuya"
    AQARA = "aqara"
    SHELLY_GEN1 = "shelly_gen1"
    SHELLY_GEN2 = "shelly_gen2"
    TASMOTA = "tasmota"
    ESPHOME_EVENT = "esphome_event"
    ESPHOME_BINARY_SENSOR = "esphome_binary_sensor"


class Manner(StrEnum):
    """What a message on a way means."""

    PRESS = "press"
    """Each is a press."""
    COUNTED = "counted"
    """The device repeats its last one now and then; a press is one whose count is new."""
    STATE = "state"
    """The device tells how it stands; a press is a change."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a device speaks: below its topic (``suffix``, which may hold wildcards), read by ``read``."""

    suffix: str
    read: Reader
    manner: Manner = Manner.PRESS


@dataclass(frozen=True, slots=True)
class Short:
    """A short press of a button that can also be held.

    Such a device says ``press`` at once, before every hold too, and ``release`` after a short one only: one of them
    counts, never both. Where nobody wants the hold, ``press`` is quicker, and a press that took too long still counts.
    """

    press: str
    release: str
    hold: str
    """The gesture of holding it."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One family of devices.

    ``words``: gesture -> what the device says for it. ``shorts``: gestures that are either of two words. ``holds``:
    gestures that the device may repeat while held; ``ends``: words that tell of letting go -> the holds that may have
    ended. ``is_numbered``: its buttons have numbers. ``is_open``: the gestures are named by whoever made the device,
    so any word is one.
    """

    ways: tuple[Way, ...]
    words: Mapping[str, tuple[str, ...]]
    shorts: Mapping[str, Short] = field(default_factory=dict)
    holds: frozenset[str] = frozenset()
    ends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_numbered: bool = False
    is_open: bool = False

    @property
    def gestures(self) -> tuple[str, ...]:
        """Every gesture, without numbers."""
        return tuple(dict.fromkeys((*self.shorts, *self.words)))


def _same(*words: str) -> dict[str, tuple[str, ...]]:
    """Gestures that are called as the device says them."""
    return {word: (word,) for word in words}


def _hue(buttons: Iterable[str]) -> Preset:
    shorts = {name: Short(f"{name}_press", f"{name}_press_release", f"{name}_hold") for name in buttons}
    holds = _same(*(short.hold for short in shorts.values()))
    return Preset(
        ways=_ZIGBEE,
        words=holds,
        shorts=shorts,
        holds=frozenset(holds),
        ends={f"{hold}_release": (hold,) for hold in holds},
    )


_ZIGBEE: Final = (Way("", signs.at_key("action")), Way("/action", signs.bare))
"""Zigbee2MQTT tells a press in the device's JSON, and with Home Assistant in mind bare on ``/action`` as well."""

_CLICKS: Final = ("single", "double", "triple", "quadruple", "many")
_IKEA_HOLDS: Final = {
    "on_hold": ("brightness_move_up", "brightness_stop"),
    "off_hold": ("brightness_move_down", "brightness_stop"),
    "toggle_hold": ("toggle_hold", "toggle_hold_release"),
    "up_hold": ("brightness_up_hold", "brightness_up_release"),
    "down_hold": ("brightness_down_hold", "brightness_down_release"),
    "left_hold": ("arrow_left_hold", "arrow_left_release"),
    "right_hold": ("arrow_right_hold", "arrow_right_release"),
    "button_1_hold": ("1_long_press", "1_long_release"),
    "button_2_hold": ("2_long_press", "2_long_release"),
}
_IKEA_CLICKS: Final = {
    **_same("on", "off", "toggle", "open", "close", "play_pause"),
    "up": ("brightness_up_click", "volume_up"),
    "down": ("brightness_down_click", "volume_down"),
    "left": ("arrow_left_click", "track_previous", "skip_backward"),
    "right": ("arrow_right_click", "track_next", "skip_forward"),
    "button_1": ("1_short_release", "dots_1_short_release"),
    "button_1_double": ("1_double_press", "dots_1_double_press"),
    "button_2": ("2_short_release", "dots_2_short_release"),
    "button_2_double": ("2_double_press", "dots_2_double_press"),
}
_TUYA_BUTTONS: Final = tuple(f"{number}_{how}" for number in range(1, 7) for how in ("single", "double", "hold"))
_AQARA_SIDES: Final = tuple(
    f"{how}_{side}" for side in ("left", "right", "both") for how in ("single", "double", "triple", "hold")
)
_AQARA_BUTTONS: Final = tuple(
    f"button_{number}_{how}" for number in range(1, 7) for how in ("single", "double", "triple", "hold")
)
_PUSHES: Final = {
    "single": ("single_push",),
    "double": ("double_push",),
    "triple": ("triple_push",),
    "hold": ("long_push", "hold_press"),
    "down": ("btn_down",),
    "up": ("btn_up",),
}


def _holds_in(words: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(gesture for gesture in words if "hold" in gesture)


_AQARA_WORDS: Final = _same(*_CLICKS, "hold", *_AQARA_SIDES, *_AQARA_BUTTONS)
_AQARA_ENDS: Final = {
    "release": ("hold",),
    **{f"release_{side}": (f"hold_{side}",) for side in ("left", "right", "both")},
    **{f"button_{number}_release": (f"button_{number}_hold",) for number in range(1, 7)},
}
_TUYA_WORDS: Final = _same("single", "double", "hold", *_TUYA_BUTTONS)

PRESETS: Final[Mapping[PresetName, Preset]] = MappingProxyType(
    {
        PresetName.ZIGBEE2MQTT: Preset(
            _ZIGBEE,
            _same(*_CLICKS, "hold", "press", "toggle", "on", "off"),
            holds=frozenset({"hold"}),
            ends={"release": ("hold",), "hold_release": ("hold",)},
        ),
        PresetName.HUE_DIMMER: _hue(("on", "up", "down", "off")),
        PresetName.HUE_TAP_DIAL: _hue(f"button_{number}" for number in range(1, 5)),
        PresetName.IKEA: Preset(
            _ZIGBEE,
            {**_IKEA_CLICKS, **{gesture: (begins,) for gesture, (begins, _) in _IKEA_HOLDS.items()}},
            holds=frozenset(_IKEA_HOLDS),
            ends={
                word: tuple(gesture for gesture, (_, ends) in _IKEA_HOLDS.items() if ends == word)
                for _, word in _IKEA_HOLDS.values()
            },
        ),
        PresetName.TUYA: Preset(_ZIGBEE, _TUYA_WORDS, holds=_holds_in(_TUYA_WORDS)),
        PresetName.AQARA: Preset(_ZIGBEE, _AQARA_WORDS, holds=_holds_in(_AQARA_WORDS), ends=_AQARA_ENDS),
        PresetName.SHELLY_GEN1: Preset(
            (Way("/input_event/+", signs.shelly_gen1, Manner.COUNTED),),
            {
                "single": ("S",),
                "double": ("SS",),
                "triple": ("SSS",),
                "hold": ("L",),
                "short_long": ("SL",),
                "long_short": ("LS",),
            },
            is_numbered=True,
        ),
        PresetName.SHELLY_GEN2: Preset((Way("/events/rpc", signs.shelly_gen2),), _PUSHES, is_numbered=True),
        PresetName.TASMOTA: Preset(
            (Way("/RESULT", signs.tasmota),),
            {
                **{name: (name.upper(),) for name in ("single", "double", "triple", "quad", "penta", "hold")},
                **{f"switch_{name}": (f"SWITCH_{name.upper()}",) for name in ("on", "off", "toggle", "hold")},
            },
            holds=frozenset({"hold", "switch_hold"}),
            ends={"CLEAR": ("hold",)},
            is_numbered=True,
        ),
        PresetName.ESPHOME_EVENT: Preset((Way("/state", signs.at_key("event_type")),), {}, is_open=True),
        PresetName.ESPHOME_BINARY_SENSOR: Preset(
            (Way("/state", signs.bare, Manner.STATE),), {"press": ("ON",), "release": ("OFF",)}
        ),
    }
)
