"""The only file that speaks HTTP."""

import asyncio
import os
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import aiohttp

from moodroom_hub import __version__
from moodroom_hub.plugins.scrobbling.services import Reply, Request

USER_AGENT: Final = f"moodroom-hub/{__version__}"
TIMEOUT_MS: Final = 30_000
_MOST_BYTES: Final = 1024 * 1024


class LineError(Exception):
    """The call broke off; the text says how. ``was_sent``: the service may have taken it all the same."""

    def __init__(self, reason: str, *, was_sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.was_sent = was_sent


class Client:
    """``async with Client(real_seconds)``: one session. Redirects are not followed: a key must not go elsewhere."""

    def __init__(self, real_seconds: Callable[[float], float]) -> None:
        self._timeout = aiohttp.ClientTimeout(total=real_seconds(TIMEOUT_MS))
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"User-Agent": USER_AGENT},
            timeout=self._timeout,
            connector=aiohttp.TCPConnector(limit=4),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(self, request: Request) -> Reply:
        """One request. Raises ``LineError``."""
        if self._session is None:
            raise RuntimeError("the client is not open")
        try:
            async with self._session.request(
                request.method,
                request.url,
                data=request.body,
                headers=request.headers,
                allow_redirects=False,
                middlewares=(_Once(),),
            ) as response:
                named = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status, named, await _read(response))
        except TimeoutError:
            raise LineError("does not answer in time", was_sent=True) from None
        except aiohttp.ClientConnectorError as error:
            raise LineError(f"cannot be reached ({words_of(error.os_error)})", was_sent=False) from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError, ValueError) as error:
            # The text of such an error may hold what was sent; its kind is enough.
            raise LineError(f"broke the connection off ({type(error).__name__})", was_sent=True) from None


class _Once:
    """aiohttp by itself sends a GET again where the connection broke, past the service's limits; this forbids it."""

    def __init__(self) -> None:
        self._is_sent = False

    async def __call__(self, request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        if self._is_sent:
            raise aiohttp.ServerDisconnectedError
        self._is_sent = True
        return await send(request)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > _MOST_BYTES:
            response.close()
            return b""
    return bytes(content)


def words_of(error: OSError) -> str:
    """Why no connection could be made."""
    if isinstance(error, ConnectionRefusedError):
        return "nobody answers there"
    if error.errno is not None and error.errno > 0:  # asyncio's own words hold the address as Python writes it
        return os.strerror(error.errno)
    return error.strerror or type(error).__name__
