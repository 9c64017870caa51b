"""One client of the embedded broker: feeds amqtt whole, sound packets, and knows when enough is enough."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from moodroom_hub.plugins.mqtt import frames
from moodroom_hub.plugins.mqtt.frames import Kind, Malformed

if TYPE_CHECKING:
    from moodroom_hub.plugins.mqtt.amqtt_broker import MendedBroker

log = logging.getLogger(__name__)

Say = Callable[[str, int, str], None]
"""Takes a kind of trouble, a level, and the line."""

FRAME_S = 30.0
"""How long a packet may take from its first byte to its last."""
MOST_BEHIND_BYTES = 16 * 1024 * 1024
"""A client that has so much still to take is let go."""
MOST_WAITING = 100
"""A client whose messages the broker has still to handle is read no further."""
_GRACE_S = 5.0
_BREATH_S = 0.002


class Connection:
    """Reader and writer in one, as amqtt wants them."""

    def __init__(
        self,
        name: str,
        keep_alive_s: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        broker: "MendedBroker",
        say: Say,
    ) -> None:
        self.name = name
        self.ended = asyncio.Event()
        self._silence_s = keep_alive_s * 1.5 or None
        self._reader = reader
        self._writer = writer
        self._broker = broker
        self._say = say
        self._pending = b""
        self._is_over = False

    async def serve(self, greeting: bytes) -> None:
        """Be a client of the broker until one of the two has enough."""
        self._pending = greeting
        await self._broker.serve(self.name, self, self, self._let_go)

    def abort(self) -> None:
        """End the connection at once; the broker publishes its last will."""
        self._writer.transport.abort()

    async def read(self, n: int = -1) -> bytes:
        """The next ``n`` bytes of sound packets; empty where there are no more."""
        if not self._pending:
            self._pending = await self._next()
        taken, self._pending = self._pending[:n], self._pending[n:]
        return taken

    async def _next(self) -> bytes:
        await self._settled(0 if self._is_over else MOST_WAITING)
        if self._is_over:
            return b""  # only now: at the end of the bytes amqtt forgets a goodbye that it has just read
        try:
            async with asyncio.timeout(self._silence_s) as limit:
                first, body = await read_frame(
                    self._reader,
                    frames.LARGEST_BYTES,
                    lambda: limit.reschedule(asyncio.get_running_loop().time() + FRAME_S),
                )
            kind = frames.check(first, body)
        except Malformed as error:
            self._say("malformed", logging.INFO, f"the embedded broker closed a connection: {error}")
            kind = None
        except (OSError, EOFError, TimeoutError):
            kind = None
        if kind is None or kind is Kind.DISCONNECT:
            self._is_over = True
            await self._settled(0)  # amqtt drops what was sent just before the end
        return b"" if kind is None else frames.framed(first, body)

    async def _settled(self, most: int) -> None:
        """Wait till the broker has handled what this client sent, but for ``most`` messages."""
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        end_s = loop.time() + _GRACE_S
        while self._broker.is_behind(self.name, most) and loop.time() < end_s:  # noqa: ASYNC110 -- amqtt rings no bell
            await asyncio.sleep(_BREATH_S)

    def feed_eof(self) -> None:
        """amqtt never calls this; it belongs to the shape."""

    def write(self, data: bytes) -> None:
        """Send, without waiting: a client that does not take what it asked for is let go."""
        transport = self._writer.transport
        if transport.is_closing():
            return
        transport.write(data)
        if transport.get_write_buffer_size() > MOST_BEHIND_BYTES:
            self._let_go()

    async def drain(self) -> None:
        """Nothing: one slow client shall hold up nobody."""

    def get_peer_info(self) -> tuple[str, int]:
        """amqtt wants one; the log needs none."""
        return "client", 0

    def get_ssl_info(self) -> None:
        """There is no TLS here."""

    async def close(self) -> None:
        """amqtt has done with this client."""
        self._is_over = True
        self._writer.close()

    def _let_go(self) -> None:
        self._say(
            "slow", logging.WARNING, "the embedded broker let a client go that takes too little of what it asked for"
        )
        self.abort()


async def read_frame(reader: asyncio.StreamReader, largest_bytes: int, begun: Callable[[], None]) -> tuple[int, bytes]:
    """One packet: its first byte and its body; ``begun`` is called after the first byte.

    Raises ``Malformed``, ``EOFError``, ``OSError``.
    """
    first = (await reader.readexactly(1))[0]
    begun()
    frames.kind_of(first)
    size = 0
    for place in range(4):
        digit = (await reader.readexactly(1))[0]
        size |= (digit & 0x7F) << (7 * place)
        if not digit & 0x80:
            break
    else:
        raise Malformed("a length that is none")
    if size > largest_bytes:
        raise Malformed("a packet that is too large")
    return first, await reader.readexactly(size)
