"""Text and JSON of strangers: what is refused before it costs anything, each with a line for a person."""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

_AROUND: Final = " \t\r\n\ufeff"
_BUT_BRACKETS: Final = re.compile(r'(?:"(?:[^"\\]+|\\.)*+"?|[^\[\]{}"]+)+', re.DOTALL)
_LONGEST_NUMBER: Final = 24
_TURNS_TEXT: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class CardError(ValueError):
    """What was given is no card that can be taken; the text is one line for a person."""


def plain_text(given: str | bytes, largest: int) -> str:
    """The text, if it is one and no larger than ``largest`` bytes; more is refused unread. Raises ``CardError``.

    Blanks and line ends around it are what mail and editors add; they don't count.
    """
    if len(given) > largest:
        raise CardError(f"it is too large: {largest // 1024} kB is the most")
    try:
        raw = given if isinstance(given, bytes) else given.encode()
        text = raw.decode()
    except UnicodeError:
        raise CardError("it is no text (UTF-8): the file is damaged, or another kind of file") from None
    if len(raw) > largest:
        raise CardError(f"it is too large: {largest // 1024} kB is the most")
    text = text.strip(_AROUND)
    if not text:
        raise CardError("it is empty")
    return text


def read_object(text: str, deepest: int) -> dict[str, Any]:
    """JSON as strangers write it: an object without double keys, odd numbers and nests of more than ``deepest``
    brackets. Raises ``CardError``."""
    if _is_deeper(text, deepest):
        raise CardError("it is nested too deeply")
    try:
        found = json.loads(
            text,
            object_pairs_hook=_without_doubles,
            parse_int=_small_int,
            parse_float=_small_float,
            parse_constant=_no_number,
        )
    except CardError:
        raise
    except (ValueError, RecursionError):
        raise CardError("it is no JSON: the file is damaged or cut off, or another kind of file") from None
    if not isinstance(found, dict):
        raise CardError("it is neither a station card nor a playlist")
    return found


def _is_deeper(text: str, deepest: int) -> bool:
    """Whether more brackets are open somewhere than about ``deepest``; at least where they are twice as many."""
    brackets = _BUT_BRACKETS.sub("", text)
    for _ in range(deepest):
        # Each round takes the innermost pairs away.
        brackets = brackets.replace("[]", "").replace("{}", "")
    return len(brackets) > deepest


def tidy(text: str, longest: int) -> str:
    """``text`` without what a card may not hold: control characters, halves of characters, ends too far away."""
    plain = text[: longest * 4]
    if has_unfit(plain):
        plain = "".join(" " if _is_unfit(sign) else sign for sign in plain)
    return " ".join(plain.split())[:longest].strip()


def _without_doubles(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise CardError("it says one thing twice: the card was changed by hand")
    return found


def _small_int(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise CardError("it holds a number that is too long")
    return int(digits)


def _small_float(digits: str) -> float:
    if len(digits) > _LONGEST_NUMBER:
        raise CardError("it holds a number that is too long")
    return float(digits)


def _no_number(word: str) -> float:
    raise CardError(f"it holds {word}, which is no number")


def has_unfit(text: str) -> bool:
    """Whether it holds control characters, halves of characters, line ends, or signs that turn around what follows."""
    return not text.isprintable() and any(map(_is_unfit, text))


def _is_unfit(sign: str) -> bool:
    return sign in _TURNS_TEXT or unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}
