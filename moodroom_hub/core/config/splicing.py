"""Changing a room's words inside the owner's YAML: new text goes in at its place, every other sign stays as it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import yaml

from moodroom_hub.core.config.rendering import STEP, Style, Value, Words
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.domain.models import Anchor

NOTE: Final = "# Every room is named here, because a file that names rooms has no others."


class CannotSplice(MoodroomError):
    """The text is written in a way that cannot be kept; the message says the mend."""


@dataclass(frozen=True, slots=True)
class Change:
    """One key's new words, and the ones that its items in the file stand for."""

    old: Words
    new: Words


def spliced(text: str, slug: str, changes: Mapping[str, Change], rooms: Sequence[str]) -> str:
    """``text`` with the room's keys changed. ``rooms``: all slugs, written out where the text names no rooms.

    ``text`` is a configuration that loads. Raises ``CannotSplice``; the caller checks that the result means what it
    should.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    newline = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    new = {key: change.new for key, change in changes.items()}
    whole = {each: new if each == slug else None for each in rooms}
    if not isinstance(root, yaml.MappingNode):
        return _appended(text, Style(newline=newline), whole, indent=0)
    edits = _Edits(text, Style(is_json=_is_json(root), newline=newline))
    found = _pair(root, "rooms")
    if found is None and not root.flow_style:
        return _appended(text, edits.style, whole, indent=root.start_mark.column)
    rooms_node = found[1] if found else None
    if found is None or not isinstance(rooms_node, yaml.MappingNode):
        edits.put(root, "rooms", whole)
        return edits.applied()
    place = _pair(rooms_node, slug)
    if place is None:
        raise CannotSplice(f"the room {slug} does not stand in the file")
    _refuse_aliases(text, found[0], rooms_node, place)
    room = place[1]
    if not isinstance(room, yaml.MappingNode):
        edits.put(rooms_node, slug, new)
        return edits.applied()
    missing = [key for key in changes if _pair(room, key) is None]
    for key, change in changes.items():  # what stands there first: a new key goes behind all that is added to it
        if key not in missing:
            edits.change(room, key, change)
    edits.add(room, {key: changes[key].new for key in missing})
    return edits.applied()


def with_key(text: str, path: Sequence[str], value: str) -> str:
    """``text``, a configuration that loads, with the key at ``path`` set; every other sign stays."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    newline = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    if not isinstance(root, yaml.MappingNode):
        style = Style(newline=newline)
        return text + _gap(text, style) + style.lines(path[0], _nested(path[1:], value), 0)
    edits = _Edits(text, Style(is_json=_is_json(root), newline=newline))
    node = root
    for depth, key in enumerate(path):
        found = _pair(node, key)
        inner = found[1] if found else None
        if not isinstance(inner, yaml.MappingNode):
            edits.put(node, key, _nested(path[depth + 1 :], value))
            break
        node = inner
    return edits.applied()


def with_rooms(text: str, drop: Collection[str], add: Mapping[str, Value], rooms: Sequence[str]) -> str:
    """``text`` without the rooms of ``drop`` and with those of ``add``. ``rooms``: all slugs, as in ``spliced``."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    newline = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    whole: dict[str, Value] = {**{each: None for each in rooms if each not in drop}, **add}
    if not isinstance(root, yaml.MappingNode):
        return _appended(text, Style(newline=newline), whole, indent=0)
    edits = _Edits(text, Style(is_json=_is_json(root), newline=newline))
    found = _pair(root, "rooms")
    if found is None and not root.flow_style:
        return _appended(text, edits.style, whole, indent=root.start_mark.column)
    node = found[1] if found else None
    if not isinstance(node, yaml.MappingNode) or all(key.value in drop for key, _ in node.value):
        edits.put(root, "rooms", whole)
        return edits.applied()
    edits.drop(node, drop)
    edits.add(node, add)
    return edits.applied()


def _nested(path: Sequence[str], value: str) -> Value:
    return {path[0]: _nested(path[1:], value)} if path else value


def _gap(text: str, style: Style) -> str:
    return "" if not text else style.newline if text.endswith("\n") else style.newline * 2


def _appended(text: str, style: Style, rooms: Mapping[str, Value], indent: int) -> str:
    return text + _gap(text, style) + " " * indent + NOTE + style.newline + style.lines("rooms", rooms, indent)


def _is_json(root: yaml.MappingNode) -> bool:
    return bool(root.flow_style) and (not root.value or root.value[0][0].style == '"')


def _pair(mapping: yaml.MappingNode, key: str) -> tuple[yaml.ScalarNode, yaml.Node] | None:
    for name, value in mapping.value:
        if isinstance(name, yaml.ScalarNode) and name.value == key:
            return name, value
    return None


def _refuse_aliases(
    text: str, rooms_key: yaml.Node, rooms: yaml.MappingNode, place: tuple[yaml.ScalarNode, yaml.Node]
) -> None:
    """Where a room's text is shared with another place, a change here would change that one as well."""
    begin = place[0].start_mark.index
    later = [key.start_mark.index for key, _value in rooms.value if key.start_mark.index > begin]
    end = min(later, default=rooms.end_mark.index)
    shared = [
        token.start_mark
        for token in yaml.scan(text, Loader=yaml.SafeLoader)
        if isinstance(token, (yaml.AnchorToken, yaml.AliasToken))
    ]
    inside = next((mark for mark in shared if begin <= mark.index < end), None)
    if inside is None and rooms.start_mark.index > rooms_key.end_mark.index:
        return
    line = (inside or rooms_key.end_mark).line + 1
    raise CannotSplice(f"line {line} shares its text by & and * with another place; write the room out in full")


@dataclass(slots=True)
class _Edits:
    """Replacements in ``text``, collected and then made at once."""

    text: str
    style: Style
    made: list[tuple[int, int, int, str]] = field(default_factory=list)

    def replace(self, start: int, end: int, new: str) -> None:
        """Of several at one place the first asked for comes first."""
        self.made.append((start, end, len(self.made), new))

    def applied(self) -> str:
        """The text with all of them."""
        text = self.text
        for start, end, _order, new in sorted(self.made, key=lambda edit: (edit[0], edit[2]), reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def put(self, mapping: yaml.MappingNode, key: str, value: Value) -> None:
        """Set ``key``, which is missing, or whose value is replaced as a whole."""
        found = _pair(mapping, key)
        if found is None:
            self.add(mapping, {key: value})
            return
        name, node = found
        start, end = node.start_mark.index, self.end_of(node)
        is_block = not mapping.flow_style and isinstance(value, (Mapping, tuple)) and bool(value)
        if isinstance(value, (Mapping, tuple)) and is_block:
            self.replace(len(self.text[:start].rstrip(" ")) if end > start else start, end, "")
            self._after_line(end, self.style.below(value, name.start_mark.column + STEP))
            return
        gap = "" if end > start else " " if ":" in self.text[name.end_mark.index : start] else ": "
        self.replace(start, end, gap + self.style.inline(value))

    def add(self, mapping: yaml.MappingNode, new: Mapping[str, Value]) -> None:
        """Set keys that are missing, behind those that stand there."""
        if not new:
            return
        if not mapping.flow_style:
            indent = mapping.start_mark.column
            self._after_line(
                self.end_of(mapping), "".join(self.style.lines(key, value, indent) for key, value in new.items())
            )
            return
        pairs = [self.style.pair(key, value) for key, value in new.items()]
        opening = mapping.start_mark.index + 1
        if not mapping.value:
            self.replace(opening, opening, ", ".join(pairs))
            return
        separator = _separator(self.text[opening : mapping.value[0][0].start_mark.index])
        behind = self.end_of(mapping.value[-1][1])
        self.replace(behind, behind, "".join(separator + pair for pair in pairs))

    def drop(self, mapping: yaml.MappingNode, keys: Collection[str]) -> None:
        """Take keys out, each with its own lines; one at least stays."""
        pairs = mapping.value
        if not mapping.flow_style:
            for key, value in pairs:
                if key.value in keys:
                    start = key.start_mark.index - key.start_mark.column
                    self.replace(start, self._next_line(self.end_of(value)), "")
            return
        stays = [place for place, (key, _value) in enumerate(pairs) if key.value not in keys]
        for place in range(stays[-1]):
            if place not in stays:
                self.replace(pairs[place][0].start_mark.index, pairs[place + 1][0].start_mark.index, "")
        self.replace(self.end_of(pairs[stays[-1]][1]), self.end_of(pairs[-1][1]), "")

    def change(self, room: yaml.MappingNode, key: str, change: Change) -> None:
        """Set ``key``, which stands there; a list keeps the text of each item that stays."""
        found = _pair(room, key)
        assert found is not None
        name, node = found
        if not isinstance(node, yaml.SequenceNode) or isinstance(change.new, str) or isinstance(change.old, str):
            self.put(room, key, change.new)
            return
        stays = _staying(change.old, change.new) if len(node.value) == len(change.old) else []
        added = change.new[len(stays) :]
        if node.flow_style:
            self._inline_items(node, stays, added)
        else:
            self._line_items(name, node, stays, added)

    def end_of(self, node: yaml.Node) -> int:
        """Where a node's text ends, without what follows it (a comment, blank lines)."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self.end_of(last[1] if isinstance(node, yaml.MappingNode) else last)
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return start + len(self.text[start:end].rstrip())
        return int(end)

    def _inline_items(self, node: yaml.SequenceNode, stays: list[int], added: Sequence[str | Anchor]) -> None:
        opening, items = node.start_mark.index + 1, node.value
        new = [self.style.item(value) for value in added]
        if not stays:
            self.replace(opening, node.end_mark.index - 1, ", ".join(new))
            return
        separator = _separator(self.text[opening : items[0].start_mark.index])
        last = self.end_of(items[stays[-1]])
        self.replace(last, self.end_of(items[-1]), "".join(separator + each for each in new))
        for place in range(stays[-1]):
            if place not in stays:
                self.replace(items[place].start_mark.index, items[place + 1].start_mark.index, "")

    def _line_items(
        self, name: yaml.Node, node: yaml.SequenceNode, stays: list[int], added: Sequence[str | Anchor]
    ) -> None:
        """Each item owns its lines, and the comments above them down from the item before."""
        first = node.start_mark.index - node.start_mark.column
        ends = [self._next_line(self.end_of(item)) for item in node.value]
        for place, (start, end) in enumerate(zip([first, *ends], ends, strict=False)):
            if place not in stays:
                self.replace(start, end, "")
        if not stays and not added:
            colon = self.text.index(":", name.end_mark.index) + 1
            self.replace(colon, colon, " []")
        elif added:
            lines = self.style.items(added, node.start_mark.column)
            if ends[-1] == len(self.text) and not self.text.endswith("\n") and stays[-1:] == [len(ends) - 1]:
                lines = self.style.newline + lines
            self.replace(ends[-1], ends[-1], lines)

    def _next_line(self, index: int) -> int:
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found + 1

    def _after_line(self, index: int, lines: str) -> None:
        place = self._next_line(index)
        is_open = place == len(self.text) and not self.text.endswith("\n") and not any(e[0] == place for e in self.made)
        self.replace(place, place, (self.style.newline if is_open else "") + lines)


def _separator(lead: str) -> str:
    """What parts items in brackets: as ``lead``, the blanks behind the opening bracket, sets the first one off."""
    return f",{lead}" if "\n" in lead and not lead.strip() else ", "


def _staying(old: Sequence[str | Anchor], new: Sequence[str | Anchor]) -> list[int]:
    """The places of ``old`` whose items ``new`` begins with, in their order; none where the order differs."""
    stays: list[int] = []
    for value in new:
        place = next((at for at in range(stays[-1] + 1 if stays else 0, len(old)) if old[at] == value), None)
        if place is None:
            break
        stays.append(place)
    return stays
