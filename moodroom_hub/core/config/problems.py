"""What is wrong with a configuration, in words that a person can act on."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from moodroom_hub.core.errors import MoodroomError

KeyPath = tuple[str | int, ...]
"""Where a value stands: names of mappings' keys and indexes of lists, from the top."""


class Expected(ValueError):
    """A validator's refusal whose text surely repeats nothing of the value, so that it may always be shown."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    ``where`` is ``file:line`` or the name of an environment variable, ``key`` the dotted key (``web.port``; may be
    empty), ``message`` what was expected, ``hint`` a suggestion or empty. None of them ever holds a secret's value.
    """

    where: str
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """The problem as one line."""
        line = ": ".join(part for part in (self.where, self.key, self.message) if part)
        return f"{line} ({self.hint})" if self.hint else line


class ConfigError(MoodroomError):
    """The configuration cannot be used; ``problems`` holds everything that is wrong with it, never empty."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Origin:
    """Who said a value: a file (with the line) or an environment variable."""

    name: str
    line: int | None = None
    is_environment: bool = False

    def __str__(self) -> str:
        """``config.yaml:7``, or the variable's name."""
        return self.name if self.line is None else f"{self.name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem before it is told: its path and origin are still data, so that findings can be sorted and sifted."""

    path: KeyPath
    origin: Origin
    message: str
    hint: str = ""

    def problem(self) -> Problem:
        """The finding as it is told."""
        return Problem(str(self.origin), dotted(self.path), self.message, self.hint)


def told(findings: Iterable[Finding]) -> tuple[Problem, ...]:
    """The findings as problems without repeats: the file's from top to bottom, then the environment's by name."""

    def place(finding: Finding) -> tuple[bool, int, str, str]:
        origin = finding.origin
        return origin.is_environment, origin.line or 0, origin.name, dotted(finding.path)

    return tuple(dict.fromkeys(finding.problem() for finding in sorted(findings, key=place)))


def dotted(path: KeyPath) -> str:
    """``("rooms", "house", "anchors", 0)`` as ``rooms.house.anchors[0]``; odd characters shown escaped."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + printable(step)
    return text


def printable(text: str, longest: int = 60) -> str:
    """``text`` on one line without control characters, shortened to ``longest`` characters."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def closest(wrong: str, known: Collection[str], cutoff: float = 0.6) -> str | None:
    """The name of ``known`` that was probably meant; case, dashes and underscores count little."""
    from difflib import get_close_matches  # late: only mistakes need it

    folded = {re.sub(r"[-_\s]", "", name).casefold(): name for name in known}
    found = get_close_matches(re.sub(r"[-_\s]", "", wrong[:100]).casefold(), list(folded), n=1, cutoff=cutoff)
    return folded[found[0]] if found else None


def did_you_mean(name: str | None) -> str:
    """The hint that names the likely meaning, or nothing."""
    return f"did you mean {name}?" if name else ""


def is_unicode(text: str) -> bool:
    """Whether ``text`` can be written anywhere at all (no lone surrogates)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
