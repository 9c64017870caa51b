"""Keeps what the broker has retained equal to what is so, and passes events on.

Nothing is queued but the events of a moment: what is published is the difference between what is so now and what this
connection has published. So a broker that is away costs no memory, and one that forgot everything gets everything.
"""

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import Iterable, Mapping

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.events import Event
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.wire import views
from moodroom_hub.plugins.mqtt.client import Connection
from moodroom_hub.plugins.mqtt.messages import Outgoing
from moodroom_hub.plugins.mqtt.sorter_states import SorterLook
from moodroom_hub.plugins.mqtt.states import Fact, Look, Refused, retained_states
from moodroom_hub.plugins.mqtt.station_states import StationMemory
from moodroom_hub.plugins.mqtt.timings import Timings
from moodroom_hub.plugins.mqtt.topics import Topics
from moodroom_hub.plugins.mqtt.zone_memory import ZoneMemory

_log = logging.getLogger(__name__)

MOST_EVENTS = 500
"""So many events wait at most; a broker that is slower than that misses the oldest."""


class Publisher:
    """The outward half of the bridge. ``refusals`` are the desk's."""

    def __init__(
        self,
        hub: HubFace,
        topics: Topics,
        clock: Clock,
        refusals: Mapping[str, Refused],
        timings: Timings,
        memory: ZoneMemory,
        stations: StationMemory,
    ) -> None:
        self._hub = hub
        self._topics = topics
        self._clock = clock
        self._refusals = refusals
        self._timings = timings
        self._wake = asyncio.Event()
        self._events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self._published: dict[str, bytes] = {}
        self._touched: dict[str, float] = {}
        self._is_connected = False
        self._is_hub_silent = False
        self._memory = memory
        self._stations = stations
        self._sorter = SorterLook(timings)

    async def run(self, connection: Connection) -> None:
        """Publish over this connection until it is lost; never returns. Raises ``BrokerAway``."""
        self._published.clear()
        self._is_connected = True
        try:
            while True:
                self._wake.clear()
                await self._publish(connection)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._timings.refresh):
                        await self._wake.wait()
                await asyncio.sleep(self._timings.settle)
        finally:
            self._is_connected = False
            self._events.clear()

    def tell(self, event: Event) -> None:
        """Pass an event on; nobody hears it while the broker is away."""
        if self._is_connected:
            self._events.append(event)
        self.poke()

    def poke(self) -> None:
        """Something may have changed."""
        self._wake.set()

    def touch(self, states: Iterable[str]) -> None:
        """An order came whose answer these states are: they are told again once something was done."""
        until_s = asyncio.get_running_loop().time() + self._timings.touched
        self._touched.update(dict.fromkeys(states, until_s))

    def done(self, *, is_last: bool) -> None:
        """An order was carried out, or refused: it is answered by its states, also where they stayed.

        Which order it was nobody says: the states of all that are under way are told, until the last one is done.
        """
        now_s = asyncio.get_running_loop().time()
        self._touched = {state: until_s for state, until_s in self._touched.items() if until_s > now_s}
        self.forget(self._touched)
        if is_last:
            self._touched = {}

    def forget(self, states: Iterable[str] | None = None) -> None:
        """Publish these again (``None``: all of them)."""
        if states is None:
            self._published.clear()
        else:
            for state in states:
                self._published.pop(state, None)
        self.poke()

    async def _publish(self, connection: Connection) -> None:
        events = [self._event(self._events.popleft()) for _ in range(len(self._events))]
        facts = await self._facts()
        fresh = {topic: fact for topic, fact in facts.items() if self._published.get(topic) != fact.mark}
        # Noted before it is confirmed, so that a ``forget`` meanwhile counts. An unconfirmed one ends the connection.
        self._published.update({topic: fact.mark for topic, fact in fresh.items()})
        states = [Outgoing(topic, fact.payload) for topic, fact in fresh.items()]
        if events or states:
            await connection.publish([*events, *states])

    def _event(self, event: Event) -> Outgoing:
        payload = json.dumps(views.event(event), ensure_ascii=False, separators=(",", ":"))
        return Outgoing(self._topics.event, payload.encode(errors="replace"), is_retained=False)

    async def _facts(self) -> dict[str, Fact]:
        try:
            async with asyncio.timeout(self._timings.answer):
                look = await self._look()
            self._is_hub_silent = False
            return retained_states(look, self._topics)
        except Exception as error:  # noqa: BLE001 -- isolation: whatever ails the hub, its commands still come in here
            level = logging.DEBUG if self._is_hub_silent else logging.WARNING
            _log.log(level, "the hub's state cannot be told now: %s", str(error) or type(error).__name__)
            self._is_hub_silent = True
            return {}

    async def _look(self) -> Look:
        hub, memory = self._hub, self._memory
        self._stations.note(hub)
        memory.note(zones := await hub.zone_views())
        return Look(
            rooms=await hub.room_views(),
            health=await hub.health(),
            state=(state := await hub.state()),
            now_ms=self._clock.now_ms(),
            started_at_ms=hub.started_at_ms,
            figures=hub.metrics(),
            refusals=dict(self._refusals),
            zones=zones,
            targets=await memory.targets(hub.plays),
            away=memory.away,
            absent=tuple(memory.absent),
            layers=await self._sorter.views(hub),
            station=self._stations.to_tell(state.active_station),
        )
