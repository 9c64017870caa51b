"""A room's words as YAML text that every reader of YAML (or, in a JSON file, of JSON) reads back as they were."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from moodroom_hub.core.config.tree import plain_scalar
from moodroom_hub.domain.mining.models import Definition
from moodroom_hub.domain.models import Anchor

_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w '’.&()/+-]*[\w'’.)+])?")
_SWITCHES: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Plain, some readers of YAML take these for truths or nothing."""

STEP: Final = 2

Words = str | tuple[str, ...] | tuple[Anchor, ...]
Value = str | Sequence[str | Anchor] | Mapping[str, "Value"] | None
"""What a key can get: nothing, a text, a list of texts or anchors, or keys of its own."""


@dataclass(frozen=True, slots=True)
class Style:
    """How new text is written: ``is_json`` quotes everything; ``newline`` ends lines."""

    is_json: bool = False
    newline: str = "\n"

    def text(self, value: str) -> str:
        """One scalar, on one line."""
        if not self.is_json and _is_plain(value):
            return value
        quoted = json.dumps(value, ensure_ascii=False)
        return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in quoted)

    def key(self, name: str) -> str:
        """A key of ours, without its colon."""
        return json.dumps(name) if self.is_json else name

    def anchor(self, anchor: Anchor) -> str:
        """``{name: ..., artist: ...}``."""
        return f"{{{self.key('name')}: {self.text(anchor.name)}, {self.key('artist')}: {self.text(anchor.artist)}}}"

    def item(self, value: str | Anchor) -> str:
        """One item of a list, on one line."""
        return self.anchor(value) if isinstance(value, Anchor) else self.text(value)

    def inline(self, value: Value) -> str:
        """A value on one line."""
        if value is None:
            return "null"
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return f"{{{', '.join(self.pair(key, inner) for key, inner in value.items())}}}"
        return f"[{', '.join(map(self.item, value))}]"

    def pair(self, key: str, value: Value) -> str:
        """A key with its value, on one line, for a mapping in braces."""
        return f"{self.key(key)}: {self.inline(value)}"

    def lines(self, key: str, value: Value, indent: int) -> str:
        """A key with its value as whole lines; a list gets a line for each item."""
        head = f"{' ' * indent}{self.key(key)}:"
        if value is None:
            return head + self.newline
        if isinstance(value, str) or not value:
            return f"{head} {self.inline(value)}{self.newline}"
        return head + self.newline + self.below(value, indent + STEP)

    def below(self, value: Mapping[str, Value] | Sequence[str | Anchor], indent: int) -> str:
        """What stands under a key, as whole lines."""
        if isinstance(value, Mapping):
            return "".join(self.lines(key, inner, indent) for key, inner in value.items())
        return self.items(value, indent)

    def items(self, values: Sequence[str | Anchor], indent: int) -> str:
        """A list's items as whole lines."""
        return "".join(f"{' ' * indent}- {self.item(value)}{self.newline}" for value in values)


def words_of(definition: Definition) -> dict[str, Words]:
    """The three keys of a room that calibrating rewrites, in the order of a file."""
    return {"description": definition.description, "anchors": definition.anchors, "avoid": definition.avoid}


def _is_plain(value: str) -> bool:
    return (
        len(value) < 200
        and _PLAIN.fullmatch(value) is not None
        and value.isprintable()
        and value.casefold() not in _SWITCHES
        and plain_scalar(value) == value
    )
