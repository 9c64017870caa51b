"""Pydantic's errors in our words, each with the place where the value was said."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from moodroom_hub.core.config.environment import environment_name
from moodroom_hub.core.config.problems import Expected, Finding, KeyPath, Origin, closest, did_you_mean, dotted
from moodroom_hub.core.config.shape import Shape
from moodroom_hub.core.config.tree import Node, nearest

EXPECTED: Final = {
    "missing": "expected this key; it is missing",
    "string_type": "expected a text (quotes make one)",
    "string_too_short": "expected at least {min_length} characters",
    "string_too_long": "expected at most {max_length} characters",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "int_parsing_size": "expected a smaller number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "finite_number": "expected a finite number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected at least {ge}",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected at most {le}",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "set_type": "expected a list",
    "dict_type": "expected keys and values",
    "model_type": "expected keys and values",
    "model_attributes_type": "expected keys and values",
    "literal_error": "expected {expected}",
    "enum": "expected {expected}",
    "too_short": "expected at least {min_length} of them",
    "too_long": "expected at most {max_length} of them",
    "none_required": "expected null",
    "path_type": "expected a path",
}


def explained(
    error: ValidationError, root: Node, shape: Shape, hidden: Collection[str], above: KeyPath = ()
) -> list[Finding]:
    """Every error as a finding. ``root`` is the tree that was validated, ``above`` the path of its top.

    No finding holds a text of ``hidden``. The errors of one key (a union has one per member) become one finding.
    """
    gathered: dict[tuple[KeyPath, Origin, str], list[str]] = {}
    for detail in error.errors(include_url=False):
        path = _path(detail, root)
        node = nearest(root, path)
        unknown = detail["type"] == "extra_forbidden"
        hint = _unknown_hint(path, node, shape, above) if unknown else _value_hint(detail)
        message = _unknown_message(path, shape, above) if unknown else _message(detail, hidden)
        gathered.setdefault(((*above, *path), node.origin, hint), []).append(message)
    return [Finding(path, origin, _joined(messages), hint) for (path, origin, hint), messages in gathered.items()]


def fresh(findings: Iterable[Finding], told: Collection[Finding]) -> Iterator[Finding]:
    """The findings that are no mere consequence of one that is told already (at or under its key, said by the same)."""
    for finding in findings:
        causes = (each for each in told if each.path and each.origin == finding.origin)
        if not any(finding.path[: len(cause.path)] == cause.path for cause in causes):
            yield finding


def _path(detail: ErrorDetails, root: Node) -> KeyPath:
    """Pydantic's location without the steps that are no keys (members of unions, ``[key]``)."""
    steps = detail["loc"]
    node: Node | None = root
    path: KeyPath = ()
    for place, step in enumerate(steps):
        child = node.child(step) if node is not None else None
        is_missing_key = detail["type"] == "missing" and place == len(steps) - 1
        if child is not None or is_missing_key:
            path = (*path, step)
            node = child
    return path


def _message(detail: ErrorDetails, hidden: Collection[str]) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    if detail["type"] == "missing" and isinstance(detail["loc"][-1], int):
        return "expected one more item"
    known = EXPECTED.get(detail["type"])
    if known is not None:
        return known.format_map(context)
    raised = context.get("error")
    if isinstance(raised, Expected):
        return str(raised)
    said = str(raised) if isinstance(raised, Exception) else detail["msg"]
    if any(text in said for text in hidden):
        return "this value was refused (the reason is not shown, because it repeats a secret)"
    said = said.replace("Input should be", "expected").replace("\n", " ")
    return said or "this value was refused"


def _joined(messages: list[str]) -> str:
    first, *others = dict.fromkeys(messages)
    return ", or ".join([first, *(other.removeprefix("expected ") for other in others)])


def _value_hint(detail: ErrorDetails) -> str:
    if detail["type"] not in {"literal_error", "enum"} or not isinstance(detail["input"], str):
        return ""
    choices = detail["ctx"]["expected"].replace(" or ", ", ").split(", ")
    return did_you_mean(closest(detail["input"], [choice.strip("'") for choice in choices]))


def _unknown_message(path: KeyPath, shape: Shape, above: KeyPath) -> str:
    siblings = _at(shape, path[:-1]).names
    kind = "key" if above or len(path) > 1 else "section"
    return f"unknown {kind}; known here: {', '.join(siblings)}" if siblings else f"unknown {kind}"


def _unknown_hint(path: KeyPath, node: Node, shape: Shape, above: KeyPath) -> str:
    wrong = str(path[-1])
    siblings = _at(shape, path[:-1]).names
    meant: KeyPath | None = None
    if best := closest(wrong, siblings):
        meant = (*path[:-1], best)
    elif not above and len(path) == 1:
        homes = [key for key in siblings if wrong in shape.child(key).names]
        meant = (homes[0], wrong) if homes else None
    if meant is None:
        is_top = not above and len(path) == 1
        return "plugins have their sections under plugins" if is_top and not node.origin.is_environment else ""
    if node.origin.is_environment:
        return did_you_mean(_corrected(node.origin.name, (*above, *path), (*above, *meant)))
    return did_you_mean(dotted(meant[-1:]) if len(meant) == len(path) else dotted((*above, *meant)))


def _corrected(name: str, path: KeyPath, meant: KeyPath) -> str:
    """The variable's name with the misspelt part put right; what comes after that part stays."""
    rest = name.split("__")[len(path) :]
    return "__".join([environment_name(meant), *rest])


def _at(shape: Shape, path: KeyPath) -> Shape:
    for step in path:
        shape = shape.child(step)
    return shape
