"""The make-believe model behind a real socket."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from moodroom_hub.simulator.model_api.fake import Call, FakeModel

_HANG_MS = 600_000
_SHUTDOWN_S = 0.5
_MOST_BODY_BYTES = 32 * 1024 * 1024


class ModelServer:
    """``async with ModelServer() as server``: serves ``server.fake`` on ``host``; ``port`` 0 takes a free one.

    ``sleep_ms`` lives out delays (default: the loop's time). A request that is to hang is dropped after ten minutes.
    """

    def __init__(
        self,
        fake: FakeModel | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        sleep_ms: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        self.fake = fake or FakeModel()
        self._host, self._port = host, port
        self._sleep_ms = sleep_ms or _sleep_in_loop_time
        self._runner: web.AppRunner | None = None
        self._base_url = ""

    @property
    def base_url(self) -> str:
        """What a client is configured with; ends with ``/v1``. Empty until it listens."""
        return self._base_url

    async def start(self) -> None:
        """Listen."""
        application = web.Application(client_max_size=_MOST_BODY_BYTES)
        application.router.add_route("*", "/{path:.*}", self._answer)
        # A client that goes away ends its request: a killed one must not look as if it had been served.
        runner = self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=_SHUTDOWN_S, handler_cancellation=True
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await self.stop()
            raise
        shown_host = f"[{self._host}]" if ":" in self._host else self._host
        self._base_url = f"http://{shown_host}:{runner.addresses[0][1]}/v1"

    async def stop(self) -> None:
        """Stop listening; requests under way are dropped. Closes the log's file; the records stay."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
        self.fake.log.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        call = self.fake.receive(request.method, request.raw_path.partition("?")[0], request.headers, body)
        was_delivered = False
        try:
            response = await self._live_out(request, call)
            was_delivered = call.answer.drop is None and _is_open(request)
        finally:
            self.fake.finish(call, was_delivered)
        return response

    async def _live_out(self, request: web.Request, call: Call) -> web.StreamResponse:
        answer = call.answer
        if answer.delay_ms > 0:
            await self._sleep_ms(answer.delay_ms)
        if answer.drop == "hang":
            await self._sleep_ms(_HANG_MS)
        if answer.drop in ("hang", "reset"):
            _abort(request)
            return web.Response(status=500)
        if answer.drop == "cut":
            return await _cut(request, answer.headers["Content-Type"], answer.body)
        response = web.Response(status=answer.status, headers=answer.headers, body=answer.body)
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            await response.write_eof()
        return response


async def _cut(request: web.Request, content_type: str, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": content_type, "Content-Length": str(len(body))})
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _is_open(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


async def _sleep_in_loop_time(duration_ms: float) -> None:
    await asyncio.sleep(duration_ms / 1000)
