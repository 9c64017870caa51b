"""``moodroom-hub sonos`` as a person runs it, beside no hub at all."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from moodroom_hub.simulator.items import Item, uri_of
from tests.app.conftest import Home, Ran
from tests.sonos_thread import SonosThread

SONGS = [Item(uri_of(f"Song {number}", "Band"), f"Song {number}", ("Band",), 200_000) for number in range(4)]
URIS = [song.uri for song in SONGS]


@pytest.fixture(scope="module")
def household() -> Iterator[SonosThread]:
    """Kitchen and living room."""
    with SonosThread(SONGS) as made:
        yield made


@pytest.fixture(autouse=True)
def no_thread_or_socket_left() -> None:
    """Instead of the check after each test: the household stands for the whole module."""


@pytest.fixture
def sonos(home: Home, household: SonosThread) -> Callable[..., Ran]:
    """Runs ``moodroom-hub sonos ...`` where one speaker's address is configured."""
    home.configure(f"plugins: {{sonos: {{addresses: [{household.addresses[0]}], zones: {{cook: Kitchen}}}}}}\n")

    def run(*arguments: str) -> Ran:
        return home.run("sonos", *arguments)

    return run


def told(ran: Ran) -> Any:
    """The JSON that was printed."""
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


def test_one_address_tells_of_the_whole_house(sonos: Callable[..., Ran]) -> None:
    rows = told(sonos("speakers", "--json"))["speakers"]
    assert [(row["name"], row["zone"], row["volume"], row["muted"]) for row in rows] == [
        ("Kitchen", "cook", 20, False),
        ("Living Room", "living-room", 20, False),
    ]
    assert "cook" in sonos("speakers").out
    assert "Living Room" in sonos("groups").out


def test_a_queue_is_shown_and_moved(sonos: Callable[..., Ran], household: SonosThread) -> None:
    household.world.play_songs("Kitchen", URIS, 2)
    shown = told(sonos("queue", "cook", "--json"))
    assert [(row["number"], row["uri"], row["on"]) for row in shown["entries"]] == [
        (number, uri, number == 2) for number, uri in enumerate(URIS, 1)
    ]
    assert sonos("move", "Kitchen", "4", "1").code == 0
    assert household.queue("Kitchen") == [URIS[3], *URIS[:3]]
    assert "nothing to do" in sonos("move", "Kitchen", "1", "1").out
    assert "Song 3" in sonos("queue", "kitchen").out
    assert sonos("queue", "living-room").out == "The queue is empty.\n"
    refused = sonos("move", "cook", "9", "1")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "from 1 to 4" in refused.err


def test_volume_mute_and_groups(sonos: Callable[..., Ran], household: SonosThread) -> None:
    assert sonos("volume", "cook", "35").out == "cook: 35 %\n"
    assert told(sonos("volume", "cook", "--json")) == {"zone": "cook", "volume": 35}
    assert sonos("mute", "cook", "on").code == 0
    assert household.world.player("Kitchen").is_muted
    assert sonos("mute", "cook", "off").code == 0
    assert sonos("join", "living-room", "cook").code == 0
    (group,) = told(sonos("groups", "--json"))["groups"]
    assert (group["leads"], sorted(group["speakers"])) == ("Kitchen", ["Kitchen", "Living Room"])
    assert "nothing to do" in sonos("join", "living-room", "cook").out
    assert sonos("leave", "living-room").code == 0
    assert "nothing to do" in sonos("join", "Kitchen", "cook").out
    missing = sonos("mute", "cook")
    assert (missing.code, missing.err.count("\n"), "\\" in missing.err) == (2, 1, False)
    assert "on, off. See: moodroom-hub sonos mute --help" in missing.err
    assert len(told(sonos("groups", "--json"))["groups"]) == 2


def test_what_is_found_can_be_pasted(sonos: Callable[..., Ran], home: Home, household: SonosThread) -> None:
    text = sonos("discover", "--seconds", "0.2").out
    section = yaml.safe_load(text)["plugins"]["sonos"]
    assert sorted(section["addresses"]) == sorted(household.addresses)
    assert section["zones"] == {"cook": "Kitchen", "living-room": "Living Room"}
    home.configure(text)
    assert len(told(home.run("sonos", "groups", "--json"))["groups"]) == 2


def test_what_is_not_there_is_one_line(sonos: Callable[..., Ran], home: Home) -> None:
    unknown = sonos("queue", "attic")
    assert (unknown.code, unknown.err) == (
        1,
        "error: There is no Sonos zone 'attic'. Known: cook, living-room.\n",
    )
    home.configure("plugins: {sonos: {addresses: ['127.0.0.1:9']}}\n")
    nobody = home.run("sonos", "speakers")
    assert (nobody.code, nobody.err.count("\n")) == (1, 1)
    assert "plugins.sonos.addresses" in nobody.err
    assert home.run("sonos", "volume", "cook", "101").code == 2


def test_without_soco_it_says_what_to_install(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("moodroom_hub.plugins.sonos", "soco"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "moodroom_hub.app.sonos_house", raising=False)
    monkeypatch.delattr("moodroom_hub.app.sonos_house", raising=False)
    monkeypatch.setitem(sys.modules, "soco", None)
    ran = home.run("sonos", "speakers")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "pip install 'moodroom-hub[sonos]'" in ran.err


@pytest.mark.parametrize("command", ["speakers", "groups", "queue", "move", "volume", "mute", "join", "leave"])
def test_each_shows_an_example(home: Home, command: str) -> None:
    ran = home.run("sonos", command, "--help")
    assert ran.code == 0
    assert f"moodroom-hub sonos {command}" in ran.out.split("Example")[1]
