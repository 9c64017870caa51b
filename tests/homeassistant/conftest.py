"""One Home Assistant, one Mosquitto and one household with its hub for a whole module: each takes its time to start."""

import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import publish

from moodroom_hub.simulator.items import Item
from tests.conftest import open_sockets
from tests.e2e.house import House, eventually, mixed_pool
from tests.homeassistant.hass import HomeAssistant
from tests.plugins.mqtt.mosquitto import PROGRAM, Mosquitto

PYTHON = "HOME_ASSISTANT_PYTHON"
HOSTILE = "{{ states('sun.sun') }} <b>None</b> " + "x" * 300
ROOMS: dict[str, Any] = {"late-night": None, "house": None, "kueche": {"name": "Küche ♫"}}
RETURN_S = 60.0

NAMES = {
    "select.moodroom_room": "Moodroom Room",
    "switch.moodroom_learning": "Moodroom Learning",
    "button.moodroom_next": "Moodroom Next",
    "button.moodroom_fresh_batch": "Moodroom Fresh batch",
    "button.moodroom_never_again": "Moodroom Never again",
    "sensor.moodroom_now_playing": "Moodroom Now playing",
    "sensor.moodroom_tier": "Moodroom Tier",
    "sensor.moodroom_login_days_left": "Moodroom Login days left",
    "binary_sensor.moodroom_problem": "Moodroom Problem",
    "sensor.moodroom_scrobbles_waiting": "Moodroom Scrobbles waiting",
    "binary_sensor.moodroom_scrobble_problem": "Moodroom Scrobble problem",
    "event.moodroom_listening": "Moodroom Listening",
    "image.moodroom_artwork": "Moodroom Artwork",
    "switch.late_night": "Late Night",
    "switch.house": "House",
    "switch.kueche": "Küche ♫",
}


@dataclass(frozen=True, slots=True)
class Household:
    """Everything that stands in this home."""

    hass: HomeAssistant
    broker: Mosquitto
    house: House

    def active_room(self) -> str | None:
        """What the hub says."""
        room = self.house.state()["active_room"]
        return None if room is None else str(room)

    def settle(self) -> None:
        """Wait until every entity is there and can be used (the picture only while something plays)."""
        wanted = {entity for entity in NAMES if not entity.startswith("image.")}

        def are_there() -> bool:
            states = self.hass.states()
            are_usable = all(
                states.get(entity, {"state": "unavailable"})["state"] != "unavailable" for entity in wanted
            )
            return are_usable and set(NAMES) <= set(states)

        self.hass.wait(are_there, "every entity is there", RETURN_S)

    def publish(self, topic: str, payload: str, *, is_retained: bool = True) -> None:
        """Somebody else publishes a message."""
        publish.single(topic, payload, qos=1, retain=is_retained, hostname="127.0.0.1", port=self.broker.port)

    def hush(self) -> None:
        """No room is on, and Home Assistant knows."""
        self.house.done("/api/rooms/off")
        self.hass.see("select.moodroom_room", "Off")


@pytest.fixture(scope="module")
def python_of_home_assistant() -> str:
    """The Python that has Home Assistant."""
    python = os.environ.get(PYTHON, "")
    if not python:
        pytest.skip(f"no Home Assistant: {PYTHON} does not name a Python that has it (see requirements.txt here)")
    found = subprocess.run([python, "-c", "import homeassistant"], check=False, capture_output=True)
    assert found.returncode == 0, f"{PYTHON}={python} has no Home Assistant: {found.stderr.decode()}"
    return python


@pytest.fixture(scope="module")
def household(python_of_home_assistant: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """Home Assistant, the broker and a hub with three rooms, logged in, two of them with music."""
    if PROGRAM is None:
        pytest.skip("no Mosquitto is installed here")
    before = (set(threading.enumerate()), open_sockets())
    folder = tmp_path_factory.mktemp("home")
    for name in ("broker", "hass", "house"):
        (folder / name).mkdir()
    late, late_rows = mixed_pool("late-night", "Late")
    house, house_rows = mixed_pool("house", "House")
    hostile = Item("spotify:track:0000000000000000hostil", HOSTILE, (HOSTILE,), 210_000, album=HOSTILE)
    broker = Mosquitto(Path(PROGRAM), folder / "broker")
    hass = HomeAssistant(python_of_home_assistant, folder / "hass", broker.port)
    config = {"plugins": {"mqtt": {"host": "127.0.0.1", "port": broker.port}}, "rooms": ROOMS}
    broker.start()
    try:
        hass.start()
        with House(folder / "house", [*late, *house, hostile], config=config) as home:
            home.settle_in(late_rows, house_rows)
            stands = Household(hass, broker, home)
            stands.settle()
            yield stands
    finally:
        hass.stop()
        broker.stop()
    eventually(lambda: set(threading.enumerate()) <= before[0] and open_sockets() <= before[1], "all is let go of", 5)


@pytest.fixture(autouse=True)
def no_complaint(household: Household) -> Iterator[None]:
    """Home Assistant has nothing to say against what it is told."""
    yield
    complaints = household.hass.complaints()
    assert not complaints, "\n".join(complaints)


@pytest.fixture(autouse=True)
def no_thread_or_socket_left() -> None:
    """Instead of the check after each test: what a module shares stands until its end, which looks for itself."""
