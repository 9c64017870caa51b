"""Requests to the make-believe model server, as a client would write them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from moodroom_hub.simulator.model_api import MODEL_ID, FakeModel, ModelAnswer

CHAT = "/v1/chat/completions"
JSON_HEADERS = {"Content-Type": "application/json"}
SLUGS = ("late-night", "house", "rage")


def room(slug: str, **lists: Any) -> dict[str, Any]:
    """A room's definition."""
    return {"room": slug, "name": slug.title(), "description": f"As {slug} is.", "anchors": [], "avoid": [], **lists}


def track(identity: str, name: str | None = None, artist: str = "Nobody") -> dict[str, Any]:
    """A track that no catalogue holds, unless its name says so."""
    return {
        "id": identity,
        "name": name or f"Made Up {identity}",
        "artists": [artist],
        "album": "Made Up",
        "year": 2011,
    }


def tracks(count: int) -> list[dict[str, Any]]:
    """``t0``, ``t1``..."""
    return [track(f"t{number}") for number in range(count)]


def place(asked: Iterable[Mapping[str, Any]], rooms: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """A task to place these tracks."""
    definitions = [room(slug) for slug in SLUGS] if rooms is None else list(rooms)
    return {"task": "place", "rooms": definitions, "tracks": list(asked)}


def audit(slug: str, asked: Iterable[Mapping[str, Any]], **lists: Any) -> dict[str, Any]:
    """A task to audit a room."""
    return {"task": "audit", "room": room(slug, **lists), "tracks": list(asked)}


def suggest(slug: str, safe_side: int, discovery: int, **more: Any) -> dict[str, Any]:
    """A task to suggest songs for a room."""
    counts = {"safe_side": safe_side, "discovery": discovery}
    return {"task": "suggest", "room": room(slug), "proven": [], "known": [], **counts, **more}


def chat(document: Any, **more: Any) -> dict[str, Any]:
    """A whole request with this document as the user's message."""
    messages = [
        {"role": "system", "content": "You sort songs. Answer in JSON."},
        {"role": "user", "content": json.dumps(document)},
    ]
    return {"model": MODEL_ID, "messages": messages, **more}


def schema_format(schema: Any, strict: bool = True) -> dict[str, Any]:
    """A ``response_format`` with this schema."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": strict, "schema": schema}}


def an_object(**properties: Any) -> dict[str, Any]:
    """A schema of an object as strict mode wants it."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXT = {"type": "string"}
NUMBER = {"type": "number"}
PLACED = an_object(room={"type": "string", "enum": [*SLUGS]}, confidence=NUMBER, why=TEXT)
PLACEMENTS = an_object(
    placements={
        "type": "array",
        "items": an_object(id=TEXT, rooms={"type": "array", "items": PLACED}),
    }
)


def ask(fake: FakeModel, request: Any, headers: Mapping[str, str] | None = None) -> ModelAnswer:
    """Send a request without a socket. ``request`` may be bytes."""
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    return fake.handle("POST", CHAT, {**JSON_HEADERS, **(headers or {})}, body)


def message_of(answer: ModelAnswer) -> dict[str, Any]:
    """The assistant's message."""
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()["choices"][0]["message"]
    return found


def content_of(answer: ModelAnswer) -> Any:
    """The JSON that the model answered with."""
    return json.loads(message_of(answer)["content"])
