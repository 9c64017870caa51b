"""The desk where messages become deeds: begun in the order in which they came, and answered or refused."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from moodroom_hub.core.actions import Action, Deed, carry_out
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.topics import topic_problem
from moodroom_hub.domain.models import EpochMs, ZoneName
from moodroom_hub.domain.stations.models import station_of
from moodroom_hub.plugins.mqtt.messages import Incoming
from moodroom_hub.plugins.mqtt.orders import (
    LEARNING,
    ROOM,
    STATION,
    STATION_VOTE,
    Order,
    PlayStation,
    Refused,
    StationOff,
    ToggleLearning,
    TurnOff,
    TurnOn,
    VoteOn,
    parse_order,
)
from moodroom_hub.plugins.mqtt.payloads import Transaction, dumps
from moodroom_hub.plugins.mqtt.requests import WHATS, Request, answer
from moodroom_hub.plugins.mqtt.station_deeds import play_station, vote_on
from moodroom_hub.plugins.mqtt.station_states import station_names
from moodroom_hub.plugins.mqtt.topics import Topics
from moodroom_hub.plugins.mqtt.zone_memory import ZoneMemory

_log = logging.getLogger(__name__)

MOST_WAITING: Final = 2_000
KEPT_FOR_SWITCHES: Final = 200
"""Of those: a room shall still be heard where thousands of skips wait for the player."""
READING_AT_ONCE: Final = 8
QUIET_MS: Final = 60_000
GRACE_S: Final = 1.0
BUSY, INTERNAL = "busy", "internal"

Say = Callable[[str, bytes, bytes | None], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the last order could not be obeyed; ``code`` is one of ``TroubleCode``, ``busy`` or ``internal``."""

    code: str
    message: str
    at_ms: EpochMs


@dataclass(frozen=True, slots=True)
class _Failure:
    code: str
    message: str
    error: BaseException | None = None


@dataclass(slots=True)
class _Kind:
    quiet_until_ms: int
    held: int = 0


@dataclass(slots=True)
class _Grumbles:
    """At most one line a minute and kind, however much is refused."""

    clock: Clock
    kinds: dict[tuple[str, str], _Kind] = field(default_factory=dict)

    def tell(self, what: str, code: str, message: str, error: BaseException | None = None) -> None:
        """Log it, or count it for the next line of its kind."""
        now_ms = self.clock.now_ms()
        kind = self.kinds.setdefault((what, code), _Kind(now_ms))
        if now_ms < kind.quiet_until_ms:
            kind.held += 1
            return
        more = f" (and {kind.held} more of its kind since the last line)" if kind.held else ""
        _log.warning("an order over MQTT was refused: %s: %s%s", what, message, more, exc_info=error)
        kind.quiet_until_ms, kind.held = now_ms + QUIET_MS, 0


class Desk:
    """Takes messages, carries out what they ask for, and remembers what was refused. ``memory`` knows zones' labels.

    ``changed()`` is called after every order: the states may be others. ``answer(topic, payload, correlation)``
    publishes, never retained.
    """

    def __init__(
        self,
        hub: HubFace,
        topics: Topics,
        clock: Clock,
        *,
        changed: Callable[[], None],
        answer: Say,
        memory: ZoneMemory | None = None,
    ) -> None:
        self._hub = hub
        self._memory = memory
        self._topics = topics
        self._clock = clock
        self._changed = changed
        self._answer = answer
        self._tasks: set[asyncio.Task[None]] = set()
        self._refusals: dict[str, Refusal] = {}
        self._grumbles = _Grumbles(clock)
        self._reading = asyncio.Semaphore(READING_AT_ONCE)
        self._learning = asyncio.Lock()
        self._is_open = True

    @property
    def refusals(self) -> Mapping[str, Refusal]:
        """By room slug, ``active_room``, ``learning``, ``player``, ``station``, ``station_vote``, or ``zone/<zone>``
        for what was said on a zone's own topics; gone with the next success there."""
        return self._refusals

    @property
    def waiting(self) -> int:
        """How many messages wait or are under way."""
        return len(self._tasks)

    def take(self, incoming: Incoming) -> None:
        """Begin what the message asks for; a retained one asks for nothing. Never raises, never waits."""
        if incoming.is_retained or not self._is_open:
            return
        labels = {} if self._memory is None else self._memory.labels
        zones = {zone: labels.get(zone, zone) for zone in self._hub.zones}
        found = self._parsed(zones, incoming)
        if found is None:
            return
        is_switch = isinstance(found, Order) and found.is_switch
        if len(self._tasks) >= MOST_WAITING - (0 if is_switch else KEPT_FOR_SWITCHES):
            about = found.about if isinstance(found, Order) else None
            self._note_refusal(_what(found.what), about, BUSY, "too many orders wait already; this one was dropped")
        elif isinstance(found, Refused):
            self._note_refusal(_what(found.what), found.about, found.code, found.message)
            told = _error(found.code, found.message, found)
            self._begin(self._respond(incoming, found.what, found.transaction, told))
        elif isinstance(found, Order):
            self._begin(self._obey(incoming, found))
        else:
            self._begin(self._reply(incoming, found))

    def _parsed(self, zones: Mapping[ZoneName, str], incoming: Incoming) -> Order | Request | Refused | None:
        is_station = incoming.topic == self._topics.station_set
        stations = station_names(self._hub.stations.all()) if is_station else {}
        return parse_order(self._topics, self._hub.rooms, zones, incoming.topic, incoming.payload, stations)

    async def close(self) -> None:
        """Take nothing any more; what runs gets a moment to end, then it is cancelled."""
        self._is_open = False
        if self._tasks:
            _, late = await asyncio.wait(tuple(self._tasks), timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        # Tasks take their first step in the order of their making, and an order is placed in its first step.
        task = asyncio.create_task(work, name="an order over MQTT")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _obey(self, incoming: Incoming, order: Order) -> None:
        failure = await _tried(self._carry_out(order))
        if failure is None:
            self._refusals.pop(order.about, None)
            if isinstance(order.work, TurnOn):
                self._refusals.pop(order.work.room, None)
        elif failure.code != TroubleCode.SUPERSEDED:
            self._note_refusal(order.what, order.about, failure.code, failure.message, failure.error)
        self._changed()
        is_awaited = order.transaction is not None or incoming.response_topic is not None
        if failure is None and is_awaited:
            await self._respond(incoming, order.what, order.transaction, {"status": "ok", "data": {}})
        elif failure is not None and (is_awaited or failure.code != TroubleCode.SUPERSEDED):
            await self._respond(incoming, order.what, order.transaction, _error(failure.code, failure.message, order))

    async def _carry_out(self, order: Order) -> None:
        hub = self._hub
        match order.work:
            case TurnOn(room, zone, only_if_silent):
                await hub.turn_on(room, zone, only_if_silent=only_if_silent)
            case TurnOff(room, zone):
                if hub.wanted_room(zone) == room:
                    await hub.rooms_off(zone)
            case PlayStation(station, zone):
                await play_station(hub, station, zone)
            case StationOff(zone):
                if station_of(hub.wanted_room(zone)) is not None:
                    await hub.rooms_off(zone)
            case VoteOn(kind, zone, meant):
                await vote_on(hub, kind, zone, meant)
            case ToggleLearning(for_ms):
                async with self._learning:
                    is_on = (await hub.state()).is_learning
                    deed = Deed.LEARNING_OFF if is_on else Deed.LEARNING_ON
                    await carry_out(hub, Action(deed, for_ms=for_ms))
            case action if order.what == LEARNING:
                async with self._learning:
                    await carry_out(hub, action)
            case action:
                await carry_out(hub, action)

    async def _reply(self, incoming: Incoming, request: Request) -> None:
        data: dict[str, Any] = {}

        async def work() -> None:
            data.update(await answer(self._hub, self._clock, request))

        if request.is_reading:
            async with self._reading:
                failure = await _tried(work())
        else:
            failure = await _tried(work())
            self._changed()
        if failure is not None and failure.error is not None:
            self._grumbles.tell(request.what, failure.code, failure.message, failure.error)
        told = {"status": "ok", "data": data} if failure is None else _error(failure.code, failure.message)
        await self._respond(incoming, request.what, request.transaction, told)

    def _note_refusal(
        self, what: str, about: str | None, code: str, message: str, error: BaseException | None = None
    ) -> None:
        self._grumbles.tell(what, code, message, error)
        if about is not None:
            self._refusals[about] = Refusal(str(code), message, self._clock.now_ms())
            self._changed()

    async def _respond(self, incoming: Incoming, what: str, transaction: Transaction, told: dict[str, Any]) -> None:
        if transaction is not None:
            told["transaction"] = transaction
        topic = self._answer_topic(incoming.response_topic) or self._topics.response(_what(what))
        try:
            await self._answer(topic, dumps(told), incoming.correlation)
        except MoodroomError:
            _log.debug("an answer found no broker")  # whoever asked hears of that by itself

    def _answer_topic(self, asked: str | None) -> str | None:
        """The sender's own topic for the answer, unless that would let it write where it may not itself."""
        base, prefix = self._topics.base, self._topics.discovery_prefix
        if asked is None or topic_problem(asked) is not None or asked.startswith(("$", f"{prefix}/")):
            return None
        if asked.startswith(f"{base}/") and not asked.startswith(f"{base}/response/"):
            return None
        return asked


async def _tried(work: Coroutine[Any, Any, None]) -> _Failure | None:
    try:
        await work
    except Trouble as trouble:
        return _Failure(trouble.code, trouble.message)
    except MoodroomError as error:
        return _Failure(TroubleCode.UNAVAILABLE, str(error))
    except Exception as error:  # noqa: BLE001 -- isolation: one order's accident must not end the bridge
        return _Failure(INTERNAL, "something went wrong inside the hub; its log says what", error)
    return None


def _what(what: str) -> str:
    return what if what in _WHATS else "unknown"


_WHATS: Final = frozenset({*WHATS, "room", "active_room", "learning", "player", STATION, STATION_VOTE})


def _error(code: str, message: str, of: Order | Refused | None = None) -> dict[str, Any]:
    told = {"status": "error", "error": message, "code": str(code)}
    return {**told, "room": of.about} if of is not None and of.what == ROOM and of.about is not None else told
