"""How each family of devices says that a button was pressed: from a message to words, numbers and counts. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from moodroom_hub.plugins.buttons.matching import document_of, scalar_text, text_of

_NUMBERED: Final = re.compile(r"[a-z_]{1,30}:([0-9]{1,6})")
_TASMOTA: Final = re.compile(r"(Button|Switch)([0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that a device says: its ``word``.

    ``buttons``: which of its buttons, the most exact name first (none: it has but one). ``count``: how often it has
    said such a thing so far, where it counts.
    """

    word: str
    buttons: tuple[str, ...] = ()
    count: int | None = None


Reader = Callable[[str, bytes], list[Sign]]
"""Topic and payload to signs; never raises, whatever they hold."""


def bare(topic: str, payload: bytes) -> list[Sign]:
    """The payload is the word."""
    text = text_of(payload)
    return [] if text is None else [Sign(text)]


def at_key(key: str) -> Reader:
    """The word stands under ``key`` of a JSON object."""

    def read(topic: str, payload: bytes) -> list[Sign]:
        document = document_of(payload)
        word = document.get(key) if isinstance(document, dict) else None
        return [Sign(word)] if isinstance(word, str) and word else []

    return read


def shelly_gen1(topic: str, payload: bytes) -> list[Sign]:
    """``{"event":"S","event_cnt":7}`` on ``.../input_event/<n>``."""
    document = document_of(payload)
    if not isinstance(document, dict):
        return []
    word, count = document.get("event"), document.get("event_cnt")
    is_count = isinstance(count, int) and not isinstance(count, bool)
    if not isinstance(word, str):
        return []
    number = topic.rpartition("/")[2]
    return [Sign(word, (number,), count if is_count else None)]


def shelly_gen2(topic: str, payload: bytes) -> list[Sign]:
    """``NotifyEvent`` with any number of events, of inputs (``input:0``) and of BLU buttons (``bthomedevice:200``)."""
    document = document_of(payload)
    if not isinstance(document, dict) or document.get("method") != "NotifyEvent":
        return []
    params = document.get("params")
    events = params.get("events") if isinstance(params, dict) else None
    return [sign for event in events if (sign := _shelly_event(event))] if isinstance(events, list) else []


def _shelly_event(event: Any) -> Sign | None:
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return None
    found = _NUMBERED.fullmatch(str(event.get("component")))
    if found is None:
        return None
    place = scalar_text(event.get("idx"))  # which button of a device that has several
    return Sign(event["event"], ((f"{found[1]}_{place}", found[1]) if place is not None else (found[1],)))


def tasmota(topic: str, payload: bytes) -> list[Sign]:
    """``{"Button1":{"Action":"SINGLE"}}``, before version 9 with ``ACTION``; switches say ``{"Switch1":...}``."""
    document = document_of(payload)
    if not isinstance(document, dict):
        return []
    return list(_tasmota_signs(document))


def _tasmota_signs(document: dict[str, Any]) -> Iterator[Sign]:
    for key, said in document.items():
        if key == "ACTION" and isinstance(said, str):
            yield Sign(said)
            continue
        found = _TASMOTA.fullmatch(key)
        word = (said.get("Action") or said.get("ACTION")) if isinstance(said, dict) else None
        if found is not None and isinstance(word, str):
            yield Sign(word if found[1] == "Button" else f"SWITCH_{word}", (found[2],) if found[2] else ())
