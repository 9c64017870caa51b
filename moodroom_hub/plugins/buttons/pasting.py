"""A mapping as YAML to paste; whatever the topics and words hold, what is read back is what was meant. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_/.-]*|[0-9]+(?:ms|[smhd])")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "y", "n", "on", "off"})


def pasted(mappings: Sequence[Mapping[str, Any]], plugins: Mapping[str, Any]) -> str:
    """The lines that a configuration lacks, indented to stand where the comment says.

    ``plugins``: the sections that it has. YAML takes no key twice, so what is there already is not printed again.
    """
    buttons = plugins.get("buttons") or {}
    if buttons.get("mappings"):
        lines = ["      # add below mappings: (in plugins.buttons)"]
    elif "buttons" in plugins:
        lines = ["    # add below buttons: (in plugins)", "    mappings:"]
    elif plugins:
        lines = ["  # add below plugins:", "  buttons:", "    mappings:"]
    else:
        lines = ["# add at the end", "plugins:", "  buttons:", "    mappings:"]
    for mapping in mappings:
        for place, (key, value) in enumerate(mapping.items()):
            lines.append(f"{'      - ' if place == 0 else '        '}{scalar(key)}: {_inline(value)}")
    return "\n".join(lines)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {_inline(inner)}" for key, inner in value.items()) + "}"
    return scalar(str(value))


def scalar(text: str) -> str:
    """The text as a scalar that every YAML reads as just this text; pure of what could steer a terminal."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(map(_sign, text)) + '"'


def _sign(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    code = ord(sign)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
