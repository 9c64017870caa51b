"""`import history` on files that are broken, locked, foreign, huge or hostile: what can be read is, and all is told."""

import json
import zipfile
from pathlib import Path

from tests.app.conftest import Home
from tests.app.past.exports import imported, many, write, write_zip
from tests.domain.past.made_up import extended, uri

DISLIKED = many(1, 8)


def test_what_stands_before_a_break_is_kept_and_the_break_is_told(home: Home) -> None:
    whole = json.dumps([extended(number=number) for number in range(1, 6)]).encode()
    (home.folder / "endsong_0.json").write_bytes(b"\xef\xbb\xbf" + whole[: len(whole) * 7 // 10])
    told = imported(home, home.folder / "endsong_0.json")
    assert (told["read"], told["new"]) == (4, 3)
    assert [(row["row"], row["reason"]) for row in told["set_aside"]["rows"]] == [
        (4, "the JSON breaks off; what follows in this file was not read")
    ]


def test_a_damaged_member_breaks_nothing_else(home: Home) -> None:
    rows = [extended(f"2020-05-{1 + number // 1000:02}T10:00:00Z", number, number) for number in range(9_000)]
    file = write_zip(home.folder / "a.zip", endsong_0=rows, endsong_1=[extended("2021-01-01T10:00:00Z")])
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = bytes(400)
    file.write_bytes(content)
    told = imported(home, file)
    assert 0 < told["new"] < 9_001
    assert any("damaged" in reason or "broken" in reason for reason in told["set_aside"]["reasons"])
    assert told["years"]["2021"] == 1


def refused(home: Home, file: Path) -> str:
    ran = home.run("import", "history", str(file))
    assert (ran.code, ran.err.count("\n")) == (1, 1), ran
    return ran.err


def test_what_cannot_be_read_is_refused_in_one_line(home: Home) -> None:
    (home.folder / "no.zip").write_bytes(b"PK\x03\x04 and nothing more")
    assert "no.zip is damaged, or no zip" in refused(home, home.folder / "no.zip")
    (home.folder / "photo.jpg").write_bytes(b"\xff\xd8")
    assert "neither a zip nor JSON" in refused(home, home.folder / "photo.jpg")
    (home.folder / "empty").mkdir()
    assert "No streaming history was found" in refused(home, home.folder / "empty")
    write_zip(home.folder / "foreign.zip", Playlists=[1])
    assert "No streaming history was found" in refused(home, home.folder / "foreign.zip")
    assert refused(home, Path("nowhere.zip")) == "error: nowhere.zip: No such file or directory\n"
    assert home.run("import", "history").code == 2


def test_a_locked_zip_is_told(home: Home) -> None:
    file = write_zip(home.folder / "locked.zip", endsong_0=[extended()])
    content = bytearray(file.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(sign)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(sign, at + 1)
    file.write_bytes(content)
    assert "locked with a password" in refused(home, file)


def test_a_bomb_is_not_unpacked(home: Home) -> None:
    with zipfile.ZipFile(home.folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("endsong_0.json", b"[" + b" " * 30_000_000)
    assert "unpacks to an absurd size" in refused(home, home.folder / "bomb.zip")
    write(home.folder / "endsong.json.gz", " " * 30_000_000)
    ran = home.run("import", "history", str(home.folder / "endsong.json.gz"), "--json")
    assert ran.code == 1
    (row,) = json.loads(ran.out)["set_aside"]["rows"]
    assert "absurd" in row["reason"]


def test_a_json_of_something_else_is_set_aside_and_fails(home: Home) -> None:
    ran = home.run("import", "history", str(write(home.folder / "a.json", {"playlists": [{"name": "x"}]})))
    assert ran.code == 1
    assert "neither ts nor endTime" in ran.out


def test_hostile_titles_reach_no_terminal(home: Home) -> None:
    evil = "\x1b[2J\u202eevil"
    file = write(home.folder / "endsong_0.json", [{**row, "master_metadata_track_name": evil} for row in DISLIKED])
    home.fill(f"room,tier,name,artist,uri,isrc\nhouse,CONFIRMED,{evil},Somebody,{uri(1)},\n")
    ran = home.run("import", "history", str(file))
    assert "evil" in ran.out
    assert not any(sign in ran.out + ran.err for sign in "\x1b\u202e")
