"""JSON values out of a stream of bytes, one after the other: no file is ever held as a whole."""

import codecs
import json
from collections.abc import Iterator
from typing import Any, Protocol

from moodroom_hub.domain.past.rows import Unreadable

STEP_BYTES = 256 * 1024
LONGEST_VALUE = 1024 * 1024
"""Characters; no row of an export comes near."""

LONGEST_TOKEN = 12
"""Characters; a word or an escape of JSON may be cut off so long before the end of what is at hand."""

_DECODE = json.JSONDecoder().raw_decode
_BLANKS = " \t\r\n"


class Bytes(Protocol):
    """What is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; none at the end."""
        ...


class Broken(Exception):
    """From here on the file cannot be read; the text says why."""


def values(source: Bytes) -> Iterator[Any]:
    """The elements of the file's JSON array; of a file without one, the values that stand in it, one after the other.

    Raises ``Broken`` where the JSON ends or cannot be understood; what stood before has been given then.
    """
    text = _Text(source)
    first = text.peek()
    if first == "":
        raise Broken("it is empty")
    if first == "[":
        text.at += 1
        yield from _elements(text)
        return
    while text.peek() != "":
        yield text.value()


def lines(source: Bytes) -> Iterator[Any]:
    """One value a line; an ``Unreadable`` stands for a line that is no JSON. Raises ``Broken``."""
    text = _Text(source)
    while (line := text.line()) is not None:
        if line.strip(_BLANKS):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                yield Unreadable("no JSON")


def _elements(text: "_Text") -> Iterator[Any]:
    if text.peek() == "]":
        text.at += 1
    else:
        while True:
            yield text.value()
            sign = text.peek()
            text.at += 1
            if sign == "]":
                break
            if sign != ",":
                raise Broken("the JSON breaks off" if sign == "" else "the JSON is broken")
    if text.peek() != "":
        raise Broken("something follows after the end of the list")


class _Text:
    """The decoded text that is at hand, and where we are in it."""

    def __init__(self, source: Bytes) -> None:
        self._source = source
        first = source.read(STEP_BYTES)
        is_wide = first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        self._decoder = codecs.getincrementaldecoder("utf-16" if is_wide else "utf-8-sig")("replace")
        self._is_whole = not first
        self._text = self._decoder.decode(first, final=not first)
        self.at = 0

    def peek(self) -> str:
        """The next sign that is no blank; empty at the end."""
        while True:
            while self.at < len(self._text):
                sign = self._text[self.at]
                if sign not in _BLANKS:
                    return sign
                self.at += 1
            if not self._more():
                return ""

    def value(self) -> Any:
        """The next value."""
        self.peek()
        while True:
            try:
                found, end = _DECODE(self._text, self.at)
            except ValueError as error:
                is_open = self._may_go_on(error)
                if is_open and len(self._text) - self.at > LONGEST_VALUE:
                    raise Broken("a row is absurdly long, or the JSON is broken") from None
                if is_open and self._more():
                    continue
                raise Broken("the JSON breaks off" if is_open else "the JSON is broken") from None
            except RecursionError:
                raise Broken("the JSON is nested absurdly deep") from None
            if end == len(self._text) and self._more():
                continue  # a number may go on in what has just come
            self.at = end
            return found

    def _may_go_on(self, error: ValueError) -> bool:
        """Whether the value may only be cut off where the text that is at hand ends."""
        if not isinstance(error, json.JSONDecodeError):
            return False  # a number of thousands of digits
        return error.msg.startswith("Unterminated string") or error.pos + LONGEST_TOKEN >= len(self._text)

    def line(self) -> str | None:
        """The rest of the line; ``None`` at the end of the file."""
        while (end := self._text.find("\n", self.at)) < 0:
            if len(self._text) - self.at > LONGEST_VALUE:
                raise Broken("a line is absurdly long")
            if not self._more():
                end = len(self._text)
                break
        if end == self.at == len(self._text):
            return None
        line, self.at = self._text[self.at : end], min(end + 1, len(self._text))
        return line

    def _more(self) -> bool:
        if self._is_whole:
            return False
        read = self._source.read(STEP_BYTES)
        self._is_whole = not read
        self._text = self._text[self.at :] + self._decoder.decode(read, final=not read)
        self.at = 0
        return bool(read) or self.at < len(self._text)
