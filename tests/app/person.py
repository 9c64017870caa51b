"""A person at a terminal, or none."""

import io
import sys
from typing import Protocol

import pytest


class _Terminal(io.StringIO):
    """Standard input with a person before it; echoes nothing."""

    def isatty(self) -> bool:
        """Yes."""
        return True


class Types(Protocol):
    """``types("k", "")`` makes the next command find these lines typed; then the input ends."""

    def __call__(self, *lines: str) -> None:
        """Type."""
        ...


def typing_person(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Nobody, until it is called."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def types(*lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", _Terminal("".join(f"{line}\n" for line in lines)))

    return types
