"""Requests and answers as values, and the shapes of refusal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

_JSON_TYPE = "application/json; charset=utf-8"

Drop = Literal["hang", "reset"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service sends back.

    ``delay_ms`` of world time pass before it arrives. ``drop``: it never does; the client waits in vain (``hang``) or
    the connection breaks (``reset``).
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_ms: float = 0.0
    drop: Drop | None = None

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One line of the service's own log. Query and body stay out: they may hold secrets."""

    at_ms: int
    endpoint: str
    status: int
    fault: str | None = None


class ApiError(Exception):
    """A handler's refusal; becomes the usual error object."""

    def __init__(
        self,
        status: int,
        message: str,
        reason: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        is_plain_text: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.headers = headers or {}
        self.is_plain_text = is_plain_text

    def answer(self) -> Answer:
        """The refusal as it goes over the wire."""
        if self.is_plain_text:
            return text_answer(self.status, self.message, self.headers)
        error: dict[str, Any] = {"status": self.status, "message": self.message}
        if self.reason is not None:
            error["reason"] = self.reason
        return json_answer(self.status, {"error": error}, self.headers)


class OAuthError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def answer(self) -> Answer:
        """The refusal as it goes over the wire."""
        return json_answer(self.status, {"error": self.error, "error_description": self.description})


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, {"Content-Type": _JSON_TYPE, **(headers or {})}, body)


def text_answer(status: int, text: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a plain body."""
    return Answer(status, {"Content-Type": "text/plain; charset=utf-8", **(headers or {})}, text.encode())


def html_answer(status: int, text: str) -> Answer:
    """A small page."""
    return Answer(status, {"Content-Type": "text/html; charset=utf-8"}, text.encode())
