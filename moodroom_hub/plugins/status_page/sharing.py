"""One answer for all who ask the same within a moment: a burst of events makes every open page ask at once.

Two hundred pages would else be two hundred renderings of the same words: two busy seconds with each track.
"""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Hashable
from typing import Final

from aiohttp import web

KEPT_S: Final = 0.25
ASKS: Final = "X-Refresh"
"""The header by which ``app.js`` says that it asks because something happened, not because a person did."""


class Sharing:
    """Keeps the last answer for a moment, and makes one at a time."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._key: Hashable = None
        self._until_s = 0.0
        self._body = b""
        self._packed = b""

    def forget(self) -> None:
        """Something changed that no key tells."""
        self._key = None

    async def answer(
        self, request: web.Request, key: Hashable, make: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        """What ``make`` gives, or gave for the same ``key`` (not ``None``) a moment ago. ``key`` names all that the
        answer hangs on but time; only pages (status 200) are kept."""
        async with self._lock:
            now_s = asyncio.get_running_loop().time()
            if self._key != key or now_s >= self._until_s:
                self._key = None
                made = await make()
                if made.status != 200 or not isinstance(made.body, bytes):
                    return made
                self._key = key
                self._body, self._packed = made.body, gzip.compress(made.body, 6, mtime=0)
                self._until_s = asyncio.get_running_loop().time() + KEPT_S
        headers = {"Vary": "Accept-Encoding"}
        body = self._body
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = self._packed, "gzip"
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)
