"""Calls to what may or may not be a speaker, over real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.sonos.client import SonosClient
from moodroom_hub.plugins.sonos.failures import Failure, SonosTrouble
from moodroom_hub.plugins.sonos.places import Address

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
INSTANCE = (("InstanceID", 0),)
ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}</s:Body></s:Envelope>'
GOOD = ENVELOPE.format('<u:A xmlns:u="urn:x"><CurrentTransportState>PLAYING</CurrentTransportState></u:A>')
FAULT = ENVELOPE.format(
    "<s:Fault><faultcode>s:Client</faultcode><detail>"
    '<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>701</errorCode></UPnPError></detail></s:Fault>'
)


def http(status: int, body: str) -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


@asynccontextmanager
async def speaker(answer: bytes | Handler, timeout_s: float = 0.3) -> AsyncIterator[tuple[SonosClient, Address]]:
    serving: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        try:
            if isinstance(answer, bytes):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
            else:
                await answer(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = SonosClient(SystemClock(), timeout_s)
    try:
        yield client, Address("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        await client.close(2.0)
        server.close()
        await server.wait_closed()
        await asyncio.gather(*(task for task in serving if task is not None))


async def state_of(client: SonosClient, address: Address) -> str:
    return (await client.call(address, "avTransport", "GetTransportInfo", INSTANCE))["CurrentTransportState"]


async def test_a_good_answer() -> None:
    async with speaker(http(200, GOOD)) as (client, address):
        assert await state_of(client, address) == "PLAYING"


@pytest.mark.parametrize(
    ("answer", "failure", "is_unknown"),
    [
        (http(500, FAULT), Failure.REFUSED, False),
        (http(405, ""), Failure.REFUSED, False),
        (http(500, "oh no"), Failure.MALFORMED, True),
        (http(404, ""), Failure.MALFORMED, True),
        (http(200, "<html>"), Failure.MALFORMED, True),
        (http(200, "<a/>"), Failure.MALFORMED, True),
        (b"\x00\xff\r\n\r\n", Failure.MALFORMED, True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", Failure.SILENT, True),
        (b"", Failure.SILENT, True),
    ],
)
async def test_every_other_answer_is_a_trouble_of_its_own(answer: bytes, failure: Failure, is_unknown: bool) -> None:
    async with speaker(answer) as (client, address):
        with pytest.raises(SonosTrouble) as caught:
            await state_of(client, address)
    assert (caught.value.failure, caught.value.outcome_unknown) == (failure, is_unknown)
    assert "oh no" not in caught.value.message


async def test_a_refusal_keeps_its_code() -> None:
    async with speaker(http(500, FAULT)) as (client, address):
        with pytest.raises(SonosTrouble) as caught:
            await state_of(client, address)
    assert (caught.value.upnp_code, caught.value.code) == (701, TroubleCode.REFUSED)


async def test_bytes_that_trickle_in_do_not_stretch_the_wait() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            if writer.transport.is_closing():
                break
            writer.write(b"x")
            await asyncio.sleep(0.02)

    async with speaker(trickle) as (client, address):
        began_s = asyncio.get_running_loop().time()
        with pytest.raises(SonosTrouble) as caught:
            await state_of(client, address)
        assert asyncio.get_running_loop().time() - began_s < 1.0
    assert caught.value.failure is Failure.SILENT


async def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        client = SonosClient(SystemClock(), 0.3)
        with pytest.raises(SonosTrouble) as caught:
            await state_of(client, Address("127.0.0.1", port))
        assert caught.value.failure is Failure.UNREACHABLE
        assert not caught.value.outcome_unknown
        await client.close(1.0)
        with pytest.raises(SonosTrouble) as caught:
            await state_of(client, Address("127.0.0.1", port))
        assert caught.value.failure is Failure.CLOSED


async def test_one_call_at_a_time_and_who_is_cancelled_keeps_the_turn() -> None:
    under_way, most = 0, 0
    begun, release = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        await reader.readuntil(b"\r\n\r\n")
        under_way += 1
        most = max(most, under_way)
        begun.set()
        await release.wait()
        under_way -= 1
        writer.write(http(200, GOOD))

    async with speaker(slow, timeout_s=2.0) as (client, address):
        first = asyncio.create_task(state_of(client, address))
        await begun.wait()
        touches = client.touches(address)
        with pytest.raises(SonosTrouble) as caught:
            await client.call(address, "avTransport", "Play", INSTANCE, is_patient=False)
        assert caught.value.failure is Failure.BUSY
        first.cancel()
        second = asyncio.create_task(state_of(client, address))
        await asyncio.sleep(0.02)
        assert (client.is_busy(address), under_way) == (True, 1), "its thread is still at the speaker"
        release.set()
        assert await second == "PLAYING"
        assert most == 1
        assert client.touches(address) > touches


async def test_who_is_no_longer_wanted_sends_nothing() -> None:
    def unwanted() -> None:
        raise Trouble(TroubleCode.SUPERSEDED, "another order came")

    async with speaker(http(200, GOOD)) as (client, address):
        with pytest.raises(Trouble) as caught:
            await client.call(address, "avTransport", "Play", INSTANCE, check=unwanted)
        assert caught.value.code is TroubleCode.SUPERSEDED
        assert not client.is_busy(address)
        assert await state_of(client, address) == "PLAYING"
