"""What was said and by whom: a tree of values that each know their file and line, or their environment variable."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from moodroom_hub.core.config.problems import KeyPath, Origin

Scalar = str | int | float | bool | None

_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER: Final = re.compile(r"-?[0-9][0-9.e+-]{0,30}")
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTHS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


@dataclass(slots=True)
class Node:
    """A value and who said it. Mappings and lists hold nodes; everything else is a scalar."""

    value: "Scalar | dict[str, Node] | list[Node]"
    origin: Origin

    def child(self, step: str | int) -> "Node | None":
        """The node under a key or at an index, or ``None``."""
        if isinstance(self.value, dict) and isinstance(step, str):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int) and 0 <= step < len(self.value):
            return self.value[step]
        return None

    def strings(self) -> Iterator[str]:
        """Every text in the tree, keys left out."""
        if isinstance(self.value, str):
            yield self.value
        elif isinstance(self.value, dict):
            for child in self.value.values():
                yield from child.strings()
        elif isinstance(self.value, list):
            for child in self.value:
                yield from child.strings()

    def plain(self) -> Any:
        """The value as plain dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


def plain_scalar(text: str) -> Scalar:
    """An unquoted text as YAML 1.2 reads it: ``null``, ``true``, ``false`` and numbers are not texts.

    Of YAML 1.1's traps none: ``NO``, ``on`` and ``1:30`` are texts. A number that would be spelled otherwise when
    written again (``007``, ``1.10``) also stays a text, so that no password loses a digit.
    """
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _INTEGER.fullmatch(text) and text != "-0":
        return int(text)
    if _NUMBER.fullmatch(text):
        try:
            number = float(text)
        except ValueError:
            return text
        return number if repr(number) == text else text
    return text


def grown(value: Any, origin: Origin) -> Node:
    """Plain dicts, lists and scalars as a tree that all comes from ``origin``."""
    if isinstance(value, Mapping):
        return Node({str(key): grown(child, origin) for key, child in value.items()}, origin)
    if isinstance(value, (list, tuple)):
        return Node([grown(child, origin) for child in value], origin)
    return Node(value, origin)


def nearest(root: Node, path: KeyPath) -> Node:
    """The deepest node on the way along ``path``."""
    node = root
    for step in path:
        child = node.child(step)
        if child is None:
            break
        node = child
    return node
