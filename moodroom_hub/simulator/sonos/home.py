"""A whole simulated Sonos household: world, players' answers, people, servers, composed."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType, TracebackType
from typing import Self

from moodroom_hub.simulator.catalogue import demo_items
from moodroom_hub.simulator.home import EPOCH_MS, SimulatedHome
from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.sonos.events import Notice
from moodroom_hub.simulator.sonos.fake import FakeSonos
from moodroom_hub.simulator.sonos.household import Household
from moodroom_hub.simulator.sonos.mirroring import Mirror
from moodroom_hub.simulator.sonos.music import Station
from moodroom_hub.simulator.sonos.players import PlayerSpec, SimPlayer
from moodroom_hub.simulator.sonos.server import SonosServer
from moodroom_hub.simulator.sonos.session import SonosSettings
from moodroom_hub.simulator.sonos.transport import InProcessClientSession, InProcessRequests, standing_in
from moodroom_hub.simulator.sonos.world import SonosWorld
from moodroom_hub.simulator.virtual_time import VirtualTimeLoop

_LONGEST_NAP_MS = 60_000
_FIRST_PORT = 14_000

ROOMS: tuple[PlayerSpec, ...] = (
    PlayerSpec("Kitchen"),
    PlayerSpec("Living Room", "Sonos Beam", is_soundbar=True),
    PlayerSpec("Office", "Sonos Five", has_line_in=True),
)


def default_stations(items: Sequence[Item]) -> list[Station]:
    """One that tells its songs, one that tells them otherwise, one that tells nothing."""
    songs = tuple(items[:12])
    return [
        Station(
            "Example FM", "x-sonosapi-stream:s10001?sid=254&flags=8224&sn=0", "aac://stream.invalid/one.aac", songs
        ),
        Station(
            "Quiet Waves",
            "x-rincon-mp3radio://stream.invalid/two.mp3",
            "x-rincon-mp3radio://stream.invalid/two.mp3",
            tuple(reversed(songs)),
            tells_duration=False,
        ),
        Station("Word Radio", "x-sonosapi-stream:s10003?sid=254&flags=8224&sn=0", "aac://stream.invalid/three.aac"),
    ]


class SimulatedSonos:
    """``async with SimulatedSonos(seed) as sonos``: players that answer on ``sonos.addresses``.

    World time is ``now_ms`` where that is given; else the loop's time from ``epoch_ms`` on under a
    ``VirtualTimeLoop``; else the wall clock's, ``speed`` times as fast. With ``serve`` false there is no socket: use
    :meth:`in_process`, :meth:`client_session` and ``on_notice``.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        players: Sequence[PlayerSpec | str] = ROOMS,
        now_ms: Callable[[], int] | None = None,
        speed: float = 1.0,
        epoch_ms: int | None = None,
        items: Sequence[Item] | None = None,
        stations: Sequence[Station] | None = None,
        settings: SonosSettings | None = None,
        household: Household | None = None,
        host: str = "127.0.0.1",
        serve: bool = True,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._speed = speed
        self._serves = serve
        self.now_ms = now_ms or self._clock(epoch_ms)
        songs = list(demo_items() if items is None else items)
        stations = default_stations(songs) if stations is None else stations
        self.world = SonosWorld(self.now_ms, players, songs, stations=stations, settings=settings, seed=seed)
        self.household = household
        self.fake = FakeSonos(self.world)
        self.server = SonosServer(self.fake, self.sleep_ms, host)
        self.requests = InProcessRequests(self.fake, self._sleep_from_thread)
        self.on_notice: Callable[[Notice], None] | None = None
        """Without sockets: is called with every NOTIFY, on the loop."""
        self._driver: asyncio.Task[None] | None = None
        self._next_port = _FIRST_PORT

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of every visible player, in the order of the rooms."""
        return [player.address for player in self.world.players.values() if player.bonded_to is None]

    def player(self, name: str) -> SimPlayer:
        """The visible player of this room."""
        return self.world.player(name)

    def client_session(self) -> InProcessClientSession:
        """What an event listener may hold instead of its aiohttp session."""
        return InProcessClientSession(self.requests)

    @contextlib.contextmanager
    def in_process(self, *modules: ModuleType) -> Iterator[None]:
        """Within it, what these modules (``soco.services``, ``soco.core``) call ``requests`` is the household."""
        with standing_in(self.requests, *modules):
            yield

    def mirror(self, home: SimulatedHome, name: str) -> Mirror:
        """Show on this player what ``home`` plays on its device of the same name; both must share ``now_ms``.

        The player's buttons act on the account. The account's world calls a ``SimDevice`` with ``is_restricted`` so.
        """
        return Mirror(self.world, home.world, name)

    async def sleep_ms(self, duration_ms: float) -> None:
        """Let world time pass on behalf of a waiting client."""
        if isinstance(self._loop, VirtualTimeLoop):
            await self._loop.sleep_for_thread(duration_ms / 1000)
        else:
            await asyncio.sleep(duration_ms / 1000 / self._speed)

    async def settle(self) -> None:
        """Bring world and ports up to now (after unplug, plug_in, readdress)."""
        self.world.advance()
        if self._serves:
            await self.server.settle()

    async def __aenter__(self) -> Self:
        if self._serves:
            await self.server.start()
        else:
            self._give_addresses()
            self.world.watch(lambda changed: self._give_addresses())
            self.fake.subscriptions.on_notice = self._wake_notices
        if self.household is not None:
            self.household.attach(self.world)
        self._driver = asyncio.create_task(self._keep_up(), name="simulated Sonos world")
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

    async def _keep_up(self) -> None:
        while True:
            self.world.advance()
            change_ms = self.world.next_change_ms()
            wait_ms = _LONGEST_NAP_MS if change_ms is None else change_ms - self.world.at_ms
            await asyncio.sleep(min(max(1, wait_ms), _LONGEST_NAP_MS) / 1000 / self._speed)

    def _wake_notices(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        while (notice := self.fake.subscriptions.take()) is not None:
            if self.on_notice is not None:
                self.on_notice(notice)

    def _give_addresses(self) -> None:
        for player in self.world.players.values():
            if player.port == 0:
                self._next_port += 1
                player.port = self._next_port
                self.world.address_changed(player.uid)

    def _sleep_from_thread(self, seconds: float) -> None:
        if isinstance(self._loop, VirtualTimeLoop):
            self._loop.sleep_from_thread(seconds)
        else:
            time.sleep(seconds / self._speed)

    def _clock(self, epoch_ms: int | None) -> Callable[[], int]:
        loop = self._loop
        if isinstance(loop, VirtualTimeLoop):
            begin_ms = EPOCH_MS if epoch_ms is None else epoch_ms
            return lambda: round(begin_ms + loop.time() * 1000)
        origin_s = time.monotonic()
        begin_ms = round(time.time() * 1000) if epoch_ms is None else epoch_ms
        return lambda: round(begin_ms + (time.monotonic() - origin_s) * 1000 * self._speed)
