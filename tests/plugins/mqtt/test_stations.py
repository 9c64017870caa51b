"""Stations in a home: a select and two buttons, where there are stations; names that can be told apart."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.core.actions import Action, Deed, carry_out
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import HOME
from moodroom_hub.domain.stations.models import Seed, Station, StationKey, VoteKind
from moodroom_hub.plugins.mqtt.discovery import announcements
from moodroom_hub.plugins.mqtt.orders import Order, PlayStation, parse_order
from moodroom_hub.plugins.mqtt.station_states import StationMemory, options_of, station_names
from moodroom_hub.plugins.mqtt.topics import Topics
from moodroom_hub.plugins.mqtt.validator import problems
from tests.plugins.mqtt.desk_lab import DeskLab
from tests.plugins.mqtt.house import home, house, until
from tests.plugins.mqtt.mosquitto import Mosquitto
from tests.plugins.mqtt.test_zones import ZonedHub, section
from tests.plugins.radio.fake_radio import FRIDAY, FakeRadio, station
from tests.plugins.status_page.fake_hub import KITCHEN, LATE_NIGHT, track

TOPICS = Topics("moodroom", "homeassistant")
STATE, DEVICE = "moodroom/station/state", "homeassistant/device/moodroom/config"
LATER = StationKey("friday-2")
NAMES = st.text(max_size=100) | st.sampled_from(
    ["Friday", "friday", "OFF", "none", '{"station": null}', '"x"', " ", "+/#", "\ud800"]
)


@pytest.fixture
def lab() -> DeskLab:
    """A desk, and two stations of one name."""
    made = DeskLab()
    made.hub.the_radio = FakeRadio(station(), station("friday-2"), station("off", "Off"))
    return made


def test_they_are_announced_only_where_there_are_some() -> None:
    names = station_names([station(), station("friday-2")])
    without, there = (
        announcements({}, "moodroom", TOPICS, "1", None, stations=stations)[0].payload["components"]
        for stations in ({}, names)
    )
    assert set(there) - set(without) == {"station", "like", "dislike"}
    assert there["station"]["default_entity_id"] == "select.moodroom_station"
    assert there["station"]["options"] == ["Off", "Friday", "Friday (friday-2)"]
    assert (there["like"]["command_topic"], there["like"]["payload_press"]) == ("moodroom/station/vote/set", "like")
    assert {there[key]["unique_id"] for key in ("station", "like", "dislike")} == {
        "moodroom_station", "moodroom_like", "moodroom_dislike",
    }  # fmt: skip


@settings(max_examples=60)
@given(st.lists(NAMES, max_size=5))
def test_every_option_means_its_own_station(given_names: list[str]) -> None:
    keys = [StationKey(f"key-{number}") for number in range(len(given_names))]
    names = station_names([Station(key, name, (Seed("Drake"),)) for key, name in zip(keys, given_names, strict=True)])
    options = options_of(names)
    assert len(set(options)) == len(options)
    told = announcements({}, "moodroom", TOPICS, "1", None, stations=names)[0]
    assert problems(told.device_id, told.payload) == []
    for key, name in names.items():
        assert len(name) <= 255
        order = parse_order(TOPICS, {}, {}, TOPICS.station_set, name.encode(), names)
        assert isinstance(order, Order), name
        assert order.work == PlayStation(key)


async def test_a_name_plays_a_station_once(lab: DeskLab) -> None:
    for payload, played in (
        ("Friday", FRIDAY), ("Friday (friday-2)", LATER), ("FRIDAY", FRIDAY), ("friday-2", LATER),
        ('{"station": "friday", "zone": "Kitchen"}', FRIDAY), ("Off (off)", StationKey("off")),
    ):  # fmt: skip
        assert await lab.send("station/set", payload) is None
        zone = KITCHEN if "zone" in payload else None
        assert lab.deeds[-1] == ("play_station", played, zone)
    before = len(lab.deeds)
    await lab.send("station/set", "Off (off)")
    assert len(lab.deeds) == before, "a song that plays goes on"


@pytest.mark.parametrize("payload", ["Off", "none", '{"station": null}', '{"station": "OFF"}'])
async def test_off_ends_a_station_and_no_room(lab: DeskLab, payload: str) -> None:
    await lab.hub.activate(LATE_NIGHT)
    await lab.send("station/set", payload)
    assert lab.hub.active == LATE_NIGHT
    await lab.hub.play_station(FRIDAY)
    await lab.send("station/set", payload)
    assert lab.hub.active is None


async def test_the_last_of_quick_orders_wins(lab: DeskLab) -> None:
    for payload in ("Friday", "Friday (friday-2)", "Off", "Friday"):
        lab.take("station/set", payload)
    await lab.settle()
    assert [call[:2] for call in lab.deeds] == [
        ("play_station", FRIDAY), ("play_station", LATER), ("rooms_off", None), ("play_station", FRIDAY),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "payload", "code"),
    [
        ("station/set", "Nowhere", "not_found"), ("station/set", '{"station": 1}', "bad_request"),
        ("station/set", '{"station": "friday", "if": "x"}', "bad_request"), ("station/set", b"\xff", "bad_request"),
        ("station/set", '{"station": "friday", "zone": "attic"}', "not_found"),
        ("station/vote/set", "love", "bad_request"), ("station/vote/set", "{}", "bad_request"),
        ("station/vote/set", "like", "conflict"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_and_remembered(
    lab: DeskLab, topic: str, payload: str | bytes, code: str
) -> None:
    answer = await lab.send(topic, payload)
    assert answer is not None
    assert (answer["status"], answer["code"]) == ("error", code)
    what = "station_vote" if "vote" in topic else "station"
    assert lab.said[-1][0] == f"moodroom/response/{what}"
    assert lab.desk.refusals[what].code == code
    assert lab.deeds == []


async def test_retained_and_empty_messages_do_nothing(lab: DeskLab) -> None:
    await lab.hub.play_station(FRIDAY)
    before = list(lab.deeds)
    for topic, payload in (("station/set", "Friday (friday-2)"), ("station/vote/set", "like")):
        assert await lab.send(topic, payload, is_retained=True) is None
        assert await lab.send(topic, "") is None
    assert lab.deeds == before
    radio = lab.hub.the_radio
    assert radio is not None
    assert radio.calls == []


async def test_votes_are_about_what_plays(lab: DeskLab) -> None:
    radio = lab.hub.the_radio
    assert radio is not None
    await lab.hub.play_station(LATER)
    await lab.send("station/vote/set", "like")
    other = track(2).uri
    asked = await lab.send("station/vote/set", {"vote": "DISLIKE", "uri": other, "transaction": 7})
    assert asked == {"status": "ok", "data": {}, "transaction": 7}
    assert radio.calls == [("vote", LATER, VoteKind.LIKE, track(1).uri), ("vote", LATER, VoteKind.DISLIKE, other)]
    radio.trouble = Trouble(TroubleCode.UNAVAILABLE, "the database is away")
    told = await lab.send("station/vote/set", "like")
    assert told is not None
    assert (told["code"], told["error"]) == ("unavailable", "the database is away")


async def test_a_fresh_batch_of_a_station_is_fresh_tracks(lab: DeskLab) -> None:
    await lab.hub.play_station(FRIDAY)
    await carry_out(lab.hub, Action(Deed.FRESH_BATCH, zone=HOME))
    assert lab.deeds[-1] == ("play_station", FRIDAY, HOME)


def test_a_name_is_told_once_it_is_an_option(lab: DeskLab) -> None:
    memory, changes = StationMemory(), list[int]()
    memory.changed = lambda: changes.append(1)
    assert memory.to_tell(None) is None
    memory.note(lab.hub)
    memory.note(lab.hub)
    assert (len(changes), memory.to_tell(None), memory.to_tell(FRIDAY)) == (1, "Off", "Friday")
    memory.announced = ["Off"]
    assert (memory.to_tell(FRIDAY), memory.to_tell(None)) == (None, "Off")
    memory.announced = options_of(memory.names)
    assert memory.to_tell(LATER) == "Friday (friday-2)"
    lab.hub.the_radio = None
    memory.note(lab.hub)
    assert memory.to_tell(FRIDAY) == "Off"


@pytest.mark.mosquitto
@pytest.mark.usefixtures("no_idle_worker")
async def test_a_home_sees_them_come_play_and_go(mosquitto: Mosquitto, tmp_path: Path) -> None:
    hub = ZonedHub()
    radio = hub.the_radio = FakeRadio(station())
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto), hub=hub):
        await client.hears(STATE, "Off")
        await client.say("moodroom/station/set", "Friday")
        await client.hears(STATE, "Friday")
        await client.hears("moodroom/active_room/state", "Off")
        await until(lambda: client.json("moodroom/now_playing/state")["station"] == "friday")
        await client.say("moodroom/station/vote/set", "dislike")
        await until(lambda: radio.calls == [("vote", FRIDAY, VoteKind.DISLIKE, track(1).uri)])
        radio.known[LATER] = station("friday-2", "Sunday 🔥")
        await hub.play_station(LATER)
        await client.hears(STATE, "Sunday 🔥")
        told = [topic for topic, payload in client.heard if "Sunday" in payload and topic in (STATE, DEVICE)]
        assert told[0] == DEVICE, "the select knows the name before it is its state"
        del radio.known[LATER]
        await until(lambda: client.json(DEVICE)["components"]["station"]["options"] == ["Off", "Friday"])
        await client.hears(STATE, "Off")
        radio.known.clear()
        await until(lambda: "station" not in client.json(DEVICE)["components"])
