"""``GET /api``: the API's own description, as people read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from aiohttp import web

from moodroom_hub import __version__
from moodroom_hub.plugins.status_page.deps import CALLER, Caller, deps_of
from moodroom_hub.plugins.status_page.openapi import document

_REF: Final = "$ref"
_DEEPEST: Final = 6
_ORDER: Final = ("/api/", "/livez", "/readyz", "/metrics", "/session", "/login", "/callback")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a call."""

    name: str
    place: str
    about: str
    shape: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a call; ``shape`` is JSON with types in the places of values."""

    status: str
    about: str
    shape: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call, ready to be shown."""

    anchor: str
    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    body: str
    replies: tuple[Reply, ...]
    curl: str


async def show_api(request: web.Request) -> web.Response:
    """``GET /api``."""
    deps = deps_of(request)
    about, calls = _described()
    base = deps.public_base or f"http://{request.host}"
    return deps.pages.render(
        "api.html",
        light="",
        place="api",
        about=about,
        calls=calls,
        base=base,
        can_sign_out=request[CALLER] is Caller.SESSION,
    )


@cache
def _described() -> tuple[str, tuple[Call, ...]]:
    # Late: the routes hold this handler.
    from moodroom_hub.plugins.status_page.routes import all_routes

    told = document(all_routes(), __version__)
    schemas = told["components"]["schemas"]
    calls = [
        _call(path, method, operation, schemas)
        for path, operations in told["paths"].items()
        for method, operation in operations.items()
        if path.startswith(_ORDER)
    ]
    calls.sort(key=lambda call: next(place for place, head in enumerate(_ORDER) if call.path.startswith(head)))
    return told["info"]["description"], tuple(calls)


def _call(path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Call:
    parameters = tuple(
        Parameter(each["name"], each["in"], each.get("description", ""), _type(each.get("schema", {})))
        for each in operation["parameters"]
    )
    content = operation.get("requestBody", {}).get("content", {})
    body = _shape(content["application/json"]["schema"], schemas) if "application/json" in content else ""
    form = "application/x-www-form-urlencoded" in content
    replies = tuple(_reply(status, reply, schemas) for status, reply in operation["responses"].items())
    method = method.upper()
    order = _example(content["application/json"]["schema"], schemas) if body else None
    return Call(
        operation["operationId"], method, path, operation["summary"], parameters, body, replies,
        _curl(method, path, order, is_form=form),
    )  # fmt: skip


def _reply(status: str, reply: Mapping[str, Any], schemas: Mapping[str, Any]) -> Reply:
    content: Mapping[str, Any] = reply.get("content", {})
    shape = ""
    if "application/json" in content and not status.startswith(("4", "5")):
        shape = _shape(content["application/json"]["schema"], schemas)
    elif content and "application/json" not in content:
        shape = ", ".join(content)
    return Reply(status, reply["description"], shape)


def _curl(method: str, path: str, order: Any, *, is_form: bool) -> str:
    parts = ["curl", '-H "Authorization: Bearer $(cat DATA_DIR/api-token)"']
    if method != "GET":
        parts.append(f"-X {method}")
    if order is not None and order != {}:
        parts += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(order)}'"]
    elif is_form:
        parts.append("-d field=value")
    return " ".join(parts) + f" 'BASE{path}'"


def _shape(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    return json.dumps(_filled(schema, schemas, 0), indent=2, ensure_ascii=False)


def _filled(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Any:
    """``schema`` as an example in which every value is the name of its type."""
    schema = _resolved(schema, schemas)
    if depth > _DEEPEST:
        return "..."
    properties = schema.get("properties")
    if properties:
        required = schema.get("required", ())
        return {
            name if name in required else f"{name}?": _filled(inner, schemas, depth + 1)
            for name, inner in properties.items()
        }
    if schema.get("type") == "array":
        return [_filled(schema.get("items", {}), schemas, depth + 1)]
    several = schema.get("anyOf") or schema.get("allOf")
    if several:
        shapes = [_filled(each, schemas, depth + 1) for each in several]
        return next((each for each in shapes if not isinstance(each, str)), " or ".join(map(str, shapes)))
    if isinstance(schema.get("additionalProperties"), dict):
        return {"...": _filled(schema["additionalProperties"], schemas, depth + 1)}
    return _type(schema)


def _example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """The least body that the call takes: its required keys, with values of the right kind."""
    schema = _resolved(schema, schemas)
    properties = schema.get("properties", {})
    return {name: _value(properties[name], schemas) for name in schema.get("required", ()) if name in properties}


def _value(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    schema = _resolved(schema, schemas)
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("anyOf"):
        return _value(schema["anyOf"][0], schemas)
    if schema.get("properties"):
        return _example(schema, schemas)
    kinds: Mapping[str, Any] = {"boolean": True, "integer": 1, "number": 1, "array": [], "object": {}}
    return kinds.get(str(schema.get("type")), "...")


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    while _REF in schema:
        schema = schemas[str(schema[_REF]).rpartition("/")[2]]
    return schema


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    kind = str(schema.get("format") or schema.get("type") or "any")
    bounds = [f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema]
    return " ".join([kind, *bounds])
