"""Logging: one record is one line, hostile titles stay harmless, secrets stay secret, repetition stays short.

Text where a person watches (a terminal), JSON elsewhere; ``MOODROOM_LOG_FORMAT=text|json`` decides otherwise.
Only a traceback in text format takes more lines, each marked with ``|``.
"""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

from moodroom_hub.app.text import one_line
from moodroom_hub.core.config import ConfigError, Problem

FORMAT_VARIABLE = "MOODROOM_LOG_FORMAT"
FORMATS = ("text", "json")
QUIET_S = 60.0
_REMEMBERED = 200
_SHORTEST_SECRET = 4
_MASK = "***"

LIBRARY_LEVELS = {
    "spotipy": logging.CRITICAL,  # logs as an error what our client handles and tells in its own words
    "urllib3": logging.ERROR,  # its debug lines hold whole addresses
    "requests": logging.WARNING,
    "apscheduler": logging.WARNING,
    "aiohttp.access": logging.WARNING,
    "asyncio": logging.WARNING,
    "alembic": logging.WARNING,
    "sqlalchemy": logging.WARNING,
}

LIVE_ONLY = (
    "moodroom_hub.core.dispatch",  # who keeps the whole hub waiting: nobody waits beside a command
    "moodroom_hub.plugins.sorter.jobs",  # how its work failed: the command that began it tells
    "moodroom_hub.plugins.radio.jobs",
    "moodroom_hub.core.registry.loading",  # which plugins are switched off by their sections: check and plugins tell
)
"""What these warn of concerns a hub that runs, and not whoever runs a command over its data."""

# Whatever looks like a credential is masked even where nobody registered it.
_CREDENTIALS = re.compile(
    r"(?P<before>\bBearer\s+|\bBasic\s+|[?&](?:code|state)="
    r"|\b(?:access_token|refresh_token|client_secret|code_verifier|password|api_key)(?:=['\"]?|['\"]\s*:\s*['\"]))"
    r"[^\s'\"&,}]{4,}|(?P<address>://[^/\s:@]*:)[^/\s@]+(?=@)",
    re.IGNORECASE,
)

_secrets: set[str] = set()


def register_secret(value: str | None) -> None:
    """From now on no log line holds ``value``. Very short values are ignored: masking them would garble words."""
    if value and len(value) >= _SHORTEST_SECRET:
        _secrets.add(value)


def redacted(text: str) -> str:
    """``text`` without registered secrets and without what looks like a credential."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return _CREDENTIALS.sub(lambda hit: (hit["before"] or hit["address"]) + _MASK, text)


class TextFormatter(logging.Formatter):
    """``12:03:04 WARNING spotify: message``; a traceback follows in lines of its own, each marked."""

    def format(self, record: logging.LogRecord) -> str:
        """One harmless line, and the traceback's where there is one."""
        clock = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        name = record.name.removeprefix("moodroom_hub.").removeprefix("plugins.")
        lines = [f"{clock} {record.levelname:<7} {name}: {one_line(redacted(record.getMessage()))}"]
        if record.exc_info:
            lines += [f"  | {one_line(line)}" for line in redacted(self.formatException(record.exc_info)).splitlines()]
        return "\n".join(lines)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, pure ASCII, so that no character of a title can steer whoever reads it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if record.exc_info:
            fields["traceback"] = redacted(self.formatException(record.exc_info))
        return json.dumps(fields)


@dataclass(slots=True)
class _Repeated:
    since_s: float
    held_back: int
    record: logging.LogRecord


class HouseHandler(logging.StreamHandler[TextIO]):
    """Writes records; a warning that comes again within a minute is counted instead of written."""

    def __init__(self, stream: TextIO, now_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._now_s = now_s
        self._seen: dict[tuple[str, int, str], _Repeated] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or hold it back."""
        if record.levelno < logging.WARNING:
            super().emit(record)
            return
        try:
            key = (record.name, record.levelno, record.getMessage())
        except (TypeError, ValueError, KeyError):  # arguments that do not fit: logging's own complaint names the line
            self.handleError(record)
            return
        now_s = self._now_s()
        self._tell_of_repetition(now_s)
        seen = self._seen.get(key)
        if seen is not None:
            seen.held_back += 1
            return
        if len(self._seen) >= _REMEMBERED:
            self._tell_of_repetition(float("inf"))
        self._seen[key] = _Repeated(now_s, 0, record)
        super().emit(record)

    def close(self) -> None:
        """Tell what was held back, then close."""
        self.tell_held_back()
        super().close()

    def tell_held_back(self) -> None:
        """Tell now what was held back, so that it does not come after the last word."""
        self._tell_of_repetition(float("inf"))

    def _tell_of_repetition(self, now_s: float) -> None:
        for key in [key for key, seen in self._seen.items() if now_s - seen.since_s >= QUIET_S]:
            seen = self._seen.pop(key)
            if seen.held_back:
                times = f"repeated {seen.held_back} times" if seen.held_back > 1 else "repeated once"
                told = logging.makeLogRecord(
                    {**seen.record.__dict__, "msg": "%s (%s)", "args": (key[2], times), "exc_info": None}
                )
                told.created = time.time()
                super().emit(told)


@contextmanager
def only_what_concerns_a_command() -> Iterator[None]:
    """Inside, only the errors of ``LIVE_ONLY`` are told; all, where the log was asked for in full."""
    if logging.getLogger().isEnabledFor(logging.DEBUG):
        yield
        return
    loggers = [logging.getLogger(name) for name in LIVE_ONLY]
    before = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for each, level in zip(loggers, before, strict=True):
            each.setLevel(level)


def format_problem(environ: Mapping[str, str]) -> Problem | None:
    """What is wrong with the wished format, if anything."""
    wanted = environ.get(FORMAT_VARIABLE, "")
    if not wanted or wanted.lower() in FORMATS:
        return None
    return Problem(FORMAT_VARIABLE, "", f"expected {' or '.join(FORMATS)}, not {wanted[:40]!r}")


def configure_logging(
    level: str = "info", stream: TextIO | None = None, environ: Mapping[str, str] = os.environ
) -> HouseHandler:
    """Send all logging to ``stream`` (stderr), from ``level`` (``debug`` ... ``error``) on.

    Raises ``ConfigError`` for a format that nobody knows; then nothing has changed.
    """
    problem = format_problem(environ)
    if problem is not None:
        raise ConfigError([problem])
    stream = sys.stderr if stream is None else stream
    wanted = environ.get(FORMAT_VARIABLE, "").lower()
    is_text = wanted == "text" if wanted else stream.isatty()
    handler = HouseHandler(stream)
    handler.setFormatter(TextFormatter() if is_text else JsonFormatter())
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old, HouseHandler):
            root.removeHandler(old)
            old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name, library_level in LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(library_level)
    logging.captureWarnings(capture=True)
    return handler
