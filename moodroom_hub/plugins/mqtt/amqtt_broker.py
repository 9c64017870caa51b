"""amqtt, mended: the only file that imports it. Its clients come through ``embedded.py``, already judged.

What is overridden are private names of amqtt 0.12 (hence its pin); ``tests/plugins/mqtt/test_embedded.py`` tries each.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import OutgoingApplicationMessage, Session

from moodroom_hub.core.topics import is_match

LISTENER = "default"
MOST_UNANSWERED = 5_000
"""A client that leaves so many messages unanswered is let go."""
MOST_FILTERS = 10_000
MOST_RETAINED = 20_000
MOST_RETAINED_BYTES = 64 * 1024 * 1024
_REFUSED = 0x80


class Snapshot(dict[str, Any]):
    """A dictionary that may change while somebody walks through it."""

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.keys()))

    def items(self) -> Any:
        """What was there when the walk began."""
        return list(super().items())


class MendedBroker(Broker):  # type: ignore[misc]  # amqtt tells no types
    """amqtt's broker with its defects mended, and bounded in all that a client can make it keep."""

    def __init__(self) -> None:
        listeners = {LISTENER: ListenerConfig(type=ListenerType.EXTERNAL)}
        super().__init__(BrokerConfig(listeners=listeners, plugins={}))
        self._subscriptions = Snapshot()
        self._retained_messages = Snapshot()
        self._retained_bytes = 0
        self._let_go: dict[str, Callable[[], None]] = {}

    async def serve(self, client_id: str, reader: Any, writer: Any, let_go: Callable[[], None]) -> None:
        """Carry one judged connection to its end. ``let_go`` closes it, where its client takes too little."""
        self._let_go[client_id] = let_go
        try:
            await self.external_connected(reader, writer, LISTENER)
        finally:
            del self._let_go[client_id]
            # amqtt's own sweeper would come up to a second later, and upon whoever has the name by then.
            await self._cleanup_session(client_id)

    def is_behind(self, client_id: str, most: int) -> bool:
        """Whether more than ``most`` messages wait: of this client for the broker, or in the broker for anybody."""
        session: Session | None = self._sessions.get(client_id, (None, None))[0]
        waiting = 0 if session is None else session.delivered_message_queue.qsize()
        return bool(waiting > most or self._broadcast_queue.qsize() > max(most, 1_000))

    async def _authenticate(self, session: Session, _: ListenerConfig) -> bool:
        return True  # judged at the door: amqtt asks only after it has thrown out whoever had that name

    async def _session_monitor(self) -> None:
        """Nothing: ``serve`` cleans up."""

    async def add_subscription(self, subscription: tuple[str, int], session: Session) -> int:
        """Take a subscription, in place of an older one on the same filter; the granted quality, or 128."""
        topic_filter, _ = subscription
        self._del_subscription(topic_filter, session)
        if topic_filter not in self._subscriptions and len(self._subscriptions) >= MOST_FILTERS:
            return _REFUSED
        granted: int = await super().add_subscription(subscription, session)
        return granted

    async def _handle_unsubscription(self, session: Session, handler: BrokerProtocolHandler, waiter: Any) -> None:
        await super()._handle_unsubscription(session, handler, waiter)
        for topic_filter in waiter.result().topics:
            if not self._subscriptions.get(topic_filter, True):
                del self._subscriptions[topic_filter]

    async def _handle_message_delivery(self, session: Session, _: BrokerProtocolHandler, waiter: Any) -> bool:
        """Pass a message on in the quality that it came with: amqtt forgets that."""
        message = waiter.result()
        if message is not None:
            await self._broadcast_message(session, message.topic, message.data, message.qos)
            if message.retain:
                await self.retain_message(session, message.topic, message.data, message.qos)
        return True

    async def _run_broadcast(self, running: deque[asyncio.Task[OutgoingApplicationMessage]]) -> None:
        message = await self._broadcast_queue.get()
        receivers: dict[str, int] = {}
        for topic_filter, subscribers in self._subscriptions.items():
            if subscribers and is_match(topic_filter, message["topic"]):
                for session, qos in subscribers:
                    best = max(qos, receivers.get(session.client_id, 0))
                    receivers[session.client_id] = min(best, message.get("qos") or 0)
        for client_id, qos in receivers.items():
            self._send(client_id, running, message["topic"], message["data"], qos, is_retained=False)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        topic_filter, qos = subscription
        if all(known is not session for known, _ in self._subscriptions.get(topic_filter, ())):
            return  # amqtt asks for every filter of everybody
        for topic, kept in self._retained_messages.items():
            if is_match(topic_filter, topic):
                granted = min(qos, kept.qos or 0)
                self._send(session.client_id, self._tasks_queue, topic, kept.data, granted, is_retained=True)

    def _send(
        self,
        client_id: str,
        running: deque[asyncio.Task[OutgoingApplicationMessage]],
        topic: str,
        data: bytes,
        qos: int,
        *,
        is_retained: bool,
    ) -> None:
        session, handler = self._sessions.get(client_id, (None, None))
        if handler is None or session.transitions.state != "connected":
            return
        if session.inflight_out_count > MOST_UNANSWERED:
            self._let_go[client_id]()
            return
        while running and running[0].done():
            running.popleft()
        task = asyncio.create_task(_quietly(handler.mqtt_publish(topic, data, qos, retain=is_retained)))
        running.append(task)

    async def retain_message(
        self, source: Session | None, topic: str | None, data: Any, qos: int | None = None
    ) -> None:
        """Keep the last message of a topic, within bounds; an empty one clears it."""
        known = self._retained_messages.get(topic or "")
        size = self._retained_bytes - (len(known.data) if known else 0) + len(data or b"")
        is_full = size > MOST_RETAINED_BYTES or (known is None and len(self._retained_messages) >= MOST_RETAINED)
        if data and is_full:
            return
        self._retained_bytes = size
        await super().retain_message(source, topic, data, qos)


async def _quietly(publishing: Awaitable[OutgoingApplicationMessage]) -> OutgoingApplicationMessage | None:
    """A message that its receiver did not take is the receiver's loss; it shall fill no log."""
    try:
        return await publishing
    except Exception:  # noqa: BLE001 -- amqtt raises many kinds; each concerns one receiver alone
        return None


class _Silence(logging.Filter):
    """Lets nothing through: what matters reaches the hub's own log, in the hub's own words."""

    def filter(self, record: logging.LogRecord) -> bool:
        return False


_SILENCE = _Silence()


def hush() -> None:
    """Silence amqtt and its state machine, which write topics and whole messages. Idempotent."""
    loud = ("amqtt", "transitions")
    for name in [
        *loud,
        *(name for name in logging.root.manager.loggerDict if name.startswith(tuple(f"{a}." for a in loud))),
    ]:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        if _SILENCE not in logger.filters:
            logger.addFilter(_SILENCE)
