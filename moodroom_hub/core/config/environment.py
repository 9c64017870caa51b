"""Overrides from the environment: ``MOODROOM_<SECTION>__<KEY>``, deeper keys after further double underscores.

How names are matched: without regard to case; a dash in a key may be written as an underscore
(``MOODROOM_ROOMS__LATE_NIGHT__NAME``); in a list an index picks an item. How values are read: an empty one counts as
not set, ``null`` is none; where a list or a mapping has its place, ``[a, b]`` and ``{key: value}`` are read as YAML
and ``a, b`` is a list too; everything else is the text as it stands.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from moodroom_hub.core.config.problems import Finding, KeyPath, Origin, closest, did_you_mean, is_unicode
from moodroom_hub.core.config.reader import read_yaml
from moodroom_hub.core.config.secret import referred_variable
from moodroom_hub.core.config.shape import Shape
from moodroom_hub.core.config.tree import Node

PREFIX: Final = "MOODROOM_"
NOT_OVERRIDES: Final = frozenset({"MOODROOM_CONFIG", "MOODROOM_DATA", "MOODROOM_LOG_FORMAT", "MOODROOM_NO_SKIPS"})


@dataclass(frozen=True, slots=True)
class Override:
    """One variable that sets one key. ``parts`` are the pieces of its name, ``text`` its value."""

    name: str
    parts: tuple[str, ...]
    text: str

    @property
    def origin(self) -> Origin:
        """The variable, as the one who said the value."""
        return Origin(self.name, is_environment=True)


def overrides(
    environ: Mapping[str, str], spared: Collection[str], known: Iterable[str]
) -> tuple[list[Override], list[Finding]]:
    """Every override in ``environ``, and the names with our prefix that cannot be one.

    ``spared`` are variables that the configuration itself refers to; ``known`` names that a misspelt one may mean.
    """
    found: list[Override] = []
    findings: list[Finding] = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in NOT_OVERRIDES or name in spared:
            continue
        override = Override(name, tuple(name.removeprefix(PREFIX).lower().split("__")), environ[name])
        if len(override.parts) < 2 or not all(override.parts) or not is_unicode(name):
            meant = closest(name, [*known, *NOT_OVERRIDES], cutoff=0.75)
            message = f"expected a name such as {PREFIX}<SECTION>__<KEY>, or another prefix for what is not ours"
            findings.append(Finding((), override.origin, message, did_you_mean(meant)))
        elif not is_unicode(override.text):
            findings.append(Finding((), override.origin, "expected UTF-8 text"))
        elif override.text:
            found.append(override)
    found.sort(key=lambda override: len(override.parts))  # a whole room first, then its keys
    return found, findings


def lay_over(root: Node, shape: Shape, laid: Iterable[Override], skip: int = 0) -> list[Finding]:
    """Write overrides into the tree; gives what could not be written.

    ``skip`` leading parts are no keys of this tree (a plugin's section is a tree of its own). What the shape has no
    room for is written too where a mapping stands, so that it is reported as any unknown key is.
    """
    findings: list[Finding] = []
    seen: dict[KeyPath, str] = {}
    for override in laid:
        outcome = _lay(root, shape, override, override.parts[skip:])
        if isinstance(outcome, Finding):
            findings.append(outcome)
        elif outcome in seen:
            message = f"expected every key once; {seen[outcome]} sets the same one"
            findings.append(Finding(outcome, override.origin, message))
        else:
            seen[outcome] = override.name
    return findings


def _lay(root: Node, shape: Shape, override: Override, parts: tuple[str, ...]) -> KeyPath | Finding:
    node = root
    path: KeyPath = ()
    for part in parts:
        step = _step(node, shape, part, is_room=path == ("rooms",))
        inner = shape.child(step)
        is_last = len(path) + 1 == len(parts)
        if path == ("rooms",) and isinstance(node.value, dict) and step not in node.value and not is_last:
            return _no_such_room(override, (*path, step), node)
        path = (*path, step)
        if not is_last and inner.kinds and not (inner.is_mapping or inner.is_list or inner.is_open):
            return Finding(path, override.origin, "expected a name that ends here; this key holds no further keys")
        value = _value(override, inner) if is_last else _room_for_more(node.child(step), inner, override)
        if isinstance(value, Finding):
            return Finding((*path, *value.path), value.origin, value.message)
        if value is None or not _put(node, step, value):
            return Finding(path, override.origin, "expected a key that has its place here; something else stands there")
        node, shape = value, inner
    return path


def _step(node: Node, shape: Shape, part: str, is_room: bool) -> str | int:
    """The key or index that a piece of a name means here."""
    if part.isascii() and part.isdigit() and (isinstance(node.value, list) or (shape.is_list and not shape.is_mapping)):
        return int(part[:6])
    present = list(node.value) if isinstance(node.value, dict) else []
    for key in [*shape.names, *present]:
        if key.lower().replace("-", "_") == part.replace("-", "_"):
            return key
    return part.replace("_", "-") if is_room else part


def _room_for_more(present: Node | None, shape: Shape, override: Override) -> Node | None:
    """The mapping or list to go on in, made where nothing stands yet; ``None`` where something else stands."""
    if present is None or present.value is None:
        return Node([] if shape.is_list and not shape.is_mapping else {}, override.origin)
    return present if isinstance(present.value, (dict, list)) else None


def _put(node: Node, step: str | int, value: Node) -> bool:
    """Whether it could be put: a key into a mapping, an index into a list, at most one beyond its end."""
    if isinstance(node.value, dict) and isinstance(step, str):
        node.value[step] = value
        return True
    if isinstance(node.value, list) and isinstance(step, int) and step <= len(node.value):
        node.value[step : step + 1] = [value]
        return True
    return False


def _value(override: Override, shape: Shape) -> Node | Finding:
    text, origin = override.text, override.origin
    if text == "null":
        return Node(None, origin)
    if not (shape.is_mapping or shape.is_list or shape.is_open):
        return Node(text, origin)
    if text.lstrip().startswith(("[", "{")):
        node, findings = read_yaml(text, lambda _line: origin)
        if not findings and node is not None:
            return node
        if not shape.is_open:
            return findings[0]
    elif shape.is_list:
        return Node([Node(item.strip(), origin) for item in text.split(",") if item.strip()], origin)
    return Node(text, origin)


def _no_such_room(override: Override, path: KeyPath, rooms: Node) -> Finding:
    known = list(rooms.value) if isinstance(rooms.value, dict) else []
    meant = closest(str(path[-1]), known)
    named = environment_name(("rooms", meant, *override.parts[2:])) if meant else None
    message = "no such room; the file makes rooms, single variables only change them"
    return Finding(path, override.origin, message, did_you_mean(named))


def environment_name(path: Iterable[str | int]) -> str:
    """The variable that overrides the key at ``path``."""
    return PREFIX + "__".join(str(step).upper().replace("-", "_") for step in path)


def known_names(shape: Shape, path: KeyPath = ()) -> Iterator[str]:
    """The variables for every key that the models name, for did-you-means."""
    for key in shape.names:
        inner = shape.child(key)
        if path:
            yield environment_name((*path, key))
        if inner.names:
            yield from known_names(inner, (*path, key))


def references_of(trees: Iterable[Node], environ: Mapping[str, str]) -> frozenset[str]:
    """The variables that any text of the configuration, or an override, refers to."""
    texts = [text for tree in trees for text in tree.strings()]
    texts += [text for name, text in environ.items() if name.startswith(PREFIX)]
    return frozenset(name for text in texts if (name := referred_variable(text)))
