"""One HTTP request to a speaker, bounded in time and size. Blocking; standard library only.

SoCo itself opens a session of requests for each call, asks the environment for proxies, and waits as long as bytes
trickle in. A speaker is in the same house, so none of that is wanted, and this costs a third.
"""

import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse

MOST_BYTES = 4_000_000
"""The biggest honest answer, a thousand queue entries or the groups of a large house, stays well below."""
_PIECE_BYTES = 65_536


Exchange = Callable[[str, int, str, str, dict[str, str], bytes, float], tuple[int, str]]
"""What ``exchange`` is."""


class NotSent(Exception):
    """There was no connection: nothing was sent."""


class NoAnswer(Exception):
    """It was sent, and no whole answer came in time."""


class NoHttp(Exception):
    """What came is no HTTP, or too much."""


def exchange(
    host: str, port: int, method: str, path: str, headers: dict[str, str], body: bytes, timeout_s: float
) -> tuple[int, str]:
    """Send and read; status and text. ``timeout_s`` holds for connecting, and for all the rest together.

    Raises ``NotSent``, ``NoAnswer``, ``NoHttp``.
    """
    connection = HTTPConnection(host, port, timeout=timeout_s)
    try:
        try:
            connection.connect()
        except OSError as error:
            raise NotSent from error
        try:
            deadline_s = time.monotonic() + timeout_s
            connection.request(method, path, body, {**headers, "Connection": "close"})
            # It took the socket over, and lives on in the traceback of what goes wrong from here on.
            with closing(connection.getresponse()) as response:
                return response.status, _text(response, connection, deadline_s)
        except OSError as error:  # first: a connection that was closed without a word is of both kinds
            raise NoAnswer from error
        except HTTPException as error:
            raise NoHttp from error
    finally:
        connection.close()


def _text(response: HTTPResponse, connection: HTTPConnection, deadline_s: float) -> str:
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(_PIECE_BYTES):
        size += len(piece)
        pieces.append(piece)
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        if size > MOST_BYTES:
            raise NoHttp
        # The response took the socket over where the answer ends with the connection.
        if connection.sock is not None:
            connection.sock.settimeout(left_s)
    if response.length:
        raise ConnectionError
    return b"".join(pieces).decode("utf-8", "replace")
