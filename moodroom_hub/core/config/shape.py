"""What a model has room for at each key, read from its annotations.

Texts from the environment have no type of their own, and references are resolved early or late by the field's type:
both need to know what stands where, also in a plugin's model that nobody here has seen before.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr

from moodroom_hub.core.config.secret import SecretText


@dataclass(frozen=True, slots=True)
class Shape:
    """The types that a value may have; of a union every member. Empty where nothing has its place."""

    kinds: tuple[Any, ...]

    @classmethod
    def of(cls, annotation: Any) -> "Shape":
        """The shape that an annotation describes."""
        return cls(tuple(_members(annotation)))

    def child(self, step: str | int) -> "Shape":
        """What has its place under a key (by its name in the file) or at an index."""
        return Shape(tuple(found for kind in self.kinds for found in _under(kind, step)))

    @property
    def names(self) -> tuple[str, ...]:
        """The keys that models here name, as the file spells them."""
        return tuple(name for kind in self.kinds if _is_model(kind) for name in _fields(kind))

    @property
    def is_secret(self) -> bool:
        """Whether this is a text that is resolved late and never shown."""
        return SecretText in self.kinds

    @property
    def is_masked(self) -> bool:
        """Whether this must not be repeated anywhere (ours and pydantic's own secret types)."""
        return any(kind in self.kinds for kind in (SecretText, SecretStr, SecretBytes))

    @property
    def is_path(self) -> bool:
        """Whether this is a path."""
        return Path in self.kinds

    @property
    def is_mapping(self) -> bool:
        """Whether keys have their place here."""
        return any(_is_model(kind) or _is_a(kind, Mapping) for kind in self.kinds)

    @property
    def is_list(self) -> bool:
        """Whether a list has its place here."""
        return any(_is_a(kind, Collection) and not _is_a(kind, Mapping) for kind in self.kinds)

    @property
    def is_open(self) -> bool:
        """Whether anything has its place here."""
        return Any in self.kinds or object in self.kinds

    @property
    def may_be_null(self) -> bool:
        """Whether ``null`` is a value of its own here."""
        return NoneType in self.kinds or self.is_open


def _members(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _members(member)
    else:
        yield annotation


def _under(kind: Any, step: str | int) -> Iterator[Any]:
    arguments = get_args(kind)
    if kind in {Any, object}:
        yield Any
    elif _is_model(kind):
        if isinstance(step, str) and step in (fields := _fields(kind)):
            yield from _members(fields[step])
    elif _is_a(kind, Mapping):
        if isinstance(step, str):
            yield from _members(arguments[1] if len(arguments) == 2 else Any)
    elif _is_a(kind, Collection) and isinstance(step, int):
        if get_origin(kind) is tuple and arguments[-1:] != (...,):
            yield from _members(arguments[step]) if step < len(arguments) else ()
        else:
            yield from _members(arguments[0] if arguments else Any)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_a(kind: Any, base: type) -> bool:
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, base) and not issubclass(origin, (str, bytes))


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}
