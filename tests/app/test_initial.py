"""``moodroom-hub init``: a first file that works, and never at the cost of another."""

import re
from collections.abc import Callable
from pathlib import Path

import yaml

from moodroom_hub.core.config import load_config, plugin_config, refuse_open_door
from moodroom_hub.core.config.first_file import REDIRECT, first_file
from moodroom_hub.plugins.spotify import Plugin as Spotify
from tests.app.conftest import Ran

ID = "0123456789abcdef0123456789abcdef"


def test_it_writes_a_private_file_where_the_hub_looks(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("init", "--client-id", ID)
    path = tmp_path / "config-home" / "moodroom-hub" / "config.yaml"
    assert ran.code == 0
    assert str(path) in ran.out
    assert path.stat().st_mode & 0o777 == 0o600
    loaded = load_config(None, {})
    assert loaded.path == path
    assert plugin_config(loaded, "spotify", Spotify.Config).model_dump()["client_id"] == ID
    assert "login" in ran.out


def test_without_a_person_it_asks_nothing_and_says_what_is_missing(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("init", "here.yaml")
    assert ran.code == 0
    assert REDIRECT in ran.out
    assert load_config(tmp_path / "here.yaml", {}).settings.web.port == 7777


def test_it_replaces_nothing_unasked_and_keeps_what_it_replaces(run: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("web: {port: 1234}\n")
    ran = run("init", "mine.yaml")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert path.read_text() == "web: {port: 1234}\n"
    assert run("init", "mine.yaml", "--force").code == 0
    (kept,) = tmp_path.glob("mine.yaml.replaced-*")
    assert kept.read_text() == "web: {port: 1234}\n"
    assert len(list(tmp_path.iterdir())) == 2
    assert run("init", "mine.yaml", "--force").code == 0
    assert kept.read_text() == "web: {port: 1234}\n"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_wrong_client_id_is_refused(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("init", "x.yaml", "--client-id", "https://spotify")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert not (tmp_path / "x.yaml").exists()


def test_a_folder_that_cannot_be_written_is_one_line(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = run("init", "file/config.yaml", "--client-id", ID)
    assert (ran.code, ran.err.count("\n")) == (1, 1)


def test_every_commented_line_is_true_once_its_mark_is_taken_away(tmp_path: Path) -> None:
    text = re.sub(r"^(\s*)#(?=\S|  )", r"\1", first_file(ID), flags=re.MULTILINE)
    assert text.count("\n#") < first_file().count("\n#")
    path = tmp_path / "all.yaml"
    path.write_text(text)
    loaded = load_config(path, {"MOODROOM_PASSWORD": "sesame"})
    assert set(loaded.settings.rooms) == {"late-night", "house", "sunday"}
    assert loaded.settings.rooms["house"].anchors
    assert refuse_open_door(loaded.settings.web) is None
    section = plugin_config(loaded, "spotify", Spotify.Config).model_dump()
    assert (section["market"], section["device"]) == ("DE", "Living Room")
    shown = yaml.safe_load(text)
    for name in ("listening", "batch"):
        assert shown[name], "shows the defaults"
    assert loaded.settings.model_copy(update={"rooms": {}}).listening == load_config(None, {}).settings.listening
    assert loaded.settings.batch == load_config(None, {}).settings.batch
