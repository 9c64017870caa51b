"""Clients of the embedded broker: one as the hub is, and one that sends whatever it likes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiomqtt

from moodroom_hub.plugins.mqtt import frames

PATIENCE_S = 10.0
ACCEPTED = b"\x20\x02\0\0"


def text(value: str | bytes) -> bytes:
    """A text as it goes over the wire."""
    raw = value if isinstance(value, bytes) else value.encode()
    return len(raw).to_bytes(2, "big") + raw


def hello(flags: int, *fields: bytes, protocol: str = "MQTT", level: int = 4, keep_alive_s: int = 60) -> bytes:
    """The body of a CONNECT."""
    return text(protocol) + bytes([level, flags]) + keep_alive_s.to_bytes(2, "big") + b"".join(fields)


def client(port: int, **wishes: Any) -> aiomqtt.Client:
    """A client as the hub is one."""
    wishes.setdefault("protocol", aiomqtt.ProtocolVersion.V311)
    return aiomqtt.Client("127.0.0.1", port, **wishes)


async def heard(listener: aiomqtt.Client, until: str = "end") -> list[tuple[str, bytes, int, bool]]:
    """Topic, payload, quality and retained mark of all messages before the one whose topic is ``until``."""
    found: list[tuple[str, bytes, int, bool]] = []
    async with asyncio.timeout(PATIENCE_S):
        async for message in listener.messages:
            if str(message.topic) == until:
                return found
            assert isinstance(message.payload, bytes)
            found.append((str(message.topic), message.payload, message.qos, bool(message.retain)))
    raise AssertionError("the connection ended")


class Raw:
    """A client that sends what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Send, whatever the other side thinks of it."""
        with suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def rest(self) -> bytes:
        """All that comes till the broker closes the connection."""
        data = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE_S):
                data = await self.reader.read()
        return data


@asynccontextmanager
async def raw(port: int, *, greets: bytes | None = None) -> AsyncIterator[Raw]:
    """A bare connection; ``greets``: the body of its CONNECT, which the broker accepts."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        made = Raw(reader, writer)
        if greets is not None:
            await made.send(frames.framed(0x10, greets))
            async with asyncio.timeout(PATIENCE_S):
                assert await reader.readexactly(4) == ACCEPTED
        yield made
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def burst(port: int, topic: str, payload: str, count: int) -> None:
    """Publish this so often, all at once, and wait until the broker has confirmed every one."""
    message = text(topic) + b"%b" + payload.encode()
    async with raw(port, greets=hello(2, text("in a hurry"))) as line:
        numbers = (number.to_bytes(2, "big") for number in range(1, count + 1))
        await line.send(b"".join(frames.framed(0x32, message % number) for number in numbers))
        async with asyncio.timeout(6 * PATIENCE_S):
            await line.reader.readexactly(4 * count)


async def still_serves(port: int) -> None:
    """Whether a message still goes round."""
    async with client(port) as one:
        await one.subscribe([("alive/#", 1), ("end", 1)])
        await one.publish("alive/yes", "1", qos=1)
        await one.publish("end", qos=1)
        assert await heard(one) == [("alive/yes", b"1", 1, False)]
