"""HTTP as a stranger speaks it: every header as said, no redirect followed, events read line by line."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """What went wrong, as the API tells it."""
        told = self.json()
        assert set(told) == {"error"}
        assert {"code", "message"} <= set(told["error"])
        return dict(told["error"])


def ask(url: str, method: str = "GET", *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Reply:
    """One request on a connection of its own. ``headers`` may replace ``Host``."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    try:
        target = parts.path or "/"
        given = {"Host": parts.netloc, **(headers or {})}
        connection.putrequest(method, f"{target}?{parts.query}" if parts.query else target, skip_host=True)
        for name, value in given.items():
            connection.putheader(name, value)
        if body is not None or method == "POST":
            connection.putheader("Content-Length", str(len(body or b"")))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Reply(answer.status, {name.title(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the stream."""

    id: int
    name: str
    data: dict[str, Any]


class Stream:
    """An open ``/api/events``. A context manager; reading waits at most ``PATIENCE_S``."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
        self._connection.request("GET", "/api/events", headers=dict(headers))
        self._answer: HTTPResponse = self._connection.getresponse()
        assert self._answer.status == 200
        assert (self._answer.getheader("Content-Type") or "").startswith("text/event-stream")
        self.seen: list[Told] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answer.close()
        self._connection.close()

    def next(self) -> Told:
        """The next event."""
        fields: dict[str, str] = {}
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            assert time.monotonic() < deadline_s, f"nothing but heartbeats after {self.names()}"
            line = self._answer.readline()
            assert line, "the stream ended"
            assert line.isascii()
            text = line.decode("ascii").removesuffix("\n")
            if not text:
                if "data" in fields:
                    break
                fields = {}
            elif not text.startswith(":"):
                name, _, value = text.partition(": ")
                assert name in {"id", "event", "data", "retry"}, text[:80]
                fields[name] = value
        told = Told(int(fields["id"]), fields["event"], json.loads(fields["data"]))
        self.seen.append(told)
        return told

    def until(self, name: str, **wanted: Any) -> Told:
        """Read on to an event of that name whose data holds ``wanted``; all others are kept in ``seen``."""
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            told = self.next()
            if told.name == name and wanted.items() <= told.data.items():
                return told
        raise AssertionError(f"no {name} {wanted} in time; came: {[each.name for each in self.seen]}")

    def names(self) -> list[str]:
        """The names of what came so far."""
        return [each.name for each in self.seen]
