"""The files for Home Assistant, in a real one: it takes them without a word, and they do what they say."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import open_sockets
from tests.e2e.house import House, eventually, mixed_pool
from tests.homeassistant.conftest import ROOMS, Household
from tests.homeassistant.hass import HomeAssistant
from tests.plugins.mqtt.mosquitto import PROGRAM, Mosquitto
from tests.sonos_thread import SonosThread

pytestmark = [pytest.mark.homeassistant, pytest.mark.slow, pytest.mark.timeout(400)]
READY = Path(__file__).resolve().parent.parent.parent / "homeassistant"
BUTTON = "moodroom_test_button"
DEEDS = ("toggle", "room", "next_room", "next", "fresh_batch", "never_again", "off")


def equip(folder: Path) -> None:
    """Put the files where their README says, with one automation of each blueprint and deed."""
    shutil.copytree(READY / "blueprints", folder / "blueprints")
    automations = yaml.safe_load((READY / "automations.yaml").read_text(encoding="utf-8"))
    automations.append({"id": "voice", "alias": "Voice", "use_blueprint": {"path": "moodroom/voice.yaml", "input": {}}})
    for deed in DEEDS:
        press = [{"trigger": "event", "event_type": BUTTON, "event_data": {"deed": deed}}]
        given = {"path": "moodroom/wall_button.yaml", "input": {"press": press, "deed": deed}}
        automations.append({"id": f"button_{deed}", "alias": f"Button {deed}", "use_blueprint": given})
    (folder / "automations.yaml").write_text(json.dumps(automations), encoding="utf-8")
    with (folder / "configuration.yaml").open("a", encoding="utf-8") as configuration:
        configuration.write("\nautomation: !include automations.yaml\nsun:\n")
        configuration.write((READY / "helpers.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def household(python_of_home_assistant: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """As everywhere in this folder, with a Home Assistant that has our files."""
    if PROGRAM is None:
        pytest.skip("no Mosquitto is installed here")
    before = (set(threading.enumerate()), open_sockets())
    folder = tmp_path_factory.mktemp("equipped")
    for name in ("broker", "hass", "house"):
        (folder / name).mkdir()
    late, late_rows = mixed_pool("late-night", "Late")
    house, house_rows = mixed_pool("house", "House")
    broker = Mosquitto(Path(PROGRAM), folder / "broker")
    hass = HomeAssistant(python_of_home_assistant, folder / "hass", broker.port)
    equip(hass.folder)
    broker.start()
    try:
        hass.start()
        with SonosThread([*late, *house]) as sonos, House(folder / "house", [*late, *house]) as home:
            mqtt = {"host": "127.0.0.1", "port": broker.port}
            home.configure(rooms=ROOMS, plugins={"mqtt": mqtt, "sonos": {"addresses": sonos.addresses}})
            home.settle_in(late_rows, house_rows)
            stands = Household(hass, broker, home)
            stands.settle()
            yield stands
    finally:
        hass.stop()
        broker.stop()
    eventually(lambda: set(threading.enumerate()) <= before[0] and open_sockets() <= before[1], "all is let go of", 5)


def said(household: Household, sentence: str) -> str:
    """What Assist answers."""
    return str(household.hass.say(sentence)["speech"]["plain"]["speech"])


def press(household: Household, deed: str) -> None:
    """Press the button that has this deed."""
    household.hass.post(f"/api/events/{BUTTON}", {"deed": deed})


def is_playing(household: Household) -> bool:
    """Whether music is to be heard, as Home Assistant sees it."""
    return household.hass.attributes("sensor.moodroom_now_playing").get("is_playing") is True


def silence(household: Household) -> None:
    """No room is on, and nothing plays."""
    household.hush()
    household.hass.post("/api/services/mqtt/publish", {"topic": "moodroom/player/set", "payload": "pause"})
    household.hass.wait(lambda: not is_playing(household), "silence")


def test_all_of_it_is_running(household: Household) -> None:
    states = household.hass.states()
    automations = {name: state["state"] for name, state in states.items() if name.startswith("automation.")}
    ready = yaml.safe_load((READY / "automations.yaml").read_text(encoding="utf-8"))
    assert len(automations) == len(ready) + 1 + len(DEEDS)
    assert set(automations.values()) == {"on"}


@pytest.mark.parametrize("sentence", ["play Late Night", "put on late night", "Start the late night room!"])
def test_a_room_is_played_by_voice(household: Household, sentence: str) -> None:
    household.hush()
    assert said(household, sentence) == "Late Night"
    household.hass.see("switch.late_night", "on")
    assert said(household, "which room is this?") == "Late Night"


def test_a_room_is_played_in_a_zone_by_voice(household: Household) -> None:
    hass, kitchen = household.hass, "select.moodroom_kitchen_room"
    hass.see(kitchen, "Off")
    household.hush()
    assert said(household, "play the house room in the kitchen") == "House, Kitchen"
    hass.see(kitchen, "House")
    hass.see("switch.moodroom_kitchen_house", "on")
    hass.wait(lambda: hass.attributes("sensor.moodroom_kitchen_now_playing").get("room") == "house", "it plays there")
    assert household.active_room() is None, "the other zone is left alone"
    assert household.hass.attributes("switch.house")["zones"] == ["kitchen"]
    # Assist's own sentences: with the zone before the room.
    assert hass.say("turn on living room late night")["response_type"] == "action_done"
    hass.see("switch.moodroom_living_room_late_night", "on")
    assert hass.say("turn off kitchen house")["response_type"] == "action_done"
    hass.see("switch.moodroom_kitchen_house", "off")
    hass.see("select.moodroom_living_room_room", "Late Night")
    assert said(household, "play house in the attic") == "There is no room called house in the attic"


def test_a_room_that_is_none_is_said(household: Household) -> None:
    household.hush()
    assert said(household, "play the ballroom") == "There is no room called ballroom"
    assert said(household, "what room is on") == "No room is on"
    assert household.active_room() is None


def test_a_wall_button_does_its_deeds(household: Household) -> None:
    household.hush()
    press(household, "toggle")
    household.hass.see("switch.late_night", "on")
    press(household, "next_room")
    household.hass.see("switch.house", "on")
    press(household, "room")
    household.hass.see("switch.late_night", "on")
    before = household.hass.state("sensor.moodroom_now_playing")
    press(household, "next")
    household.hass.wait(
        lambda: household.hass.state("sensor.moodroom_now_playing") not in (before, ""), "another track"
    )
    press(household, "off")
    household.hass.see("select.moodroom_room", "Off")


def test_an_alarm_holds_the_music_and_gives_it_back(household: Household) -> None:
    hass = household.hass
    silence(household)
    hass.call("switch.turn_on", "switch.house")
    hass.see("select.moodroom_room", "House")
    hass.wait(lambda: hass.attributes("sensor.moodroom_now_playing").get("room") == "house", "the room's own plays")
    hass.wait(lambda: is_playing(household), "it plays")
    title = hass.state("sensor.moodroom_now_playing")
    hass.call("input_boolean.turn_on", "input_boolean.alarm")
    hass.wait(lambda: not is_playing(household), "it is held")
    hass.call("input_boolean.turn_off", "input_boolean.alarm")
    hass.wait(lambda: is_playing(household), "it is given back")
    assert hass.state("sensor.moodroom_now_playing") == title


def test_guests_teach_nothing(household: Household) -> None:
    household.hass.call("input_boolean.turn_on", "input_boolean.guests")
    household.hass.see("switch.moodroom_learning", "off")
    household.hass.call("switch.turn_on", "switch.moodroom_learning")
    household.hass.see("switch.moodroom_learning", "on")


def test_the_evening_leaves_alone_what_plays(household: Household) -> None:
    silence(household)
    household.hass.call("automation.trigger", "automation.moodroom_evening")
    household.hass.see("switch.late_night", "on")
    household.hass.call("switch.turn_on", "switch.house")
    household.hass.see("switch.house", "on")
    household.hass.call("automation.trigger", "automation.moodroom_evening")
    household.hass.call("switch.turn_off", "switch.late_night")
    household.hass.see("switch.house", "on")


def test_leaving_and_coming_home(household: Household) -> None:
    hass = household.hass
    household.hush()
    hass.call("switch.turn_on", "switch.house")
    hass.see("select.moodroom_room", "House")
    hass.call("automation.trigger", "automation.moodroom_the_last_one_leaves")
    hass.see("select.moodroom_room", "Off")
    hass.wait(lambda: not is_playing(household), "nobody listens, nothing plays")
    assert hass.state("input_text.moodroom_room_before") == "House"
    hass.call("automation.trigger", "automation.moodroom_the_first_one_comes_home", skip_condition=False)
    hass.see("select.moodroom_room", "House")
    hass.see("input_text.moodroom_room_before", "")
