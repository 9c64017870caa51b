"""Writes ``docs/events.md`` from the events themselves: ``python -m tests.docs_of_events``."""

import dataclasses
import inspect
import types
import typing
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from moodroom_hub.core.events import EVENT_TYPES, Event

PAGE = Path(__file__).resolve().parent.parent / "docs" / "events.md"

HEAD = """\
# Events

Written from the code by `python -m tests.docs_of_events`; a test compares the two.

Everything that happens is told as one of these events. An event is first written to the database, then told to the
plugins, one event at a time and per zone in order. After a crash it may be told again, with the same `id`: whoever
hears events is idempotent by `id`. On a skip or a completion the verdict comes first, then `TRACK_CHANGED`.

Python code gets frozen dataclasses of `moodroom_hub.core.events`; MQTT and Server-Sent Events carry the name in
capitals. Times (`..._ms` with type `EpochMs`) are milliseconds since the Unix epoch by the hub's clock, durations and
positions (`DurationMs`) are milliseconds. Names of songs, artists and albums are whatever somebody once typed: data,
never markup.

Every event has these fields:

"""


def type_name(kind: Any) -> str:
    """A type as people write it."""
    if kind is type(None):
        return "None"
    arguments = typing.get_args(kind)
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return " | ".join(type_name(argument) for argument in arguments)
    if arguments:
        inner = ", ".join("..." if argument is Ellipsis else type_name(argument) for argument in arguments)
        return f"{type_name(typing.get_origin(kind))}[{inner}]"
    return str(kind.__name__)


def parts_of(kind: Any) -> Iterator[type]:
    """The dataclasses and enums that a type is made of."""
    for argument in typing.get_args(kind):
        yield from parts_of(argument)
    if inspect.isclass(kind) and (dataclasses.is_dataclass(kind) or issubclass(kind, Enum)):
        yield kind


def doc_of(kind: Any) -> str:
    """A docstring as Markdown, and nothing of what ``dataclass`` makes up."""
    text = inspect.cleandoc(kind.__doc__ or "")
    assert text, f"{kind.__name__} has no docstring"
    assert not text.startswith(f"{kind.__name__}("), f"{kind.__name__} has no docstring of its own"
    return text.replace("``", "`")


def fields_of(kind: Any, without: frozenset[str] = frozenset()) -> str:
    """The fields as a table; empty where there are none."""
    fields = [field for field in dataclasses.fields(kind) if field.name not in without]
    if not fields:
        return ""
    rows = ["| field | type |", "|---|---|"]
    for field in fields:
        name = type_name(field.type).replace("|", "\\|")
        rows.append(f"| `{field.name}` | `{name}` |")
    return "\n".join(rows) + "\n"


def render() -> str:
    """The whole page."""
    common = frozenset(field.name for field in dataclasses.fields(Event))
    page = HEAD + fields_of(Event)
    seen: dict[type, None] = {}
    for wire_name, kind in EVENT_TYPES.items():
        page += f"\n## `{wire_name}`\n\n`{kind.__name__}`: {doc_of(kind)}\n"
        if table := fields_of(kind, common):
            page += f"\n{table}"
        for field in dataclasses.fields(kind):
            seen.update(dict.fromkeys(parts_of(field.type)))
    page += "\n## What the fields are made of\n"
    waiting = list(seen)
    while waiting:
        part = waiting.pop(0)
        page += f"\n### `{part.__name__}`\n\n{doc_of(part)}\n\n"
        if issubclass(part, Enum):
            page += "One of " + ", ".join(f"`{member.value}`" for member in part) + ".\n"
            continue
        page += fields_of(part)
        for field in dataclasses.fields(part):  # type: ignore[arg-type]  # parts_of gives dataclasses and enums only
            new = [inner for inner in parts_of(field.type) if inner not in seen]
            seen.update(dict.fromkeys(new))
            waiting.extend(dict.fromkeys(new))
    return page


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
