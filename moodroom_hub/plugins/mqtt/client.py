"""The line to the broker: one connection, from hello to goodbye. The only file that imports paho.

paho knows MQTT; the sockets, the waiting and the time are asyncio's. So nothing here blocks, no thread is needed, and
a connection can be given up at any moment without leaving anything behind.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final, Self

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from moodroom_hub.core.topics import covers, is_match, without_overlaps
from moodroom_hub.plugins.mqtt.access import Access
from moodroom_hub.plugins.mqtt.failures import REFUSALS_FROM, BrokerAway, why_refused, why_unreachable
from moodroom_hub.plugins.mqtt.messages import Incoming, Outgoing
from moodroom_hub.plugins.mqtt.sockets import open_socket

AT_LEAST_ONCE: Final = 1
AT_ONCE: Final = 64
"""So many messages are handed over before their receipts are waited for."""
LONGEST_MESSAGE_BYTES: Final = 256 * 1024
"""Nothing that is meant for the hub is longer; a broker that speaks MQTT 5 keeps longer ones back."""
_TAKEN_OVER: Final = 142


class _Client(paho.Client):
    """paho over a socket that is connected already."""

    def __init__(self, ready: socket.socket, access: Access) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=access.client_id,
            protocol=paho.MQTTv5 if access.is_v5 else paho.MQTTv311,
            clean_session=None if access.is_v5 else True,
            reconnect_on_failure=False,
        )
        self._ready = ready

    def _create_socket(self) -> socket.socket:  # paho's one place where sockets are made; held by a test
        return self._ready


def _properties(kind: int, **values: object) -> Properties:
    """MQTT 5's properties of a packet."""
    made = Properties(kind)  # type: ignore[no-untyped-call]  # paho types all but this one
    for name, value in values.items():
        setattr(made, name, value)
    return made


class Connection:
    """One connection; an async context manager.

    ``will``: what the broker shall say where the hub leaves without a word. ``heard`` is called for every message, in
    order, and must not wait. ``forbidden`` are topics and filters that the broker did not allow, as far as it says so.
    Entering raises ``BrokerAway``, ``LoginRefused`` or ``ProtocolRefused``; all else ``BrokerAway`` once the line is
    down. ``limit_s`` bounds every wait.
    """

    def __init__(
        self, access: Access, will: Outgoing | None, heard: Callable[[Incoming], None], limit_s: float
    ) -> None:
        self._access = access
        # Who leaves nothing but an empty message leaves nothing; some brokers choke on it.
        self._will = will if will is not None and (will.payload or will.is_retained) else None
        self._heard = heard
        self._limit_s = limit_s
        self._loop = asyncio.get_running_loop()
        self._greeted: asyncio.Future[ReasonCode | None] = self._loop.create_future()
        self._gone: asyncio.Future[str] = self._loop.create_future()
        self._receipts: dict[int, tuple[str, asyncio.Future[None]]] = {}
        self._filters: dict[str, int] = {}
        self._refused: set[str] = set()
        self._as_published: set[str] = set()
        self._socket: socket.socket | None = None
        self._client: _Client | None = None
        self._tick: asyncio.TimerHandle | None = None
        self.forbidden: set[str] = set()

    async def __aenter__(self) -> Self:
        access = self._access
        try:
            self._socket = await open_socket(access.host, access.port, access.tls, self._limit_s)
        except OSError as error:
            raise why_unreachable(error, access.host, access.port, access.hint, is_tls=access.tls is not None) from None
        try:
            await self._greet(self._socket)
        except BaseException:
            self._hang_up("not connected")
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up. Without ``goodbye`` the broker tells the last will."""
        self._hang_up("hung up")

    async def lost(self) -> None:
        """Wait until the connection is lost; raises ``BrokerAway``, never returns."""
        raise BrokerAway(await asyncio.shield(self._gone))

    async def subscribe(self, filters: Iterable[str], *, as_published: Collection[str] = ()) -> None:
        """Hear these topics, each message once, also where several filters match it.

        What a wider filter hears is not asked for by itself: brokers send a copy for each filter, and drop what does
        not fit into their queue. Who may not hear so much at once is asked for it in smaller pieces.
        ``as_published``: those of them whose messages keep their retained mark while they are news. MQTT 5 only, and
        not where a wider filter hears them: there the mark would be everybody's.
        """
        self._as_published.update(as_published)
        wanted = list(dict.fromkeys(filters))
        asked, left = without_overlaps(wanted), wanted
        while asked:
            await self._ask_for(asked)
            refused = [one for one in asked if one in self._refused]
            left = [one for one in left if one not in refused and any(covers(wide, one) for wide in refused)]
            asked = [one for one in left if not any(covers(other, one) for other in left if other != one)]
            self.forbidden.difference_update(set(refused).difference(wanted))  # nobody named those

    async def _ask_for(self, filters: Sequence[str]) -> None:
        """With MQTT 5 each filter has its number, so that copies of one message are known as such."""
        client = self._open_client()
        receipts = []
        for one in filters:
            if self._access.is_v5:
                number = self._filters.setdefault(one, len(self._filters) + 1)
                properties = _properties(PacketTypes.SUBSCRIBE, SubscriptionIdentifier=number)
                options = SubscribeOptions(qos=AT_LEAST_ONCE, retainAsPublished=one in self._as_published)
                code, packet_id = client.subscribe(one, options=options, properties=properties)
            else:
                code, packet_id = client.subscribe(one, AT_LEAST_ONCE)
            receipts.append(self._receipt(code, packet_id, one))
        await self._all(receipts)

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Hand these over, in order, and wait until the broker has confirmed every one."""
        for start in range(0, len(messages), AT_ONCE):
            await self._all([self._begin(message) for message in messages[start : start + AT_ONCE]])

    async def goodbye(self) -> None:
        """Take leave, so that the last will is not told."""
        client = self._open_client()
        client.disconnect()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limit_s):
                await asyncio.shield(self._gone)

    async def _greet(self, ready: socket.socket) -> None:
        access, will = self._access, self._will
        client = self._client = _Client(ready, access)
        if access.username is not None or access.password is not None:
            client.username_pw_set(access.username or "", access.password)
        if will is not None:
            client.will_set(will.topic, will.payload, AT_LEAST_ONCE, retain=will.is_retained)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_socket_register_write = self._on_want_to_write
        client.on_socket_unregister_write = self._on_written
        client.on_socket_close = self._on_socket_close
        self._loop.add_reader(ready.fileno(), self._read)
        options: dict[str, Any] = {}
        if access.is_v5:
            properties = _properties(PacketTypes.CONNECT, MaximumPacketSize=LONGEST_MESSAGE_BYTES)
            options = {"clean_start": True, "properties": properties}
        client.connect(access.host, access.port, keepalive=access.keepalive_s, **options)
        self._watch_over()
        try:
            async with asyncio.timeout(self._limit_s):
                answer = await self._greeted
        except TimeoutError:
            raise BrokerAway(f"what listens at {access.host}:{access.port} does not answer as a broker does") from None
        refusal = why_refused(None if answer is None else answer.value, access.host, access.port, is_v5=access.is_v5)
        if refusal is not None:
            raise refusal

    def _watch_over(self) -> None:
        """Look after the keep-alive, as often as it needs."""
        if self._client is not None and not self._gone.done():
            self._guarded(self._client.loop_misc)
            self._tick = self._loop.call_later(self._access.keepalive_s / 6, self._watch_over)

    # --- traffic -------------------------------------------------------------------------------------------

    def _begin(self, message: Outgoing) -> asyncio.Future[None]:
        properties = None
        if message.correlation is not None and self._access.is_v5:
            properties = _properties(PacketTypes.PUBLISH, CorrelationData=message.correlation)
        info = self._open_client().publish(
            message.topic, message.payload, AT_LEAST_ONCE, retain=message.is_retained, properties=properties
        )
        return self._receipt(info.rc, info.mid, message.topic)

    def _receipt(self, code: int, packet_id: int | None, what: str) -> asyncio.Future[None]:
        if packet_id is None or code not in (paho.MQTT_ERR_SUCCESS, paho.MQTT_ERR_AGAIN):
            raise BrokerAway(f"the line to the broker broke: {paho.error_string(code)}")
        receipt: asyncio.Future[None] = self._loop.create_future()
        self._receipts[packet_id] = what, receipt
        return receipt

    async def _all(self, receipts: Sequence[asyncio.Future[None]]) -> None:
        if receipts:
            _, late = await asyncio.wait(receipts, timeout=self._limit_s)
            if late:
                self._hang_up(f"the broker confirmed nothing for {self._limit_s:g} s")
        if self._gone.done():
            raise BrokerAway(self._gone.result())

    def _confirmed(self, packet_id: int, codes: Sequence[ReasonCode]) -> None:
        what, receipt = self._receipts.pop(packet_id, ("", None))
        if any(code.value >= REFUSALS_FROM for code in codes):
            self.forbidden.add(what)
        if receipt is not None and not receipt.done():
            receipt.set_result(None)

    def _on_publish(self, _client: Any, _data: Any, packet_id: int, code: ReasonCode, _properties: Any) -> None:
        self._confirmed(packet_id, [code])

    def _on_subscribe(
        self, _client: Any, _data: Any, packet_id: int, codes: Sequence[ReasonCode], _properties: Any
    ) -> None:
        if packet_id in self._receipts and any(code.value >= REFUSALS_FROM for code in codes):
            self._refused.add(self._receipts[packet_id][0])
        self._confirmed(packet_id, codes)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return  # no broker may pass that on
        numbers = getattr(message.properties, "SubscriptionIdentifier", None)
        if numbers and self._filters and not self._is_first_copy(topic, numbers):
            return
        self._heard(
            Incoming(
                topic,
                bytes(message.payload),
                bool(message.retain),
                getattr(message.properties, "ResponseTopic", None),
                getattr(message.properties, "CorrelationData", None),
            )
        )

    def _is_first_copy(self, topic: str, numbers: Sequence[int]) -> bool:
        """Brokers may send one copy per filter that matches; the one of the first filter counts."""
        granted = (one for one in self._filters if one not in self._refused and is_match(one, topic))
        first = next(granted, None)
        return first is None or self._filters[first] in numbers

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        if not self._greeted.done():
            self._greeted.set_result(code)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        if code.value == _TAKEN_OVER:
            self._fade(f"another program connected as {self._access.client_id}; give each a plugins.mqtt.client_id")
        else:
            self._fade("the connection to the broker was lost")

    # --- the socket ----------------------------------------------------------------------------------------

    def _open_client(self) -> _Client:
        if self._client is None or self._gone.done():
            raise BrokerAway(self._gone.result() if self._gone.done() else "not connected")
        return self._client

    def _read(self) -> None:
        client, open_now = self._client, self._socket
        if client is None:
            return
        self._guarded(client.loop_read)
        while isinstance(open_now, ssl.SSLSocket) and not self._gone.done() and open_now.pending():
            self._guarded(client.loop_read)  # decrypted already, so that the socket will not wake us for it

    def _on_want_to_write(self, client: paho.Client, _data: Any, where: Any) -> None:
        if where.fileno() >= 0:
            self._loop.add_writer(where.fileno(), self._guarded, client.loop_write)

    def _on_written(self, _client: Any, _data: Any, where: Any) -> None:
        if where.fileno() >= 0:
            self._loop.remove_writer(where.fileno())

    def _on_socket_close(self, _client: Any, _data: Any, where: Any) -> None:
        if where.fileno() >= 0:
            self._loop.remove_reader(where.fileno())
            self._loop.remove_writer(where.fileno())

    def _guarded(self, step: Callable[[], object]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 -- isolation: a packet that paho chokes on ends this connection only
            self._hang_up(f"the broker sent what could not be read ({type(error).__name__})")

    def _hang_up(self, reason: str) -> None:
        if self._socket is not None and self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._loop.remove_writer(self._socket.fileno())
            self._socket.close()
        self._fade(reason)

    def _fade(self, reason: str) -> None:
        """Let go of everybody who waits for something of this connection."""
        if self._tick is not None:
            self._tick.cancel()
        if not self._greeted.done():
            self._greeted.set_result(None)
        if not self._gone.done():
            self._gone.set_result(reason)
        for _, receipt in self._receipts.values():
            if not receipt.done():
                receipt.set_result(None)
        self._receipts.clear()
