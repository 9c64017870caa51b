"""Reading and writing what messages carry: strict JSON in UTF-8. Nothing that was sent is ever repeated in a text."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.wire.fields import UNSAFE, clean, duration_ms

LONGEST_BYTES: Final = 16 * 1024
LARGEST_ID: Final = 2**63 - 1


def _word(given: object) -> object:
    """``Fresh-Batch`` as ``fresh_batch``."""
    return re.sub(r"[\s_-]+", "_", given.strip().casefold()) if isinstance(given, str) else given


Text = Annotated[str, Field(max_length=500), AfterValidator(clean)]
Span = Annotated[int, BeforeValidator(duration_ms)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
word = BeforeValidator(_word)
"""For literals that may be written in any case, with blanks or dashes."""

Transaction = (
    Annotated[str, Field(max_length=200)]
    | Annotated[int, Field(ge=-LARGEST_ID, le=LARGEST_ID)]
    | Annotated[float, Field(allow_inf_nan=False)]
    | None
)
"""What a caller sends along to know its answer again."""


class Told(BaseModel):
    """Base of everything that the hub is told as JSON: unknown keys and look-alike types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    transaction: Transaction = None


ToldT = TypeVar("ToldT", bound=Told)

_TRANSACTION: Final[TypeAdapter[Transaction]] = TypeAdapter(Transaction, config=ConfigDict(strict=True))


def text_of(payload: bytes) -> str:
    """The payload as text without the blanks around it. Raises ``Trouble(BAD_REQUEST)``."""
    if len(payload) > LONGEST_BYTES:
        raise bad(f"the message is larger than {LONGEST_BYTES // 1024} kB")
    try:
        return payload.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise bad("the message is not UTF-8") from None


def json_of(text: str) -> Any:
    """One JSON value and nothing after it. Raises ``Trouble(BAD_REQUEST)`` also for what parsers differ on."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except RecursionError:
        raise bad("the JSON is nested too deeply") from None
    except ValueError:  # also JSONDecodeError and numbers with thousands of digits
        raise bad("the message is not valid JSON (no doubled keys, no NaN)") from None


def told(model: type[ToldT], given: object) -> ToldT:
    """``given`` as ``model``. Raises ``Trouble(BAD_REQUEST)`` that names each wrong key, never its value."""
    if not isinstance(given, dict):
        raise bad("expected a JSON object")
    try:
        return model.model_validate(given)
    except ValidationError as error:
        lines = [_line(each["loc"], each["msg"]) for each in error.errors(include_url=False, include_input=False)[:3]]
        raise bad("; ".join(dict.fromkeys(lines))) from None


def transaction_of(given: object) -> Transaction:
    """The transaction of a message, so that its refusal can bear it, too; ``None`` where there is no sound one."""
    try:
        return _TRANSACTION.validate_python(given.get("transaction")) if isinstance(given, dict) else None
    except ValidationError:
        return None


def dumps(answer: Mapping[str, Any]) -> bytes:
    """One line of ASCII JSON."""
    return json.dumps(answer, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


def bad(message: str) -> Trouble:
    """The sender must say something else."""
    return Trouble(TroubleCode.BAD_REQUEST, message)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled key")
    return found


def _no_constant(_: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")


def _line(location: tuple[int | str, ...], message: str) -> str:
    where = str(location[0])[:40].encode("ascii", "backslashreplace").decode("ascii") if location else ""
    what = message.removeprefix("Value error, ")
    return f"{UNSAFE.sub('?', where)}: {what}" if where else what
