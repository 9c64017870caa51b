"""From what was said to what is validated: references resolved, secrets wrapped, relative paths anchored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from moodroom_hub.core.config.problems import Finding, KeyPath, dotted
from moodroom_hub.core.config.secret import BrokenReference, SecretText, anchored, is_reference, look_up
from moodroom_hub.core.config.shape import Shape
from moodroom_hub.core.config.tree import Node

_SOUNDS_SECRET: Final = re.compile(r"password|passphrase|secret|token|api_?key|credential", re.IGNORECASE)


@dataclass(slots=True)
class Preparation:
    """One walk through a tree along a model's shape.

    Relative paths count from ``base``. After ``plain``: ``findings`` are the references that lead nowhere,
    ``hidden`` the texts that must never be repeated, ``references`` what stood where a reference was resolved.
    """

    environ: Mapping[str, str]
    base: Path
    findings: list[Finding] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    references: dict[KeyPath, str] = field(default_factory=dict)

    def plain(self, node: Node, shape: Shape, path: KeyPath = ()) -> Any:
        """The tree as plain dicts, lists and scalars, fit for the model."""
        value = node.value
        if isinstance(value, dict):
            return {key: self.plain(child, shape.child(key), (*path, key)) for key, child in value.items()}
        if isinstance(value, list):
            return [self.plain(child, shape.child(i), (*path, i)) for i, child in enumerate(value)]
        if value is None and not shape.may_be_null:
            # A section whose every key is commented out reads as null and means: nothing changed.
            return {} if shape.is_mapping else [] if shape.is_list else None
        if shape.is_secret and isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return self._secret(str(value), node, path)
        if value not in (None, "") and (shape.is_masked or sounds_secret(path)):
            self.hidden.add(str(value))
        return self._text(value, node, shape, path) if isinstance(value, str) else value

    def _secret(self, text: str, node: Node, path: KeyPath) -> SecretText | str:
        if not text.strip():
            return text  # the model says what is wrong with it
        if not is_reference(text):
            self.hidden.add(text)
        return SecretText(anchored(text, self.base), where=str(node.origin), key=dotted(path))

    def _text(self, text: str, node: Node, shape: Shape, path: KeyPath) -> str:
        if is_reference(text):
            try:
                resolved = look_up(anchored(text, self.base), self.environ)
            except BrokenReference as error:
                self.findings.append(Finding(path, node.origin, str(error)))
                return text
            self.references[path] = text
            self.hidden.add(resolved)
            text = resolved
        return self._anchored_path(text) if shape.is_path else text

    def _anchored_path(self, text: str) -> str:
        try:
            return str(self.base / Path(text).expanduser()) if text else text
        except RuntimeError:  # a home folder of nobody; the model says so
            return text


def sounds_secret(path: KeyPath) -> bool:
    """Whether a key by this name probably holds a secret, whatever its model says."""
    return any(isinstance(step, str) and _SOUNDS_SECRET.search(step) for step in path)
