"""Several zones on a real Mosquitto: each has its states, its orders, and its device as long as there is the zone."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import Moved, Played
from moodroom_hub.core.face import Activation, PluginStatus, PluginView, ZoneView
from moodroom_hub.domain.models import HOME, EpochMs, RoomSlug, ZoneName
from moodroom_hub.domain.plays.models import DeliveryStatus
from tests.plugins.mqtt.house import home, house, kept, until
from tests.plugins.mqtt.mosquitto import Mosquitto
from tests.plugins.status_page.fake_hub import KITCHEN, LATE_NIGHT, FakeHub, track

pytestmark = [pytest.mark.mosquitto, pytest.mark.usefixtures("no_idle_worker")]
BATH = ZoneName("bath")
ZONE = "moodroom/zone/kitchen"
DEVICE = "homeassistant/device/moodroom_zone_{}/config"


class ZonedHub(FakeHub):
    """A hub whose zones each have a room of their own."""

    def __init__(self, *names: ZoneName) -> None:
        super().__init__(SystemClock())
        self.names = list(names) or [HOME, KITCHEN]
        self.on: dict[ZoneName, RoomSlug] = {}
        self.lost: set[ZoneName] = set()
        self.failed: tuple[PluginView, ...] = ()

    @property
    def zones(self) -> list[ZoneName]:
        return self.names

    async def activate(self, room: RoomSlug, zone: ZoneName | None = None) -> Activation:
        found = await super().activate(room, zone)
        self.on[zone or HOME], self.active = room, self.on.get(HOME)
        return found

    async def rooms_off(self, zone: ZoneName | None = None) -> None:
        self._told("rooms_off", zone)
        self.on.pop(zone or HOME, None)
        self.active = self.on.get(HOME)

    def wanted_room(self, zone: ZoneName | None = None) -> RoomSlug | None:
        return self.on.get(zone or HOME)

    async def zone_views(self) -> list[ZoneView]:
        return [
            replace(
                view,
                active_room=self.on.get(view.leader or view.zone),
                now_playing=self.now if (view.leader or view.zone) in self.on else None,
                is_lost=view.zone in self.lost,
            )
            for view in await super().zone_views()
        ]

    def plugin_views(self) -> tuple[PluginView, ...]:
        return (*super().plugin_views(), *self.failed)


def section(broker: Mosquitto, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": broker.port, **more}


async def test_a_zone_has_its_room_its_player_and_its_reasons(mosquitto: Mosquitto, tmp_path: Path) -> None:
    hub = ZonedHub(HOME, KITCHEN, BATH, ZoneName("no/topic"))
    hub.leaders = {BATH: KITCHEN}
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto), hub=hub) as here:
        await client.hears("moodroom/bridge/state", "online")
        assert client.said(f"{ZONE}/availability") == ["online"]
        assert client.json(f"{ZONE}/now_playing/state")["title"] is None
        assert client.json("moodroom/bridge/info")["zones"][:2] == [
            {"zone": "home", "label": "Home"},
            {"zone": "kitchen", "label": "Kitchen"},
        ]
        await client.say(f"{ZONE}/room/set", "late night")
        await client.hears(f"{ZONE}/room/state", "Late Night")
        await client.hears("moodroom/zone/bath/room/state", "Late Night")
        assert client.json(f"{ZONE}/now_playing/state")["room"] == "late-night"
        attributes = "moodroom/room/late-night/attributes"
        await until(lambda: client.json(attributes)["zones"] == ["kitchen", "bath"])
        assert client.json(attributes)["active"] is False
        assert client.said("moodroom/room/late-night/state") == ["OFF"]
        await client.say("moodroom/room/house/set", '{"state": "ON", "zone": "kitchen"}')
        await client.hears(f"{ZONE}/room/state", "House")
        # Off by a room that is not the one that is on there does nothing; off by its own does, there alone.
        await client.say("moodroom/room/house/set", "ON")
        await client.say("moodroom/room/late-night/set", '{"state": "OFF", "zone": "kitchen"}')
        await client.say("moodroom/room/house/set", '{"state": "TOGGLE", "zone": "Kitchen"}')
        await client.hears(f"{ZONE}/room/state", "Off")
        await until(lambda: client.json("moodroom/room/house/attributes")["zones"] == ["home"])
        await client.say(f"{ZONE}/player/set", "next")
        await until(lambda: ("next", None, KITCHEN) in here.hub.calls)
        hub.fail["pause"] = Trouble(TroubleCode.NO_DEVICE, "The speaker is away.")
        await client.say(f"{ZONE}/player/set", "pause")
        await until(lambda: client.json("moodroom/bridge/health")["zones"][1]["last_error"] == "The speaker is away.")
        assert client.json("moodroom/response/player")["code"] == "no_device"
        assert client.json("moodroom/bridge/health")["zones"][2]["leader"] == "kitchen"
        assert not [topic for topic, _ in client.heard if "no/topic" in topic]


async def test_zones_come_stay_and_go(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client:
        hub = ZonedHub()
        async with house(tmp_path, section(mosquitto), hub=hub):
            await client.hears("moodroom/bridge/state", "online")
            hub.names.append(BATH)
            await until(lambda: client.said(DEVICE.format("bath")))
            assert json.loads(client.said(DEVICE.format("bath"))[-1])["device"]["name"] == "Bath"
            await client.hears("moodroom/zone/bath/availability", "online")
            hub.lost.add(BATH)
            await client.hears("moodroom/zone/bath/availability", "offline")
            hub.lost.clear()
            await client.hears("moodroom/zone/bath/availability", "online")
        # The plugin of these zones failed at the start: they are away, and not forgotten.
        hub = ZonedHub(HOME)
        hub.failed = (PluginView("sonos", PluginStatus.FAILED, "no such module", True),)
        async with house(tmp_path, section(mosquitto), hub=hub):
            await client.hears("moodroom/zone/bath/availability", "offline")
            await client.hears("moodroom/zone/kitchen/availability", "offline")
        assert DEVICE.format("bath") in await kept(mosquitto.port)
        # The owner took one out of the configuration.
        async with house(tmp_path, section(mosquitto), hub=ZonedHub()):
            await client.hears("moodroom/zone/kitchen/availability", "online")
            await client.hears(DEVICE.format("bath"), "")
            await client.hears("moodroom/zone/bath/now_playing/state", "")
        left = await kept(mosquitto.port)
    assert not [topic for topic in left if "bath" in topic]
    assert f"{ZONE}/room/state" in left
    assert {"moodroom/room/house/attributes", "moodroom/bridge/state"} <= set(left)


async def test_plays_are_told_and_counted(mosquitto: Mosquitto, tmp_path: Path) -> None:
    hub = ZonedHub()
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto), hub=hub) as here:
        await client.hears("moodroom/bridge/state", "online")
        assert client.json("moodroom/bridge/health")["scrobbles"] == {"waiting": 0, "dead": 0, "targets": []}
        play = hub.plays.add(track(1), zone="kitchen", lastfm=DeliveryStatus.DEAD, listenbrainz=DeliveryStatus.WAITING)
        at_ms = EpochMs(1_763_700_000_000)
        await here.plugin.on_event(Played(id=1, zone=KITCHEN, at_ms=at_ms, play=play))
        await here.plugin.on_event(Moved(id=2, zone=KITCHEN, at_ms=at_ms, to=BATH))
        await until(lambda: len(client.said("moodroom/event")) == 2)
        played, moved = map(json.loads, client.said("moodroom/event"))
        assert (played["event_type"], played["zone"], played["play"]["room"]) == ("PLAYED", "kitchen", LATE_NIGHT)
        assert (moved["event_type"], moved["to"]) == ("MOVED", "bath")
        await until(lambda: client.json("moodroom/bridge/health")["scrobbles"]["dead"] == 1)
        assert client.json("moodroom/bridge/health")["scrobbles"] == {
            "waiting": 1,
            "dead": 1,
            "targets": [
                {"target": "lastfm", "waiting": 0, "dead": 1},
                {"target": "listenbrainz", "waiting": 1, "dead": 0},
            ],
        }
