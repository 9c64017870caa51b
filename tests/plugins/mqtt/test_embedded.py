"""The embedded broker from outside: one test for each defect of amqtt that is mended, and for each bound of ours."""

import asyncio
import gc
import logging
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import aiomqtt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moodroom_hub.core.errors import NotReady
from moodroom_hub.plugins.mqtt import embedded_client, frames
from moodroom_hub.plugins.mqtt.embedded import EmbeddedBroker
from tests.plugins.mqtt.test_frames import hello, text

PATIENCE_S = 10.0
ACCEPTED = b"\x20\x02\0\0"


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


async def still_serves(port: int) -> None:
    """Whether a message still goes round."""
    async with client(port) as one:
        await one.subscribe([("alive/#", 1), ("end", 1)])
        await one.publish("alive/yes", "1", qos=1)
        await one.publish("end", qos=1)
        assert await heard(one) == [("alive/yes", b"1", 1, False)]


# --- the defects of amqtt 0.12, each ------------------------------------------------------------------------


async def test_who_did_not_subscribe_gets_no_retained_message(port: int) -> None:
    async with client(port) as keeper, client(port) as stranger:
        await keeper.subscribe("kept/#")
        for number in range(20):
            await keeper.publish(f"kept/{number}", "x", qos=1, retain=True)
        async with raw(port, greets=hello(2, text("late"))) as late:
            await late.send(b"\xc0\0")
            async with asyncio.timeout(PATIENCE_S):
                assert await late.reader.readexactly(2) == b"\xd0\0", "the answer to a ping, and nothing before it"
        await stranger.subscribe("end")
        await keeper.publish("end")
        assert await heard(stranger) == []


@pytest.mark.slow
async def test_three_hundred_come_and_go(port: int) -> None:
    async with client(port) as keeper:
        for number in range(40):
            await keeper.publish(f"kept/{number:02}", "x", qos=1, retain=True)
        message = frames.framed(0x31, text("kept/00") + b"x")

        async def visit(number: int) -> None:
            async with raw(port, greets=hello(2, text(f"visitor-{number}"))) as visitor:
                await visitor.send(frames.framed(0x82, b"\0\1" + text("kept/#") + b"\0"))
                async with asyncio.timeout(PATIENCE_S):
                    assert await visitor.reader.readexactly(5) == b"\x90\3\0\1\0"
                    await visitor.reader.readexactly(40 * len(message))
                await visitor.send(b"\xe0\0")
                assert await visitor.rest() == b"", "each retained message once"

        for begin in range(0, 300, 30):
            await asyncio.gather(*(visit(number) for number in range(begin, begin + 30)))


async def test_a_frozen_client_is_given_up_and_its_last_will_is_told(port: int) -> None:
    async with client(port) as watcher:
        await watcher.subscribe([("will/#", 2), ("end", 0)])
        greeting = hello(0x26 | 0x08, text("frozen"), text("will/frozen"), text("gone"), keep_alive_s=1)
        async with raw(port, greets=greeting) as frozen:
            begun_s = asyncio.get_running_loop().time()
            assert await frozen.rest() == b""
            assert 1.0 < asyncio.get_running_loop().time() - begun_s < 5.0
        await watcher.publish("end")
        assert await heard(watcher) == [("will/frozen", b"gone", 1, False)]
        await watcher.unsubscribe("will/#")
        await watcher.subscribe("will/#", qos=2)
        await watcher.publish("end")
        assert await heard(watcher) == [("will/frozen", b"gone", 1, True)]


async def test_who_pings_is_not_given_up(port: int) -> None:
    async with raw(port, greets=hello(2, text("awake"), keep_alive_s=1)) as awake:
        for _ in range(4):
            await asyncio.sleep(0.5)
            await awake.send(b"\xc0\0")
            async with asyncio.timeout(PATIENCE_S):
                assert await awake.reader.readexactly(2) == b"\xd0\0"


async def test_the_last_will_is_told_of_who_breaks_off_and_not_of_who_says_goodbye(port: int) -> None:
    def mortal(name: str) -> aiomqtt.Client:
        return client(port, identifier=name, will=aiomqtt.Will(f"will/{name}", "gone", qos=1))

    async with client(port) as watcher:
        await watcher.subscribe([("will/#", 1), ("end", 0)])
        async with mortal("polite"):
            pass
        async with raw(port, greets=hello(0x0E, text("rude"), text("will/rude"), text("gone"))) as rude:
            rude.writer.transport.abort()
        assert await heard(watcher, "will/rude") == []


@pytest.mark.parametrize("published", [0, 1, 2])
@pytest.mark.parametrize("subscribed", [0, 1, 2])
async def test_the_lower_quality_of_the_two_is_delivered(port: int, published: int, subscribed: int) -> None:
    async with client(port) as one:
        await one.subscribe([("quality", subscribed), ("end", 0)])
        await one.publish("quality", "x", qos=published)
        await one.publish("quality", "y", qos=published, retain=True)
        await one.publish("end", qos=published)
        best = min(published, subscribed)
        assert await heard(one) == [("quality", b"x", best, False), ("quality", b"y", best, False)]
        await one.subscribe("quality", subscribed)
        async with asyncio.timeout(PATIENCE_S):
            message = await anext(aiter(one.messages))
        assert (message.payload, message.qos, bool(message.retain)) == (b"y", best, True)


async def test_of_overlapping_filters_each_message_comes_once_in_the_best_quality(port: int) -> None:
    async with client(port) as one:
        await one.subscribe([("a/#", 0), ("a/+", 1), ("end", 0)])
        await one.publish("a/b", "x", qos=1)
        await one.publish("end")
        assert await heard(one) == [("a/b", b"x", 1, False)]


@pytest.mark.parametrize("qos", [0, 1])
async def test_what_is_sent_right_before_goodbye_arrives(port: int, qos: int) -> None:
    async with client(port, max_queued_incoming_messages=0) as listener:
        await listener.subscribe([("burst/#", 1), ("end", 1)])
        async with raw(port, greets=hello(2, text("hasty"))) as hasty:
            number = (lambda i: (i + 1).to_bytes(2, "big")) if qos else (lambda i: b"")
            burst = [frames.framed(0x30 | qos << 1, text(f"burst/{i}") + number(i) + b"x") for i in range(200)]
            await hasty.send(b"".join(burst) + b"\xe0\0")
            await hasty.rest()
        await listener.publish("end", qos=1)
        assert [topic for topic, *_ in await heard(listener)] == [f"burst/{i}" for i in range(200)]


async def test_an_empty_message_clears_what_was_retained(port: int) -> None:
    async with client(port) as one:
        await one.publish("kept/a", "x", qos=1, retain=True)
        await one.publish("kept/b", "y", qos=1, retain=True)
        await one.publish("kept/a", qos=1, retain=True)
        await one.subscribe([("kept/#", 1)])
        await one.subscribe("end")
        await one.publish("end")
        assert await heard(one) == [("kept/b", b"y", 1, True)]


async def test_subscribing_again_counts_anew_and_unsubscribing_ends_it(port: int) -> None:
    async with client(port) as one:
        await one.subscribe("end")
        await one.subscribe("a", 0)
        await one.subscribe("a", 1)
        await one.publish("a", "x", qos=1)
        await one.unsubscribe("a")
        await one.publish("a", "y", qos=1)
        await one.publish("end")
        assert await heard(one) == [("a", b"x", 1, False)]


async def test_a_filter_that_is_none_is_refused_alone(port: int) -> None:
    async with raw(port, greets=hello(2, text("odd"))) as odd:
        wanted = b"".join(text(topic) + b"\1" for topic in ("a/#/b", "a/b+", "sound/#"))
        await odd.send(frames.framed(0x82, b"\0\1" + wanted) + b"\xe0\0")
        assert await odd.rest() == b"\x90\5\0\1\x80\x80\1"


async def test_a_client_of_version_5_is_told_so(port: int, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        with pytest.raises(aiomqtt.MqttError, match="Unsupported protocol version"):
            await client(port, protocol=aiomqtt.ProtocolVersion.V5).__aenter__()
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 1, "once a minute"
    assert "3.1.1" in told[0]
    async with raw(port) as old:
        await old.send(frames.framed(0x10, hello(2, text("old"), protocol="MQIsdp", level=3)))
        assert await old.rest() == b"\x20\x02\0\1"


async def test_stopping_leaves_no_task_and_no_socket(broker: EmbeddedBroker) -> None:
    before = asyncio.all_tasks()
    port = await broker.start()
    async with AsyncExitStack() as stack:
        guests = [await stack.enter_async_context(raw(port, greets=hello(2, text(str(i))))) for i in range(5)]
        guests.append(await stack.enter_async_context(raw(port)))
        half = await stack.enter_async_context(raw(port, greets=hello(2, text("half"))))
        await half.send(b"\x30\x7f\0")
        async with asyncio.timeout(2):
            await broker.stop()
        assert asyncio.all_tasks() == before
        for guest in (*guests, half):
            assert await guest.rest() == b""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    await broker.stop()
    again = EmbeddedBroker("127.0.0.1", port)
    assert await again.start() == port, "the port is free at once"
    await again.stop()
    gc.collect()


# --- who may come in -----------------------------------------------------------------------------------------


async def test_only_who_knows_the_password_comes_in(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moodroom_hub.plugins.mqtt.embedded.REFUSAL_S", 0.0)
    broker = EmbeddedBroker("127.0.0.1", 0, "house", "a secret of nobody")
    port = await broker.start()
    try:
        async with client(port, username="house", password="a secret of nobody", identifier="hub") as inside:
            await inside.subscribe("end")
            for wrong in ({}, {"username": "house"}, {"username": "house", "password": "guess"}, {"username": "höuse"}):
                with pytest.raises(aiomqtt.MqttError, match=r"authori[sz]ed|user name or password"):
                    await client(port, identifier="hub", **wrong).__aenter__()
            await inside.publish("end")
            assert await heard(inside) == [], "and throws nobody out by taking his name"
    finally:
        await broker.stop()
    assert "a secret of nobody" not in caplog.text
    assert "guess" not in caplog.text


async def test_one_name_one_connection(port: int) -> None:
    async with client(port) as watcher:
        await watcher.subscribe("will", 1)
        async with (
            raw(port, greets=hello(0x0E, text("twin"), text("will"), text("first"))) as first,
            raw(port, greets=hello(2, text("twin"))) as second,
        ):
            assert await first.rest() == b""
            assert await heard(watcher, "will") == []
            await second.send(b"\xc0\0\xe0\0")
            assert await second.rest() == b"\xd0\0"


async def test_without_a_name_a_session_is_clean_or_refused(port: int) -> None:
    async with raw(port, greets=hello(2, text(""))):
        pass
    async with raw(port) as nameless:
        await nameless.send(frames.framed(0x10, hello(0, text(""))))
        assert await nameless.rest() == b"\x20\x02\0\2"


async def test_a_session_ends_with_its_connection(port: int) -> None:
    async with raw(port, greets=hello(0, text("lasting"))) as lasting:
        await lasting.send(frames.framed(0x82, b"\0\1" + text("a") + b"\1") + b"\xe0\0")
        assert await lasting.rest() == b"\x90\x03\0\1\1"
    async with client(port) as one:
        await one.publish("a", "x", qos=1)
    async with raw(port, greets=hello(0, text("lasting"))) as lasting:  # says: no session is present
        await lasting.send(b"\xc0\0\xe0\0")
        assert await lasting.rest() == b"\xd0\0"


async def test_a_port_that_is_taken_is_said(port: int) -> None:
    with pytest.raises(NotReady, match=f"127.0.0.1:{port}"):
        await EmbeddedBroker("127.0.0.1", port).start()


@pytest.mark.parametrize("host", ["nobody.invalid", "203.0.113.7"])
async def test_an_address_that_is_not_here_is_said(host: str) -> None:
    with pytest.raises(NotReady, match=host):
        await EmbeddedBroker(host, 0).start()


async def test_without_amqtt_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "moodroom_hub.plugins.mqtt.amqtt_broker", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "amqtt"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "amqtt", None)
    with pytest.raises(NotReady, match=r"pip install 'moodroom-hub\[broker\]'"):
        await EmbeddedBroker("127.0.0.1", 0).start()


async def test_a_whole_network_without_a_password_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    for host, username, warnings in (("127.0.0.1", None, 0), ("0.0.0.0", "house", 0), ("0.0.0.0", None, 1)):
        caplog.clear()
        broker = EmbeddedBroker(host, 0, username, "secret" if username else None)
        await broker.start()
        await broker.stop()
        assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == warnings


# --- hostile bytes -------------------------------------------------------------------------------------------


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


# --- other people's clients ----------------------------------------------------------------------------------


async def output_of(*words: str) -> tuple[int, str]:
    """Run a program; its exit code and all that it wrote."""
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode is not None
    return process.returncode, out.decode()


@pytest.mark.skipif(shutil.which("mosquitto_sub") is None, reason="needs the clients of Mosquitto")
async def test_the_clients_of_mosquitto_get_along_with_it(port: int) -> None:
    at: Callable[..., tuple[str, ...]] = lambda *words: (*words, "-p", str(port), "-h", "127.0.0.1")  # noqa: E731
    code, out = await output_of(*at("mosquitto_pub"), "-t", "moodroom/a", "-m", "hello", "-r", "-q", "1")
    assert (code, out) == (0, "")
    code, out = await output_of(*at("mosquitto_sub"), "-t", "moodroom/#", "-v", "-C", "1")
    assert (code, out) == (0, "moodroom/a hello\n")
    code, out = await output_of(*at("mosquitto_sub"), "-t", "moodroom/#", "-V", "5", "-C", "1")
    assert code != 0
    assert "rotocol" in out
