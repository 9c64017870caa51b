"""What a payload says: as plain text, or at a path inside its JSON. Pure; hostile payloads say nothing."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

LARGEST_BYTES: Final = 64 * 1024
"""No button says more than this."""
_DEEPEST: Final = 16
_MOST_DIGITS: Final = 6
_STEP: Final = re.compile(
    r"""
    \["(?P<quoted>(?:[^"\\]|\\.)+)"\]        # ["a key with . or [ ]"]
    | \[(?P<index>[0-9]+|\*)\]               # [0] or [*]
    | (?P<dot>\.?)(?P<key>[^.\[\]"*]+|\*)    # .key, .0 or .*
    """,
    re.VERBOSE,
)
_PLAIN_KEY: Final = re.compile(r'[^.\[\]"*]+')

Path = tuple[str, ...]
"""The steps of a path: keys; numbers count in lists; ``*`` is every item."""

EVERY: Final = "*"


class NoPath(ValueError):
    """The text is no path; says what is expected."""


def parse_path(text: str) -> Path:
    """``params.events[0].event``, ``params.events.0.event`` or ``params.events.*.event`` as steps.

    A key with dots or brackets stands as ``["a.b"]``. Raises ``NoPath``.
    """
    steps: list[str] = []
    at = 0
    while found := _STEP.match(text, at):
        if found["key"] is not None and bool(found["dot"]) is (at == 0):
            break  # a dot before the first step, or none before a later one
        quoted = found["quoted"]
        steps.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else found["index"] or found["key"])
        at = found.end()
    if not steps or at != len(text):
        raise NoPath("expected a path such as action, params.events[0].event or params.events.*.event")
    if len(steps) > _DEEPEST:
        raise NoPath(f"expected a path of at most {_DEEPEST} steps")
    return tuple(steps)


def format_path(steps: Path) -> str:
    """The path as text; ``parse_path`` gives the steps back."""
    text = ""
    for step in steps:
        if _PLAIN_KEY.fullmatch(step) or step == EVERY:
            text += f".{step}" if text else step
        else:
            escaped = re.sub(r'(["\\])', r"\\\1", step)
            text += f'["{escaped}"]'
    return text


def select(document: Any, path: Path) -> Iterator[Any]:
    """Everything that stands at ``path``, in the document's order; nothing where it leads nowhere."""
    if not path:
        yield document
        return
    step, rest = path[0], path[1:]
    if isinstance(document, dict):
        inner = list(document.values()) if step == EVERY else [document[step]] if step in document else []
    elif isinstance(document, list):
        if step == EVERY:
            inner = document
        else:
            is_index = step.isascii() and step.isdigit() and len(step) <= _MOST_DIGITS
            inner = document[int(step) :][:1] if is_index else []
    else:
        return
    for child in inner:
        yield from select(child, rest)


def text_of(payload: bytes) -> str | None:
    """The payload as plain text without spaces around it; ``None`` where it is empty, ``null``, huge or no text."""
    if len(payload) > LARGEST_BYTES:
        return None
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        return None
    return text if text not in ("", "null") else None


def document_of(payload: bytes) -> Any:
    """The payload's JSON as Python has it; ``None`` where it is none (or ``null``, or huge)."""
    if len(payload) > LARGEST_BYTES:
        return None
    try:
        return json.loads(payload.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):  # no text, no JSON, numbers of 5,000 digits, a thousand brackets
        return None


def scalar_text(value: Any) -> str | None:
    """A JSON scalar as a mapping writes it (``true``, ``1``, ``single``); ``None`` for empty texts and all else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def words_at(payload: bytes, path: Path | None) -> list[str]:
    """What the payload says at ``path`` (``None``: the payload itself), each as text; nothing where it says nothing."""
    if path is None:
        text = text_of(payload)
        return [] if text is None else [text]
    found = (scalar_text(value) for value in select(document_of(payload), path))
    return [text for text in found if text is not None]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
