"""The rooms of a configuration before they are checked: the defaults filled in, clashes of names found."""

import unicodedata
from collections.abc import Iterator, Mapping
from copy import deepcopy

from moodroom_hub.core.config.default_rooms import DEFAULT_ROOMS
from moodroom_hub.core.config.fields import slugged
from moodroom_hub.core.config.problems import Finding, Origin
from moodroom_hub.core.config.tree import Node, grown

_DEFAULT = Origin("the default rooms")


def with_default_rooms(root: Mapping[str, Node]) -> dict[str, Node]:
    """The top of the tree with its rooms complete, in the file's order.

    No ``rooms``, or nothing under it: the six defaults. Else exactly the rooms that it names; one with a default's
    slug takes over from the default what it leaves out.
    """
    rooms = root.get("rooms")
    defaults = grown(DEFAULT_ROOMS, _DEFAULT)
    if rooms is None or rooms.value is None:
        return {**root, "rooms": defaults}
    if isinstance(rooms.value, dict):
        for slug, room in rooms.value.items():
            default = defaults.child(slug)
            if default is not None:
                _fill(room, default)
    return dict(root)


def name_rooms(rooms: Node | None) -> None:
    """Give every room without a name the name that its slug suggests (``late-night``: Late Night)."""
    for slug, room in _rooms(rooms):
        if isinstance(room.value, dict) and "name" not in room.value:
            room.value["name"] = Node(slug.replace("-", " ").title(), room.origin)
        elif room.value is None:
            room.value = {"name": Node(slug.replace("-", " ").title(), room.origin)}


def clashes(rooms: Node | None) -> Iterator[Finding]:
    """One finding for each room whose name a person, or a voice, could not tell from an earlier room's."""
    first: dict[str, str] = {}
    for slug, room in _rooms(rooms):
        name = room.child("name")
        if name is None or not isinstance(name.value, (str, int, float)) or not str(name.value).strip():
            continue
        folded = slugged(str(name.value)) or unicodedata.normalize("NFKC", str(name.value)).casefold().strip()
        if folded in first:
            message = f"expected a name of its own; rooms.{first[folded]} is called the same"
            origin = room.origin if name.origin == _DEFAULT else name.origin
            yield Finding(("rooms", slug, "name"), origin, message)
        first.setdefault(folded, slug)


def _fill(given: Node, default: Node) -> None:
    """Put into ``given`` what only ``default`` has; a mapping that is null takes everything."""
    if given.value is None:
        given.value = deepcopy(default.value)
    elif isinstance(given.value, dict) and isinstance(default.value, dict):
        for key, inherited in default.value.items():
            present = given.value.get(key)
            if present is None:
                given.value[key] = deepcopy(inherited)
            elif isinstance(inherited.value, dict) and present.value is not None:
                _fill(present, inherited)


def _rooms(rooms: Node | None) -> list[tuple[str, Node]]:
    return list(rooms.value.items()) if rooms is not None and isinstance(rooms.value, dict) else []
