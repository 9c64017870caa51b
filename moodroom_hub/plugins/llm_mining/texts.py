"""Text of others as one clean line. Pure."""

import unicodedata

LONGEST_WHY = 160

# Control and format characters (bidi and zero-width marks among them), surrogates, private use, separators of lines.
_BANNED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ESCAPE = "\x1b"


def clean_line(text: str, longest: int = LONGEST_WHY) -> str:
    """``text`` as one line of at most ``longest`` characters that steers neither a terminal nor a reader's eye.

    ANSI sequences go as a whole; other control characters become blanks, marks that are not seen become nothing.
    """
    text = text[: longest * 20]
    if _ESCAPE in text or "\x9b" in text:
        text = _without_escapes(text)
    if not text.isascii() or not text.isprintable():
        text = "".join(_seen(sign) for sign in text)
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _seen(sign: str) -> str:
    category = unicodedata.category(sign)
    if category not in _BANNED:
        return sign
    return " " if category in ("Cc", "Zl", "Zp") else ""


def _without_escapes(text: str) -> str:
    kept: list[str] = []
    place = 0
    while place < len(text):
        sign = text[place]
        place += 1
        if sign == _ESCAPE and text[place : place + 1] == "[":
            place = _end_of_sequence(text, place + 1)
        elif sign == "\x9b":
            place = _end_of_sequence(text, place)
        elif sign == _ESCAPE and text[place : place + 1] == "]":
            ends = [end for end in (text.find("\a", place), text.find(_ESCAPE + "\\", place)) if end >= 0]
            place = min(ends) + 1 if ends else place + 1
        else:
            kept.append(" " if sign == _ESCAPE else sign)
    return "".join(kept)


def _end_of_sequence(text: str, place: int) -> int:
    while place < len(text) and not "@" <= text[place] <= "~":
        place += 1
    return place + 1
