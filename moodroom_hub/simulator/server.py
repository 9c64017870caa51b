"""The make-believe Spotify behind real sockets: API, accounts and cover pictures on one port."""

import asyncio
import colorsys
import zlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from moodroom_hub.simulator.spotify_api.fake import FakeSpotify

_HANG_MS = 120_000
_SHUTDOWN_S = 0.5


class SpotifyServer:
    """Serves a fake on ``host``. ``sleep_ms`` waits in world time (default: the loop's own).

    A request that is to hang is dropped after two minutes of world time.
    """

    def __init__(self, fake: FakeSpotify, sleep_ms: Callable[[float], Awaitable[None]] | None = None) -> None:
        self._fake = fake
        self._sleep_ms = sleep_ms or _sleep_in_loop_time
        self._runner: web.AppRunner | None = None
        self._root = ""
        self._hanging: set[asyncio.Task[None]] = set()

    @property
    def api_url(self) -> str:
        """Where the Web API begins; ends with ``/v1/``."""
        return f"{self._root}v1/"

    @property
    def accounts_url(self) -> str:
        """Where the accounts service begins; ends with a slash."""
        return self._root

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. ``port`` 0 takes a free one."""
        application = web.Application()
        application.router.add_get("/image/{id}", _picture)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        bound_port = self._runner.addresses[0][1]
        shown_host = f"[{host}]" if ":" in host else host
        self._root = f"http://{shown_host}:{bound_port}/"
        self._fake.base_url = self.api_url
        self._fake.image_url = f"{self._root}image/"

    async def stop(self) -> None:
        """Stop listening; requests under way are dropped."""
        runner, self._runner = self._runner, None
        for hanging in self._hanging:
            hanging.cancel()
        if runner is not None:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        there_ms, back_ms = self._fake.round_trip_ms()
        await self._wait(there_ms)
        answer = self._fake.handle(
            request.method, request.raw_path.partition("?")[0], request.query, request.headers, body, back_ms
        )
        if answer.drop is not None:
            if answer.drop == "hang":
                await self._hang()
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        await self._wait(answer.delay_ms)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body or None)

    async def _hang(self) -> None:
        """Until the service is stopped, at the longest."""
        hanging = asyncio.create_task(self._wait(_HANG_MS))
        self._hanging.add(hanging)
        try:
            await asyncio.wait([hanging])
        finally:
            hanging.cancel()
            self._hanging.discard(hanging)

    async def _wait(self, duration_ms: float) -> None:
        if duration_ms > 0:
            await self._sleep_ms(duration_ms)


async def _sleep_in_loop_time(duration_ms: float) -> None:
    await asyncio.sleep(duration_ms / 1000)


async def _picture(request: web.Request) -> web.Response:
    """A cover for an album: two colours and a disc, made from its id."""
    seed = zlib.crc32(request.match_info["id"].encode())
    first, second = (_colour((seed >> shift) % 360 / 360) for shift in (0, 12))
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640" width="640" height="640">'
        f'<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop stop-color="{first}"/>'
        f'<stop offset="1" stop-color="{second}"/></linearGradient></defs>'
        '<rect width="640" height="640" fill="url(#g)"/>'
        f'<circle cx="{120 + seed % 400}" cy="{120 + seed // 400 % 400}" r="{90 + seed % 160}" '
        'fill="#fff" fill-opacity=".14"/><circle cx="320" cy="320" r="28" fill="#000" fill-opacity=".35"/></svg>'
    )
    return web.Response(text=picture, content_type="image/svg+xml")


def _colour(hue: float) -> str:
    red, green, blue = colorsys.hls_to_rgb(hue, 0.42, 0.55)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
