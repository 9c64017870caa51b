"""Commands on the data itself, while no hub runs: real files, a real database."""

import json
import os
import subprocess
import sys

import pytest

from tests.app.conftest import URI, Home

POOLS = f"""room,tier,name,artist,uri,isrc
house,CONFIRMED,One More Time,Daft Punk,{URI.format(1)},GBDUW0000053
house,SAFE_SIDE,"Music, Sounds Better",Stardust,{URI.format(2)},
rage,DISCOVERY,Sicko Mode,Travis Scott; Drake,{URI.format(3)},
"""


def test_pools_go_in_are_shown_and_come_out_as_they_went_in(home: Home) -> None:
    ran = home.fill(POOLS)
    assert (ran.code, ran.out) == (0, "3 added, 0 changed.\n")
    counts = {room["slug"]: room["counts"] for room in json.loads(home.run("rooms", "list", "--json").out)["rooms"]}
    assert counts["house"] == {"CONFIRMED": 1, "SAFE_SIDE": 1, "DISCOVERY": 0, "REMOVED": 0}
    assert len(counts) == 6
    shown = home.run("rooms", "show", "House").out
    assert "One More Time" in shown
    assert "Music, Sounds Better" in shown
    exported = home.run("pool", "export", "-").out
    assert sorted(exported.split()) == sorted(POOLS.split())


def test_an_import_again_changes_nothing(home: Home) -> None:
    home.fill(POOLS)
    before = home.run("pool", "export", "-").out
    ran = home.fill(POOLS)
    assert ran.code == 0
    assert ran.out.startswith("0 added, 0 changed")
    assert home.run("pool", "export", "-").out == before


def test_an_export_never_replaces_a_file_unasked(home: Home) -> None:
    home.fill(POOLS)
    assert home.run("pool", "export", "out.csv").code == 0
    again = home.run("pool", "export", "out.csv")
    assert (again.code, again.err.count("\n")) == (1, 1)
    assert "--force" in again.err
    assert home.run("pool", "export", "out.csv", "--force", "--room", "rage").out == "1 tracks written to out.csv.\n"
    assert home.run("pool", "export", "-", "--room", "nowhere").code == 1


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", 1, "room,tier,name,artist"),
        (b"\xff\xfe\x00", 1, "UTF-8"),
        (b"room,tier,name,artist,uri,isrc\nnowhere,CONFIRMED,A,B,,\n", 1, "nowhere"),
        (b"room,tier,name,artist,uri,isrc\nhouse,BEST,A,B,,\n", 1, "BEST"),
        (b"room,tier,name,artist,uri,isrc\n", 1, "The file has no tracks"),
        (b"\xef\xbb\xbfroom;tier;uri\r\n\r\n;;\r\n", 1, "The file has no tracks"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_in_clear_lines(home: Home, content: bytes, code: int, said: str) -> None:
    (home.folder / "bad.csv").write_bytes(content)
    ran = home.run("pool", "import", "bad.csv")
    assert ran.code == code
    assert said in ran.out + ran.err
    assert "Traceback" not in ran.err


def test_a_missing_file_is_said(home: Home) -> None:
    ran = home.run("pool", "import", "nowhere.csv")
    assert ran.code == 1
    assert ran.err == "error: nowhere.csv: No such file or directory\n"


def test_hostile_titles_reach_no_terminal(home: Home) -> None:
    row = f'house,CONFIRMED,"\x1b[2J\u202eevil %s {{0}}","<b>\x07",{URI.format(9)},'
    home.fill(f"room,tier,name,artist,uri,isrc\n{row}\n")
    for words in (["rooms", "show", "house"], ["rooms", "show", "house", "--json"]):
        out = home.run(*words).out
        assert "evil %s {0}" in out
        assert not any(sign in out for sign in "\x1b\x07\u202e")


def test_an_export_to_a_terminal_is_harmless_and_to_a_pipe_is_true(home: Home) -> None:
    title = "\x1b[2J\u202eevil\r\nnext"
    home.fill(f'room,tier,name,artist,uri,isrc\nhouse,CONFIRMED,"{title}",B,{URI.format(9)},\n')
    words = [sys.executable, "-m", "moodroom_hub", "-c", str(home.config), "pool", "export", "-"]
    piped = subprocess.run(words, capture_output=True, check=True).stdout
    assert title.encode() in piped

    ours, theirs = os.openpty()
    try:
        subprocess.run(words, stdout=theirs, check=True, timeout=60)
        shown = os.read(ours, 65_536).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "evil" in shown
    assert URI.format(9) in shown
    assert not any(sign in shown for sign in "\x1b\u202e")


def test_an_empty_room_says_how_to_fill_it(home: Home) -> None:
    assert "pool import" in home.run("rooms", "show", "house").out
    unknown = home.run("rooms", "show", "attic")
    assert (unknown.code, unknown.err.count("\n")) == (1, 1)
    assert "late-night" in unknown.err


def test_receipts_are_listed_and_an_unknown_one_is_said(home: Home) -> None:
    assert json.loads(home.run("receipts", "list", "--json").out) == {"receipts": []}
    ran = home.run("receipts", "undo", "7")
    assert (ran.code, ran.err) == (1, "error: There is no receipt 7.\n")


def test_what_an_import_moved_can_be_undone(home: Home) -> None:
    home.fill(POOLS)
    home.fill(POOLS.replace("house,CONFIRMED,One", "house,SAFE_SIDE,One"))
    receipts = json.loads(home.run("receipts", "list", "--json").out)["receipts"]
    moved = [each for each in receipts if each["uri"] == URI.format(1)]
    if moved:  # a file that says otherwise than the base is a change of the base, or a receipt
        undone = json.loads(home.run("receipts", "undo", str(moved[0]["id"]), "--json").out)["receipt"]
        assert undone["after"] == moved[0]["before"]


def test_the_library_is_empty_before_the_first_sync(home: Home) -> None:
    assert json.loads(home.run("library", "list", "--json").out) == {"total": 0, "tracks": []}
    ran = home.run("library", "sync")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "spotify" in ran.err.lower()


def test_plugins_are_listed_with_status_and_reason(home: Home) -> None:
    home.configure("plugins: {spotify: {clientid: abc}, sampling: {enabled: false}}\n")
    told = {each["name"]: each for each in json.loads(home.run("plugins", "--json").out)["plugins"]}
    assert told["spotify"]["status"] == "disabled"
    assert "client_id" in told["spotify"]["reason"]
    assert told["sampling"]["status"] == "disabled"
    assert "status_page" in home.run("plugins").out


@pytest.mark.parametrize("words", [["rooms", "off"], ["rooms", "activate", "house"]])
def test_what_plays_needs_a_running_hub(home: Home, words: list[str]) -> None:
    ran = home.run(*words)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "moodroom-hub run" in ran.err
