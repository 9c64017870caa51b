"""Foreign text on a terminal or in a log line: what could steer either is written out instead."""

import re

# Control characters (ANSI sequences start with one), line and paragraph separators, marks that reorder
# or hide text, tag characters, and lone surrogates, which no stream can encode.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
LONGEST = 2000


def _written_out(match: re.Match[str]) -> str:
    code = ord(match.group())
    return {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}.get(code) or (
        f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    )


def one_line(text: str, longest: int = LONGEST) -> str:
    """``text`` as one harmless line of at most ``longest`` characters (and an ellipsis)."""
    if len(text) > longest:
        text = text[:longest] + "…"
    return _STEERING.sub(_written_out, text)


def counted(number: int, word: str) -> str:
    """``1 track``, ``2 tracks``."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def sentence(text: str) -> str:
    """``text`` with one end: a full stop, where it does not end by itself."""
    plain = text.rstrip(". ")
    return plain if plain.endswith(("?", "!")) else f"{plain}."
