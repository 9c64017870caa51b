"""Plays on the command line: why each counted, what is mended, what is written to a file."""

import asyncio
import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.store import Change, Store
from moodroom_hub.domain.models import ZoneName
from moodroom_hub.domain.plays.mending import BY_HAND
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Edit, Play
from tests.app.conftest import Home
from tests.app.test_run import running_hub
from tests.core.store.builders import delivery, play, track

DEAD, SENT, WAITING = DeliveryStatus.DEAD, DeliveryStatus.SENT, DeliveryStatus.WAITING
HOSTILE = "\x1b[2J\u202e=evil"


def remember(home: Home, plays: list[Play], deliveries: list[Delivery] = []) -> None:  # noqa: B006 -- only read
    """Put plays into the database, as a hub that ran before."""

    async def write() -> None:
        home.data.mkdir(exist_ok=True)
        store = Store(f"sqlite:///{home.data / 'moodroom.db'}", home.data)
        await store.open()
        await store.commit(Change(plays=tuple(plays)))
        await store.plays.plan(deliveries)
        await store.close()

    asyncio.run(write())


@pytest.fixture
def heard(home: Home) -> Home:
    """Three plays: one refused by a service, its twin, and one with hostile names."""
    remember(
        home,
        [
            play(1),
            replace(play(2, zone=ZoneName("kitchen"), twin_of=1), why="the kitchen saw play 1, too"),
            replace(play(3, 3), track=replace(track(3, HOSTILE), artists=(), isrc=None)),
        ],
        [
            delivery(1, "lastfm", DEAD, tries=3, reason="Last.fm does not know the artist"),
            delivery(1, "listenbrainz", SENT),
            delivery(3, "lastfm", WAITING, next_try_ms=120_000, reason="Last.fm asks us to wait"),
        ],
    )
    return home


def test_plays_are_listed_newest_first(heard: Home) -> None:
    lines = heard.run("scrobbles", "list").out.splitlines()
    assert lines[0].split() == ["ID", "WHEN", "ZONE", "TRACK", "ARTISTS", "SENT"]
    assert [line.split()[0] for line in lines[1:]] == ["3", "1"]
    assert "lastfm dead, listenbrainz sent" in lines[2]
    told = json.loads(heard.run("scrobbles", "list", "--status", "dead", "--twins", "--json").out)
    assert [each["id"] for each in told["plays"]] == [1]
    assert "same listen as 1" in heard.run("scrobbles", "list", "--twins", "--zone", "kitchen").out
    assert heard.run("scrobbles", "list", "--limit", "1", "--before", "3").out.count("\n") == 2
    assert heard.run("scrobbles", "list", "--status", "gone").code == 2


def test_nothing_played_is_said(home: Home) -> None:
    assert home.run("scrobbles", "list").out == "Nothing has counted as played yet.\n"
    assert home.run("scrobbles", "list", "--status", "dead").out == "Nothing that was played is like that.\n"
    assert home.run("scrobbles", "retry").out == "Nothing of that was refused: there is nothing to send again.\n"
    shown = home.run("scrobbles", "show", "42")
    assert (shown.code, shown.err.count("\n")) == (1, 1)
    assert "no play 42" in shown.err


def test_a_play_says_why_it_counted_and_where_it_stands(heard: Home) -> None:
    out = heard.run("scrobbles", "show", "1").out
    assert "It counts as played." in out
    assert "Why: heard for 0:30 of 3:20." in out
    assert "Other sources saw the same listen, which counts once: play 2." in out
    assert "lastfm: dead after 3 tries, since 1970-01-01 00:00 UTC: Last.fm does not know the artist" in out
    for mend in ("scrobbles retry 1", "scrobbles edit 1", "scrobbles leave-out 1"):
        assert f"moodroom-hub {mend}" in out
    assert "listenbrainz: sent" in out
    waiting = heard.run("scrobbles", "show", "3").out
    assert "sends it by itself, not before 1970-01-01 00:02 UTC" in waiting
    assert "evil by no artist" in waiting


def test_a_twin_says_whose_it_is(heard: Home) -> None:
    out = heard.run("scrobbles", "show", "2").out
    assert "It does not count: it is the same listen as play 1, seen by another source." in out
    assert "Why: the kitchen saw play 1, too." in out
    assert "It is sent nowhere." in out


def test_hostile_names_reach_no_terminal(heard: Home) -> None:
    for words in (["list"], ["list", "--json"], ["show", "3"], ["show", "3", "--json"]):
        out = heard.run("scrobbles", *words).out
        assert "evil" in out
        assert not any(sign in out for sign in "\x1b\u202e")


def test_what_was_refused_is_mended(heard: Home) -> None:
    assert "1 delivery waits again" in heard.run("scrobbles", "retry", "1", "--target", "lastfm").out
    assert "1 delivery waits to be sent so" in heard.run("scrobbles", "edit", "1", "--artist", "Daft Punk").out
    shown = json.loads(heard.run("scrobbles", "show", "1", "--json").out)["play"]
    first = shown["deliveries"][0]
    assert (first["status"], first["edit"]) == ("waiting", {"name": None, "artist": "Daft Punk", "album": None})
    assert "corrected: artist 'Daft Punk'" in heard.run("scrobbles", "show", "1").out
    assert "1 service will not get play 1" in heard.run("scrobbles", "leave-out", "1").out
    assert heard.run("scrobbles", "leave-out", "1").out == "Nothing of play 1 waits to be sent.\n"
    assert (
        "Send it after all: moodroom-hub scrobbles retry 1 --target lastfm" in heard.run("scrobbles", "show", "1").out
    )
    assert "nothing to send again" in heard.run("scrobbles", "retry").out
    assert "1 delivery waits again" in heard.run("scrobbles", "retry", "1").out
    unknown = heard.run("scrobbles", "retry", "1", "999")
    assert (unknown.code, "no play 999" in unknown.err) == (1, True)
    for words in (["retry"], ["list"]):
        unknown = heard.run("scrobbles", *words, "--target", "nope")
        assert (unknown.code, "'nope'. Known: lastfm, listenbrainz." in unknown.err) == (1, True)
    sent = heard.run("scrobbles", "edit", "1", "--name", "x", "--target", "listenbrainz")
    assert (sent.code, sent.err) == (1, "error: The play 1 was sent already; correct it at the service itself.\n")
    assert heard.run("scrobbles", "edit", "1").code == 2
    assert heard.run("scrobbles", "edit", "1", "--name", "  ").code == 1


def test_a_table_is_safe_in_a_spreadsheet(heard: Home) -> None:
    remember(heard, [replace(play(4), track=replace(track(4, "=HYPERLINK(1)"), artists=("@x", 'a "b", c')))])
    assert heard.run("scrobbles", "export", "plays.csv", "--twins").out == "4 plays written to plays.csv.\n"
    text = (heard.folder / "plays.csv").read_bytes().decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in rows] == ["4", "3", "2", "1"]
    assert (rows[0]["name"], rows[0]["artists"]) == ("'=HYPERLINK(1)", '\'@x; a "b", c')
    assert rows[3]["deliveries"] == "lastfm: dead; listenbrainz: sent"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_json_has_everything_and_pages_are_joined(home: Home) -> None:
    remember(home, [play(number, number) for number in range(1, 206)])
    assert home.run("scrobbles", "export", "plays.json").out == "205 plays written to plays.json.\n"
    told = json.loads((home.folder / "plays.json").read_text(encoding="utf-8"))
    assert [each["id"] for each in told["plays"]] == list(range(205, 0, -1))


def test_listens_are_as_listenbrainz_takes_them(heard: Home) -> None:
    remember(heard, [play(5)], [delivery(5, "listenbrainz", edit=Edit("Sóng", "Daft Punk", "Discovery"))])
    ran = heard.run("scrobbles", "export", "listens.jsonl")
    assert (ran.out, "1 play left out" in ran.err) == ("2 plays written to listens.jsonl.\n", True)
    lines = (heard.folder / "listens.jsonl").read_text(encoding="utf-8").splitlines()
    edited, plain = map(json.loads, lines)
    assert "Sóng" in lines[0]
    assert edited["listened_at"] == 270
    assert edited["track_metadata"]["artist_name"] == "Daft Punk"
    assert edited["track_metadata"]["release_name"] == "Discovery"
    about = plain["track_metadata"]
    assert (about["track_name"], about["artist_name"]) == ("A song", "Somebody, Else")
    assert about["additional_info"]["isrc"] == "QZES71982312"
    assert about["additional_info"]["spotify_id"] == f"https://open.spotify.com/track/{1:022}"


def test_listens_are_what_would_be_sent_and_tables_what_is_remembered(heard: Home) -> None:
    out = DeliveryStatus.LEFT_OUT
    edits = Edit("Right", "Daft Punk"), Edit("Old")
    remember(
        heard,
        [play(5), play(6), play(7)],
        [
            delivery(5, "lastfm", out, reason=BY_HAND),
            delivery(5, "listenbrainz", out, reason=BY_HAND),
            delivery(6, "lastfm", out, reason=BY_HAND, edit=edits[1]),
            delivery(6, "listenbrainz", edit=edits[0]),
            delivery(7, "lastfm", DEAD, edit=edits[1]),
            delivery(7, "listenbrainz", edit=edits[0]),
            delivery(7, "maloja", edit=edits[1]),
        ],
    )
    ran = heard.run("scrobbles", "export", "listens.jsonl")
    assert "1 play not in it: left out by hand" in ran.err
    listens = [json.loads(line) for line in (heard.folder / "listens.jsonl").read_text(encoding="utf-8").splitlines()]
    named = [listen["track_metadata"]["track_name"] for listen in listens]
    assert named == ["Right", "Right", "A song"], "play 5 is in no file that may be sent"
    assert {listen["track_metadata"]["additional_info"]["submission_client"] for listen in listens} == {"moodroom-hub"}
    heard.run("scrobbles", "export", "plays.csv")
    with (heard.folder / "plays.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert (rows["6"]["name"], rows["6"]["corrected_name"], rows["6"]["corrected_artist"]) == (
        "A song", "Right", "Daft Punk",
    )  # fmt: skip
    assert rows["5"]["deliveries"] == "lastfm: left out by hand; listenbrainz: left out by hand"
    assert (rows["5"]["corrected_name"], rows["6"]["corrected_album"]) == ("", "")
    heard.run("scrobbles", "export", "plays.json")
    told = json.loads((heard.folder / "plays.json").read_text(encoding="utf-8"))["plays"]
    assert {each["id"]: each["corrected"] for each in told} == {
        7: {"name": "Right", "artist": "Daft Punk", "album": None},
        6: {"name": "Right", "artist": "Daft Punk", "album": None},
        5: None,
        3: None,
        1: None,
    }


def test_a_place_that_is_not_there_is_named(heard: Home) -> None:
    ran = heard.run("scrobbles", "export", str(Path("nowhere", "x.csv")))
    assert (ran.code, ran.err) == (1, "error: There is no folder nowhere. Make it first, or choose another place.\n")
    ran = heard.run("scrobbles", "export", "")
    assert (ran.code, "Name a file" in ran.err, ran.err.count("\n")) == (1, True, 1)


def test_a_file_is_written_whole_or_not_at_all(heard: Home) -> None:
    file = heard.folder / "plays.json"
    file.write_text("mine", encoding="utf-8")
    refused = heard.run("scrobbles", "export", "plays.json")
    assert (refused.code, "--force" in refused.err, file.read_text()) == (1, True, "mine")
    assert heard.run("scrobbles", "export", "plays.json", "--force").code == 0
    assert file.read_text() != "mine"
    unknown = heard.run("scrobbles", "export", "plays.xml")
    assert (unknown.code, ".jsonl" in unknown.err) == (1, True)
    assert heard.run("scrobbles", "export", str(Path("nowhere", "plays.csv"))).code == 1
    assert sorted(path.name for path in heard.folder.iterdir() if "plays" in path.name) == ["plays.json"]


def test_with_a_running_hub_it_is_the_same(heard: Home) -> None:
    alone = {words: heard.run("scrobbles", *words.split()).out for words in ("list --twins", "show 1", "show 2 --json")}
    heard.configure("web: {port: 0}\n")
    with running_hub(heard):
        assert {words: heard.run("scrobbles", *words.split()).out for words in alone} == alone
        assert "1 delivery waits again" in heard.run("scrobbles", "retry").out
        assert heard.run("scrobbles", "edit", "1", "--album", "Discovery").code == 0
        assert heard.run("scrobbles", "leave-out", "1", "--json").out == '{\n  "changed": 1\n}\n'
        assert heard.run("scrobbles", "show", "9").err == (
            "error: There is no play 9; see: moodroom-hub scrobbles list.\n"
        )
        assert heard.run("scrobbles", "export", "plays.csv").out == "2 plays written to plays.csv.\n"
