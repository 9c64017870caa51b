"""One answer for all who ask the same within a moment: a burst of events makes every open page ask at once.

Two hundred pages would else be two hundred renderings of the same words: two busy seconds with each track.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

KEPT_S: Final = 0.25
MOST_KEPT: Final = 8
"""Of several zones each has a page of its own."""
ASKS: Final = "X-Refresh"
"""The header by which ``app.js`` says that it asks because something happened, not because a person did."""


@dataclass(frozen=True, slots=True)
class _Kept:
    until_s: float
    body: bytes
    packed: bytes


class Sharing:
    """Keeps the last answers for a moment, and makes one at a time."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def forget(self) -> None:
        """Something changed that no key tells."""
        self._kept.clear()

    async def answer(
        self, request: web.Request, key: Hashable, make: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        """What ``make`` gives, or gave for the same ``key`` (not ``None``) a moment ago. ``key`` names all that the
        answer hangs on but time; only pages (status 200) are kept."""
        async with self._lock:
            now_s = asyncio.get_running_loop().time()
            kept = self._kept.pop(key, None)
            if kept is None or now_s >= kept.until_s:
                made = await make()
                if made.status != 200 or not isinstance(made.body, bytes):
                    return made
                until_s = asyncio.get_running_loop().time() + KEPT_S
                kept = _Kept(until_s, made.body, gzip.compress(made.body, 6, mtime=0))
            self._kept[key] = kept
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        headers = {"Vary": "Accept-Encoding"}
        body = kept.body
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = kept.packed, "gzip"
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)
