"""What the hub takes from outside as a field of JSON, whichever way it comes."""

import re
from typing import Final

from moodroom_hub.domain.durations import parse_duration

UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters and half characters."""


def clean(text: str) -> str:
    """``text`` itself. Raises ``ValueError`` for control characters and half characters."""
    if UNSAFE.search(text):
        raise ValueError("control characters are not allowed")
    return text


def clean_lines(text: str) -> str:
    """``clean`` for a text that may have several lines."""
    clean(text.translate({ord(sign): None for sign in "\n\r\t"}))
    return text


def duration_ms(given: object) -> int:
    """A time span in milliseconds from ``3h`` or a number of seconds. Raises ``ValueError`` for what is none."""
    if not isinstance(given, str | int | float):
        raise ValueError("expected a duration such as 30s, 2m or 3h")
    try:
        parsed_ms = parse_duration(given)
    except OverflowError:
        raise ValueError("expected a duration of at most ten years") from None
    if parsed_ms == 0:
        raise ValueError("expected a duration above 0")
    return parsed_ms
