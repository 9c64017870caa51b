"""What the API is told: strict models, which refuse unknown keys and look-alike types."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from moodroom_hub.core.wire.fields import clean, duration_ms

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def _joined(given: object) -> object:
    """An address as it was pasted, without the blanks and line breaks that came along."""
    return "".join(given.split()) if isinstance(given, str) else given


def _encodable(text: str) -> str:
    if not text.isascii() and _SURROGATES.search(text):
        raise ValueError("half characters (lone surrogates) are not allowed")
    return text


Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(clean)]
Address = Annotated[str, BeforeValidator(_joined), Field(min_length=1, max_length=8_000), AfterValidator(clean)]
FileText = Annotated[str, AfterValidator(_encodable)]
Span = Annotated[
    int,
    BeforeValidator(duration_ms),
    WithJsonSchema({"anyOf": [{"type": "string", "examples": ["3h", "90m"]}, {"type": "number"}]}),
]


class Order(BaseModel):
    """Base of everything that the API is told: unknown keys and look-alike types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class ZoneOrder(Order):
    """``zone``: where; the default zone where it is missing."""

    zone: Text | None = None


class NextOrder(ZoneOrder):
    """``uri``: the track that the caller means to skip; if another plays by now, nothing happens."""

    uri: Text | None = None


class DeviceOrder(ZoneOrder):
    """``device``: the name of the device to play on."""

    device: Text


class LearningOrder(Order):
    """``for``: after this time the opposite comes back by itself (``3h``; a plain number is seconds)."""

    enabled: bool
    for_ms: Span | None = Field(default=None, alias="for")


class PasteOrder(Order):
    """``url``: the whole address where the browser landed after the login. ``account``: needed only with several."""

    url: Address
    account: Text | None = None


class ImportOrder(Order):
    """``text``: the whole file, of the ``format`` csv or state. ``overwrite``: it wins over what listening taught."""

    format: Literal["csv", "state"]
    text: FileText
    overwrite: bool = False
