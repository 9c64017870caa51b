"""JSON Schema as structured output knows it: what strict mode allows, and whether an answer keeps to it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

Check = Callable[[Any, str], str | None]
"""Gives the first complaint about a value at a path, or ``None``."""

_ANYWHERE = {"type", "description", "title", "enum", "const", "anyOf", "$ref"}
_BY_TYPE: dict[str, set[str]] = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"pattern", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "boolean": set(),
    "null": set(),
}
_AT_ROOT = {"$defs", "definitions", "$schema"}
_MOST_LEVELS = 10
_MOST_PROPERTIES = 5000
_MOST_ENUM_VALUES = 1000


def strict_complaint(schema: Mapping[str, Any]) -> str | None:
    """What strict mode refuses in a schema, in OpenAI's manner; ``None`` where it may be used."""
    return _strict_complaint(json.dumps(schema))


@lru_cache(maxsize=64)
def _strict_complaint(text: str) -> str | None:
    schema = json.loads(text)
    if schema.get("type") != "object" or "anyOf" in schema:
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'."
    nodes = list(_nodes(schema, (), 1))
    for context, node, level in nodes:
        found = _node_complaint(node, is_root=not context, level=level)
        if found is not None:
            return f"In context={context}, {found}"
    if sum(len(node.get("properties", ())) for _, node, _ in nodes if isinstance(node, dict)) > _MOST_PROPERTIES:
        return f"more than {_MOST_PROPERTIES} properties"
    if sum(len(node.get("enum", ())) for _, node, _ in nodes if isinstance(node, dict)) > _MOST_ENUM_VALUES:
        return f"more than {_MOST_ENUM_VALUES} enum values"
    return None


def _nodes(schema: Any, context: tuple[str, ...], level: int) -> Iterator[tuple[tuple[str, ...], Any, int]]:
    yield context, schema, level
    if not isinstance(schema, dict) or level > _MOST_LEVELS:
        return
    for group in ("properties", "$defs", "definitions"):
        inner = schema.get(group)
        if isinstance(inner, dict):
            for name, one in inner.items():
                yield from _nodes(one, (*context, group, name), level + (group == "properties"))
    if "items" in schema:
        yield from _nodes(schema["items"], (*context, "items"), level)
    if isinstance(schema.get("anyOf"), list):
        for place, one in enumerate(schema["anyOf"]):
            yield from _nodes(one, (*context, "anyOf", str(place)), level)


def _node_complaint(node: Any, is_root: bool, level: int) -> str | None:
    if not isinstance(node, dict):
        return "schema must be an object."
    if level > _MOST_LEVELS:
        return f"more than {_MOST_LEVELS} levels of nesting."
    if not {"type", "enum", "const", "anyOf", "$ref"} & node.keys():
        return "schema must have a 'type' key."
    kinds = _kinds(node)
    if any(kind not in _BY_TYPE for kind in kinds):
        return f"{node['type']!r} is not a valid type."
    allowed = _ANYWHERE.union(*(_BY_TYPE[kind] for kind in kinds))
    strangers = sorted(node.keys() - (allowed | _AT_ROOT if is_root else allowed))
    if strangers:
        return f"'{strangers[0]}' is not permitted."
    if "object" in kinds:
        return _object_complaint(node)
    if "array" in kinds and "items" not in node:
        return "array schema missing items."
    if "enum" in node and (not isinstance(node["enum"], list) or not node["enum"]):
        return "enum must be a list of at least one value."
    return None


def _object_complaint(node: Mapping[str, Any]) -> str | None:
    if node.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false."
    properties, required = node.get("properties"), node.get("required")
    if not isinstance(properties, dict):
        return "object schema missing properties."
    if not isinstance(required, list) or sorted(map(str, required)) != sorted(properties):
        missing = sorted(properties.keys() - set(required if isinstance(required, list) else ()))
        hint = f" Missing '{missing[0]}'." if missing else ""
        return f"'required' is required to be supplied and to be an array including every key in properties.{hint}"
    return None


def _kinds(node: Mapping[str, Any]) -> list[str]:
    kind = node.get("type")
    if kind is None:
        return []
    return [str(one) for one in kind] if isinstance(kind, list) else [str(kind)]


def answer_check(schema: Mapping[str, Any]) -> Callable[[Any], str | None]:
    """A check of answers against a schema that gives the first complaint with its path."""
    check = _compiled(json.dumps(schema, sort_keys=True))
    return lambda value: check(value, "$")


@lru_cache(maxsize=64)
def _compiled(text: str) -> Check:
    root = json.loads(text)
    return _check(root, root)


def _check(node: Mapping[str, Any], root: Mapping[str, Any]) -> Check:
    parts: list[Check] = []
    if "$ref" in node:
        parts.append(_reference(str(node["$ref"]), root))
    if "anyOf" in node:
        choices = [_check(one, root) for one in node["anyOf"]]
        parts.append(lambda value, path: None if any(one(value, path) is None for one in choices) else f"{path}: anyOf")
    for key in ("enum", "const"):
        if key in node:
            parts += [_one_of(node[key] if key == "enum" else [node[key]])]
    kinds = _kinds(node)
    is_object = kinds == ["object"] and "properties" in node
    is_array = kinds == ["array"] and "items" in node
    if kinds and not is_object and not is_array:
        parts.append(_of_kinds(kinds))
    if "properties" in node:
        parts.append(_object_check(node, root, is_only=is_object))
    if "items" in node:
        parts.append(_array_check(node, root, is_only=is_array))
    parts.extend(_bounds(node))
    if "pattern" in node:
        parts.append(_pattern(str(node["pattern"])))
    if len(parts) == 1:
        return parts[0]

    def every(value: Any, path: str) -> str | None:
        for part in parts:
            found = part(value, path)
            if found is not None:
                return found
        return None

    return every


def _reference(target: str, root: Mapping[str, Any]) -> Check:
    made: list[Check] = []

    def later(value: Any, path: str) -> str | None:
        if not made:
            node: Any = root
            for step in target.split("/")[1:]:
                node = node[step]
            made.append(_check(node, root))
        return made[0](value, path)

    return later


def _one_of(values: list[Any]) -> Check:
    allowed = {(type(value), json.dumps(value)) for value in values}
    return lambda value, path: None if (type(value), json.dumps(value)) in allowed else f"{path}: not one of the enum"


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def _of_kinds(kinds: list[str]) -> Check:
    types = {one for kind in kinds for one in _PYTHON_TYPES[kind]}
    return lambda value, path: None if type(value) in types else f"{path}: not of type {' or '.join(kinds)}"


def _object_check(node: Mapping[str, Any], root: Mapping[str, Any], is_only: bool) -> Check:
    checks = {name: _check(one, root) for name, one in node["properties"].items()}
    required = list(node.get("required", ()))
    is_closed = node.get("additionalProperties") is False

    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, dict):
            return f"{path}: not of type object" if is_only else None
        for name in required:
            if name not in value:
                return f"{path}.{name}: missing"
        for name, one in value.items():
            inner = checks.get(name)
            if inner is None:
                if is_closed:
                    return f"{path}.{name}: not allowed"
                continue
            found = inner(one, path)
            if found is not None:
                return f"{path}.{name}{found[len(path) :]}"
        return None

    return check


def _array_check(node: Mapping[str, Any], root: Mapping[str, Any], is_only: bool) -> Check:
    inner = _check(node["items"], root)
    fewest, most = node.get("minItems", 0), node.get("maxItems")

    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, list):
            return f"{path}: not of type array" if is_only else None
        if len(value) < fewest or (most is not None and len(value) > most):
            return f"{path}: {len(value)} items"
        for place, one in enumerate(value):
            found = inner(one, path)
            if found is not None:
                return f"{path}[{place}]{found[len(path) :]}"
        return None

    return check


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "exclusiveMinimum": lambda value, bound: value > bound,
    "exclusiveMaximum": lambda value, bound: value < bound,
}


def _bounds(node: Mapping[str, Any]) -> Iterator[Check]:
    for key, holds in _COMPARISONS.items():
        if key in node:
            yield _bound(key, node[key], holds)


def _bound(key: str, bound: Any, holds: Callable[[Any, Any], bool]) -> Check:
    def check(value: Any, path: str) -> str | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"{path}: beyond {key} {bound}" if is_number and not holds(value, bound) else None

    return check


def _pattern(pattern: str) -> Check:
    wanted = re.compile(pattern)

    def check(value: Any, path: str) -> str | None:
        return f"{path}: not of the pattern" if isinstance(value, str) and not wanted.search(value) else None

    return check
