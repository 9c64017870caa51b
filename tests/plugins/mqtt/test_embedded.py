"""The embedded broker from outside: one test for each defect of amqtt that is mended, and for each bound of ours."""

import asyncio
import gc
import logging
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace

import aiomqtt
import pytest

from moodroom_hub.core.errors import NotReady
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.plugins.mqtt import Plugin, frames
from moodroom_hub.plugins.mqtt.config import MqttConfig
from moodroom_hub.plugins.mqtt.embedded import EmbeddedBroker
from tests.plugins.mqtt.broker_lab import PATIENCE_S, client, heard, hello, raw, text


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


async def test_the_check_of_a_hub_that_rests_looks_whether_the_port_is_free(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        context = SimpleNamespace(config=MqttConfig(embedded=True, port=taken), data_dir=tmp_path)
        plugin = Plugin(context)  # type: ignore[arg-type]  # all that a check reads
        (check,) = await plugin.check()
        assert check.level is CheckLevel.FAILED
        assert f"127.0.0.1:{taken}" in check.message
        assert "plugins.mqtt.port" in check.mend
    (check,) = await plugin.check()
    assert check.level is CheckLevel.OK
