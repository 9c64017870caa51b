"""The first steps in the owner's file: it means just that, everything else stays, and what cannot be is refused."""

import json
from pathlib import Path

import platformdirs
import pytest

from moodroom_hub.core.config import ConfigError, LoadedConfig, Problem, load_config, plugin_config
from moodroom_hub.core.config.first_file import first_file
from moodroom_hub.core.config.first_steps import write_plugin_value, write_rooms
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.plugins.spotify.config import SpotifyConfig

ID = "0123456789abcdef0123456789abcdef"
SIX = ["late-night", "throwback-pop", "house", "rage", "throwback-rap", "after-hours"]
FILES = [
    "",
    "# nothing yet\n",
    first_file(),
    "plugins:\n",
    "plugins:\n  spotify:\n  mqtt: {host: broker}  # mine\n",
    "plugins: {spotify: {market: DE}}\nweb: {port: 1234}",
    "plugins:\r\n  spotify:\r\n    market: DE  # home\r\n    client_id: abc # old\r\n",
    json.dumps({"plugins": {"spotify": {"client_id": None}}, "web": {"port": 1}}, indent=2),
    "web:\n  port: 4\n# the end",
]


def client_id(path: Path) -> str | None:
    """What the hub would take."""
    return plugin_config(load_config(path, {}), "spotify", SpotifyConfig).client_id


@pytest.mark.parametrize("text", FILES)
def test_a_client_id_goes_into_any_file_and_nothing_else_changes(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(text.encode())
    before = load_config(path, {}).settings
    done = write_plugin_value(path, "spotify", "client_id", ID, environ={})
    assert client_id(path) == ID
    after = load_config(path, {}).settings
    assert after.model_copy(update={"plugins": before.plugins}) == before
    assert done.kept is not None
    assert done.kept.read_bytes() == text.encode()
    new = path.read_bytes().decode()
    for line in text.splitlines():
        if "#" in line and "client_id" not in line:
            assert line in new
    assert write_plugin_value(path, "spotify", "client_id", ID, environ={}).kept is None


def test_where_there_is_no_file_it_makes_the_one_of_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_, **__: tmp_path / "moodroom")
    done = write_plugin_value(None, "spotify", "client_id", ID, environ={})
    assert done.is_new
    assert done.path == tmp_path / "moodroom" / "config.yaml"
    assert done.path.read_text() == first_file(f'"{ID}"')
    assert done.path.stat().st_mode & 0o777 == 0o600
    assert client_id(done.path) == ID


def test_what_the_environment_or_a_reference_decides_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("plugins:\n  spotify:\n    client_id: env:MY_ID\n")
    before = path.read_bytes()
    for environ, words in (
        ({"MY_ID": "x"}, "env:MY_ID"),
        ({"MOODROOM_PLUGINS__SPOTIFY__CLIENT_ID": "x"}, "MOODROOM_PLUGINS__SPOTIFY__CLIENT_ID"),
    ):
        with pytest.raises(MoodroomError, match=words):
            write_plugin_value(path, "spotify", "client_id", ID, environ=environ)
    with pytest.raises(MoodroomError, match="reference"):
        write_plugin_value(path, "spotify", "client_id", "file:/etc/passwd", environ={"MY_ID": "x"})
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["config.yaml"]


def test_what_the_plugin_does_not_take_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("# mine\nplugins: {}\n")

    def refuse(now: LoadedConfig) -> None:
        raise ConfigError([Problem("x", "y", "expected letters and digits")])

    with pytest.raises(MoodroomError, match="letters and digits"):
        write_plugin_value(path, "spotify", "client_id", "not an id", environ={}, check=refuse)
    assert path.read_text() == "# mine\nplugins: {}\n"


@pytest.mark.parametrize(
    "text",
    [
        "web: {port: 3}\n# all rooms\n",
        "rooms:\n",
        (
            "rooms:\n  late-night:\n  # loud\n  rage: {name: Rage}   # very\n"
            "  house:\n    # the best\n    name: House\n"
            "  throwback-pop:\n  throwback-rap:\n  after-hours:\n\n# end\n"
        ),
        (
            "rooms: {late-night: null, throwback-pop: null, house: {name: House}, rage: null, throwback-rap: null, "
            "after-hours: null}"
        ),
        json.dumps({"rooms": dict.fromkeys(SIX), "web": {"port": 9}}, indent=1),
    ],
)
@pytest.mark.parametrize("keep", [["house"], ["late-night", "after-hours"], SIX, ["after-hours"], SIX[:-1]])
def test_rooms_go_and_come(tmp_path: Path, text: str, keep: list[str]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    before = load_config(path, {}).settings
    write_rooms(path, keep, ["Sunday Morning!", "Lärm"], environ={})
    after = load_config(path, {}).settings
    assert set(after.rooms) == {*keep, "sunday-morning", "larm"}
    assert after.rooms["sunday-morning"].name == "Sunday Morning!"
    assert all(after.rooms[slug] == before.rooms[slug] for slug in keep)
    assert after.model_copy(update={"rooms": before.rooms}) == before
    write_rooms(path, [*SIX, "larm"], environ={})
    assert set(load_config(path, {}).settings.rooms) == {*SIX, "larm"}


@pytest.mark.parametrize(
    ("keep", "own", "environ", "words"),
    [
        ([], [], {}, "one room at least"),
        (["nowhere"], [], {}, "no room nowhere"),
        (["house"], ["Off"], {}, "no room"),
        (["house"], ["!!"], {}, "Latin letter"),
        (["house"], ["x" * 300], {}, "200 characters"),
        (["house"], [], {"MOODROOM_ROOMS__RAGE__NAME": "Fury"}, "MOODROOM_ROOMS__RAGE__NAME"),
    ],
)
def test_rooms_that_cannot_be_are_refused(
    tmp_path: Path, keep: list[str], own: list[str], environ: dict[str, str], words: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("web: {port: 3}\n")
    with pytest.raises(MoodroomError, match=words):
        write_rooms(path, keep, own, environ=environ)
    assert path.read_text() == "web: {port: 3}\n"
