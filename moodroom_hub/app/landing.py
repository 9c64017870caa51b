"""The page where a browser lands after a login: answers once, remembers the address, nothing else."""

import asyncio
from types import TracebackType
from typing import Self

from aiohttp import web

from moodroom_hub.core.errors import StartError

THANKS = "<!doctype html><meta charset=utf-8><title>Moodroom Hub</title><p>Thank you. You can close this page."


class Landing:
    """Listens on one loopback address while it is open. A context manager. Raises ``StartError`` on entering."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self._host, self._port = host, port
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        app = web.Application()
        app.router.add_get(path, self._land)
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise StartError(
                f"Port {self._port} cannot be listened on ({error.strerror}), but the login comes back there. "
                "End the program that uses it, or use: moodroom-hub login --paste"
            ) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answer.cancel()
        await self._runner.cleanup()

    async def answer(self) -> str:
        """The whole address where the browser landed."""
        return await asyncio.shield(self._answer)

    async def _land(self, request: web.Request) -> web.Response:
        if not self._answer.done() and "state" in request.query:
            self._answer.set_result(str(request.url))
        return web.Response(text=THANKS, content_type="text/html")
