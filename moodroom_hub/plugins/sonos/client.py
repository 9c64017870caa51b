"""The only file that talks to SoCo. SoCo blocks: every call runs in a thread, one at a time for each speaker."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NewType, TypeVar
from xml.etree.ElementTree import ParseError

import soco
from soco.exceptions import NotSupportedException, SoCoException, SoCoUPnPException
from soco.plugins.sharelink import ShareLinkPlugin

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.domain.models import DurationMs, EpochMs
from moodroom_hub.plugins.sonos import failures
from moodroom_hub.plugins.sonos.places import Address as Address
from moodroom_hub.plugins.sonos.posting import Exchange, NoAnswer, NoHttp, NotSent, exchange
from moodroom_hub.plugins.sonos.threads import Threads

ResultT = TypeVar("ResultT")
Arguments = Sequence[tuple[str, str | int]]
Sid = NewType("Sid", str)
"""The name of a subscription, as the speaker gave it."""
Speaker = Any
"""A ``soco.SoCo``, which has no types of its own."""

_PATIENCE = 3
"""So many time-outs long a call waits for its turn at a speaker."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[ResultT]):
    """What a job gave; it was true at ``at_ms``, give or take ``uncertainty_ms`` (half the time it was under way)."""

    value: ResultT
    at_ms: EpochMs
    uncertainty_ms: DurationMs


class SonosClient:
    """Calls to speakers, none of which ever blocks the loop. ``timeout_s`` are real seconds for one request.

    Every method raises ``SonosTrouble``: ``outcome_unknown`` where a command may have been done.
    ``post`` sends one request; tests give one that leads to a simulated household without sockets.
    ``now_s`` is the time of threads, which only ever grows.
    """

    def __init__(
        self, clock: Clock, timeout_s: float, post: Exchange = exchange, now_s: Callable[[], float] | None = None
    ) -> None:
        self._clock = clock
        self._timeout_s = timeout_s
        self._post = post
        self.now_s = now_s or _monotonic_s
        self._threads = Threads()
        self._turns: dict[Address, asyncio.Lock] = {}
        self._touches: dict[Address, int] = {}
        self._beginning: set[asyncio.Future[Any]] = set()
        logging.getLogger("soco").setLevel(logging.CRITICAL)  # it logs whole answers, titles and all

    async def call(
        self,
        address: Address,
        service: str,
        action: str,
        arguments: Arguments = (),
        *,
        check: Callable[[], None] | None = None,
        is_patient: bool = True,
    ) -> Mapping[str, str]:
        """One UPnP action of a service by SoCo's attribute name (``avTransport``, ``renderingControl``,
        ``groupRenderingControl``, ``contentDirectory``, ``zoneGroupTopology``, ``deviceProperties``,
        ``musicServices`` ...); the values that it answers. ``arguments`` are all of them, in the action's order:
        ``call(address, "avTransport", "Seek", (("InstanceID", 0), ("Unit", "TRACK_NR"), ("Target", 1)))``.
        """

        def job(speaker: Speaker) -> Mapping[str, str]:
            return call_of(speaker, service, action, arguments)

        return (await self.run(address, job, check=check, is_patient=is_patient)).value

    async def run(
        self,
        address: Address,
        job: Callable[[Speaker], ResultT],
        *,
        check: Callable[[], None] | None = None,
        is_patient: bool = True,
        is_look: bool = False,
    ) -> Answer[ResultT]:
        """Run ``job`` with the ``soco.SoCo`` of this address in a thread, alone at this speaker.

        What the job raises of SoCo's and of the network's becomes a ``SonosTrouble``; a ``Trouble`` passes.
        ``check`` is asked when the turn has come, right before anything is sent; what it raises passes.
        ``is_patient=False``: do not wait for the turn, raise ``BUSY`` where another call is under way.
        ``is_look``: it changes nothing at the speaker (see ``touches``).
        """
        turn = self._turns.setdefault(address, asyncio.Lock())
        if turn.locked() and not is_patient:
            raise failures.busy(str(address))
        try:
            async with asyncio.timeout(_PATIENCE * self._timeout_s):
                await turn.acquire()
        except TimeoutError:
            raise failures.busy(str(address)) from None
        try:
            if check is not None:
                check()
            future = self._threads.submit(partial(self._in_thread, address, job))
        except BaseException:
            turn.release()
            raise
        if not is_look:
            self._touch(address)
            future.add_done_callback(lambda _: self._touch(address))
        future.add_done_callback(lambda _: turn.release())  # when the thread is done, whoever still waits for it
        value, began_s, ended_s = await asyncio.shield(future)
        return Answer(value, *self.dated((began_s + ended_s) / 2, (ended_s - began_s) / 2))

    async def add_share_link(
        self, address: Address, uri: str, *, position: int = 0, check: Callable[[], None] | None = None
    ) -> int:
        """Put ``spotify:track:...`` (or a share link) into the queue through the household's own service.

        ``position`` counts from 1; 0 is the end. Gives its place in the queue, from 1.
        """

        def job(speaker: Speaker) -> int:
            return int(ShareLinkPlugin(speaker).add_share_link_to_queue(uri, position=position))

        return (await self.run(address, job, check=check)).value

    async def subscription(self, address: Address, service: str, ear: object) -> Any:
        """A ``soco.events_asyncio.Subscription`` to be begun, that listens with ``ear`` (see ``events.Ear``)."""

        def job(speaker: Speaker) -> Speaker:
            speaker.household_id  # noqa: B018 -- asked here, in a thread: else SoCo blocks the loop to find it out
            return speaker

        speaker = (await self.run(address, job, is_look=True)).value
        # Late: it needs aiohttp's server, which a hub without events shall not load.
        from soco import events_asyncio

        subscription = events_asyncio.Subscription(getattr(speaker, service))
        subscription.event_listener = ear
        subscription.subscriptions_map = events_asyncio.SubscriptionsMapAio()
        return subscription

    async def begin(self, subscription: Any, lasts_s: int) -> Sid:
        """Subscribe; the name under which events come. Raises of aiohttp's and SoCo's kinds what goes wrong."""
        beginning = subscription.subscribe(requested_timeout=lasts_s, strict=True)
        self._beginning.add(beginning)
        beginning.add_done_callback(self._begun)
        try:
            await asyncio.shield(beginning)  # SoCo's own task cannot bear that nobody waits any more
        except SoCoException as error:
            raise ValueError("no subscription") from error
        # SoCo would take the groups from events alone then, and read those in the loop.
        speaker = subscription.service.soco
        speaker.zone_group_state.remove_subscription(subscription)
        return Sid(str(subscription.sid))

    async def settled(self) -> None:
        """Wait for subscriptions that are being begun; each takes no longer than one request."""
        if self._beginning:
            await asyncio.wait(set(self._beginning), timeout=self._timeout_s)

    def is_busy(self, address: Address) -> bool:
        """Whether a call to this speaker is under way."""
        turn = self._turns.get(address)
        return turn is not None and turn.locked()

    def touches(self, address: Address) -> int:
        """Grows when something that may change the speaker is begun, and when it is done."""
        return self._touches.get(address, 0)

    def dated(self, middle_s: float, half_s: float) -> tuple[EpochMs, DurationMs]:
        """A moment of a thread (``now_s``) and half its width by the hub's clock.

        That clock may not be asked in a thread, and may run at another speed than real time.
        """
        per_second_ms = 1_000 / max(self._clock.real_seconds(1_000), 1e-9)
        at_ms = self._clock.now_ms() - (self.now_s() - middle_s) * per_second_ms
        return EpochMs(round(at_ms)), DurationMs(round(half_s * per_second_ms + 0.5))

    def forget(self, address: Address) -> None:
        """Nobody answers there any more."""
        if not self.is_busy(address):
            self._turns.pop(address, None)

    async def in_thread(self, job: Callable[[], ResultT]) -> ResultT:
        """Run something that blocks and is no call to a speaker (the disk, much to parse)."""
        return await self._threads.run(job)

    @property
    def timeout_s(self) -> float:
        """Real seconds that one request may take."""
        return self._timeout_s

    async def close(self, patience_s: float) -> None:
        """Let go of the threads. Idempotent."""
        await self._threads.close(patience_s)

    def _in_thread(self, address: Address, job: Callable[[Speaker], ResultT]) -> tuple[ResultT, float, float]:
        try:
            speaker = speaker_at(address, self._timeout_s, self._post)
            began_s = self.now_s()
            value = job(speaker)
            return value, began_s, self.now_s()
        except Trouble:
            raise
        except NotSent:
            raise failures.unreachable(str(address)) from None
        except NoAnswer:
            raise failures.silent(str(address)) from None
        except SoCoUPnPException as error:
            raise failures.refused(str(address), _code(error)) from None
        except NotSupportedException:
            raise failures.refused(str(address), None) from None
        except (SoCoException, NoHttp, ParseError, OSError, ValueError, TypeError, LookupError, AttributeError):
            # What a stranger at this address may answer; SoCo takes the shape of every answer for granted.
            raise failures.malformed(str(address)) from None

    def _begun(self, future: asyncio.Future[Any]) -> None:
        self._beginning.discard(future)
        if not future.cancelled():
            future.exception()  # seen: whoever waited may have been cancelled

    def _touch(self, address: Address) -> None:
        self._touches[address] = self.touches(address) + 1


def _monotonic_s() -> float:
    return time.monotonic()


def call_of(speaker: Speaker, service: str, action: str, arguments: Arguments = ()) -> Mapping[str, str]:
    """One action inside a job."""
    answer = getattr(speaker, service).send_command(action, list(arguments))
    return answer if isinstance(answer, dict) else {}


def speaker_at(address: Address, timeout_s: float, post: Exchange = exchange) -> Speaker:
    """The ``soco.SoCo`` of an address, whose services send in our own way. Blocking where the host is a name.

    Raises ``NotSent`` where the name leads nowhere.
    """
    try:
        host = socket.gethostbyname(address.host)
    except OSError as error:
        raise NotSent from error
    soco.config.REQUEST_TIMEOUT = timeout_s
    speaker = soco.SoCo(host, address.port)
    for service in vars(speaker).values():
        if isinstance(service, soco.services.Service):
            service.send_command = partial(_send, service, timeout_s, post)
    return speaker


def _send(
    service: Any, timeout_s: float, post: Exchange, action: str, args: Arguments | None = None, **options: Any
) -> Mapping[str, str] | bool:
    """``Service.send_command`` over one bounded request. SoCo's caches are left out: what is asked is asked."""
    wait_s = float(options.pop("timeout", None) or timeout_s)
    options.pop("cache", None)
    options.pop("cache_timeout", None)
    if args is None:
        # Only where there are values to be put in order: for that SoCo downloads the service's description, in its own
        # way (through proxies, with ten seconds' patience).
        args = service.compose_args(action, options) if options else []
    headers, body = service.build_command(action, args)
    where = service.soco
    path = service.control_url
    status, text = post(where.ip_address, where.port, "POST", path, headers, body.encode("utf-8"), wait_s)
    if status == 200:
        return service.unwrap_arguments(text) or True
    if status == 405:
        raise NotSupportedException
    if status == 500:
        service.handle_upnp_error(text)
    raise NoHttp


def _code(error: SoCoUPnPException) -> int | None:
    text = str(error.error_code)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
