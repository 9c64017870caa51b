"""`import history` as a person runs it: real files, a real database, every row accounted for."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moodroom_hub.app.past import importing
from tests.app.conftest import Home
from tests.app.past.exports import check_sum, imported, many, pools, real_data, stored, write, write_zip
from tests.app.test_run import running_hub
from tests.domain.past.made_up import PRIVATE, account, extended, uri

TALK: dict[str, Any] = {"master_metadata_track_name": None, "spotify_track_uri": None, "episode_name": "A talk"}
BOOK: dict[str, Any] = {"master_metadata_track_name": None, "spotify_track_uri": None, "audiobook_title": "A book"}
POOLS = "room,tier,name,artist,uri,isrc\n" + "".join(
    f"{room},{tier},Song {number},Somebody,{uri(number)},\n"
    for room, tier, number in (
        ("house", "CONFIRMED", 1), ("rage", "SAFE_SIDE", 1), ("house", "DISCOVERY", 2), ("house", "CONFIRMED", 3),
    )
)  # fmt: skip
LOCAL = extended(spotify_track_uri="spotify:local:a:b")
LOVED, DISLIKED = many(2, 5, 200_000, "trackdone"), many(1, 8)


@pytest.fixture
def export(home: Home) -> Path:
    """A zip of the extended history, with something of everything."""
    return write_zip(
        home.folder / "my_spotify_data.zip",
        Streaming_History_Audio_2025_0=[*DISLIKED, extended(**TALK), extended(**BOOK), DISLIKED[0]],
        Streaming_History_Audio_2026_1=[*LOVED, extended(ts="nonsense"), LOCAL],
        Streaming_History_Video_2026=[extended(number=9), extended(**TALK)],
        Userdata=[{"username": "annas-secret-name"}],
    )  # fmt: skip


def test_every_row_has_its_fate(home: Home, export: Path) -> None:
    told = imported(home, export)
    assert {key: told[key] for key in ("files", "read", "new", "known", "enriched", "repeated", "songs")} == {
        "files": 3, "read": 20, "new": 13, "known": 0, "enriched": 0, "repeated": 1, "songs": 2,
    }  # fmt: skip
    assert told["not_music"] == {"audiobook": 1, "local file": 1, "podcast": 2, "video": 1}
    (row,) = told["set_aside"]["rows"]
    assert row["file"].endswith("Streaming_History_Audio_2026_1.json")
    assert (row["row"], row["reason"]) == (6, "ts is no time")
    assert (told["first"], told["last"], told["years"]) == ("2026-05-01", "2026-05-01", {"2026": 13})
    again = imported(home, export)
    assert (again["new"], again["known"], again["repeated"]) == (0, 13, 1)
    assert len(stored(home)) == 13


def test_it_is_told_in_plain_lines(home: Home, export: Path) -> None:
    home.fill(POOLS)
    ran = home.run("import", "history", str(export))
    assert ran.code == 0
    assert "20 rows read:\n  13 new plays\n  0 known already\n  1 repeated" in ran.out
    assert "5 not music (audiobook 1, local file 1, podcast 2, video 1)" in ran.out
    assert "The past changed 3 places in the pools:" in ran.out
    assert "house: Song 1: your past: skipped early 8 of 8 times, last 2026-05 · CONFIRMED → SAFE_SIDE" in ran.out
    assert "receipts undo --group past-" in ran.out
    assert "row 6: ts is no time" in ran.err


def test_no_private_field_is_ever_stored_or_told(home: Home, export: Path) -> None:
    told = home.run("import", "history", str(export), "--json").out
    told += home.run("import", "history", str(export)).out
    private = [str(value).encode() for value in PRIVATE.values() if not isinstance(value, bool)]
    written = b"".join(file.read_bytes() for file in home.data.rglob("*") if file.is_file()) + told.encode()
    assert b"Song 1" in written
    assert [value for value in private if value in written and len(value) > 2] == []


def test_the_past_warms_the_pools_and_is_undone_at_once(home: Home, export: Path) -> None:
    home.fill(POOLS)
    before = pools(home)
    told = imported(home, export, "--no-warm")
    assert (told["warmed"], pools(home)) == (None, before)
    warmed = imported(home, export)["warmed"]
    assert sorted((each["room"], each["name"], each["before"], each["after"]) for each in warmed["receipts"]) == [
        ("house", "Song 1", "CONFIRMED", "SAFE_SIDE"),
        ("house", "Song 2", "DISCOVERY", "SAFE_SIDE"),
        ("rage", "Song 1", "SAFE_SIDE", "REMOVED"),
    ]
    assert pools(home) != before
    assert imported(home, export)["warmed"] == {"group": None, "receipts": []}
    undone = home.run("receipts", "undo", "--group", warmed["group"])
    assert undone.out.startswith("3 tracks in 2 rooms as before past-")
    assert pools(home) == before
    assert imported(home, export)["warmed"] == {"group": None, "receipts": []}
    assert pools(home) == before
    assert home.run("receipts", "undo", "--group", warmed["group"]).code == 1
    assert home.run("receipts", "undo", "--group", "past-1").err == "error: There is no such group of receipts.\n"
    assert home.run("receipts", "undo").code == 2
    assert home.run("receipts", "undo", "7", "--group", "x").code == 2


def test_a_dry_run_writes_nothing(home: Home, export: Path) -> None:
    told = imported(home, export, "--dry-run")
    assert (told["read"], told["music"], told["new"], told["known"], told["warmed"]) == (20, 13, None, None, None)
    assert not home.data.exists()
    assert "dry run: nothing was written" in home.run("import", "history", str(export), "--dry-run").out


def test_both_forms_of_one_listening_are_one(home: Home) -> None:
    rich = write(home.folder / "endsong_0.json", [extended(), extended("2020-05-01T11:00:59Z", number=2)])
    plain = write(home.folder / "StreamingHistory_music_0.json", [account(), account("2020-05-01 12:00", number=3)])
    told = imported(home, plain)
    assert (told["new"], told["known"]) == (2, 0)
    told = imported(home, rich)
    assert (told["new"], told["known"], told["enriched"]) == (1, 1, 1)
    told = imported(home, plain, rich)
    assert (told["new"], told["known"], told["enriched"]) == (0, 4, 0)
    assert len(stored(home)) == 3


def test_folders_and_all_endings_are_read(home: Home) -> None:
    folder = home.folder / "export" / "deep"
    folder.mkdir(parents=True)
    write(folder / "Streaming_History_Audio_2020.json", [extended(number=1)])
    write(folder / "StreamingHistory0.json", [account(number=2)])
    write(folder / "endsong_3.json.gz", [extended(number=3)])
    write(folder / "anything.jsonl.gz", [extended(number=4)])
    write_zip(folder / "more.zip", StreamingHistory_music_0=[account(number=5)])
    write(folder / "Playlist1.json", {"playlists": []})
    told = imported(home, home.folder / "export", folder / "StreamingHistory0.json")
    assert (told["files"], told["new"]) == (5, 5)


def test_a_file_named_by_hand_may_be_called_anything(home: Home) -> None:
    assert imported(home, write(home.folder / "mine.json", [extended()]))["new"] == 1


REASONS = {0: "fwdbtn", 9_000: "fwdbtn", 12_000: None, 200_000: "trackdone", -1: "trackdone"}
ROWS = st.lists(
    st.one_of(
        st.builds(
            lambda second, heard_ms, number: extended(
                f"2026-05-01T10:{second // 60:02}:{second % 60:02}Z", heard_ms, number, reason_end=REASONS[heard_ms]
            ),
            st.integers(0, 400),
            st.sampled_from(sorted(REASONS)),
            st.integers(1, 3),
        ),
        st.builds(
            account,
            st.integers(0, 6).map(lambda minute: f"2026-05-01 10:{minute:02}"),
            st.sampled_from([0, 9_000, 200_000]),
            st.integers(1, 3),
        ),
        st.sampled_from([{}, None, 7, extended(**TALK)]),
    ),
    max_size=40,
)


@given(ROWS, st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_rows_in_any_order_and_any_files_give_the_same(
    home: Home, monkeypatch: pytest.MonkeyPatch, rows: list[Any], data: st.DataObject
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 4)
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    files = [
        write(home.folder / "endsong_0.json", rows),
        write(home.folder / "endsong_1.json", shuffled[:cut]),
        write(home.folder / "endsong_2.json", shuffled[cut:]),
    ]
    worlds = []
    for number, words in enumerate(([files[0]], [files[1], files[2]], files)):
        home.data = home.folder / f"data-{number}"
        for file in home.data.glob("*"):
            file.unlink()
        home.configure("")
        home.fill(POOLS)
        ran = home.run("import", "history", *map(str, words), "--json")
        told = json.loads(ran.out)
        check_sum(told)
        assert told["read"] == len(rows) * (2 if number == 2 else 1)
        worlds.append((stored(home), pools(home)))
    assert worlds[0] == worlds[1] == worlds[2]


def test_through_a_running_hub(home: Home, export: Path) -> None:
    home.configure("web: {port: 0}\n")
    home.fill(POOLS)
    with running_hub(home) as (_, hub):
        told = imported(home, export)
        heard: list[dict[str, Any]] = []
        before: str | None = ""
        while before is not None:
            with build_opener(ProxyHandler({})).open(f"{hub.url}/api/history?limit=5{before}") as answer:
                page = json.load(answer)
            heard += page["history"]
            before = None if page["next"] is None else f"&before={page['next']}"
        assert [each["zone"] for each in heard] == ["past"] * 13
        assert [each["id"] for each in heard] == [row[0] for row in reversed(stored(home))]
        assert {(each["name"], each["verdict"], each["cause"]) for each in heard} == {
            ("Song 1", "SKIPPED", "listener"), ("Song 2", "COMPLETED", "natural_end"),
        }  # fmt: skip
        assert (told["new"], len(told["warmed"]["receipts"])) == (13, 3)
        again = imported(home, export)
        assert (again["new"], again["known"], again["warmed"]["group"]) == (0, 13, None)
        undone = home.run("receipts", "undo", "--group", told["warmed"]["group"], "--json")
        assert len(json.loads(undone.out)["receipts"]) == 3
        assert home.run("receipts", "undo", "--group", "no/such group?").code == 1
    assert len(stored(home)) == 13


def test_after_an_interruption_what_was_handed_over_stays(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(home.folder / "endsong_0.json", [extended(number=number) for number in range(1, 11)])
    monkeypatch.setattr(importing, "CHUNK", 4)
    taken = importing.HistoryImport._take

    def interrupted(self: importing.HistoryImport, *arguments: Any) -> None:
        if self.fates.read == 9:
            raise KeyboardInterrupt
        taken(self, *arguments)

    monkeypatch.setattr(importing.HistoryImport, "_take", interrupted)
    ran = home.run("import", "history", str(file))
    assert ran.code == 1
    assert ran.err.startswith("At least 8 plays are in, and stay. The same command goes on")
    monkeypatch.setattr(importing.HistoryImport, "_take", taken)
    told = imported(home, file)
    assert (told["new"], told["known"]) == (2, 8)


def test_progress_is_shown_on_a_terminal_only(home: Home) -> None:
    file = write(home.folder / "endsong_0.json", [extended(number=number) for number in range(2_500)])
    words = [sys.executable, "-m", "moodroom_hub", "-c", str(home.config), "import", "history", str(file), "--no-warm"]
    ours, theirs = os.openpty()
    try:
        subprocess.run(words, stdout=subprocess.DEVNULL, stderr=theirs, check=True, timeout=60)
        shown = os.read(ours, 65_536).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "rows" in shown
    assert "/s" in shown
    piped = subprocess.run(words, capture_output=True, check=True, timeout=60)
    assert piped.stderr == b""


def test_a_real_year(home: Home) -> None:
    file = real_data()
    if file is None:
        pytest.skip("no history/account-data-1.jsonl.gz (set MOODROOM_DATA)")
    told = imported(home, file)
    assert (told["read"], told["new"], told["set_aside"]["count"]) == (54_429, 54_429, 0)
    again = imported(home, file)
    assert (again["new"], again["known"]) == (0, 54_429)
