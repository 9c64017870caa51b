"""Server-Sent Events: every event, in order, to everybody, with replay, and no reader that holds others up."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.events import (
    EVENT_TYPES,
    Event,
    LoginExpiring,
    Paused,
    PlayerBack,
    PlayerLost,
    PluginStatusChanged,
    PoolChanged,
    RoomActivated,
    RoomDeactivated,
    Skipped,
    Takeover,
    ToppedUp,
    TrackChanged,
)
from moodroom_hub.domain.models import HOME, DurationMs, EpochMs
from tests.plugins.status_page.conftest import OpenSite, Site
from tests.plugins.status_page.fake_hub import LATE_NIGHT, listen, track

AT = EpochMs(1_763_700_000_000)


def change(number: int, name: str | None = None) -> TrackChanged:
    """A track change with that id."""
    return TrackChanged(id=number, zone=HOME, at_ms=AT, track=track(number, name))


class Reader:
    """Reads a stream as a browser does."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def block(self) -> dict[str, str]:
        """The fields of the next block; a comment counts as the field ``""``."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            while (line := (await self.answer.content.readline()).decode("utf-8")) != "\n":
                if not line:
                    raise EOFError
                name, _, value = line.rstrip("\n").partition(":")
                assert name not in fields
                fields[name] = value.removeprefix(" ")
        return fields

    async def event(self) -> tuple[int, str, dict[str, Any]]:
        """Id, name and data of the next event; heartbeats are passed over."""
        while True:
            fields = await self.block()
            if "event" in fields:
                return int(fields["id"]), fields["event"], json.loads(fields["data"])


@asynccontextmanager
async def reading(site: Site, path: str = "/api/events", **headers: str) -> AsyncIterator[Reader]:
    """An open stream, past its welcome."""
    async with site.client.get(site.url + path, headers=headers) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        reader = Reader(answer)
        assert (await reader.block())["retry"] == "2000"
        yield reader


async def test_an_event_comes_with_id_name_and_json(site: Site) -> None:
    async with reading(site) as reader:
        await site.plugin.on_event(change(7))
        number, name, data = await reader.event()
    assert (number, name) == (7, "TRACK_CHANGED")
    assert data["event_type"] == "TRACK_CHANGED"
    assert (data["id"], data["zone"], data["at"], data["at_ms"]) == (7, "home", "2025-11-21T04:40:00.000Z", AT)
    assert data["track"]["name"] == "Song 7"
    assert data["entry"] is None


async def test_every_kind_of_event_goes_over_the_wire(site: Site) -> None:
    await site.hub.activate(LATE_NIGHT)
    site.hub.add_receipts(1)
    entry = site.hub.upcoming[0]
    common: dict[str, Any] = {"zone": HOME, "at_ms": AT}
    made: list[Event] = [
        Skipped(id=1, listen=listen(1), **common),
        TrackChanged(id=2, track=track(2), entry=entry, consumed=1, **common),
        Paused(id=3, track=track(2), position_ms=DurationMs(9), **common),
        RoomActivated(id=4, room=LATE_NIGHT, batch=site.hub.upcoming, notes=("a",), **common),
        RoomDeactivated(id=5, room=LATE_NIGHT, reason="off", **common),
        PoolChanged(id=6, receipt=site.hub.receipt_list[0], **common),
        ToppedUp(id=7, entry=entry, **common),
        Takeover(id=8, track=track(3), context_uri="spotify:album:x", **common),
        PlayerLost(id=9, reason="asleep", **common),
        PlayerBack(id=10, **common),
        LoginExpiring(id=11, account="Spotify", days_left=9, **common),
        PluginStatusChanged(id=12, plugin="mqtt", status="waiting", reason="away", **common),
    ]
    async with reading(site) as reader:
        for event in made:
            await site.plugin.on_event(event)
        told = [await reader.event() for _ in made]
    assert [(number, EVENT_TYPES[name]) for number, name, _ in told] == [(event.id, type(event)) for event in made]
    by_name = {name: data for _, name, data in told}
    assert by_name["SKIPPED"]["listen"]["verdict"] == "SKIPPED"
    assert by_name["POOL_CHANGED"]["receipt"]["before"] == "CONFIRMED"
    assert by_name["TOPPED_UP"]["entry"]["tier"] == "CONFIRMED"
    assert len(by_name["ROOM_ACTIVATED"]["batch"]) == 9


@pytest.mark.parametrize(
    "title",
    [
        "a\nevent: FAKE\ndata: {}\n\n",
        "\r\n\r\nid: 99\n",
        "\u2028\u2029\x85\x0b\x0c",
        "</script>",
        "\ud800 alone",
        "\x1b[31m",
        "x" * 10_000,
    ],
)
async def test_a_title_cannot_leave_its_line(site: Site, title: str) -> None:
    async with reading(site) as reader:
        await site.plugin.on_event(change(1, title))
        await site.plugin.on_event(change(2))
        first, second = await reader.event(), await reader.event()
    assert first[2]["track"]["name"] == title.replace("\ud800", "\ufffd")
    assert [first[0], second[0]] == [1, 2]


@pytest.mark.parametrize("by_header", [True, False])
async def test_replay_goes_on_where_the_connection_broke(site: Site, by_header: bool) -> None:
    site.hub.events = [change(number) for number in range(1, 1_203)]
    path = "/api/events" if by_header else "/api/events?last_event_id=2"
    headers = {"Last-Event-ID": "2"} if by_header else {}
    async with reading(site, path, **headers) as reader:
        ids = [(await reader.event())[0] for _ in range(1_200)]
        await site.plugin.on_event(site.hub.events[-1])  # told again, as after a crash: it was in the replay
        await site.plugin.on_event(change(1_203))
        ids.append((await reader.event())[0])
    assert ids == list(range(3, 1_204))


async def test_the_header_goes_before_the_address(site: Site) -> None:
    site.hub.events = [change(1), change(2), change(3)]
    async with reading(site, "/api/events?last_event_id=0", **{"Last-Event-ID": "2"}) as reader:
        assert (await reader.event())[0] == 3


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "9223372036854775808", "٣"])
async def test_a_wrong_last_event_id_is_400(site: Site, given: str) -> None:
    assert (await site.get("/api/events", params={"last_event_id": given})).status == 400


async def test_a_database_that_is_away_is_told_before_the_stream_begins(site: Site) -> None:
    site.hub.fail["events_after"] = MoodroomError("the database is locked")
    assert (await site.get("/api/events?last_event_id=1")).status == 503
    await site.get("/metrics")
    assert "moodroom_event_streams 0.0" in await (await site.client.get(site.url + "/metrics")).text()


async def test_an_event_is_told_once(site: Site) -> None:
    async with reading(site) as reader:
        for number in (1, 1, 2, 1, 2, 3):
            await site.plugin.on_event(change(number))
        assert [(await reader.event())[0] for _ in range(3)] == [1, 2, 3]


async def test_heartbeats(open_site: OpenSite) -> None:
    site = await open_site({"heartbeat": "50ms"})
    async with reading(site) as reader:
        assert await reader.block() == {"": "heartbeat"}
        assert await reader.block() == {"": "heartbeat"}
        await site.plugin.on_event(change(1))
        assert (await reader.event())[0] == 1


async def test_signing_out_ends_the_browser_s_stream(open_site: OpenSite) -> None:
    site = await open_site({"heartbeat": "50ms"}, password="secret")
    assert (await site.post("/session", data={"password": "secret"})).status == 303
    async with reading(site) as reader:
        assert await reader.block() == {"": "heartbeat"}
        assert (await site.post("/session/end")).status == 303
        with pytest.raises(EOFError):
            await reader.event()


async def test_the_page_s_script_listens_to_every_event(site: Site) -> None:
    script = await (await site.client.get(site.url + "/static/app.js")).text()
    assert [name for name in EVENT_TYPES if f'"{name}"' not in script] == []


async def open_streams(site: Site) -> float:
    """How many streams the page counts."""
    lines = (await (await site.client.get(site.url + "/metrics")).text()).splitlines()
    return float(next(line for line in lines if line.startswith("moodroom_event_streams ")).split()[1])


async def until_streams(site: Site, count: int) -> None:
    """Wait until so many streams are open."""
    async with asyncio.timeout(10):
        while await open_streams(site) != count:  # noqa: ASYNC110 -- the server under test offers no event for it
            await asyncio.sleep(0.01)


async def test_a_reader_that_left_is_forgotten_without_traffic(site: Site) -> None:
    async with reading(site):
        assert await open_streams(site) == 1
    await until_streams(site, 0)


async def test_a_stuck_reader_is_cut_off_and_the_others_read_on(site: Site) -> None:
    _, stuck = await asyncio.open_connection("127.0.0.1", site.port, limit=1)
    stuck.write(f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n".encode())
    async with reading(site) as reader:
        await until_streams(site, 2)
        for number in range(1, 4_000):
            await site.plugin.on_event(change(number, "x" * 10_000))
            assert (await reader.event())[0] == number
            if number % 50 == 0 and await open_streams(site) == 1:
                break
        else:
            pytest.fail("the stuck reader still holds its place")
    stuck.close()


async def test_streams_are_bounded(open_site: OpenSite) -> None:
    site = await open_site({"max_streams": 1})
    async with reading(site):
        refused = await site.get("/api/events")
        assert refused.status == 503
        assert refused.headers["Retry-After"] == "30"


async def test_stopping_ends_open_streams_at_once(open_site: OpenSite) -> None:
    site = await open_site()
    async with reading(site) as reader:
        begun = time.monotonic()
        await site.plugin.stop()
        assert time.monotonic() - begun < 1
        with pytest.raises((EOFError, aiohttp.ClientError)):
            await reader.event()


@pytest.mark.alone
async def test_two_hundred_readers_hear_within_a_second(site: Site) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as client:
        answers = await asyncio.gather(*(client.get(site.url + "/api/events") for _ in range(200)))
        readers = [Reader(answer) for answer in answers]
        await asyncio.gather(*(reader.block() for reader in readers))
        begun = time.monotonic()
        await site.plugin.on_event(change(1))
        told = await asyncio.gather(*(reader.event() for reader in readers))
        took_s = time.monotonic() - begun
        for answer in answers:
            answer.close()
    assert {number for number, _, _ in told} == {1}
    assert took_s < 1
