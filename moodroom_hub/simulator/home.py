"""The whole make-believe home: world, Spotify, listener and server, composed."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from moodroom_hub.simulator.catalogue import demo_items, demo_liked, demo_pools, own_playlist_uris
from moodroom_hub.simulator.catalogue.stations import FRIDAY, friday_uris, station_items
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.faults import FaultPlan
from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.library import Library, Liked
from moodroom_hub.simulator.listener import Listener, keep_up
from moodroom_hub.simulator.replay import ReplayListener
from moodroom_hub.simulator.server import SpotifyServer
from moodroom_hub.simulator.session import WorldSettings
from moodroom_hub.simulator.spotify_api import ALL_SCOPES, AppRegistration, FakeSpotify, Habits, Limits
from moodroom_hub.simulator.transport import InProcessAdapter
from moodroom_hub.simulator.virtual_time import VirtualTimeLoop
from moodroom_hub.simulator.world import World

EPOCH_MS = 1_793_520_000_000
"""Where virtual time begins: 2026-11-01T08:00:00Z."""


def default_devices() -> list[SimDevice]:
    """A speaker that is ready, a phone, a sleeping television."""
    return [
        SimDevice("Living Room", presence=Presence.ACTIVE, crossfade_ms=0),
        SimDevice("Phone", kind="Smartphone"),
        SimDevice("Television", kind="TV", presence=Presence.ASLEEP),
    ]


class SimulatedHome:
    """``async with SimulatedHome(seed) as home``: a home with a Spotify account of its own.

    World time is ``now_ms`` where that is given (it must run ``speed`` times as fast as the loop's time); else the
    loop's time from ``epoch_ms`` on under a ``VirtualTimeLoop``; else it begins at ``epoch_ms`` (or now) and runs
    ``speed`` times as fast as the wall clock. ``listener`` is a temperament's name, a ``Listener``, somebody's replayed
    past, or ``None``.
    With ``serve`` false there is no socket: use :meth:`adapter`. ``has_stations``: there are songs beyond the rooms',
    doubles of songs, and the owner's playlist ``radio: Friday``.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        speed: float = 1.0,
        now_ms: Callable[[], int] | None = None,
        epoch_ms: int | None = None,
        listener: str | Listener | ReplayListener | None = "household",
        items: Sequence[Item] | None = None,
        devices: Sequence[SimDevice] | None = None,
        settings: WorldSettings | None = None,
        liked: Sequence[Liked] | None = None,
        app: AppRegistration | None = None,
        faults: FaultPlan | None = None,
        limits: Limits | None = None,
        habits: Habits | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        serve: bool = True,
        has_stations: bool = False,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._speed = speed
        self._host, self._port, self._serves = host, port, serve
        self.now_ms = now_ms or self._clock(epoch_ms)
        library = Library(demo_liked(self.now_ms()) if liked is None else liked)
        own = own_playlist_uris()
        playlist = library.make_playlist("Not for any room", self.now_ms(), own)
        if has_stations:
            library.make_playlist(FRIDAY, self.now_ms(), friday_uris())
        self.world = World(
            self.now_ms,
            [*(demo_items() if items is None else items), *(station_items() if has_stations else ())],
            seed=seed,
            devices=default_devices() if devices is None else devices,
            settings=settings,
            library=library,
        )
        self.fake = FakeSpotify(self.world, app=app, faults=faults, limits=limits, habits=habits, seed=seed)
        if isinstance(listener, str):
            listener = Listener(listener, seed, pools=demo_pools(), own=own, own_context=playlist.uri)
        self.listener = listener
        self.server = SpotifyServer(self.fake, self.sleep_ms)
        self._driver: asyncio.Task[None] | None = None

    @property
    def api_url(self) -> str:
        """Of the Web API; ends with ``/v1/``."""
        return self.server.api_url if self._serves else self.fake.base_url

    @property
    def accounts_url(self) -> str:
        """Of the accounts service; ends with a slash."""
        return self.server.accounts_url if self._serves else "https://accounts.spotify.com/"

    @property
    def client_id(self) -> str:
        """The app that is registered."""
        return self.fake.app.client_id

    @property
    def redirect_uri(self) -> str:
        """An address that the login may come back to; loopback addresses with ``/callback`` match on any port."""
        return self.fake.app.redirect_uris[0]

    def issue_tokens(self, scope: str = ALL_SCOPES) -> dict[str, Any]:
        """Tokens as a finished login gives them; ``expires_at`` is in epoch seconds of world time."""
        return self.fake.issue_tokens(scope)

    def adapter(self) -> InProcessAdapter:
        """A transport for ``requests`` without sockets; its waits are world time."""
        if isinstance(self._loop, VirtualTimeLoop):
            return InProcessAdapter(self.fake, self._loop.sleep_from_thread)
        return InProcessAdapter(self.fake, lambda seconds: time.sleep(seconds / self._speed))

    async def sleep_ms(self, duration_ms: float) -> None:
        """Let world time pass on behalf of a waiting client."""
        if isinstance(self._loop, VirtualTimeLoop):
            await self._loop.sleep_for_thread(duration_ms / 1000)
        else:
            await asyncio.sleep(duration_ms / 1000 / self._speed)

    async def __aenter__(self) -> Self:
        if self._serves:
            await self.server.start(self._host, self._port)
        if self.listener is not None:
            self.listener.attach(self.world)
        self._driver = asyncio.create_task(keep_up(self.world, self._nap_ms), name="simulated world")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await driver
        await self.server.stop()

    async def _nap_ms(self, duration_ms: float) -> None:
        await asyncio.sleep(duration_ms / 1000 / self._speed)

    def _clock(self, epoch_ms: int | None) -> Callable[[], int]:
        loop = self._loop
        if isinstance(loop, VirtualTimeLoop):
            begin_ms = EPOCH_MS if epoch_ms is None else epoch_ms
            return lambda: round(begin_ms + loop.time() * 1000)
        origin_s = time.monotonic()
        begin_ms = round(time.time() * 1000) if epoch_ms is None else epoch_ms
        return lambda: round(begin_ms + (time.monotonic() - origin_s) * 1000 * self._speed)


async def serve_for_ever(
    host: str, port: int, seed: int = 1, speed: float = 1.0, ready: Callable[[SimulatedHome], None] | None = None
) -> None:
    """The simulated Spotify alone (``moodroom-hub simulate``), until cancelled. ``ready`` is told when it listens."""
    async with SimulatedHome(seed, speed=speed, host=host, port=port, has_stations=True) as home:
        if ready is not None:
            ready(home)
        await asyncio.Event().wait()
