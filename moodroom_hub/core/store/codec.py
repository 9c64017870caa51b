"""Dataclasses to JSON text and back, for texts of any kind and rows of any state."""

import dataclasses
import logging
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

T = TypeVar("T")

_log = logging.getLogger(__name__)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    # Made when first needed: all at once would cost every start.
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def _whole(text: str) -> str:
    """Pairs of surrogates become the character they mean, lone ones U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean(text: str) -> str:
    """``text`` as every database takes it: U+FFFD for lone surrogates and for NUL (which PostgreSQL refuses)."""
    if _UNSTORABLE.search(text) is None:
        return text
    return _whole(text).replace("\x00", "\ufffd")


def _mended(value: Any, where: str, fallback: int | None) -> Any:
    """A copy of ``value`` that JSON can carry. Numbers that are none become ``fallback``, and the log says so."""
    if isinstance(value, str):
        return _whole(value) if _SURROGATE.search(value) else value
    if isinstance(value, float):
        if math.isfinite(value):
            return round(value)
        _log.warning("%s was %s; stored as %s", where, value, fallback)
        return fallback
    if isinstance(value, tuple):
        return tuple(_mended(item, where, fallback) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(
            value,
            **{
                field.name: _mended(
                    getattr(value, field.name),
                    f"{type(value).__name__}.{field.name}",
                    None if field.default is None else 0,
                )
                for field in dataclasses.fields(value)
            },
        )
    return value


def encode(kind: type[T], value: T) -> str:
    """``value`` as JSON text. Never fails on hostile texts or on numbers that are none (see ``_mended``)."""
    adapter = _adapter(kind)
    try:
        return adapter.dump_json(value, warnings="error").decode()
    except PydanticSerializationError:
        mended: T = _mended(value, kind.__name__, None)
        return adapter.dump_json(mended, warnings=False).decode()


class Decoder:
    """Reads JSON documents of rows; a broken one is set aside, with one log line for as long as the hub runs."""

    def __init__(self) -> None:
        self._reported: set[tuple[str, object]] = set()

    def decode(self, kind: type[T], document: object, table: str, row_id: object) -> T | None:
        """The dataclass, or ``None`` where the row's document cannot be read."""
        try:
            if isinstance(document, str | bytes):
                return _adapter(kind).validate_json(document)
            problem = f"holds a {type(document).__name__}"
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            problem = f"{place}: {first['msg']}" if place else first["msg"]
        self.set_aside(table, row_id, problem)
        return None

    def set_aside(self, table: str, row_id: object, problem: str) -> None:
        """Say once that this row is left out."""
        if (table, row_id) not in self._reported:
            self._reported.add((table, row_id))
            _log.warning("Row %r of table %s cannot be read and is set aside: %s", row_id, table, problem)


def to_us(moment: datetime) -> int:
    """Microseconds since the Unix epoch. Raises ``ValueError`` for a naive datetime."""
    if moment.utcoffset() is None:
        raise ValueError(f"a datetime needs a time zone: {moment.isoformat()}")
    return (moment - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """The aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def integer(number: float) -> int:
    """``number`` for an integer column; 0 where it is none."""
    return round(number) if math.isfinite(number) else 0
