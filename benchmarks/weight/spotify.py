"""A simulated Spotify outside the hub's process, over real sockets and TLS, in the hub's time."""

import asyncio
import ssl
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import certifi
from aiohttp import web

from benchmarks.weight import NOW_HEADER
from moodroom_hub.simulator.home import SimulatedHome


class ToldClock:
    """World time: the latest that a hub told, or the system's where none ever tells."""

    def __init__(self, start_ms: int | None = None) -> None:
        self._told_ms = start_ms

    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return round(time.time() * 1000) if self._told_ms is None else self._told_ms

    def hear(self, told: str | None) -> None:
        """Time only moves on."""
        if told is not None and self._told_ms is not None:
            self._told_ms = max(self._told_ms, int(told))


class House:
    """``async with House(clock, folder) as house``: the home, its Spotify, and a listener who skips and stays."""

    def __init__(self, clock: ToldClock, folder: Path, *, listener: str | None = "household", seed: int = 7) -> None:
        self._clock = clock
        self._folder = folder
        self._listener = listener
        self._seed = seed
        self.requests = 0

    async def __aenter__(self) -> Self:
        self.home = SimulatedHome(self._seed, now_ms=self._clock.now_ms, listener=self._listener, serve=False)
        await self.home.__aenter__()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        server_side, self._client_side = await asyncio.to_thread(_certified, self._folder)
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=server_side).start()
        self.url = f"https://127.0.0.1:{self._runner.addresses[0][1]}/"
        self.home.fake.base_url = f"{self.url}v1/"
        self.home.fake.image_url = f"{self.url}image/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
        await self.home.__aexit__(kind, error, trace)

    @property
    def environ(self) -> dict[str, str]:
        """What lets a hub trust this Spotify, beside all that it trusts anyway."""
        return {"REQUESTS_CA_BUNDLE": str(self._folder / "trusted.pem")}

    def visitor(self) -> aiohttp.ClientSession:
        """A browser's session."""
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self._client_side))

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self._clock.hear(request.headers.get(NOW_HEADER))
        self.requests += 1
        path = request.raw_path.partition("?")[0]
        answer = self.home.fake.handle(request.method, path, request.query, request.headers, body)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body or None)


def _certified(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for the loopback address, one that the hub's HTTP library is told to trust."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    trusted = folder / "trusted.pem"
    trusted.write_text(Path(certifi.where()).read_text() + certificate.read_text())
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate, key)
    return server_side, ssl.create_default_context(cafile=str(certificate))
