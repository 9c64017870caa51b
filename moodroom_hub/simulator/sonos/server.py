"""The players behind real sockets, each on a port of its own."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from moodroom_hub.simulator.sonos.fake import FakeSonos
from moodroom_hub.simulator.sonos.players import Reach, SimPlayer

_SHUTDOWN_S = 0.2
_NOTIFY_TIMEOUT_S = 3.0
_FIRST_NOTICE_AFTER_S = 0.01
_HANG_MS = 120_000


class SonosServer:
    """Serves every player of a fake, sends its notices, and opens and closes ports as the world changes.

    ``sleep_ms`` waits in world time.
    """

    def __init__(self, fake: FakeSonos, sleep_ms: Callable[[float], Awaitable[None]], host: str = "127.0.0.1") -> None:
        self._fake = fake
        self._sleep_ms = sleep_ms
        self._host = host
        self._runners: dict[str, web.AppRunner] = {}
        self._sites: dict[str, web.TCPSite] = {}
        self._wake = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._doors = asyncio.Lock()

    async def start(self) -> None:
        """Listen, on free ports."""
        loop = asyncio.get_running_loop()
        for player in self._fake.world.players.values():
            player.host, player.port = self._host, 0
            runner = web.AppRunner(_application(self, player), access_log=None, shutdown_timeout=_SHUTDOWN_S)
            await runner.setup()
            self._runners[player.uid] = runner
        await self._open_and_close()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(self._wake.set)

        self._fake.subscriptions.on_notice = wake
        self._fake.world.watch(lambda changed: wake() if any(what == "reach" for _, what in changed) else None)
        self._worker = asyncio.create_task(self._work(), name="simulated Sonos")

    async def stop(self) -> None:
        """Stop listening; requests under way are dropped, notices that wait are lost."""
        self._closing.set()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker
        await asyncio.gather(*(runner.cleanup() for runner in self._runners.values()))
        self._runners.clear()
        self._sites.clear()

    async def settle(self) -> None:
        """Open and close ports now, as the world is."""
        await self._open_and_close()

    async def answer(self, player: SimPlayer, request: web.Request) -> web.Response:
        """One request, as the world wants it answered."""
        body = await request.read()
        answer = self._fake.handle(player.uid, request.method, request.path, request.headers, body)
        wait_ms = _HANG_MS if answer.drop == "hang" else answer.delay_ms
        if wait_ms and not await self._passed(wait_ms):
            answer = answer if answer.drop else type(answer)(drop="reset")
        if answer.drop is not None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body or None)

    async def _passed(self, duration_ms: int) -> bool:
        """Whether this time passed before everything closed."""
        sleep = asyncio.ensure_future(self._sleep_ms(duration_ms))
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            done, _ = await asyncio.wait({sleep, closing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (sleep, closing):
                each.cancel()
        return sleep in done

    async def _work(self) -> None:
        async with ClientSession(timeout=ClientTimeout(total=_NOTIFY_TIMEOUT_S)) as session:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._open_and_close()
                while (notice := self._fake.subscriptions.take()) is not None:
                    if notice.is_first:  # the subscriber must know its sid before
                        await asyncio.sleep(_FIRST_NOTICE_AFTER_S)
                    with contextlib.suppress(ClientError, TimeoutError):
                        async with session.request(
                            "NOTIFY", notice.url, headers=notice.headers, data=notice.body
                        ) as response:
                            await response.read()

    async def _open_and_close(self) -> None:
        async with self._doors:
            await self._follow_reach()

    async def _follow_reach(self) -> None:
        for uid, runner in self._runners.items():
            player = self._fake.world.players[uid]
            is_open = uid in self._sites
            should_be = player.reach in (Reach.ANSWERS, Reach.SILENT)
            if is_open and (not should_be or player.port == 0):
                await _close(self._sites.pop(uid))
                is_open = False
            if should_be and not is_open:
                site = web.TCPSite(runner, self._host, player.port)
                await site.start()
                self._sites[uid] = site
                if player.port == 0:
                    player.port = _server_of(site).sockets[0].getsockname()[1]
                    self._fake.world.address_changed(uid)


async def _close(site: web.TCPSite) -> None:
    """Stop listening. Whoever was just let in gets their connection first: asyncio forgets them otherwise."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):
        for listening in _server_of(site).sockets:
            loop.remove_reader(listening.fileno())
        for _ in range(3):
            await asyncio.sleep(0)
    await site.stop()


def _server_of(site: web.TCPSite) -> asyncio.Server:
    server = site._server  # aiohttp has no public word for it
    if not isinstance(server, asyncio.Server):
        raise RuntimeError("the site does not listen")
    return server


def _application(server: SonosServer, player: SimPlayer) -> web.Application:
    async def handler(request: web.Request) -> web.Response:
        return await server.answer(player, request)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    return application
