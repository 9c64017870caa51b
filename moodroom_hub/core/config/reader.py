"""YAML text to a tree with lines; everything odd becomes a finding and nothing is ever constructed."""

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Final

import yaml

from moodroom_hub.core.config.problems import Finding, KeyPath, Origin, is_unicode, printable
from moodroom_hub.core.config.tree import Node, plain_scalar

LARGEST_TEXT: Final = 256 * 1024
_DEEPEST: Final = 40
_MOST_NODES: Final = 20_000
_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq")
)

# What PyYAML says (by a piece of its text) and what helps a person. Its own texts are never passed on: some repeat
# a piece of the file, and that piece may be a password.
_SAYINGS: Final = (
    ("'\\t' that cannot start", "expected spaces; YAML is not indented with tabs"),
    ("that cannot start any token", "expected quotes round a text that begins with this sign"),
    ("undefined alias", "expected quotes round a text that begins with * (unquoted it names an anchor)"),
    ("duplicate anchor", "expected every anchor (&name) once"),
    ("expected alphabetic or numeric", "expected quotes round a text that begins with & or * or !"),
    ("tag", "expected quotes round a text that begins with !"),
    ("mapping values are not allowed", "a colon too many: check the indentation, quote a text that holds ': '"),
    ("could not find expected ':'", "expected a colon and a space after the key"),
    ("found another document", "expected one document; this --- begins a second"),
    ("end of stream", "a quote or bracket that is opened here is never closed"),
    ("expected ',' or ", "a comma is missing, or a bracket that is opened here is never closed"),
    ("<block end>", "the indentation does not fit the lines above, or a quote is missing"),
    ("expected the node content", "expected a value here"),
    ("unknown escape", "a backslash sequence that YAML does not know; single quotes keep backslashes"),
    ("nested too deeply", f"nested too deeply (more than {_DEEPEST} levels)"),
)
_PAIR: Final = re.compile(r"[\ud800-\udbff][\udc00-\udfff]")
_POINTS_TO_THE_OPENING: Final = ("end of stream", "expected ',' or ")


class _TooDeep(yaml.MarkedYAMLError):
    """Raised by the loader itself, before Python's own stack would give in."""


class _Loader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _TooDeep(problem="nested too deeply", problem_mark=self.get_mark())
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def decoded(content: bytes, name: str) -> tuple[str, list[Finding]]:
    """The text of a file's bytes: UTF-8, or UTF-16 where a byte order mark says so."""
    if len(content) > LARGEST_TEXT:
        return "", [Finding((), Origin(name), f"expected a file of at most {LARGEST_TEXT // 1024} KiB")]
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_wide else "utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = None if is_wide else content.count(b"\n", 0, error.start) + 1
        return "", [Finding((), Origin(name, line), "expected UTF-8 text; save the file as UTF-8")]


def read_yaml(text: str, origin: Callable[[int], Origin]) -> tuple[Node | None, list[Finding]]:
    """The tree of one YAML document, and what is wrong with it. ``origin(line)`` says who said a line.

    No tree where the text is no YAML at all. An empty text is a tree that holds ``None``.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > LARGEST_TEXT:
        return None, [Finding((), origin(1), f"expected at most {LARGEST_TEXT // 1024} KiB of text")]
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, [Finding((), origin(line), "a control character that YAML does not allow")]
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        return None, [_syntax_finding(error, origin)]
    except (ValueError, OverflowError):  # PyYAML's own slips, such as "\UFFFFFFFF" or a version of 5,000 digits
        line = loader.get_mark().line + 1
        return None, [Finding((), origin(line), "an escape or a number that YAML does not allow")]
    finally:
        loader.dispose()
    if root is None:
        return Node(None, origin(1)), []
    growth = _Growth(origin)
    tree = growth.node(root, (), origin(root.start_mark.line + 1))
    return tree, growth.findings


def _syntax_finding(error: yaml.MarkedYAMLError, origin: Callable[[int], Origin]) -> Finding:
    said = f"{error.context or ''} {error.problem or ''}"
    message = next((ours for theirs, ours in _SAYINGS if theirs in said), "this is not valid YAML")
    mark = error.problem_mark or error.context_mark
    if error.context_mark and any(piece in said for piece in _POINTS_TO_THE_OPENING):
        mark = error.context_mark
    return Finding((), origin(mark.line + 1 if mark else 1), message)


def _joined(text: str) -> str:
    """With whole characters for pairs of halves: JSON is YAML, and writes an emoji as two escapes."""
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


class _Growth:
    """Grows our tree from PyYAML's, with bounds, because aliases can make a small text a giant tree."""

    def __init__(self, origin: Callable[[int], Origin]) -> None:
        self._origin = origin
        self._count = 0
        self.findings: list[Finding] = []

    def node(self, node: yaml.Node, path: KeyPath, origin: Origin) -> Node:
        self._count += 1
        if self._count > _MOST_NODES:
            if self._count == _MOST_NODES + 1:  # once, and of the whole file: everything from here on is lost
                self._find((), origin, "aliases make this file too large")
            return Node(None, origin)
        if len(path) > _DEEPEST:
            self._find(path[:3], origin, "an alias must not hold itself, nor nest this deeply")
            return Node(None, origin)
        if node.tag not in _TAGS:
            self._find(path, origin, "expected no tag; a text that begins with ! needs quotes")
            return Node(None, origin)
        if isinstance(node, yaml.MappingNode):
            return Node(dict(self._items(node, path)), origin)
        if isinstance(node, yaml.SequenceNode):
            return Node([self.node(each, (*path, i), self._at(each)) for i, each in enumerate(node.value)], origin)
        if not isinstance(node, yaml.ScalarNode):
            return Node(None, origin)
        text = _joined(node.value)
        if not is_unicode(text):
            self._find(path, origin, "a character that is no valid Unicode")
            return Node(None, origin)
        is_plain = not node.style and not (node.tag.endswith(":str") and plain_scalar(text) != text)
        return Node(plain_scalar(text) if is_plain else text, origin)

    def _items(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, Node]]:
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            origin = self._at(key_node)
            line = key_node.start_mark.line + 1
            key = _joined(key_node.value) if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or not key or not is_unicode(key):
                self._find(path, origin, "expected a plain text as key")
            elif key_node.tag.endswith(":merge"):
                self._find((*path, key), origin, "expected no merge key; write the values out")
            elif key in lines:
                first = "the same line" if lines[key] == line else f"line {lines[key]}"
                self._find((*path, key), origin, f"expected every key once; it stands on {first} already")
            else:
                lines[key] = line
                yield key, self.node(value_node, (*path, key), origin)

    def _at(self, node: yaml.Node) -> Origin:
        return self._origin(node.start_mark.line + 1)

    def _find(self, path: KeyPath, origin: Origin, message: str) -> None:
        self.findings.append(Finding(path, origin, printable(message, 200)))
