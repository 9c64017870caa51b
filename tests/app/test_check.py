"""``moodroom-hub check``: whatever is broken is named with its mend, and hides nothing else."""

import errno
import json
import os
import socket
import sqlite3
from pathlib import Path

import pytest
import yaml

from tests.app.conftest import URI, Home

ID = "plugins: {spotify: {client_id: abc, api_url: 'http://127.0.0.1:9/v1/', accounts_url: 'http://127.0.0.1:9/'}}\n"
OFF = "plugins: {spotify: {enabled: false}}\n"


def lines(home: Home) -> dict[str, str]:
    """Every failed line by its subject."""
    told = json.loads(home.run("check", "--json").out)
    failed = [each for each in told["checks"] if each["level"] == "failed"]
    assert told["ok"] is (failed == [])
    is_refused = any(each["name"] == "configuration" for each in failed)
    assert home.run("check").code == (2 if is_refused else 1 if failed else 0)
    return {each["name"]: f"{each['message']} | {each['mend']}" for each in failed}


def test_a_fresh_hub_lacks_only_its_spotify_app(home: Home) -> None:
    home.configure("web: {port: 0}\n")
    failed = lines(home)
    assert list(failed) == ["spotify app"]
    assert "developer.spotify.com/dashboard" in failed["spotify app"]


def test_it_changes_nothing(home: Home) -> None:
    home.configure("web: {port: 0}\n")
    home.run("check")
    assert not (home.data / "moodroom.db").exists()
    assert not (home.data / "hub.lock").exists()


def test_no_network_is_named(home: Home) -> None:
    home.configure("web: {port: 0}\n" + ID)
    failed = lines(home)
    assert "spotify connection" in failed
    assert "Traceback" not in str(failed)


def test_a_broken_configuration_is_told_in_full_and_the_rest_is_left(home: Home) -> None:
    home.configure("web: {prot: 1, port: many}\n")
    ran = home.run("check")
    assert ran.code == 2
    assert ran.out.count("FAILED   configuration: ") == 2
    assert "skipped" in ran.out
    assert ran.err == ""
    assert home.run("check", "--json").code == 2


def test_a_file_that_is_no_yaml_is_a_wrong_configuration(home: Home) -> None:
    home.configure("web: {port: [\n")
    ran = home.run("check")
    assert (ran.code, ran.err) == (2, "")
    assert "FAILED   configuration: " in ran.out
    assert "config.yaml:" in ran.out


def test_references_that_lead_nowhere_are_named_together_as_run_refuses_them(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = "web: {port: 0, password: env:PASSWORD_OF_MINE}\ndatabase: {url: file:nowhere.txt}\n" + OFF
    home.configure(more)
    refused, checked = home.run("run"), home.run("check")
    assert (refused.code, checked.code) == (2, 2)
    for said in (refused.err, checked.out):
        assert "web.password: refers to env:PASSWORD_OF_MINE, which is not set; set that variable" in said
        assert "database.url: refers to file:" in said
    assert refused.err.count("error: ") == refused.err.count("\n") == 2
    assert "skipped  database" in checked.out
    assert "sampling: loads" in checked.out
    monkeypatch.setenv("PASSWORD_OF_MINE", "sesame")
    (home.folder / "nowhere.txt").write_text(f"sqlite:///{home.folder}/tulip.db\n")
    ran = home.run("check")
    assert ran.code == 0, ran.out
    assert "sesame" not in ran.out


def test_a_log_format_that_nobody_knows_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.configure("web: {port: 0}\n" + OFF)
    monkeypatch.setenv("MOODROOM_LOG_FORMAT", "xml")
    assert "expected text or json, not 'xml'" in lines(home)["configuration"]


def test_a_plugin_with_a_bad_section_is_named_and_hides_nobody(home: Home) -> None:
    home.configure("web: {port: 0}\nplugins: {spotify: {clientid: abc}, sonnos: {}}\n")
    told = json.loads(home.run("check", "--json").out)["checks"]
    by_name = {each["name"]: each for each in told}
    assert by_name["spotify"]["level"] == "failed"
    assert "client_id" in by_name["spotify"]["message"]
    assert by_name["sampling"]["level"] == "ok"
    assert any("sonnos" in each["message"] and each["level"] == "warning" for each in told)


def test_a_plugin_that_is_switched_off_is_no_failure(home: Home) -> None:
    home.configure("web: {port: 0}\nplugins: {spotify: {enabled: false}}\n")
    assert lines(home) == {}


def test_a_taken_port_is_named_with_its_mend(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.settimeout(0.1)
        port = taken.getsockname()[1]
        home.configure(f"web: {{port: {port}}}\nplugins: {{spotify: {{enabled: false}}}}\n")
        failed = lines(home)
    assert list(failed) == ["web"]
    assert str(port) in failed["web"]
    assert "web.port" in failed["web"]


def test_an_open_door_is_named_with_its_mend(home: Home) -> None:
    home.configure("web: {host: 0.0.0.0, port: 0}\nplugins: {spotify: {enabled: false}}\n")
    failed = lines(home)
    assert list(failed) == ["configuration"], "told once"
    assert failed["configuration"].count("web.host is 0.0.0.0") == 1
    assert "set web.password" in failed["configuration"]


@pytest.mark.parametrize("damage", ["cut", "foreign", "newer", "no database"])
def test_a_broken_database_is_named_and_the_plugins_are_looked_at_all_the_same(home: Home, damage: str) -> None:
    home.configure("web: {port: 0}\nplugins: {spotify: {enabled: false}}\n")
    home.fill(f"room,tier,name,artist,uri,isrc\nhouse,CONFIRMED,A,B,{URI.format(1)},\n")
    database = home.data / "moodroom.db"
    spoil(database, damage)
    before = database.read_bytes()
    failed = lines(home)
    assert list(failed) == ["database"]
    assert "sampling: loads" in home.run("check").out
    assert database.read_bytes() == before


def spoil(database: Path, damage: str) -> None:
    if damage == "cut":
        database.write_bytes(database.read_bytes()[:9000])
    elif damage == "no database":
        database.write_text("not a database at all, but some text that is long enough to be looked at\n" * 50)
    elif damage == "foreign":
        database.unlink()
        with sqlite3.connect(database) as connection:
            connection.execute("CREATE TABLE songs (name TEXT)")
        connection.close()
    else:
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE alembic_version SET version_num = 'moodroom_9999'")
            connection.execute("PRAGMA journal_mode = DELETE")
        connection.close()


def test_a_full_disk_is_named_with_its_mend(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.configure("web: {port: 0}\nplugins: {spotify: {enabled: false}}\n")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("moodroom_hub.app.machine.os.fsync", full)
    told = json.loads(home.run("check", "--json").out)["checks"]
    (disk,) = (each for each in told if each["name"] == "data folder")
    assert disk["level"] == "failed"
    assert "No space left" in disk["message"]
    assert "free some room" in disk["mend"]


def test_the_effective_configuration_is_shown_without_secrets(home: Home) -> None:
    home.configure("web: {port: 8123, password: sesame}\nplugins: {spotify: {client_id: abc}}\n")
    ran = home.run("check", "--print")
    assert ran.code == 0
    shown = yaml.safe_load(ran.out)
    assert shown["web"]["port"] == 8123
    assert shown["plugins"]["spotify"]["client_id"] == "abc"
    assert "sesame" not in ran.out


def test_the_schema_is_json_and_knows_the_plugins(home: Home) -> None:
    schema = json.loads(home.run("check", "--schema").out)
    assert "client_id" in json.dumps(schema["properties"]["plugins"]) or "client_id" in json.dumps(schema["$defs"])
