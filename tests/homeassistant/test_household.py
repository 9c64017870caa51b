"""A household with a real Home Assistant: what it shows, what its people press and say, and what the music does."""

import json
import time
from typing import Any

import pytest

from moodroom_hub.core.events import EVENT_TYPES
from moodroom_hub.simulator.commands import Commands
from tests.homeassistant.conftest import HOSTILE, NAMES, Household
from tests.homeassistant.pictures import PICTURE, picture_server

pytestmark = [pytest.mark.homeassistant, pytest.mark.slow, pytest.mark.timeout(400)]


def told(household: Household) -> dict[str, dict[str, Any]]:
    """What came over MQTT, by entity id."""
    entities = household.hass.ask("config/entity_registry/list")
    return {each["entity_id"]: each for each in entities if each["platform"] == "mqtt"}


def devices(household: Household) -> dict[str, dict[str, Any]]:
    """The hub's devices by their first identifier."""
    found = household.hass.ask("config/device_registry/list")
    return {each["identifiers"][0][1]: each for each in found if each["manufacturer"] == "Moodroom Hub"}


def test_every_device_and_entity_has_its_name_and_its_id(household: Household) -> None:
    household.settle()
    states = household.hass.states()
    assert {entity: states[entity]["attributes"]["friendly_name"] for entity in NAMES} == NAMES
    entities = told(household)
    assert set(entities) == set(NAMES)
    assert entities["switch.late_night"]["unique_id"] == "moodroom_room_late-night"
    assert entities["select.moodroom_room"]["unique_id"] == "moodroom_room"
    found = devices(household)
    assert {identifier: device["name"] for identifier, device in found.items()} == {
        "moodroom": "Moodroom",
        "moodroom_room_late-night": "Late Night",
        "moodroom_room_house": "House",
        "moodroom_room_kueche": "Küche ♫",
    }
    hub = found.pop("moodroom")
    assert {device["via_device_id"] for device in found.values()} == {hub["id"]}
    assert {device["model"] for device in found.values()} == {"Room"}
    assert hub["sw_version"] == household.house.state()["version"]
    assert states["select.moodroom_room"]["attributes"]["options"] == ["Off", "Late Night", "House", "Küche ♫"]
    assert states["event.moodroom_listening"]["attributes"]["event_types"] == list(EVENT_TYPES)
    assert states["binary_sensor.moodroom_problem"]["state"] == "off"
    assert states["sensor.moodroom_scrobbles_waiting"]["state"] == "0"
    assert states["binary_sensor.moodroom_scrobble_problem"]["state"] == "off"
    assert states["sensor.moodroom_login_days_left"]["state"].isdigit()
    assert entities["binary_sensor.moodroom_problem"]["entity_category"] == "diagnostic"


def test_switches_go_both_ways_and_only_one_is_on(household: Household) -> None:
    hass = household.hass
    hass.call("switch.turn_on", "switch.late_night")
    hass.see("switch.late_night", "on")
    assert household.active_room() == "late-night"
    assert household.house.world.is_sounding
    hass.see("select.moodroom_room", "Late Night")

    hass.call("switch.turn_on", "switch.house")
    hass.see("switch.house", "on")
    hass.see("switch.late_night", "off")
    assert household.active_room() == "house"

    household.house.done("/api/rooms/late-night/activate")  # and back, from outside
    hass.see("switch.late_night", "on")
    hass.see("switch.house", "off")
    assert hass.attributes("switch.late_night")["confirmed"] == 12

    hass.call("switch.turn_off", "switch.late_night")
    hass.see("switch.late_night", "off")
    hass.see("select.moodroom_room", "Off")
    assert household.active_room() is None

    hass.call("switch.turn_off", "switch.moodroom_learning")
    hass.see("switch.moodroom_learning", "off")
    assert household.house.state()["learning"] is False
    household.house.done("/api/learning", {"enabled": True})
    hass.see("switch.moodroom_learning", "on")


def test_a_room_without_music_stays_off_and_says_why(household: Household) -> None:
    household.hush()
    household.hass.call("switch.turn_on", "switch.kueche")
    reason = household.hass.wait(lambda: household.hass.attributes("switch.kueche").get("last_error"), "it says why")
    assert "Küche" in reason or "tracks" in reason or "empty" in reason
    assert household.hass.attributes("switch.kueche")["last_error_code"] == "empty_pool"
    household.hass.see("switch.kueche", "off")


def test_the_select_takes_every_room(household: Household) -> None:
    household.hass.call("select.select_option", "select.moodroom_room", option="House")
    household.hass.see("switch.house", "on")
    household.hass.see("select.moodroom_room", "House")
    household.hass.call("select.select_option", "select.moodroom_room", option="Off")
    household.hass.see("select.moodroom_room", "Off")
    assert household.active_room() is None


def test_buttons_and_the_event(household: Household) -> None:
    hass, house = household.hass, household.house
    hass.call("switch.turn_on", "switch.house")
    hass.see("switch.house", "on")
    first = hass.wait(lambda: house.state()["now_playing"], "something plays")["uri"]

    hass.call("button.press", "button.moodroom_next")
    hass.wait(lambda: house.state()["now_playing"]["uri"] != first, "the next track plays")
    second = house.state()["now_playing"]
    hass.see("sensor.moodroom_now_playing", second["name"])

    hass.call("button.press", "button.moodroom_fresh_batch")
    hass.wait(lambda: house.state()["now_playing"]["uri"] != second["uri"], "another track plays")
    time.sleep(1)  # the player has settled

    doomed = house.state()["now_playing"]["uri"]
    hass.call("button.press", "button.moodroom_never_again")
    hass.wait(lambda: doomed in house.tiers("house")["REMOVED"], "it is out")
    hass.wait(lambda: house.state()["now_playing"]["uri"] != doomed, "and the next one plays")

    household.hush()
    listening = "event.moodroom_listening"
    hass.wait(lambda: hass.attributes(listening)["event_type"] == "ROOM_DEACTIVATED", "the end of the room is told")
    told_last = hass.attributes(listening)
    assert (told_last["zone"], told_last["room"], told_last["reason"]) == ("home", "house", "off")


def test_what_plays_is_shown(household: Household) -> None:
    hass, house = household.hass, household.house
    hass.call("switch.turn_on", "switch.late_night")
    hass.wait(lambda: (house.state()["now_playing"] or {}).get("room") == "late-night", "the room plays")
    playing = house.state()["now_playing"]
    hass.see("sensor.moodroom_now_playing", playing["name"])
    hass.see("sensor.moodroom_tier", playing["tier"])
    shown = hass.attributes("sensor.moodroom_now_playing")
    assert shown["artists"] == playing["artists"]
    assert shown["room"] == "late-night"
    household.hush()


def test_the_cover_is_shown_while_there_is_one(household: Household) -> None:
    hass, house = household.hass, household.house
    hass.see("image.moodroom_artwork", "unavailable")
    house.home.fake.image_url = "https://images.invalid/"
    house.done("/api/rooms/house/activate")
    hass.wait(lambda: hass.state("image.moodroom_artwork").startswith("20"), "there is a picture, as new as the song")
    # Covers come by https only, and no certificate for one is to be had here: the address alone is replaced.
    with picture_server() as address:
        household.publish("moodroom/now_playing/artwork", address)
        hass.wait(lambda: hass.get("/api/image_proxy/image.moodroom_artwork").body == PICTURE, "it is fetched")
    house.home.fake.image_url = ""
    household.house.done("/api/rooms/late-night/activate")
    hass.see("image.moodroom_artwork", "unavailable")
    household.hush()


def test_a_hostile_title_is_text(household: Household) -> None:
    uri = "spotify:track:0000000000000000hostil"
    household.house.listener(Commands.play, uris=[uri])
    shown = HOSTILE[:255].strip()
    household.hass.see("sensor.moodroom_now_playing", shown)
    assert household.hass.attributes("sensor.moodroom_now_playing")["name"] == HOSTILE


def test_a_batch_too_long_for_the_recorder_is_left_out_of_the_event(household: Household) -> None:
    hass, listening = household.hass, "event.moodroom_listening"
    for room, count in (("small", 10), ("large", 50)):
        batch = [{"id": number, "name": "夜" * 100, "artists": ["<b>"]} for number in range(count)]
        event = {"event_type": "ROOM_ACTIVATED", "zone": "home", "room": room, "batch": batch, "notes": []}
        household.publish("moodroom/event", json.dumps(event, ensure_ascii=False), is_retained=False)
        hass.wait(lambda: hass.attributes(listening).get("room") == room, "it is told")  # noqa: B023 -- called here
        shown = hass.attributes(listening)
        assert (shown["event_type"], shown["notes"]) == ("ROOM_ACTIVATED", [])
        assert shown.get("batch") == (batch if room == "small" else None)
    time.sleep(2)  # the recorder writes, and complains, once a second


@pytest.mark.parametrize(
    ("sentence", "state"),
    [("turn on late night", "on"), ("turn off late night", "off"), ("switch on Late Night!", "on")],
)
def test_it_hears_its_name(household: Household, sentence: str, state: str) -> None:
    answer = household.hass.say(sentence)
    assert answer["response_type"] == "action_done", answer
    household.hass.see("switch.late_night", state)
    assert household.active_room() == ("late-night" if state == "on" else None)
