"""A real history lived again: what was read, what was set aside, and what the world then held true."""

import gzip
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.history import History, read_history, rows_to_history
from moodroom_hub.simulator.items import ItemKind
from moodroom_hub.simulator.replay import ReplayListener
from moodroom_hub.simulator.truth import EndedBy, TrueListen
from moodroom_hub.simulator.world import World
from tests.simulator.homes import HandClock

ACCOUNT_DATA = "history/account-data-1.jsonl.gz"


def extended(second: int, ms_played: int, name: str, reason_end: str, **more: Any) -> dict[str, Any]:
    minutes, seconds = divmod(second, 60)
    row = {
        "ts": f"2023-05-01T{8 + minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}Z",
        "ms_played": ms_played,
        "master_metadata_track_name": name,
        "master_metadata_album_artist_name": "The Testers",
        "master_metadata_album_album_name": "First Tests",
        "spotify_track_uri": f"spotify:track:{name:0>22}",
        "episode_name": None,
        "reason_start": "trackdone",
        "reason_end": reason_end,
        "skipped": None,
        "ip_addr": "private",
    }
    return row | more


ROWS = [
    extended(200, 200_000, "A", "trackdone"),
    extended(210, 10_000, "B", "fwdbtn"),
    extended(400, 190_000, "C", "trackdone"),
    extended(460, 60_000, "A", "clickrow"),
    extended(640, 180_000, "B", "trackdone"),
    extended(4000, 150_000, "A", "trackdone"),
    extended(4020, 20_000, "C", "logout"),
    extended(9000, 300_000, "C", "endplay"),
]


def relive(history: History) -> tuple[ReplayListener, list[TrueListen], World]:
    clock = HandClock()
    world = World(clock, (), devices=[SimDevice("Phone", kind="Smartphone", presence=Presence.ACTIVE)])
    listener = ReplayListener(history)
    clock.now_ms = max(clock.now_ms, listener.attach(world)) + 1
    world.close()
    return listener, world.truth.listens, world


def history_of(rows: list[Any]) -> History:
    return rows_to_history((str(number), row) for number, row in enumerate(rows))


def test_each_listen_ends_as_it_did_and_was_heard_as_long() -> None:
    _, listens, world = relive(history_of(ROWS))
    assert [one.uri[-1] for one in listens] == list("ABCABACC")
    assert [one.heard_ms for one in listens] == [row["ms_played"] for row in ROWS]
    assert [one.ended_by for one in listens] == [
        EndedBy.NATURAL,
        EndedBy.LISTENER_SKIP,
        EndedBy.NATURAL,
        EndedBy.LISTENER_JUMP,
        EndedBy.NATURAL,
        EndedBy.NATURAL,
        EndedBy.LISTENER_JUMP,
        EndedBy.WORLD_CLOSED,
    ]
    assert [one.end_position_ms for one in listens][:5] == [200_000, 10_000, 190_000, 60_000, 180_000]
    assert world.truth.dry_ms() == 0


def test_an_early_end_is_a_seek_and_a_long_play_goes_back() -> None:
    _, listens, _ = relive(history_of(ROWS))
    assert (listens[5].seeks, listens[5].end_position_ms) == (1, 200_000)
    assert (listens[7].seeks, listens[7].heard_ms) == (1, 300_000)


def test_account_rows_fall_one_behind_the_other() -> None:
    rows = [
        {"endTime": "2023-05-01 08:03", "artistName": "T", "trackName": "A", "msPlayed": 200_000},
        {"endTime": "2023-05-01 08:03", "artistName": "T", "trackName": "B", "msPlayed": 5_000},
        {"endTime": "2023-05-01 08:07", "artistName": "T", "trackName": "A", "msPlayed": 200_000},
        {"endTime": "2023-05-01 10:00", "podcastName": "P", "episodeName": "E", "msPlayed": 1_000_000},
    ]
    listener, listens, _ = relive(history_of(rows))
    assert [timed.is_followed for timed in listener.timeline] == [True, True, False, False]
    assert [one.heard_ms for one in listens] == [200_000, 5_000, 200_000, 1_000_000]
    assert [one.ended_by for one in listens][:3] == [EndedBy.NATURAL, EndedBy.LISTENER_SKIP, EndedBy.NATURAL]
    assert listens[3].kind is ItemKind.EPISODE


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("text", "no object"),
        ({"x": 1}, "neither ts nor endTime"),
        (extended(1, 1, "A", "trackdone", ts="yesterday"), "ts is no time"),
        (extended(1, 1, "A", "trackdone", ts=None), "ts is missing"),
        (extended(1, -5, "A", "trackdone"), "the time played is missing or absurd"),
        (extended(1, 10**10, "A", "trackdone"), "the time played is missing or absurd"),
        (extended(1, 1, "A", "trackdone", master_metadata_track_name=None), "nothing that was played is named"),
        ({"endTime": "2023-05-01 08:03", "msPlayed": 3}, "nothing that was played is named"),
    ],
)
def test_malformed_rows_are_set_aside_with_their_reason(row: Any, reason: str) -> None:
    history = history_of([row, ROWS[0]])
    assert [(one.where, one.reason) for one in history.set_aside] == [("0", reason)]
    assert len(history.plays) == 1


def test_every_kind_of_file_is_read(tmp_path: Path) -> None:
    as_json = json.dumps(ROWS)
    as_lines = "\n".join(json.dumps(row) for row in ROWS) + "\nnot json\n"
    (tmp_path / "a.json").write_text(as_json, encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(as_lines, encoding="utf-8")
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(as_lines.encode()))
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("Spotify Extended Streaming History/Streaming_History_Audio_2023_1.json", as_json)
        archive.writestr("Spotify Extended Streaming History/ReadMeFirst.pdf", "no history")
        archive.writestr("MyData/Streaming_History_Video_2023.json", as_json)
    read = {name: read_history(tmp_path / name) for name in ("a.json", "b.jsonl", "c.jsonl.gz", "d.zip")}
    assert {history.plays for history in read.values()} == {history_of(ROWS).plays}
    assert [one.where for one in read["b.jsonl"].set_aside] == ["b.jsonl:9"]
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    assert read_history(tmp_path / "broken.json").set_aside[0].reason == "no JSON"


@given(
    st.lists(
        st.tuples(
            st.integers(0, 400),
            st.integers(0, 400_000),
            st.sampled_from("ABC"),
            st.sampled_from(["trackdone", "fwdbtn", "backbtn", "clickrow", "endplay", "logout", "unknown"]),
        ),
        max_size=25,
    )
)
@settings(max_examples=60)
def test_any_history_is_lived_in_full(plays: list[tuple[int, int, str, str]]) -> None:
    second, rows = 0, []
    for gap_s, ms_played, name, reason in plays:
        second += gap_s + ms_played // 1000
        rows.append(extended(second, ms_played, name, reason))
    listener, listens, _ = relive(history_of(rows))
    played = [timed.play for timed in listener.timeline]
    assert [one.uri for one in listens] == [play.uri for play in played]
    assert [one.heard_ms for one in listens] == [play.ms_played for play in played]


def test_a_year_of_somebodys_life() -> None:
    home = Path(os.environ.get("MOODROOM_DATA", Path(__file__).parents[2] / "../shared/data"))
    if not (home / ACCOUNT_DATA).exists():
        pytest.skip(f"no {ACCOUNT_DATA} (set MOODROOM_DATA)")
    history = read_history(home / ACCOUNT_DATA)
    assert len(history.plays) > 50_000
    part = History(history.plays[:6_000], ())
    listener, listens, _ = relive(part)
    assert [one.uri for one in listens] == [timed.play.uri for timed in listener.timeline]
    assert [one.heard_ms for one in listens] == [timed.play.ms_played for timed in listener.timeline]
