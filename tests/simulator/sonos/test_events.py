"""What subscribers are told, over real sockets and without them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import soco.core
import soco.services
from soco import config, events_asyncio

from moodroom_hub.simulator.sonos.events import Notice
from tests.simulator.homes import URIS
from tests.simulator.sonos.rooms import Speakers, speakers


@pytest.fixture
async def listening(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(config, "EVENTS_MODULE", events_asyncio)
    monkeypatch.setattr(config, "EVENT_LISTENER_IP", "127.0.0.1")
    monkeypatch.setattr(config, "EVENT_ADVERTISE_IP", "127.0.0.1")
    events_asyncio.event_listener.start_lock = None
    events_asyncio.event_listener.stop_lock = None
    yield
    listener = events_asyncio.event_listener
    if listener._stop_grace_task is not None:
        listener._stop_grace_task.cancel()
    await listener.async_stop()
    events_asyncio.subscriptions_map.subscriptions.clear()


class Ears:
    """Subscriptions of one player, and everything they were told."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.subscriptions: list[Any] = []

    async def listen(self, *services: Any, timeout_s: int = 600) -> None:
        for service in services:
            subscription = await service.subscribe(requested_timeout=timeout_s)
            subscription.callback = self.heard.put_nowait
            self.subscriptions.append(subscription)

    async def next_of(self, service: str) -> dict[str, Any]:
        """The next event of that service."""
        while True:
            event = await asyncio.wait_for(self.heard.get(), 3)
            if event.service.service_type == service:
                return dict(event.variables)

    async def until(self, service: str, name: str, value: Any) -> dict[str, Any]:
        """The next event of that service that says so."""
        while (variables := await self.next_of(service)).get(name) != value:
            pass
        return variables

    async def end(self) -> None:
        for subscription in self.subscriptions:
            if subscription.is_subscribed:
                await subscription.unsubscribe()


async def test_events_of_transport_volume_and_topology(listening: None) -> None:
    async with speakers() as here:
        kitchen, ears, world = here.soco("Kitchen"), Ears(), here.sonos.world
        await here.run(lambda: kitchen.uid)
        await ears.listen(kitchen.avTransport, kitchen.renderingControl, kitchen.zoneGroupTopology)
        assert (await ears.next_of("AVTransport"))["transport_state"] == "STOPPED"
        world.play_songs("Kitchen", URIS[:2])
        playing = await ears.until("AVTransport", "transport_state", "PLAYING")
        assert playing["current_track_meta_data"].title == "Song 0"
        assert playing["next_track_meta_data"].title == "Song 1"
        here.clock.turn(181_000)
        world.advance()  # the first track came to its end
        assert (await ears.until("AVTransport", "current_track", "2"))["transport_state"] == "PLAYING"
        world.set_volume("Kitchen", 77)
        volume = await ears.until("RenderingControl", "volume", {"Master": "77", "LF": "100", "RF": "100"})
        assert volume["mute"]["Master"] == "0"
        world.join("Den", "Kitchen")
        uids = f"{here.sonos.player('Kitchen').uid},{here.sonos.player('Den').uid}"
        await ears.until("ZoneGroupTopology", "zone_player_uui_ds_in_group", uids)
        world.play_radio("Kitchen", "Example FM")
        assert (await ears.until("AVTransport", "current_track_uri", "aac://stream.invalid/one.aac"))["current_track"]
        await ears.end()
        assert here.sonos.fake.subscriptions.active == []


async def test_subscriptions_run_out_and_die_with_a_reboot(listening: None) -> None:
    async with speakers() as here:
        kitchen, ears, subscriptions = here.soco("Kitchen"), Ears(), here.sonos.fake.subscriptions
        await here.run(lambda: kitchen.uid)
        await ears.listen(kitchen.avTransport, kitchen.renderingControl, timeout_s=60)
        transport, rendering = ears.subscriptions
        here.clock.turn(59_000)
        here.sonos.world.advance()
        await transport.renew(requested_timeout=60)
        here.clock.turn(2_000)
        here.sonos.world.advance()
        assert [one.service for one in subscriptions.active] == ["AVTransport"]
        here.sonos.world.reboot("Kitchen")
        assert subscriptions.active == []
        for each in (transport, rendering):
            with pytest.raises(aiohttp.ClientResponseError) as refused:
                await each.renew()
            assert refused.value.status == 412


async def test_everything_without_a_socket() -> None:
    told: list[Notice] = []
    async with speakers(serve=False) as here:
        here.sonos.on_notice = told.append
        with here.sonos.in_process(soco.services, soco.core):
            await drive_in_process(here)
        headers = {"CALLBACK": "<http://127.0.0.1:1>", "NT": "upnp:event", "TIMEOUT": "Second-60"}
        host, port = here.sonos.player("Den").address
        answer = await here.sonos.client_session().request(
            "SUBSCRIBE", f"http://{host}:{port}/MediaRenderer/AVTransport/Event", headers
        )
        assert (answer.ok, answer.headers["timeout"]) == (True, "Second-60")
        here.sonos.world.pause("Den")
        await asyncio.sleep(0)
        assert [notice.headers["seq"] for notice in told] == ["0", "1"]
        assert "PAUSED_PLAYBACK" in await told[-1].text()


async def drive_in_process(here: Speakers) -> None:
    kitchen, den = here.soco("Kitchen"), here.soco("Den")
    here.sonos.world.play_songs("Kitchen", URIS[:2])
    den.join(kitchen)
    kitchen.unjoin()
    here.clock.turn(10_000)
    assert den.get_current_track_info()["position"] == "0:00:10"
    here.sonos.world.unplug("Kitchen")
    with pytest.raises(soco.core.RequestsConnectionError):
        kitchen.get_current_track_info()
    here.sonos.world.plug_in("Kitchen")
    before = kitchen.port
    here.sonos.world.readdress("Kitchen")
    assert here.sonos.player("Kitchen").port != before
