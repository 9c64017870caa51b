"""The make-believe services behind one real socket."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from moodroom_hub.simulator.music_facts.answers import FactsAnswer
from moodroom_hub.simulator.music_facts.cover_art import FakeCoverArtArchive
from moodroom_hub.simulator.music_facts.deezer import FakeDeezer
from moodroom_hub.simulator.music_facts.knowledge import MusicKnowledge
from moodroom_hub.simulator.music_facts.listen_labs import FakeListenLabs
from moodroom_hub.simulator.music_facts.musicbrainz import FakeMusicBrainz

_HANG_S: Final = 600.0
_SHUTDOWN_S: Final = 0.5


class MusicFactsServer:
    """``async with MusicFactsServer() as server``: the four services on a free port of ``host``.

    ``now_ms`` is the time by which rates are judged (default: the wall clock).
    """

    def __init__(
        self,
        knowledge: MusicKnowledge | None = None,
        *,
        now_ms: Callable[[], int] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        now_ms = now_ms or (lambda: round(time.time() * 1000))
        self.knowledge = MusicKnowledge.of_catalogue() if knowledge is None else knowledge
        self.musicbrainz = FakeMusicBrainz(self.knowledge, now_ms)
        self.cover_art = FakeCoverArtArchive(self.knowledge)
        self.deezer = FakeDeezer(self.knowledge, now_ms)
        self.labs = FakeListenLabs(self.knowledge, now_ms)
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self._origin = ""

    @property
    def musicbrainz_url(self) -> str:
        """For ``plugins.metadata.url``."""
        return f"{self._origin}/ws/2"

    @property
    def cover_art_url(self) -> str:
        """For ``plugins.artwork.cover_art_archive_url``."""
        return f"{self._origin}/caa"

    @property
    def deezer_url(self) -> str:
        """For ``plugins.artwork.deezer_url``."""
        return f"{self._origin}/deezer"

    @property
    def labs_url(self) -> str:
        """For ``plugins.metadata.similar_url``."""
        return f"{self._origin}/labs"

    @property
    def broken(self) -> list[str]:
        """Every rule of any service that was broken."""
        return [*self.musicbrainz.broken, *self.cover_art.broken, *self.deezer.broken, *self.labs.broken]

    @property
    def requests(self) -> int:
        """How many requests came, to all of them."""
        services = (self.musicbrainz, self.cover_art, self.deezer, self.labs)
        return sum(len(service.requests) for service in services)

    async def start(self) -> None:
        """Listen."""
        application = web.Application()
        application.router.add_route("*", "/ws/2/{path:.*}", self._musicbrainz)
        application.router.add_route("*", "/caa/{path:.*}", self._cover_art)
        application.router.add_route("*", "/deezer/{path:.*}", self._deezer)
        application.router.add_route("*", "/labs/{path:.*}", self._labs)
        runner = self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=_SHUTDOWN_S, handler_cancellation=True
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await self.stop()
            raise
        self._origin = f"http://{self._host}:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening; requests under way are dropped."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _musicbrainz(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        return await _sent(request, self.musicbrainz.receive(request.method, path, request.query, request.headers))

    async def _cover_art(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        return await _sent(request, self.cover_art.receive(request.method, path, request.headers))

    async def _deezer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        return await _sent(request, self.deezer.receive(request.method, path, request.query, request.headers))

    async def _labs(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        return await _sent(request, self.labs.receive(request.method, path, request.query, request.headers))


async def _sent(request: web.Request, answer: FactsAnswer) -> web.StreamResponse:
    if answer.drop == "hang":
        await asyncio.sleep(_HANG_S)
    if answer.drop is not None:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    response = web.Response(status=answer.status, headers=answer.headers, body=answer.body)
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        await response.write_eof()
    return response
