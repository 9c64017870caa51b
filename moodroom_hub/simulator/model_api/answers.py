"""What goes back over the wire: answers as values, and refusals in the shape that OpenAI gives them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

_JSON_TYPE = "application/json"

Drop = Literal["hang", "reset", "cut"]


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What the service sends back, ``delay_ms`` after it was asked.

    ``drop``: it never arrives whole; the client waits in vain (``hang``), the connection breaks before the first byte
    (``reset``) or in the middle of the body (``cut``).
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_ms: float = 0.0
    drop: Drop | None = None

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class ModelApiError(Exception):
    """A refusal; becomes ``{"error": {"message", "type", "param", "code"}}``."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.kind = kind
        self.headers = headers or {}

    def answer(self) -> ModelAnswer:
        """The refusal as it goes over the wire."""
        error = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return json_answer(self.status, {"error": error}, self.headers)


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> ModelAnswer:
    """An answer with a JSON body."""
    body = json.dumps(value, ensure_ascii=True).encode()
    return ModelAnswer(status, {"Content-Type": _JSON_TYPE, **(headers or {})}, body)


def html_answer(status: int, title: str) -> ModelAnswer:
    """What a gateway on the way says, in its own manner."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1><hr>gateway</body></html>"
    return ModelAnswer(status, {"Content-Type": "text/html; charset=utf-8"}, page.encode())


def openrouter_error(status: int, message: str, raw: str | None = None) -> dict[str, Any]:
    """The error object of OpenRouter: the status as ``code``, and what the provider behind it said."""
    error: dict[str, Any] = {"message": message, "code": status}
    if raw is not None:
        error["metadata"] = {"raw": raw, "provider_name": "Make-Believe"}
    return {"error": error, "user_id": "user_make_believe"}
