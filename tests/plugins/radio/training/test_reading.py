"""Playlists out of whatever files people have."""

import errno
import gzip
import json
import os
import re
import socket
import zipfile
from pathlib import Path

import pytest

from moodroom_hub.plugins.radio.training import reading, tables
from moodroom_hub.plugins.radio.training.reading import Faults, RawList, SourceError, read_lists
from tests.plugins.radio.training.tiny import as_slice, made_up, write_slices


def read(path: Path, faults: Faults | None = None) -> list[tuple[str, list[str]]]:
    return [(each.name, list(each.artists)) for each in read_lists([path], faults)]


def test_slices_of_the_million_playlists(tmp_path: Path) -> None:
    lists = made_up(30)
    write_slices(tmp_path / "data", lists, each=10)
    assert read(tmp_path) == [(name, list(artists)) for name, artists in lists]


def test_slices_in_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "million.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/mpd.slice.0-1.json", json.dumps(as_slice([("a", ["Tyler, The Creator", "B"])])))
        archive.writestr("readme.txt", "no playlists")
    assert read(tmp_path) == [("a", ["Tyler, The Creator", "B"])]


@pytest.mark.parametrize(
    ("content", "lists"),
    [
        ("playlist,artist,track\na,X,1\nb,Y,2\na,Z,3\n", [("a", ["X", "Z"]), ("b", ["Y"])]),
        ('\ufeffplaylist;artist\r\n"a; b";"X, Y"\r\n', [("a; b", ["X"])]),
        (
            "track_artist\tplaylist_id\tplaylist_name\nEarth, Wind\t1\tmine\nY\t2\tmine\n",
            [("mine", ["Earth, Wind"]), ("mine", ["Y"])],
        ),
        (
            '"user_id", "artistname", "trackname", "playlistname"\n"1", "X", "t", "p"\n"2", "Y", "t", "p"\n',
            [("p", ["X"]), ("p", ["Y"])],
        ),
        ('"Track URI","Track Name","Artist Name(s)"\n"u","t","X, Y"\n"u","t","Z"\n', [("lists", ["X", "Z"])]),
    ],
)
def test_tables(tmp_path: Path, content: str, lists: list[tuple[str, list[str]]]) -> None:
    (tmp_path / "lists.csv").write_text(content, encoding="utf-8")
    assert read(tmp_path) == lists
    with gzip.open(tmp_path / "packed.csv.gz", "wt", encoding="utf-8") as stream:
        stream.write(content)
    assert [artists for _, artists in read(tmp_path / "packed.csv.gz")] == [artists for _, artists in lists]


def test_a_table_of_more_than_fits_is_read_in_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_OPEN", 4)
    (tmp_path / "lists.csv").write_text("playlist,artist\n" + "".join(f"{n // 3},A{n}\n" for n in range(12)))
    assert sum(len(artists) for _, artists in read(tmp_path)) == 12


@pytest.mark.parametrize(
    "tracks",
    [
        [{"artist": "X, Guest"}, {"artist": "Y"}],
        [{"artists": ["X", "Guest"]}, {"artists": ["Y"]}],
        [{"artists": [{"name": "X"}]}, {"track": {"artistName": "Y", "trackName": "t"}}],
        ["X, Guest", "Y"],
        [{"artist": {"name": "X"}}, {"episode": None}, {"artist_name": "Y"}, {"artists": []}, 7],
    ],
)
def test_lines_in_all_shapes(tmp_path: Path, tracks: list[object]) -> None:
    (tmp_path / "lists.jsonl").write_text(json.dumps({"playlist": "a", "tracks": tracks}) + "\n\n")
    assert read(tmp_path) == [("a", ["X", "Y"])]


def test_a_persons_own_export(tmp_path: Path) -> None:
    items = [{"track": {"trackName": "t", "artistName": "X", "trackUri": "u"}, "addedDate": "2024-01-01"}]
    (tmp_path / "Playlist1.json").write_text(json.dumps({"playlists": [{"name": "mine", "items": items}]}))
    assert read(tmp_path) == [("mine", ["X"])]


def test_what_is_broken_is_named_counted_and_left_out(tmp_path: Path) -> None:
    good = json.dumps({"playlist": "good", "tracks": [{"artist": "X"}]})
    (tmp_path / "a.jsonl").write_text(f'{good}\n{{"playlist": \n[1]\n{{"tracks": [{{}}]}}\n{good}\n')
    (tmp_path / "b.json").write_text('{"playlists": [')
    (tmp_path / "c.json").write_text('{"playlists": 7}')
    (tmp_path / "d.csv").write_text("what,ever\n1,2\n")
    (tmp_path / "e.csv").write_text("playlist,artist\na,X\nb\n")
    packed = gzip.compress(b"playlist,artist\n" + b"a,X\n" * 5_000)
    (tmp_path / "f.csv.gz").write_bytes(packed[:-12])
    (tmp_path / "g.jsonl.gz").write_bytes(b"no gzip")
    (tmp_path / "h.zip").write_bytes(b"no zip")
    (tmp_path / "i.json").write_text("[" * 100_000)
    (tmp_path / "j.jsonl").write_bytes(b"\xff\xfe\x00\n")
    faults = Faults()
    lists = read(tmp_path, faults)
    assert [name for name, _ in lists] == ["good", "good", "a", "a"]
    assert len(lists[-1][1]) > 4_000
    named = {text.split(",")[0].split(":")[0] for text in faults.told}
    assert named == {
        "a.jsonl",
        "b.json",
        "c.json",
        "d.csv",
        "e.csv",
        "f.csv.gz",
        "g.jsonl.gz",
        "h.zip",
        "i.json",
        "j.jsonl",
    }
    assert any(text.startswith("a.jsonl, line 2: is no JSON") for text in faults.told)
    assert any(text.startswith("e.csv, line 3: has too few columns") for text in faults.told)
    assert (faults.count, faults.files) == (12, 7)
    assert not any("\n" in text for text in faults.told)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files here")
def test_what_is_no_ordinary_file_is_named_and_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lists.jsonl").write_text(json.dumps({"name": "a", "artists": ["X"]}))
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "lists.jsonl")
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "gone")
    (tmp_path / "loop.zip").symlink_to(tmp_path / "loop.zip")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "device.json").symlink_to("/dev/zero")
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.json")
        faults = Faults()
        assert [name for name, _ in read(tmp_path, faults)] == ["a", "a"]
    assert sorted(faults.told) == [
        "dangling.csv: can't be read (No such file or directory)",
        "device.json: is no ordinary file",
        f"loop.zip: can't be read ({os.strerror(errno.ELOOP)})",
        "pipe.csv: is no ordinary file",
        "socket.json: is no ordinary file",
    ]
    assert (faults.count, faults.files) == (5, 5)
    for name in ("lists.jsonl", "link.jsonl"):
        (tmp_path / name).unlink()
    with pytest.raises(SourceError, match=r"no playlists in .* \(.*\): wanted are files"):
        read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere, and read")
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "lists.jsonl").write_text(json.dumps({"name": "a", "artists": ["X"]}))
    for name in ("mine.jsonl", "mine.zip"):
        (tmp_path / name).touch(0)
    (tmp_path / "folder").mkdir(0)
    faults = Faults()
    assert len(read(tmp_path, faults)) == 1
    assert sorted(text.split(":")[0] for text in faults.told) == ["folder", "mine.jsonl", "mine.zip"]


@pytest.mark.parametrize(("longest", "why"), [(22, "File is not a zip file"), (19, "File is not a zip ...")])
def test_reasons_end_at_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, longest: int, why: str) -> None:
    monkeypatch.setattr(reading, "LONGEST_WHY", longest)
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(SourceError, match=re.escape(f"a.zip: is no zip that can be read ({why})")):
        read(tmp_path)


def test_many_faults_are_counted_but_not_all_told() -> None:
    faults, others = Faults(), Faults()
    for number in range(30):
        others.add(f"line {number}", "is broken")
    faults.add("file", "is broken")
    faults.extend(others)
    assert (faults.count, len(faults.told)) == (31, 20)


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no playlists in .*: wanted are files that end in \.json"):
        read(tmp_path)
    with pytest.raises(SourceError, match="no file or folder"):
        read(tmp_path / "gone")


def test_hidden_files_are_nobodys(tmp_path: Path) -> None:
    (tmp_path / ".lists.jsonl").write_text("{}")
    (tmp_path / "lists.jsonl").write_text(json.dumps({"name": "a", "artists": ["X"]}))
    assert list(read_lists([tmp_path])) == [RawList("a", ["X"])]


def test_a_table_of_one_endless_line_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x" * 3_000_000)
    (tmp_path / "b.csv").write_text("playlist,artist\na,X\n" + "y" * 3_000_000 + "\nb,Y\n")
    faults = Faults()
    assert read(tmp_path, faults)[0] == ("a", ["X"])
    assert faults.count >= 2
