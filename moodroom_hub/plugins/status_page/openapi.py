"""``/api/openapi.json``, written from the same table of routes that makes the server: the two cannot differ."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from moodroom_hub.core.wire.shapes import ErrorAnswer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_REF: Final = "#/components/schemas/{model}"
_PARAMETER: Final = re.compile(r"{(\w+)}")
_ABOUT: Final = (
    "Calls that change something need a same-origin Origin header or a bearer token: the page's password or the "
    "token of the file api-token in the hub's data folder. Titles are the services' text, never markup."
)
ERRORS: Final = {
    400: "The request is malformed; `message` names what.",
    401: "The page has a password: sign in, or send a bearer token.",
    403: "The Host or the Origin is not one of the hub's.",
    404: "There is no such room, receipt, zone, station or account.",
    409: "It cannot be done now; `code` says why (no_device, login_needed, rate_limited with retry_after, "
    "restricted_device, premium_required, empty_pool, refused, conflict, superseded by a newer order).",
    413: "The body is larger than 64 kB (pool files: 8 MB, stations' files: 512 kB).",
    415: "The body is of another type.",
    429: "Too many wrong passwords.",
    503: "A service or the database is away; try again later.",
}


@dataclass(frozen=True, slots=True)
class Query:
    """One query parameter."""

    name: str
    about: str
    schema: tuple[tuple[str, Any], ...] = (("type", "string"),)


@dataclass(frozen=True, slots=True)
class Route:
    """One route: how it is served and how it is told.

    ``answers`` maps each good status to a model or, for what is no JSON, a media type (``None``: no body).
    ``order`` is the JSON body's model, or the names of a form's fields.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    answers: tuple[tuple[int, type[BaseModel] | str | None], ...]
    order: type[BaseModel] | tuple[str, ...] | None = None
    query: tuple[Query, ...] = ()
    errors: tuple[int, ...] = ()
    is_open: bool = False


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of ``routes``."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Moodroom Hub", "version": version, "description": _ABOUT},
        "paths": paths,
        "components": {"schemas": _schemas(routes), "securitySchemes": _SECURITY},
        "security": [{}, {"bearer": []}, {"session": []}],
    }


_SECURITY: Final = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "moodroom_session"},
}


def _operation(route: Route) -> dict[str, Any]:
    responses = {str(status): _response(answer) for status, answer in route.answers}
    for status in sorted({*route.errors, *_common_errors(route)}):
        told = str(status)
        if told not in responses:
            responses[told] = {"description": ERRORS[status], **_json(ErrorAnswer)}
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": f"{route.handler.__name__}_{_slug(route.path)}_{route.method.lower()}",
        "parameters": [*map(_path_parameter, _PARAMETER.findall(route.path)), *map(_query_parameter, route.query)],
        "responses": responses,
    }
    if isinstance(route.order, tuple):
        fields = {name: {"type": "string"} for name in route.order}
        content = {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": fields}}}
        operation["requestBody"] = {"required": False, "content": content}
    elif route.order is not None:
        must = bool(route.order.model_json_schema().get("required"))
        operation["requestBody"] = {"required": must, **_json(route.order)}
    if route.is_open:
        operation["security"] = []
    return operation


def _common_errors(route: Route) -> tuple[int, ...]:
    reading = (403, 429) if route.is_open else (401, 403, 429)
    return (*reading, 400, 413, 415) if route.method == "POST" else reading


def _response(answer: type[BaseModel] | str | None) -> dict[str, Any]:
    if answer is None:
        return {"description": "No body; see the header Location."}
    if isinstance(answer, str):
        return {"description": "As its type says.", "content": {answer: {"schema": {"type": "string"}}}}
    return {"description": _first_line(answer), **_json(answer)}


def _json(model: type[BaseModel]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}}


def _schemas(routes: Sequence[Route]) -> dict[str, Any]:
    answers = {answer for route in routes for _, answer in route.answers if isinstance(answer, type)}
    orders = {route.order for route in routes if isinstance(route.order, type)}
    wanted: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [(ErrorAnswer, "serialization")]
    wanted += [(model, "serialization") for model in sorted(answers, key=_name_of)]
    wanted += [(model, "validation") for model in sorted(orders, key=_name_of)]
    _, told = models_json_schema(wanted, by_alias=True, ref_template=_REF)
    schemas: dict[str, Any] = told["$defs"]
    return schemas


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameter(query: Query) -> dict[str, Any]:
    return {"name": query.name, "in": "query", "description": query.about, "schema": dict(query.schema)}


def _name_of(model: type[BaseModel]) -> str:
    return model.__name__


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or model.__name__).strip().splitlines()[0]


def _slug(path: str) -> str:
    return re.sub(r"\W+", "_", path).strip("_") or "root"
