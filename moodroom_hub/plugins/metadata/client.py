"""The only file that speaks HTTP: one session, one service."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp

MOST_BYTES: Final = 2 * 1024 * 1024
"""A larger answer is no answer."""
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came."""

    status: int
    retry_after: str | None
    body: bytes


class NoAnswer(Exception):
    """Nothing came back that could be read; the text says why."""


class Client:
    """Opens its session with the first request. Redirects are not followed, cookies are not kept."""

    def __init__(self, user_agent: str, timeout_s: float) -> None:
        self._headers = {"User-Agent": user_agent, "Accept": "application/json"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str, parameters: Mapping[str, str]) -> Reply:
        """Raises ``NoAnswer``."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(limit=1),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        try:
            async with self._session.get(
                url, params=parameters, allow_redirects=False, middlewares=(_Once(),)
            ) as response:
                body = await _read(response)
                return Reply(response.status, response.headers.get("Retry-After"), body)
        except TimeoutError:
            raise NoAnswer("no answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError, asyncio.IncompleteReadError) as error:
            # The text of such an error may hold what was sent; its kind is enough.
            raise NoAnswer(f"the connection broke off ({type(error).__name__})") from None

    async def close(self) -> None:
        """Let go of the connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


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
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        content += chunk
        if len(content) > MOST_BYTES:
            response.close()
            raise NoAnswer("an answer of absurd size")
    return bytes(content)
