"""A ``requests`` transport that asks the make-believe Spotify without any socket."""

import io
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from moodroom_hub.simulator.spotify_api.answers import Answer
from moodroom_hub.simulator.spotify_api.fake import FakeSpotify

_LONGEST_WAIT_S = 600.0


class InProcessAdapter(BaseAdapter):
    """Mount it: ``session.mount("https://", InProcessAdapter(fake, sleep))``.

    ``sleep`` takes seconds of world time (``VirtualTimeLoop.sleep_from_thread``); without it nothing ever waits.
    Unanswered requests raise ``ReadTimeout`` after the caller's own time-out, broken ones ``ConnectionError``.
    """

    def __init__(self, fake: FakeSpotify, sleep: Callable[[float], None] | None = None) -> None:
        super().__init__()
        self._fake = fake
        self._sleep = sleep

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer as the fake does, after the time that the way there and back takes."""
        wait_s = _read_timeout_s(timeout)
        there_ms, back_ms = self._fake.round_trip_ms()
        self._wait(there_ms / 1000)
        parts = urlsplit(request.url or "")
        answer = self._fake.handle(
            request.method or "GET",
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            request.headers,
            _bytes_of(request.body),
            back_ms,
        )
        left_s = wait_s - there_ms / 1000
        if answer.drop == "reset":
            raise requests.exceptions.ConnectionError("Connection reset by peer", request=request)
        if answer.drop == "hang" or answer.delay_ms / 1000 > left_s:
            self._wait(left_s)
            raise requests.exceptions.ReadTimeout("Read timed out", request=request)
        self._wait(answer.delay_ms / 1000)
        return _response(answer, request)

    def close(self) -> None:
        """Nothing to close."""

    def _wait(self, seconds: float) -> None:
        if self._sleep is not None and seconds > 0:
            self._sleep(seconds)


def _read_timeout_s(timeout: Any) -> float:
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    timeout = getattr(timeout, "read_timeout", timeout)
    return float(timeout) if isinstance(timeout, (int, float)) else _LONGEST_WAIT_S


def _bytes_of(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if body else b""


def _response(answer: Answer, request: requests.PreparedRequest) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.raw = io.BytesIO(answer.body)
    response.url = request.url or ""
    response.request = request
    response.reason = HTTPStatus(answer.status).phrase
    return response
