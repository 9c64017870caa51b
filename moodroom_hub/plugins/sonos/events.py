"""Speakers tell when something changes: SoCo's subscriptions, a listener of our own.

SoCo's listener is one for the whole process, reads what comes in the event loop (and may ask the network while it
does), and stops itself by timers. Ours takes only the fact that something changed: what it is, a look tells.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.plugins.sonos.client import Sid, SonosClient
from moodroom_hub.plugins.sonos.places import Address
from moodroom_hub.plugins.sonos.topology import Player

log = logging.getLogger(__name__)

LASTS_S: Final = 1_800
RENEW_MS: Final = 1_200_000
FIRST_MS: Final = 10_000
"""Every subscription brings a first event at once. One that does not come within this never will."""
RETRY_MS: Final = 60_000
SHUTDOWN_S: Final = 0.5
MOST_EARLY: Final = 64
LARGEST: Final = 1_000_000
TRANSPORT: Final = "avTransport"
GROUPS: Final = "zoneGroupTopology"


@dataclass(slots=True)
class _Subscribed:
    """One subscription. ``address`` and ``boots``: of the speaker when it was made; it dies with either."""

    uid: str
    service: str
    address: Address
    boots: int | None
    made_ms: int
    sid: Sid | None = None
    is_heard: bool = False
    handle: Any = None


@dataclass(slots=True)
class Ear:
    """What SoCo's subscriptions want of a listener: where it is, and a session to send with."""

    address: tuple[str, int]
    session: Any
    is_running: bool = True

    def stop(self) -> None:
        """The last subscription ended. We decide when to stop listening."""


class Events:
    """Subscriptions to what plays (at each group's leader) and to the groups (at one speaker).

    ``on_transport(uid)`` and ``on_groups(body)`` are called in the loop; the body holds the groups as XML in XML.
    ``host`` and ``port``: where to listen.
    """

    def __init__(
        self,
        client: SonosClient,
        clock: Clock,
        *,
        host: str | None,
        port: int,
        on_transport: Callable[[str], None],
        on_groups: Callable[[str], None],
        new_session: Callable[[float], Any] | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._host = host
        self._port = port
        self._on_transport = on_transport
        self._on_groups = on_groups
        self._new_session = new_session or _new_session
        self._ear: Ear | None = None
        self._runner: web.AppRunner | None = None
        self._held: dict[tuple[str, str], _Subscribed] = {}
        self._by_sid: dict[Sid, _Subscribed] = {}
        self._early: dict[Sid, str] = {}
        self._failed_ms: dict[tuple[str, str], int] = {}
        self._first_made_ms: int | None = None
        self._ever_heard = False
        self.trouble = ""

    @property
    def are_flowing(self) -> bool:
        """Whether any event ever came."""
        return self._ever_heard

    @property
    def is_deaf(self) -> bool:
        """Whether subscriptions were made long enough ago, and nothing ever came."""
        since_ms = self._first_made_ms
        return not self._ever_heard and since_ms is not None and self._clock.now_ms() - since_ms >= FIRST_MS

    def hears(self, uid: str) -> bool:
        """Whether this speaker tells when what it plays changes."""
        held = self._held.get((uid, TRANSPORT))
        return held is not None and held.is_heard

    async def keep_up(self, leaders: Sequence[Player], anybody: Sequence[Player]) -> None:
        """Subscribe where it is wanted and not done, renew, let go of the rest; a few at a time."""
        wanted = {(player.uid, TRANSPORT): player for player in leaders}
        holder = next((player for player in anybody if (player.uid, GROUPS) in self._held), None)
        if anybody:
            player = holder or anybody[0]
            wanted[player.uid, GROUPS] = player
        if wanted and not await self._listen(next(iter(wanted.values())).address):
            return
        now_ms = self._clock.now_ms()
        for key, held in list(self._held.items()):
            now = wanted.get(key)
            is_dead = now is not None and (now.address != held.address or now.boots != held.boots)
            # In a large house nothing else tells the groups, so a first event that got lost is asked for again.
            is_lost = held.service == GROUPS and not held.is_heard and now_ms - held.made_ms >= RETRY_MS
            if now is None or is_dead or is_lost:
                await self._let_go(held, is_dead=is_dead)
        work = [
            self._keep(key, player, now_ms)
            for key, player in wanted.items()
            if now_ms - self._failed_ms.get(key, -RETRY_MS) >= RETRY_MS
        ]
        await asyncio.gather(*work)
        self._early.clear()

    async def stop(self) -> None:
        """Tell the speakers that nobody listens any more, and stop listening. Idempotent."""
        await self._client.settled()
        await asyncio.gather(*(self._let_go(held) for held in list(self._held.values())))
        ear, self._ear = self._ear, None
        runner, self._runner = self._runner, None
        if ear is not None:
            await ear.session.close()
        if runner is not None:
            await runner.cleanup()

    async def _keep(self, key: tuple[str, str], player: Player, now_ms: int) -> None:
        held = self._held.get(key)
        try:
            if held is None:
                await self._subscribe(key, player, now_ms)
            elif now_ms - held.made_ms >= RENEW_MS:
                await held.handle.renew(requested_timeout=LASTS_S)
                held.made_ms = now_ms
        except (Trouble, ClientError, OSError, TimeoutError, LookupError, ValueError) as error:
            log.debug("no events of %s from %s: %s", key[1], player.address, type(error).__name__)
            self._failed_ms[key] = now_ms
            if held is not None:
                self._drop(held)

    async def _subscribe(self, key: tuple[str, str], player: Player, now_ms: int) -> None:
        uid, service = key
        assert self._ear is not None
        held = _Subscribed(uid, service, player.address, player.boots, now_ms)
        self._held[key] = held
        try:
            held.handle = await self._client.subscription(player.address, service, self._ear)
            held.sid = await self._client.begin(held.handle, LASTS_S)
        except Exception:
            self._drop(held)
            raise  # who is cancelled here is being stopped, and takes leave of all that is held
        if self._first_made_ms is None:
            self._first_made_ms = now_ms
        self._by_sid[held.sid] = held
        early = self._early.pop(held.sid, None)
        if early is not None:
            self._take(held, early)

    async def _let_go(self, held: _Subscribed, *, is_dead: bool = False) -> None:
        self._drop(held)
        if is_dead or held.handle is None:
            return
        try:
            await held.handle.unsubscribe(strict=True)
        except (ClientError, OSError, TimeoutError, LookupError) as error:
            log.debug("a speaker did not hear that nobody listens: %s", type(error).__name__)

    def _drop(self, held: _Subscribed) -> None:
        self._held.pop((held.uid, held.service), None)
        if held.sid is not None:
            self._by_sid.pop(held.sid, None)

    async def _listen(self, towards: Address) -> bool:
        """Have a listener; whether there is one."""
        if self._ear is not None:
            return True
        host = self._host or _own_address(towards.host)
        if host is None:
            self.trouble = "this machine has no address that speakers could reach"
            return False
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("NOTIFY", "/{rest:.*}", self._heard)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        for where in dict.fromkeys((host, "0.0.0.0")):  # noqa: S104 -- behind a NAT the told address is not one of ours
            try:
                await web.TCPSite(runner, where, self._port).start()
            except OSError as error:
                self.trouble = f"port {self._port} cannot be listened on: {error.strerror}"
                continue
            self._runner = runner
            port = int(runner.addresses[0][1])
            self._ear = Ear((host, port), self._new_session(self._client.timeout_s))
            self.trouble = ""
            return True
        await runner.cleanup()
        return False

    async def _heard(self, request: web.Request) -> web.Response:
        held = self._by_sid.get(Sid(request.headers.get("SID", "")))
        if held is not None:
            self._take(held, await request.text() if held.service == GROUPS else "")
        elif any(each.sid is None for each in self._held.values()) and len(self._early) < MOST_EARLY:
            # The first event may overtake the answer that names the subscription.
            self._early[Sid(request.headers.get("SID", ""))] = await request.text()
        else:
            return web.Response(status=412)
        return web.Response()

    def _take(self, held: _Subscribed, body: str) -> None:
        held.is_heard = self._ever_heard = True
        if held.service == GROUPS:
            self._on_groups(body)
        else:
            self._on_transport(held.uid)


def _new_session(timeout_s: float) -> ClientSession:
    return ClientSession(raise_for_status=True, timeout=ClientTimeout(total=timeout_s))


def _own_address(towards: str) -> str | None:
    """This machine's address on the way there. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect((towards, 1))
        except OSError:
            return None
        return str(probe.getsockname()[0])
