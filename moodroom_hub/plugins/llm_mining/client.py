"""The only file that speaks HTTP: one session for one run."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import aiohttp

from moodroom_hub import __version__

MOST_BYTES: Final = 4 * 1024 * 1024
"""A larger answer is no answer."""
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came. Header names are in lower case. ``is_too_large``: the rest of the body was not read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_too_large: bool = False


class LineError(Exception):
    """The call broke off. ``was_sent``: the endpoint may have done and charged it. The text says what happened."""

    def __init__(self, reason: str, *, was_sent: bool, is_timeout: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.was_sent = was_sent
        self.is_timeout = is_timeout


class Client:
    """``async with Client(...)``: calls to one endpoint. Redirects are not followed: a key must not go elsewhere."""

    def __init__(self, base_url: str, key: str | None, timeout_s: float, in_flight: int) -> None:
        self._base_url = base_url
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, connect=min(timeout_s, 30.0))
        self._headers = {"User-Agent": f"moodroom-hub/{__version__}", "Accept": "application/json"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"
        self._in_flight = in_flight
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            timeout=self._timeout,
            connector=aiohttp.TCPConnector(limit=self._in_flight),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def ask(self, body: bytes) -> Reply:
        """One chat completion. Raises ``LineError``."""
        return await self._send("POST", "/chat/completions", body)

    async def models(self) -> Reply:
        """The list of models. Raises ``LineError``."""
        return await self._send("GET", "/models", None)

    async def _send(self, method: str, path: str, body: bytes | None) -> Reply:
        if self._session is None:
            raise RuntimeError("the client is not open")
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            async with self._session.request(
                method, self._base_url + path, data=body, headers=headers, allow_redirects=False
            ) as response:
                content, is_too_large = await _read(response)
                named = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status, named, content, is_too_large)
        except aiohttp.ConnectionTimeoutError:
            raise LineError("the endpoint cannot be reached in time", was_sent=False, is_timeout=False) from None
        except TimeoutError:
            raise LineError("the endpoint did not answer in time", was_sent=True, is_timeout=True) from None
        except aiohttp.ClientConnectorCertificateError:
            raise LineError("the endpoint's certificate is not valid", was_sent=False) from None
        except aiohttp.ClientConnectorError as error:
            raise LineError(f"the endpoint cannot be reached ({_words(error.os_error)})", was_sent=False) from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            # The text of such an error may hold what was sent; its kind is enough.
            raise LineError(f"the connection broke off ({type(error).__name__})", was_sent=True) from None


async def _read(response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        content += chunk
        if len(content) > MOST_BYTES:
            response.close()
            return b"", True
    return bytes(content), False


def _words(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nobody answers there"
    if error.errno is not None and error.errno > 0:  # asyncio's own words hold the address as Python writes it
        return os.strerror(error.errno)
    return error.strerror or type(error).__name__
