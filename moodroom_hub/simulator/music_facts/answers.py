"""What the make-believe services send back, and the ways in which they may misbehave."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

HUGE_BYTES: Final = 5 * 1024 * 1024


class Mood(StrEnum):
    """How a service is today."""

    WELL = "well"
    DOWN = "down"
    """503 without a word."""
    BUSY = "busy"
    """503 with ``Retry-After: 120``."""
    GONE = "gone"
    """The connection breaks."""
    SLOW = "slow"
    """No answer for as long as anybody would wait."""
    GARBAGE = "garbage"
    """200 with something that is no JSON."""
    OTHER_SHAPE = "other_shape"
    """200 with JSON of another shape."""
    DEEP = "deep"
    """200 with JSON nested 100,000 deep."""
    HUGE = "huge"
    """200 with 5 MB."""
    HOSTILE = "hostile"
    """Answers as always, with addresses that point anywhere."""


@dataclass(frozen=True, slots=True)
class FactsAnswer:
    """An answer. ``drop``: the client waits in vain (``hang``), or the connection breaks (``reset``)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    drop: Literal["hang", "reset"] | None = None


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> FactsAnswer:
    """An answer with a JSON body."""
    body = json.dumps(value).encode()
    return FactsAnswer(status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, body)


_JSON: Final = {"Content-Type": "application/json"}
_MOODS: Final = {
    Mood.DOWN: FactsAnswer(503, {"Content-Type": "text/html"}, b"<h1>Service Unavailable</h1>"),
    Mood.BUSY: FactsAnswer(503, {"Retry-After": "120", **_JSON}, b'{"error": "busy"}'),
    Mood.GONE: FactsAnswer(500, drop="reset"),
    Mood.SLOW: FactsAnswer(500, drop="hang"),
    Mood.GARBAGE: FactsAnswer(200, _JSON, b"\xff\xfe<html>not what you think"),
    Mood.OTHER_SHAPE: FactsAnswer(200, _JSON, b'[{"recordings": {"data": 7}}]'),
    Mood.DEEP: FactsAnswer(200, _JSON, b'{"recordings":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
}


def moody_answer(mood: Mood) -> FactsAnswer | None:
    """What is sent whatever was asked; ``None`` where the question counts."""
    if mood is Mood.HUGE:
        return FactsAnswer(200, _JSON, b'{"recordings": [], "data": [], "padding": "' + b"x" * HUGE_BYTES + b'"}')
    return _MOODS.get(mood)


def has_named_agent(headers: Mapping[str, str]) -> bool:
    """Whether the ``User-Agent`` names an application and whom to write to, as MusicBrainz asks: ``App/1 ( me@x )``."""
    agent = {name.lower(): value for name, value in headers.items()}.get("user-agent", "").strip()
    name, has_slash, rest = agent.partition("/")
    version, _, contact = rest.partition(" ")
    is_contact = contact.startswith("( ") and contact.endswith(" )") and ("@" in contact or "://" in contact)
    is_library = name.lower().startswith(("python", "aiohttp", "curl", "java", "mozilla"))
    return bool(has_slash and name and version and is_contact and not is_library)
