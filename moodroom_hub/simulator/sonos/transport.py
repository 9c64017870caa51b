"""The players without sockets: what looks like ``requests`` and like a client session, and answers in the process."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from moodroom_hub.simulator.sonos.fake import FakeSonos
from moodroom_hub.simulator.sonos.soap import Answer

_LONGEST_WAIT_S = 600.0


class InProcessRequests:
    """Stands where a module says ``requests``: ``get`` and ``post`` to the household's addresses never leave us.

    ``sleep`` takes seconds of world time. Errors are those of ``requests``.
    """

    exceptions = requests.exceptions
    structures = requests.structures

    def __init__(self, fake: FakeSonos, sleep: Callable[[float], None] | None = None) -> None:
        self._fake = fake
        self._sleep = sleep or (lambda seconds: None)

    def get(self, url: str, timeout: Any = None, headers: Mapping[str, str] | None = None) -> requests.Response:
        """As ``requests.get``."""
        return self.request("GET", url, headers=headers, timeout=timeout)

    def post(
        self, url: str, headers: Mapping[str, str] | None = None, data: bytes = b"", timeout: Any = None
    ) -> requests.Response:
        """As ``requests.post``."""
        return self.request("POST", url, headers=headers, data=data, timeout=timeout)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        data: bytes = b"",
        timeout: Any = None,
    ) -> requests.Response:
        """As ``requests.request``."""
        answer = self.ask(method, url, headers or {}, data)
        wait_s = _LONGEST_WAIT_S if answer.drop == "hang" else answer.delay_ms / 1000
        limit_s = _seconds(timeout)
        if wait_s:
            self._sleep(min(wait_s, limit_s))
        if wait_s >= limit_s:
            raise requests.exceptions.ReadTimeout(f"no answer from {url} within {limit_s} s")
        if answer.drop is not None:
            raise requests.exceptions.ConnectionError(f"{url} does not answer")
        return _response(url, answer)

    def exchange(
        self, host: str, port: int, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, str]:
        """One request without ``requests``: status and text.

        Raises ``ConnectionRefusedError`` where nobody listens, ``TimeoutError`` where no answer comes in time.
        """
        answer = self.ask(method, f"http://{host}:{port}{path}", headers, body)
        if answer.drop == "reset":
            raise ConnectionRefusedError(f"{host}:{port} does not answer")
        wait_s = timeout_s if answer.drop == "hang" else answer.delay_ms / 1000
        if wait_s:
            self._sleep(min(wait_s, timeout_s))
        if wait_s >= timeout_s:
            raise TimeoutError(f"no answer from {host}:{port} within {timeout_s} s")
        return answer.status, answer.body.decode()

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """The bare answer; waits for nothing."""
        parts = urlsplit(url)
        for player in self._fake.world.players.values():
            if player.address == (parts.hostname, parts.port):
                return self._fake.handle(player.uid, method, parts.path, headers, body)
        return Answer(drop="reset")


class InProcessClientSession:
    """Stands where an event listener holds its client session, for SUBSCRIBE and UNSUBSCRIBE without sockets."""

    def __init__(self, asker: InProcessRequests) -> None:
        self._asker = asker

    async def request(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> "Heard":
        """Ask; raises ``OSError`` where nobody answers or the answer is no."""
        answer = self._asker.ask(method, url, headers or {})
        if answer.drop is not None:
            raise ConnectionError(f"{url} does not answer")
        if answer.status >= 400:
            raise ConnectionError(f"{url} answered {answer.status}")
        return Heard(answer)

    async def close(self) -> None:
        """Nothing to close."""


class Heard:
    """The answer that an :class:`InProcessClientSession` gives."""

    def __init__(self, answer: Answer) -> None:
        self.status = answer.status
        self.ok = answer.status < 400
        self.headers = CaseInsensitiveDict(answer.headers)


@contextmanager
def standing_in(asker: InProcessRequests, *modules: ModuleType) -> Iterator[None]:
    """Within it, these modules' name ``requests`` means the household's."""
    before = [module.__dict__["requests"] for module in modules]
    for module in modules:
        module.__dict__["requests"] = asker
    try:
        yield
    finally:
        for module, former in zip(modules, before, strict=True):
            module.__dict__["requests"] = former


def _seconds(timeout: Any) -> float:
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    return float(timeout) if isinstance(timeout, (int, float)) else _LONGEST_WAIT_S


def _response(url: str, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers)
    response.encoding = "utf-8"
    response.raw = io.BytesIO(answer.body)
    response.url = url
    response.reason = HTTPStatus(answer.status).phrase
    return response
