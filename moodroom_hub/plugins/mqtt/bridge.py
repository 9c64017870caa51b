"""The bridge between hub and broker: connects, keeps at it, hears, and takes leave."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import NotReady
from moodroom_hub.core.events import Event
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import Check, CheckLevel, Message
from moodroom_hub.core.topics import covers, is_match
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.mqtt.access import Access, find_access
from moodroom_hub.plugins.mqtt.announced import Announced
from moodroom_hub.plugins.mqtt.announcer import Announcer
from moodroom_hub.plugins.mqtt.answering import Desk
from moodroom_hub.plugins.mqtt.client import Connection
from moodroom_hub.plugins.mqtt.config import MqttConfig
from moodroom_hub.plugins.mqtt.failures import BrokerAway, LoginRefused, ProtocolRefused
from moodroom_hub.plugins.mqtt.messages import Incoming, Outgoing
from moodroom_hub.plugins.mqtt.pauses import Pauses
from moodroom_hub.plugins.mqtt.publisher import Publisher
from moodroom_hub.plugins.mqtt.states import OFFLINE, ONLINE, states_of_order
from moodroom_hub.plugins.mqtt.station_states import StationMemory
from moodroom_hub.plugins.mqtt.timings import Timings
from moodroom_hub.plugins.mqtt.wanted import Wanted
from moodroom_hub.plugins.mqtt.zone_memory import ZoneMemory

_log = logging.getLogger(__name__)

ANNOUNCED_FILE: Final = "mqtt-announced.json"
MOST_MESSAGES: Final = 5_000
"""So many orders and messages for other plugins wait at most; then the oldest goes."""
BACK: Final = "connected again"
"""Among what has been told."""
COURTESY_S: Final = 0.1
"""So long a message waits for the plugins that hear the one before it: a press that came first shall count first,
and one slow plugin shall not keep the switches waiting."""


class Bridge:
    """One broker's bridge. ``embedded_port``: where the hub's own broker listens, if that is the one."""

    def __init__(
        self, context: PluginContext[MqttConfig], timings: Timings, *, embedded_port: int | None = None
    ) -> None:
        self._context = context
        self._config = context.config
        self._topics = context.config.topics
        self._timings = timings
        self._embedded_port = embedded_port
        self._is_v5 = context.config.protocol == "5"
        # What the hub says itself is never news to its plugins: a button on it would press itself for ever.
        self._filters = tuple(
            one for one in dict.fromkeys(context.topics()) if not covers(self._topics.everything, one)
        )
        self._connection: Connection | None = None
        self._messages: deque[tuple[Incoming, EpochMs]] = deque(maxlen=MOST_MESSAGES)
        self._deliveries: set[asyncio.Future[None]] = set()
        self._has_message = asyncio.Event()
        self._pauses = Pauses(timings, context.rng)
        self._told: set[str] = set()
        self._was_connected = False
        self._announcer: Announcer | None = None
        self._memory = memory = ZoneMemory(timings)
        self._stations = stations = StationMemory()
        hub, clock = context.hub, context.clock
        self._desk = Desk(hub, self._topics, clock, changed=self._done, answer=self._answer, memory=memory)
        self._publisher = Publisher(hub, self._topics, clock, self._desk.refusals, timings, memory, stations)

    async def run(self) -> None:
        """Keep the bridge up until cancelled; then say goodbye."""
        stop_watching = self._context.hub.watch(self._publisher.poke)
        try:
            self._announcer = await self._make_announcer()
            await _together(self._keep_connected(), self._pass_on())
        finally:
            stop_watching()
            await self._desk.close()

    def tell(self, event: Event) -> None:
        """Pass an event of the hub on to the broker. Never waits."""
        self._publisher.tell(event)

    # --- the line ------------------------------------------------------------------------------------------

    async def _keep_connected(self) -> None:
        while True:
            try:
                await self._connect_once()
            except ProtocolRefused as refusal:
                if self._is_v5:
                    self._is_v5 = False
                    _log.info("%s; 3.1.1 is used instead", refusal)
                    continue
                self._trouble(refusal)
                pause_s = self._pauses.after_refusal()
            except LoginRefused as refusal:
                self._trouble(refusal)
                pause_s = self._pauses.after_refusal()
            except BrokerAway as trouble:
                pause_s = self._pauses.after_loss()
                self._trouble(trouble)
            await asyncio.sleep(pause_s)

    async def _connect_once(self) -> None:
        """One connection, as long as it holds. Raises why it could not be made, or was lost."""
        access = await find_access(
            self._config, self._context.data_dir, is_v5=self._is_v5, embedded_port=self._embedded_port
        )
        will = Outgoing(self._topics.availability, OFFLINE)
        async with Connection(access, will, self._hear, self._timings.answer) as connection:
            self._pauses.greeted()
            try:
                await self._serve(connection, access)
            except asyncio.CancelledError:
                await self._take_leave(connection)
                raise
            finally:
                self._connection = None

    async def _serve(self, connection: Connection, access: Access) -> None:
        assert self._announcer is not None
        # Orders first: what is asked for from here on is heard. Then what is, and what there is.
        own = (*self._topics.commands, self._config.birth_topic, self._topics.availability)
        # A retained order comes again after every restart; where it can be told, it does not act the first time either.
        await connection.subscribe([*own, *self._filters], as_published=self._topics.commands)
        self._connection = connection
        await _together(
            connection.lost(),
            self._publisher.run(connection),
            self._announcer.run(connection),
            self._watch_over(connection, access),
        )

    async def _take_leave(self, connection: Connection) -> None:
        with suppress(BrokerAway, TimeoutError):
            async with asyncio.timeout(self._timings.goodbye):
                await connection.publish([Outgoing(self._topics.availability, OFFLINE)])
                await connection.goodbye()

    async def _watch_over(self, connection: Connection, access: Access) -> None:
        """Say how the connection is: now, and when it has lasted."""
        where = f"{access.host}:{access.port}"
        if BACK not in self._told:
            how = "connected again" if self._was_connected else "connected"
            _log.info("%s to the broker at %s (MQTT %s)", how, where, "5" if access.is_v5 else "3.1.1")
        if self._told:
            self._told.add(BACK)  # once, however often the line breaks until all has been well for a while
        self._was_connected = True
        said: str | None = None
        while True:
            denied = ", ".join(sorted(connection.forbidden)[:3])
            message = f"connected to {where}"
            if denied:
                message += f", which does not allow this user: {denied}"
            if message != said:
                said = message
                level = CheckLevel.WARNING if denied else CheckLevel.OK
                self._context.set_health(
                    Check("broker", level, message, "give the user these rights" if denied else "")
                )
                self._context.set_status(PluginStatus.RUNNING, message)
                if denied:
                    _log.warning("%s", message)
            await asyncio.sleep(self._timings.steady)
            self._pauses.steady()
            if self._told:
                self._told.clear()
                _log.info("the connection to the broker at %s is well again", where)

    def _trouble(self, trouble: NotReady) -> None:
        """Tell it where people look; in the log once of each kind, until all has been well for a while."""
        reason, kind = str(trouble), type(trouble).__name__
        mend = "" if isinstance(trouble, LoginRefused) else "start the broker, or look at plugins.mqtt"
        if self._pauses.is_unsteady and isinstance(trouble, BrokerAway):
            kind = "unsteady"
            reason = f"connections to the broker are lost at once, again and again: {reason}"
            mend = "look for another program with the same client id (plugins.mqtt.client_id), or into the broker's log"
        self._context.set_health(Check("broker", CheckLevel.FAILED, reason, mend))
        self._context.set_status(PluginStatus.WAITING, reason if kind != "unsteady" else f"{reason}; {mend}")
        level = logging.DEBUG if kind in self._told else logging.WARNING
        _log.log(level, "%s; it is tried again, and the music goes on", reason)
        self._told.add(kind)

    # --- what is heard -------------------------------------------------------------------------------------

    def _hear(self, incoming: Incoming) -> None:
        """Sort a message. Never waits."""
        topic = incoming.topic
        if topic == self._topics.availability:
            if incoming.payload != ONLINE and self._connection is not None:
                self._publisher.forget([topic])  # an old will, or somebody else's word: we are here
        elif self._is_birth(incoming) and self._announcer is not None:
            self._announcer.birth()
        if self._is_order(topic) or self._is_for_others(topic):
            self._messages.append((incoming, self._context.clock.now_ms()))
            self._has_message.set()

    async def _pass_on(self) -> None:
        """Carry out orders and tell other plugins what they want to hear, in the order in which it came."""
        try:
            while True:
                await self._has_message.wait()
                self._has_message.clear()
                while self._messages:
                    incoming, at_ms = self._messages.popleft()
                    if self._is_order(incoming.topic):
                        if not incoming.is_retained:
                            self._publisher.touch(
                                states_of_order(self._topics, self._context.hub.rooms, incoming.topic)
                            )
                        self._desk.take(incoming)
                    if self._is_for_others(incoming.topic):
                        await self._deliver(Message(incoming.topic, incoming.payload, incoming.is_retained, at_ms))
        finally:
            for delivery in self._deliveries:
                delivery.cancel()

    async def _deliver(self, message: Message) -> None:
        delivery = asyncio.ensure_future(self._context.deliver(message))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)
        await asyncio.wait([delivery], timeout=COURTESY_S)

    def _is_birth(self, incoming: Incoming) -> bool:
        is_said = incoming.topic == self._config.birth_topic and not incoming.is_retained
        return is_said and incoming.payload.strip().lower() == ONLINE

    def _is_order(self, topic: str) -> bool:
        return any(is_match(one, topic) for one in self._topics.commands)

    def _is_for_others(self, topic: str) -> bool:
        is_own = is_match(self._topics.everything, topic)
        return not is_own and any(is_match(one, topic) for one in self._filters)

    def _done(self) -> None:
        self._publisher.done(is_last=self._desk.waiting <= 1)  # the one that is just ending counts itself

    async def _answer(self, topic: str, payload: bytes, correlation: bytes | None) -> None:
        connection = self._connection
        if connection is not None:
            with suppress(BrokerAway):  # who asked is gone as well
                await connection.publish([Outgoing(topic, payload, is_retained=False, correlation=correlation)])

    async def _make_announcer(self) -> Announcer:
        context = self._context
        path = context.data_dir / ANNOUNCED_FILE
        announced = await asyncio.to_thread(Announced.load, path, self._config.base_topic)
        wanted = Wanted(context, announced, self._memory, self._stations)
        await wanted.look()
        again = self._publisher.forget
        announcer = Announcer(announced, wanted.devices, self._topics, self._timings, context.rng, again)
        self._memory.changed = self._stations.changed = announcer.changed
        return announcer


async def look_at_broker(config: MqttConfig, find: Callable[[bool], Awaitable[Access]], limit_s: float) -> Check:
    """Connect and leave again: the line of ``moodroom-hub check``."""
    try:
        is_v5 = config.protocol == "5"
        for version in (True, False) if is_v5 else (False,):
            access = await find(version)
            try:
                async with Connection(access, None, lambda _: None, limit_s) as connection:
                    await connection.goodbye()
            except ProtocolRefused:
                if version:
                    continue
                raise
            spoken = "5" if version else "3.1.1"
            return Check("broker", CheckLevel.OK, f"{access.host}:{access.port} lets the hub in (MQTT {spoken})")
    except NotReady as trouble:
        reason, _, mend = str(trouble).partition("; ")
        is_here = isinstance(trouble, LoginRefused)
        usual = "look at the file or key named here" if is_here else "start the broker, or look at plugins.mqtt"
        return Check("broker", CheckLevel.FAILED, reason, mend or usual)
    raise AssertionError("a loop over at least one version")


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    """Run these until the first one ends or fails, which ends the others; raises what it raised."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    failures = [task.exception() for task in tasks if not task.cancelled()]
    for failure in failures:
        if failure is not None and not isinstance(failure, BrokerAway):
            raise failure
    for task in done:
        task.result()
