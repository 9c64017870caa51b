"""What is wrong with an order, in words for whoever gave it: over HTTP and at a terminal the same."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from moodroom_hub.core.config.explain import EXPECTED

MOST_TOLD: Final = 5
LONGEST_PLACE: Final = 80
_OF_OBJECTS: Final = {"model_type", "model_attributes_type", "dict_type"}
_ORDERS_OWN: Final = {
    "missing": "is missing",
    "extra_forbidden": "there is no such key",
    "string_type": "expected a text",
}


def refusal(error: ValidationError) -> str:
    """Names each wrong key (the first few), never its value."""
    found = error.errors(include_url=False, include_input=False)
    return "; ".join(_line(each["loc"], _why(each)) for each in found[:MOST_TOLD])


def _line(location: Sequence[int | str], why: str) -> str:
    steps = [f"number {step + 1}" if isinstance(step, int) else step for step in location]
    where = ", ".join(steps)[:LONGEST_PLACE].encode("ascii", "backslashreplace").decode("ascii")
    return f"{where}: {why}" if where else why


def _why(detail: ErrorDetails) -> str:
    kind = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    if kind in _OF_OBJECTS:
        return "expected a JSON object"
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "expected a text that is not empty"
    if (known := _ORDERS_OWN.get(kind) or EXPECTED.get(kind)) is not None:
        return known.format_map(context)
    return detail["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
