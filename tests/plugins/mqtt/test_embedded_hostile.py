"""Hostile clients of the embedded broker: no bytes end it, fill its log, or make it grow."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moodroom_hub.plugins.mqtt import embedded_client, frames
from moodroom_hub.plugins.mqtt.embedded import EmbeddedBroker
from tests.plugins.mqtt.broker_lab import client, heard, hello, raw, still_serves, text


@pytest.fixture(autouse=True)
async def no_thread_stays() -> AsyncIterator[None]:
    """aiomqtt connects in a thread of the loop's pool."""
    yield
    await asyncio.get_running_loop().shutdown_default_executor()


@pytest.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    """A broker for everybody on a free port."""
    made = EmbeddedBroker("127.0.0.1", 0)
    yield made
    await made.stop()


@pytest.fixture
async def port(broker: EmbeddedBroker) -> int:
    """Its port."""
    return await broker.start()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300)
    | st.lists(
        st.tuples(st.integers(0, 255), st.binary(max_size=40)).map(lambda packet: frames.framed(*packet)), max_size=6
    ).map(b"".join),
    is_greeted=st.booleans(),
)
async def test_no_bytes_harm_it(data: bytes, is_greeted: bool) -> None:
    broker = EmbeddedBroker("127.0.0.1", 0)
    port = await broker.start()
    try:
        async with raw(port, greets=hello(2, text("hostile")) if is_greeted else None) as hostile:
            await hostile.send(data)
            hostile.writer.write_eof()
            await hostile.rest()
        await still_serves(port)
    finally:
        await broker.stop()


async def test_hostile_bytes_fill_no_log_and_show_none_of_theirs(port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for number in range(100):
        async with raw(port) as hostile:
            await hostile.send(b"GET /marker HTTP/1.1\r\n\r\n" if number % 2 else b"\x10\x7f\xff\xff")
            hostile.writer.write_eof()
            await hostile.rest()
        async with raw(port, greets=hello(2, text("marker"))) as hostile:
            await hostile.send(frames.framed(0x30, text("marker/#") + b"marker"))
            await hostile.rest()
    async with client(port) as one:
        await one.publish("marker", "a marker of a title", qos=1, retain=True)
    told = [record.getMessage() for record in caplog.records if record.name != "asyncio"]
    assert len(told) == 1, told
    assert "marker" not in caplog.text


@pytest.mark.parametrize("length", [b"\x81\x80\x40", b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff\x01"])
async def test_a_packet_that_is_too_large_is_refused_by_its_length_alone(port: int, length: bytes) -> None:
    async with raw(port, greets=hello(2, text("large"))) as large:
        await large.send(b"\x30" + length)
        assert await large.rest() == b""
    async with raw(port) as large:
        await large.send(b"\x10" + length)
        assert await large.rest() == b""
    await still_serves(port)


async def test_a_large_message_still_passes(port: int) -> None:
    async with client(port) as one:
        await one.subscribe([("large", 1), ("end", 0)])
        await one.publish("large", b"x" * 1_000_000, qos=1)
        await one.publish("end")
        assert [len(payload) for _, payload, *_ in await heard(one)] == [1_000_000]


async def test_who_takes_nothing_is_let_go_and_holds_up_nobody(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(embedded_client, "MOST_BEHIND_BYTES", 1_000_000)
    async with raw(port, greets=hello(2, text("deaf"))) as deaf, client(port) as loud:
        await deaf.send(frames.framed(0x82, b"\0\1" + text("loud") + b"\0"))
        await loud.subscribe("end")
        for _ in range(40):
            await loud.publish("loud", b"x" * 250_000, qos=1)
        await loud.publish("end")
        assert await heard(loud) == []
        with suppress(ConnectionError):
            assert len(await deaf.reader.read()) < 10_000_000
    assert [record.levelname for record in caplog.records if "too little" in record.getMessage()] == ["WARNING"]
    await still_serves(port)


async def test_who_says_nothing_at_all_is_sent_away(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moodroom_hub.plugins.mqtt.embedded.GREETING_S", 0.05)
    monkeypatch.setattr(embedded_client, "FRAME_S", 0.05)
    async with raw(port) as mute:
        assert await mute.rest() == b""
    async with raw(port, greets=hello(2, text("slow"), keep_alive_s=0)) as slow:
        await slow.send(b"\x30\x20half")
        assert await slow.rest() == b""


async def test_so_many_and_no_more(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moodroom_hub.plugins.mqtt.embedded.MOST_CLIENTS", 3)
    async with AsyncExitStack() as stack:
        for number in range(3):
            await stack.enter_async_context(raw(port, greets=hello(2, text(str(number)))))
        async with raw(port) as one_too_many:
            assert await one_too_many.rest() == b""


@pytest.mark.parametrize("bound", ["MOST_RETAINED", "MOST_RETAINED_BYTES"])
async def test_only_so_much_is_retained(port: int, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(f"moodroom_hub.plugins.mqtt.amqtt_broker.{bound}", 10)
    async with client(port) as one:
        await one.publish("kept/0", "again", qos=1, retain=True)
        for number in range(20):
            await one.publish(f"kept/{number}", "x", qos=1, retain=True)
        await one.subscribe([("kept/#", 1)])
        await one.subscribe("end")
        await one.publish("end")
        assert [topic for topic, *_ in await heard(one)] == [f"kept/{number}" for number in range(10)]
