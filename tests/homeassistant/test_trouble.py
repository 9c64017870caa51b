"""What dies, restarts, forgets or changes its rooms: Home Assistant shows the truth again, and no room starts by it."""

import time
from typing import Any

import pytest

from tests.homeassistant.conftest import NAMES, RETURN_S, ROOMS, Household
from tests.homeassistant.test_household import devices, told

SPENT_S = 45.0

pytestmark = [pytest.mark.homeassistant, pytest.mark.slow, pytest.mark.timeout(400)]


def play(household: Household) -> None:
    """Late Night is on, and is what sounds."""
    household.hass.call("switch.turn_on", "switch.late_night")
    household.hass.see("switch.late_night", "on")
    # The switch tells what the hub is at; where Spotify's calls are spent, the music follows up to half a minute later.
    late = {uri for uris in household.house.tiers("late-night").values() for uri in uris}
    household.hass.wait(lambda: household.house.true_uri() in late, "Late Night sounds", SPENT_S)


def started(household: Household) -> list[str]:
    """Every batch that the hub ever began to play."""
    truth = household.house.world.truth.commands
    return [each.detail for each in truth if each.name == "play"]


def test_the_hub_is_killed(household: Household) -> None:
    hass, house = household.hass, household.house
    household.settle()
    play(household)
    begun = started(household)
    house.kill()
    hass.wait(lambda: {hass.states()[entity]["state"] for entity in NAMES} == {"unavailable"}, "all are unavailable")
    house.start()
    household.settle()
    hass.see("switch.late_night", "on")
    hass.see("select.moodroom_room", "Late Night")
    assert started(household) == begun

    code, _ = house.stop()
    assert code == 0
    hass.see("switch.late_night", "unavailable")
    house.start()
    hass.see("switch.late_night", "on")
    assert started(household) == begun


def test_home_assistant_restarts(household: Household) -> None:
    hass = household.hass
    play(household)
    before, begun = told(household), started(household)
    hass.stop()
    hass.start()
    household.settle()
    hass.see("switch.late_night", "on")
    assert {entity: each["unique_id"] for entity, each in told(household).items()} == {
        entity: each["unique_id"] for entity, each in before.items()
    }
    hass.kill()
    household.house.done("/api/rooms/off")
    hass.start()
    household.settle()
    hass.see("switch.late_night", "off")
    assert household.active_room() is None
    assert started(household) == begun


def test_the_integration_is_reloaded(household: Household) -> None:
    play(household)
    begun = started(household)
    household.hass.reload()
    household.settle()
    household.hass.see("switch.late_night", "on")
    household.hass.call("switch.turn_on", "switch.house")
    household.hass.see("switch.house", "on")
    assert len(started(household)) == len(begun) + 1


def test_the_broker_restarts_without_its_memory(household: Household) -> None:
    hass = household.hass
    play(household)
    begun = started(household)
    household.broker.kill()
    hass.see("switch.late_night", "unavailable")
    household.house.done("/api/rooms/house/activate")  # the music needs no broker
    household.broker.start()
    household.settle()
    hass.see("switch.house", "on")
    hass.see("switch.late_night", "off")
    assert len(started(household)) == len(begun) + 1


def test_rooms_come_change_and_go(household: Household) -> None:
    hass, house = household.hass, household.house
    household.settle()
    play(household)

    def now_with(rooms: dict[str, Any]) -> None:
        house.stop()
        house.configure(rooms=rooms)
        house.start()

    now_with({"late-night": None, "house": {"name": "Deep House"}, "rage": None})
    hass.see("switch.rage", "off", RETURN_S)
    hass.wait(lambda: hass.state("switch.kueche") == "", "the removed room is gone", RETURN_S)
    hass.wait(lambda: hass.attributes("switch.house").get("friendly_name") == "Deep House", "it has its new name")
    assert set(devices(household)) == {
        "moodroom",
        "moodroom_room_late-night",
        "moodroom_room_house",
        "moodroom_room_rage",
    }
    hass.wait(
        lambda: hass.attributes("select.moodroom_room").get("options") == ["Off", "Late Night", "Deep House", "Rage"],
        "the select has the new rooms",
    )
    hass.see("switch.late_night", "on")
    hass.call("select.select_option", "select.moodroom_room", option="Deep House")
    hass.see("switch.house", "on")
    hass.see("select.moodroom_room", "Deep House")

    now_with(ROOMS)
    hass.see("switch.kueche", "off", RETURN_S)
    hass.wait(lambda: hass.state("switch.rage") == "", "the room that came is gone again", RETURN_S)
    time.sleep(3)  # the last repetition of every announcement
    household.settle()
    assert set(told(household)) == set(NAMES)


def test_a_room_goes_while_home_assistant_is_away(household: Household) -> None:
    hass, house = household.hass, household.house
    household.settle()
    hass.stop()
    house.stop()
    house.configure(rooms={slug: room for slug, room in ROOMS.items() if slug != "kueche"})
    house.start()
    hass.start()
    hass.wait(lambda: "switch.kueche" not in told(household), "it is gone over there as well", RETURN_S)
    assert "moodroom_room_kueche" not in devices(household)
    house.stop()
    house.configure(rooms=ROOMS)
    house.start()
    hass.see("switch.kueche", "off", RETURN_S)
    household.settle()
