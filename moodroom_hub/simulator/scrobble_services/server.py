"""The make-believe services behind a real socket."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from aiohttp import web

from moodroom_hub.simulator.scrobble_services.answers import Answer, Fault, FaultKind, Service

_HANG_S = 600.0
_BEFORE = (FaultKind.ERROR_BEFORE, FaultKind.CUT_BEFORE, FaultKind.TOO_MANY)


class ScrobbleServer:
    """``async with ScrobbleServer(service) as server``: serves it on loopback at ``server.url``."""

    def __init__(self, service: Service, *, port: int = 0) -> None:
        self.service = service
        self._port = port
        self._runner: web.AppRunner | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """Without a path."""
        return self._url

    @property
    def lastfm_url(self) -> str:
        """Where a make-believe Last.fm answers."""
        return f"{self._url}/2.0/"

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=16 * 1024 * 1024)
        application.router.add_route("*", "/{path:.*}", self._answer)
        runner = self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=0.5, handler_cancellation=True
        )
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        self._url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        path = request.raw_path if request.method == "GET" else request.path
        answer = self._decided(request.method, path, headers, body)
        if answer is None:
            await asyncio.sleep(_HANG_S)
            return web.Response(status=500)
        if answer.is_cut:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        named = {"Content-Type": "application/json; charset=utf-8", **answer.headers}
        response = web.Response(status=answer.status, headers=named, body=answer.body)
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            await response.write_eof()
        return response

    def _decided(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """``None``: no answer ever comes."""
        if self.service.is_down:
            return Answer(0, b"", is_cut=True)
        fault = self.service.next_fault()
        if fault is not None and fault.kind in _BEFORE:
            return _failed(fault)
        answer = self.service.answer(method, path, headers, body)
        if fault is None:
            return answer
        return None if fault.kind is FaultKind.HANG_AFTER else _failed(fault)


def _failed(fault: Fault) -> Answer:
    if fault.kind in (FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER):
        return Answer(0, b"", is_cut=True)
    if fault.kind is FaultKind.TOO_MANY:
        wait = str(fault.wait_s)
        headers = {"Retry-After": wait, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-In": wait}
        return Answer(429, {"code": 429, "error": "Too many requests"}, headers)
    if fault.kind is FaultKind.NO_JSON:
        return Answer(200, b"<html>welcome to the hotel</html>", {"Content-Type": "text/html"})
    return Answer(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"})
