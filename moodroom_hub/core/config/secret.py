"""Values by reference (``env:NAME``, ``file:PATH``) and the text type that never shows itself."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from moodroom_hub.core.config.problems import ConfigError, Expected, Problem

MASK: Final = "********"
_LARGEST_FILE: Final = 64 * 1024
_REFERENCE: Final = re.compile(r"(env|file):(?=\S)(.+)", re.DOTALL)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class BrokenReference(Expected):
    """A reference leads nowhere; the text says what was expected there."""


def is_reference(text: str) -> bool:
    """Whether ``text`` is ``env:`` or ``file:`` with something right behind it."""
    return _REFERENCE.fullmatch(text) is not None


def referred_variable(text: str) -> str | None:
    """The variable's name of an ``env:`` reference, else ``None``."""
    found = _REFERENCE.fullmatch(text)
    return found[2] if found and found[1] == "env" else None


def anchored(text: str, base: Path) -> str:
    """``text`` with the relative path of a ``file:`` reference counted from ``base``; other texts unchanged."""
    found = _REFERENCE.fullmatch(text)
    if found is None or found[1] == "env":
        return text
    try:
        return f"file:{base / Path(found[2]).expanduser()}"
    except RuntimeError:  # a home folder of nobody; reading it says so
        return text


def look_up(text: str, environ: Mapping[str, str]) -> str:
    """What the reference ``text`` stands for; a file's last line break is dropped.

    Raises ``BrokenReference`` where it is missing, unreadable or empty.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise BrokenReference("expected a reference env:NAME or file:PATH")
    kind, name = found.groups()
    value = _from_environment(name, environ) if kind == "env" else _from_file(name)
    if not value:
        raise BrokenReference(f"refers to {_shown(text)}, which is empty")
    return value


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    if _NAME.fullmatch(name) is None:
        raise BrokenReference("expected env:NAME with a variable's name (letters, digits, underscores)")
    if name not in environ:
        raise BrokenReference(f"refers to env:{name}, which is not set; set that variable")
    value = environ[name]
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BrokenReference(f"refers to env:{name}, which is not UTF-8 text") from None
    return value


def _from_file(name: str) -> str:
    told = f"refers to {_shown('file:' + name)}"
    try:
        with Path(name).expanduser().open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "no usable path"
        raise BrokenReference(f"{told}, which cannot be read: {why}") from None
    if len(content) > _LARGEST_FILE:
        raise BrokenReference(f"{told}, which is longer than 64 KiB")
    try:
        return content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise BrokenReference(f"{told}, which is not UTF-8 text") from None


def _shown(reference: str) -> str:
    return "".join(c for c in reference if c.isprintable())[:200]


class SecretText:
    """A secret as the configuration gives it: the text itself, or a reference that is resolved late.

    It shows itself only to ``resolve``: ``str``, ``repr``, dumps and JSON are masked. ``where`` and ``key`` say
    where it was given, for the error of a reference that leads nowhere; they do not count in comparisons.
    """

    __slots__ = ("_text", "key", "where")

    def __init__(self, text: str, *, where: str = "", key: str = "") -> None:
        if not text.strip():
            raise Expected("expected a text that is not empty (null means none)")
        self._text = text
        self.where = where
        self.key = key

    @property
    def is_reference(self) -> bool:
        """Whether the text is ``env:NAME`` or ``file:PATH``."""
        return is_reference(self._text)

    @property
    def shown(self) -> str:
        """What may be printed: the reference, else the mask."""
        return self._text if self.is_reference else MASK

    def resolve(self, environ: Mapping[str, str] = os.environ) -> str:
        """The secret itself. Raises ``ConfigError`` with the mend where the reference leads nowhere."""
        if not self.is_reference:
            return self._text
        try:
            return look_up(self._text, environ)
        except BrokenReference as error:
            raise ConfigError([Problem(self.where, self.key, str(error))]) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretText) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"SecretText('{MASK}')"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Text in, secret out; written out as ``shown``; in JSON Schema a string."""

        def wrapped(value: Any, inner: core_schema.ValidatorFunctionWrapHandler) -> SecretText:
            return value if isinstance(value, SecretText) else SecretText(inner(value))

        return core_schema.no_info_wrap_validator_function(
            wrapped,
            core_schema.str_schema(coerce_numbers_to_str=True),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda secret: secret.shown, return_schema=core_schema.str_schema()
            ),
        )
