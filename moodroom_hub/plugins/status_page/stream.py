"""Server-Sent Events: every event of the hub to every open page, in order, with replay after a lost connection."""

import asyncio
import logging
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from aiohttp import web

from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.events import Event
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.wire import views
from moodroom_hub.plugins.status_page.bodies import LARGEST_ID, dumps, query_value, whole_number
from moodroom_hub.plugins.status_page.problems import ApiError

QUEUE_SIZE: Final = 256
REPLAY_PAGE: Final = 500
WRITE_TIMEOUT_S: Final = 60.0
_REMEMBERED: Final = 1_024
_NOT_A_NAME: Final = re.compile("[^A-Z0-9_]")
_log = logging.getLogger(__name__)


class Message(NamedTuple):
    """One event as it goes over the wire."""

    id: int
    payload: bytes


def message_of(event: Event) -> Message:
    """``event`` in the format of Server-Sent Events; its JSON is one line of ASCII, so no title can end it early."""
    name = _NOT_A_NAME.sub("_", event.wire_name) or "EVENT"
    data = dumps(views.event(event))
    return Message(event.id, b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, name.encode("ascii"), data))


class Subscriber:
    """One open page. A reader so slow that its queue is full is cut off; it comes back and asks for what it missed."""

    def __init__(self, transport: asyncio.BaseTransport | None) -> None:
        self._transport = transport
        self.queue: asyncio.Queue[Message | None] = asyncio.Queue(QUEUE_SIZE)

    def offer(self, message: Message | None) -> None:
        """Queue ``message`` (``None``: the end), or cut the reader off."""
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.cut_off()

    def cut_off(self) -> None:
        """Close the connection at once."""
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()


class EventStream:
    """All open pages."""

    def __init__(self, hub: HubFace, heartbeat_s: float, most_streams: int) -> None:
        self._hub = hub
        self._heartbeat_s = heartbeat_s
        self._most_streams = most_streams
        self._subscribers: set[Subscriber] = set()
        self._told: dict[int, None] = {}
        self._is_closed = False

    @property
    def count(self) -> int:
        """Open pages now."""
        return len(self._subscribers)

    def publish(self, event: Event) -> None:
        """Tell everybody, once per event id."""
        if event.id in self._told:
            return
        self._told[event.id] = None
        if len(self._told) > _REMEMBERED:
            del self._told[next(iter(self._told))]
        if self._subscribers:
            message = message_of(event)
            for subscriber in tuple(self._subscribers):
                subscriber.offer(message)

    def close(self) -> None:
        """End every stream; new ones are refused."""
        self._is_closed = True
        for subscriber in tuple(self._subscribers):
            subscriber.offer(None)

    async def serve(self, request: web.Request, is_welcome: Callable[[], bool]) -> web.StreamResponse:
        """Answer ``GET /api/events``. Ends when ``is_welcome`` says no (the browser was signed out)."""
        last_id = _last_event_id(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        if request.method == "HEAD":
            return response
        with self._subscribed(request.transport) as subscriber:
            # Subscribed before the replay is read, so that nothing falls between the two.
            page = await self._missed(last_id)
            await response.prepare(request)
            try:
                await self._write(response, b"retry: 2000\n: welcome\n\n")
                replayed: deque[int] = deque(maxlen=_REMEMBERED)
                while page:
                    await self._write(response, b"".join(message.payload for message in page))
                    replayed.extend(message.id for message in page)
                    page = await self._missed(page[-1].id) if len(page) == REPLAY_PAGE else []
                await self._follow(response, subscriber, frozenset(replayed), is_welcome)
            except (ConnectionError, TimeoutError, MoodroomError) as error:
                # Cut off rather than ended: the page comes back by itself and asks for what it missed.
                _log.debug("event stream cut off: %s", error)
                subscriber.cut_off()
        return response

    async def _missed(self, last_id: int | None) -> list[Message]:
        if last_id is None:
            return []
        return [message_of(event) for event in await self._hub.events_after(last_id, REPLAY_PAGE)]

    async def _follow(
        self,
        response: web.StreamResponse,
        subscriber: Subscriber,
        replayed: frozenset[int],
        is_welcome: Callable[[], bool],
    ) -> None:
        while is_welcome():
            try:
                async with asyncio.timeout(self._heartbeat_s):
                    messages = [await subscriber.queue.get()]
            except TimeoutError:
                if is_welcome():
                    await self._write(response, b": heartbeat\n\n")
                continue
            if not is_welcome():
                return
            while not subscriber.queue.empty():
                messages.append(subscriber.queue.get_nowait())
            payload = b"".join(each.payload for each in messages if each and each.id not in replayed)
            if payload:
                await self._write(response, payload)
            if None in messages:
                return

    async def _write(self, response: web.StreamResponse, payload: bytes) -> None:
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await response.write(payload)

    @contextmanager
    def _subscribed(self, transport: asyncio.BaseTransport | None) -> Iterator[Subscriber]:
        if self._is_closed:
            raise ApiError(503, "unavailable", "the hub is stopping")
        if len(self._subscribers) >= self._most_streams:
            raise ApiError(503, "unavailable", "too many open event streams; close a page or two", retry_after_s=30)
        subscriber = Subscriber(transport)
        self._subscribers.add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)


def _last_event_id(request: web.Request) -> int | None:
    # A browser that reconnects sends the header and the address of its first call: the header is the newer word.
    given = request.headers.get("Last-Event-ID") or query_value(request, "last_event_id")
    if not given:
        return None
    return whole_number(given, least=0, most=LARGEST_ID, name="Last-Event-ID")
