"""Events: written first, then told to the plugins one at a time per zone, then marked as told.

After a crash the untold ones are told again; handlers are idempotent by event id.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.events import Completed, Event, Played, Skipped, TrackChanged
from moodroom_hub.core.ids import Ids
from moodroom_hub.core.journal import Journal
from moodroom_hub.core.store import Change
from moodroom_hub.domain.models import EpochMs, ZoneName

log = logging.getLogger(__name__)

HOOK_OF: dict[type[Event], str] = {
    Skipped: "on_skipped",
    Completed: "on_completed",
    Played: "on_played",
    TrackChanged: "on_track_changed",
}
"""Events that have a hook of their own; it is called before ``on_event``."""

MakeEvent = Callable[[int, EpochMs], Event]
"""Makes an event, given its id and its time."""


AGAIN_MS = 5_000
TRIES = 12


class Heard(Protocol):
    """How one plugin took an event."""

    @property
    def plugin(self) -> str:
        """The plugin's name."""
        ...

    @property
    def error(self) -> BaseException | None:
        """What went wrong, if anything."""
        ...


class Teller(Protocol):
    """What calls the plugins (``dispatch.Dispatcher``)."""

    async def call(self, hook_name: str, /, **arguments: Any) -> Sequence[Heard]:
        """Call every implementation, each isolated."""
        ...

    async def call_one(self, hook_name: str, plugin: str, /, **arguments: Any) -> Heard | None:
        """Call one plugin's implementation; ``None`` where it has none."""
        ...


@dataclass(frozen=True, slots=True)
class Owed:
    """An event that a policy of the hub's own could not take; it is told to it again."""

    event: Event
    hook: str
    plugin: str
    tries: int = 1


class Bus:
    """One ordered queue of events per zone, and a loop that empties each.

    ``must_hear(plugin)``: whether what this plugin could not take is told to it again, so that no verdict is lost.
    """

    def __init__(
        self,
        journal: Journal,
        teller: Teller,
        clock: Clock,
        ids: Ids,
        *,
        must_hear: Callable[[str], bool] = lambda _plugin: False,
    ) -> None:
        self._must_hear = must_hear
        self._owed: asyncio.Queue[Owed] = asyncio.Queue()
        self._journal = journal
        self._teller = teller
        self._clock = clock
        self._ids = ids
        self._lock = asyncio.Lock()
        self._queues: dict[ZoneName, asyncio.Queue[Event]] = {}
        self._told: list[int] = []
        self._publishing: set[asyncio.Future[list[Event]]] = set()
        self._later: asyncio.Queue[MakeEvent] = asyncio.Queue()
        self.published: dict[str, int] = {}

    @property
    def last_event_id(self) -> int:
        """The id of the newest event."""
        return self._ids.last_event

    def queue(self, zone: ZoneName) -> asyncio.Queue[Event]:
        """The zone's queue of events that are written and not yet told."""
        return self._queues.setdefault(zone, asyncio.Queue())

    async def publish(self, makers: Sequence[MakeEvent], change: Change | None = None) -> list[Event]:
        """Write the events, and ``change`` with them in the same transaction; then put them in line.

        Whoever is cancelled while waiting leaves; what was to be written is written all the same, for memory has it.
        """
        work = asyncio.ensure_future(self._publish(makers, change or Change()))
        self._publishing.add(work)
        work.add_done_callback(self._publishing.discard)
        return await asyncio.shield(work)

    async def _publish(self, makers: Sequence[MakeEvent], change: Change) -> list[Event]:
        async with self._lock:
            now_ms = self._clock.now_ms()
            events = [make(self._ids.event(), now_ms) for make in makers]
            told, self._told = tuple(self._told), []
            await self._journal.write(replace(change, events=tuple(events), done=(*change.done, *told)))
            for event in events:
                self.published[event.wire_name] = self.published.get(event.wire_name, 0) + 1
                self.queue(event.zone).put_nowait(event)
            return events

    def publish_later(self, maker: MakeEvent) -> None:
        """Publish from where nobody can wait for it."""
        self._later.put_nowait(maker)

    async def run_later(self) -> None:
        """Publish what could not be waited for (a supervised loop)."""
        while True:
            await self.publish([await self._later.get()])

    def retell(self, events: Sequence[Event]) -> None:
        """Put events in line that a crash left untold."""
        for event in events:
            self.queue(event.zone).put_nowait(event)

    async def run(self, zone: ZoneName) -> None:
        """Tell the zone's events in order, for ever (a supervised loop)."""
        queue = self.queue(zone)
        while True:
            event = await queue.get()
            try:
                await self.tell(event)
            finally:
                queue.task_done()
            if queue.empty():
                await self.flush_told()

    async def tell(self, event: Event) -> None:
        """Tell one event to every plugin."""
        hook = HOOK_OF.get(type(event))
        deaf: list[Owed] = []
        if hook is not None:
            heard = await self._teller.call(hook, event=event)
            deaf = [Owed(event, hook, e.plugin) for e in heard if e.error is not None and self._must_hear(e.plugin)]
        await self._teller.call("on_event", event=event)
        for owed in deaf:
            self._owed.put_nowait(owed)
        if not deaf:
            self._told.append(event.id)

    async def run_owed(self) -> None:
        """Tell policies again what they could not take (a supervised loop); after that, the next start does."""
        while True:
            owed = await self._owed.get()
            await self._clock.sleep_ms(AGAIN_MS * owed.tries)
            heard = await self._teller.call_one(owed.hook, owed.plugin, event=owed.event)
            if heard is None or heard.error is None:
                self._told.append(owed.event.id)
                await self.flush_told()
            elif owed.tries < TRIES:
                self._owed.put_nowait(replace(owed, tries=owed.tries + 1))
            else:
                log.error(
                    "%s cannot take event %d; it will be told again at the next start", owed.plugin, owed.event.id
                )

    async def flush_told(self) -> None:
        """Mark what was told, unless the next write does it anyway."""
        async with self._lock:
            if self._told:
                told, self._told = tuple(self._told), []
                await self._journal.write(Change(done=told))

    async def drain(self, limit_s: float) -> None:
        """Wait until everything in line was told, at most ``limit_s`` seconds of the event loop."""
        try:
            async with asyncio.timeout(limit_s):
                if self._publishing:
                    await asyncio.wait(self._publishing)
                for queue in list(self._queues.values()):
                    await queue.join()
        except TimeoutError:
            log.warning("some events were still waiting to be told; they will be told at the next start")
        await self.flush_told()
