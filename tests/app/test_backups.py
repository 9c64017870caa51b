"""Backup and restore: whole, private, without secrets, and never without a way back."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from moodroom_hub.core.lock import HubLock
from tests.app.conftest import URI, Home

ROW = f"room,tier,name,artist,uri,isrc\nhouse,CONFIRMED,One More Time,Daft Punk,{URI.format(1)},\n"
OTHER = f"room,tier,name,artist,uri,isrc\nhouse,CONFIRMED,Around the World,Daft Punk,{URI.format(2)},\n"
LOGIN = '{"refresh_token": "AQ-very-secret"}'


def pools(home: Home) -> str:
    return home.run("pool", "export", "-").out


@pytest.fixture
def filled(home: Home) -> Home:
    home.configure("web: {port: 7999, password: hunter2 and more}  # mine\nplugins: {spotify: {client_id: abc}}\n")
    assert home.fill(ROW).code == 0
    (home.data / "spotify-token.json").write_text(LOGIN)
    return home


def test_there_and_back_again(filled: Home) -> None:
    before = pools(filled)
    assert filled.run("backup", "b.zip").code == 0
    filled.fill(OTHER)
    changed = pools(filled)
    assert changed != before
    ran = filled.run("restore", "b.zip", "--yes")
    assert ran.code == 0, ran.err
    assert pools(filled) == before
    (replaced,) = filled.data.glob("moodroom.db.replaced-*")
    assert str(replaced) in ran.out
    assert filled.run("restore", str(replaced), "--yes").code == 0, "what was replaced is itself a backup"
    assert pools(filled) == changed


def test_restoring_again_and_again_loses_no_database(filled: Home) -> None:
    seen = {pools(filled)}
    filled.run("backup", "b.zip")
    for number in (3, 4, 5):
        filled.fill(OTHER.replace(URI.format(2), URI.format(number)))
        seen.add(pools(filled))
        assert filled.run("restore", "b.zip", "--yes").code == 0
    kept = sorted(filled.data.glob("moodroom.db.replaced-*"))
    assert len(kept) == 3, "all within the same second or two"
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o600}
    for file in kept:
        filled.run("restore", str(file), "--yes")
        seen.discard(pools(filled))
    assert len(seen) == 1, "the first one, which is in the backup itself"


def test_a_backup_is_private_and_holds_no_secret_unless_it_is_wished(filled: Home) -> None:
    ran = filled.run("backup", "b.zip")
    assert "left out" in ran.err
    content = packed(filled.folder / "b.zip")
    assert set(content) == {"manifest.json", "moodroom.db", "config.yaml"}
    assert b"hunter2" not in b"".join(content.values())
    assert content["config.yaml"] == filled.config.read_bytes().replace(b"hunter2 and more", b"null")
    assert (filled.folder / "b.zip").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in filled.folder.iterdir() if each.name.startswith(".moodroom")] == []

    ran = filled.run("backup", "keys.zip", "--with-login")
    assert "like a key" in ran.err
    content = packed(filled.folder / "keys.zip")
    assert content["login/spotify-token.json"].decode() == LOGIN
    assert content["config.yaml"] == filled.config.read_bytes()


def test_a_login_comes_back_private(filled: Home) -> None:
    filled.run("backup", "keys.zip", "--with-login")
    shutil.rmtree(filled.data)
    filled.config.write_text(f"hub: {{data_dir: {filled.data}}}\n")
    assert filled.run("restore", "keys.zip", "--yes").code == 0
    token = filled.data / "spotify-token.json"
    assert token.read_text() == LOGIN
    assert token.stat().st_mode & 0o777 == 0o600
    assert "hunter2" in filled.config.read_text()
    (kept,) = filled.folder.glob("config.yaml.replaced-*")
    assert kept.read_text().startswith("hub:")


def test_a_password_that_is_not_in_the_backup_is_not_lost_in_silence(filled: Home) -> None:
    filled.run("backup", "b.zip")
    before = filled.config.read_text()
    ran = filled.run("restore", "b.zip", "--yes")
    assert (ran.code, filled.config.read_text()) == (0, before), "nothing but the password differs"
    assert "web.password" in ran.out
    assert not list(filled.folder.glob("config.yaml.replaced-*"))

    filled.config.write_text(before.replace("7999", "7998"))
    ran = filled.run("restore", "b.zip", "--yes")
    assert ran.code == 0
    assert "password: null" in filled.config.read_text()
    (kept,) = filled.folder.glob("config.yaml.replaced-*")
    assert f"these are empty now: web.password. Set them again (the file before: {kept})." in ran.err
    assert "hunter2" not in ran.out + ran.err

    filled.config.write_text(f"hub: {{data_dir: {filled.data}}}\n")
    assert "empty now: web.password" in filled.run("restore", "b.zip", "--yes").err, "also on another machine"


def test_what_was_empty_before_is_not_missed(home: Home) -> None:
    home.configure("web: {port: 7999, password: null}\ndatabase: {url: null}\n")
    assert home.fill(ROW).code == 0
    home.run("backup", "b.zip")
    home.configure("web: {port: 7998, password: null}\n")
    ran = home.run("restore", "b.zip", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert "7999" in home.config.read_text()


@pytest.mark.parametrize(
    "section",
    [
        "plugins: {nobody: {key: hunter2}}\n",
        "plugins: {spotify: {clientid: hunter2}}\n",
        "web:\n  password: |\n    hunter2\n",
        "web: {password: &p hunter2, base_url: *p}\n",
    ],
)
def test_where_a_secret_cannot_be_cut_out_for_sure_the_configuration_stays_out(home: Home, section: str) -> None:
    home.configure(section)
    ran = home.run("backup", "b.zip")
    if ran.code == 0:
        assert b"hunter2" not in b"".join(packed(home.folder / "b.zip").values())
        assert "--with-login" in ran.err
    else:
        assert not (home.folder / "b.zip").exists()


def test_a_reference_is_no_secret(home: Home) -> None:
    home.configure("web: {password: env:PASSWORD_OF_MINE}\n")
    assert home.run("backup", "b.zip").err == ""
    assert b"env:PASSWORD_OF_MINE" in packed(home.folder / "b.zip")["config.yaml"]


def test_nothing_is_replaced_by_a_backup(filled: Home) -> None:
    (filled.folder / "b.zip").write_text("mine")
    ran = filled.run("backup", "b.zip")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert (filled.folder / "b.zip").read_text() == "mine"
    assert filled.run("backup", "nowhere/b.zip").code == 1


def test_nobody_can_be_asked_so_nothing_happens(filled: Home) -> None:
    filled.run("backup", "b.zip")
    ran = filled.run("restore", "b.zip")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "--yes" in ran.err


def test_no_restore_under_a_running_hub(filled: Home) -> None:
    filled.run("backup", "b.zip")
    with HubLock(filled.data):
        ran = filled.run("restore", "b.zip", "--yes")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert f"pid {os.getpid()}" in ran.err


def test_a_backup_works_beside_a_running_hub(filled: Home) -> None:
    with HubLock(filled.data):
        assert filled.run("backup", "b.zip").code == 0


@pytest.mark.parametrize(
    "damage", ["text", "cut", "foreign zip", "no database", "bad database", "future", "path", "empty"]
)
def test_what_is_no_backup_changes_nothing(filled: Home, damage: str) -> None:
    before = pools(filled)
    filled.run("backup", "b.zip", "--with-login")
    spoil(filled.folder / "b.zip", damage)
    ran = filled.run("restore", "b.zip", "--yes")
    assert (ran.code, ran.err.count("\n")) == (1, 1), ran
    assert "Traceback" not in ran.err
    assert pools(filled) == before
    assert not list(filled.data.glob(".moodroom-restore*"))


def packed(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def spoil(file: Path, damage: str) -> None:
    content = packed(file)
    about = json.loads(content["manifest.json"])
    if damage == "text":
        file.write_text("no zip")
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        if damage == "foreign zip":
            content = {"readme.txt": b"x"}
        elif damage == "no database":
            del content["moodroom.db"]
        elif damage == "bad database":
            content["moodroom.db"] = content["moodroom.db"][:5000]
        elif damage == "future":
            content["manifest.json"] = json.dumps({**about, "format": 99}).encode()
        elif damage == "path":
            content["manifest.json"] = json.dumps({**about, "logins": ["../x-token.json"]}).encode()
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in content.items():
                archive.writestr(name, data)
