"""The miner as the hub sees it, with its real process."""

import asyncio
import dataclasses
import subprocess
import sys
from typing import Any

import pytest

from moodroom_hub.core.errors import Trouble
from moodroom_hub.domain.mining.models import AuditTask, Example, MiningProgress, MiningTask, TrackList
from moodroom_hub.domain.models import Anchor, DurationMs, Room, RoomSlug, Tier, Track, Uri
from moodroom_hub.plugins.local_mining import asking, miner
from moodroom_hub.plugins.local_mining.config import LocalMiningConfig
from moodroom_hub.plugins.local_mining.songs import Label, Misfit, Song, SongList, Verdict
from moodroom_hub.plugins.local_mining.wire import (
    WHOLE,
    Answer,
    Question,
    read_question,
    write_misfits,
    write_question,
    write_verdicts,
)
from tests.plugins.local_mining.made_up import library, lists


def _tracks() -> tuple[Track, ...]:
    songs, _ = library()
    return tuple(
        Track(Uri(f"spotify:track:{i}"), s.name, s.artists, DurationMs(s.duration_ms or 0), album=s.album, year=s.year)
        for i, s in enumerate(songs)
    )


def _task() -> MiningTask:
    tracks = _tracks()
    rooms = (
        Room(RoomSlug("old"), "Old", anchors=(Anchor("Jazz tune 0", "Jazz Player 0"), Anchor("Unknown", "Nobody"))),
        Room(RoomSlug("new"), "New"),
    )
    examples = [Example(RoomSlug("new"), tracks[i], True) for i in (20, 21, 22, 23, 24, 25, 26)]
    examples += [Example(RoomSlug("old"), tracks[i], True) for i in (1, 2, 3, 4, 5, 6)]
    return MiningTask(rooms, tracks, tuple(examples), tuple(TrackList(e.title, e.items) for e in lists(*library())))


async def test_every_track_is_placed_or_unplaced_once() -> None:
    heard: list[MiningProgress] = []
    task = _task()
    mined = await miner.LocalMiner(LocalMiningConfig()).mine(task, heard.append)
    placed = {placement.uri for placement in mined.placements}
    unplaced = [each.uri for each in mined.unplaced]
    assert placed.isdisjoint(unplaced)
    assert len(set(unplaced)) == len(unplaced)
    assert placed | set(unplaced) == {track.uri for track in task.tracks}
    assert sum(p.room == "old" for p in mined.placements if int(p.uri.split(":")[2]) < 20) >= 15
    assert all(p.tier is Tier.CONFIRMED for p in mined.placements if p.confidence >= 0.8)


async def test_an_audit_flags_the_stranger() -> None:
    task = _task()
    audited = (*task.tracks[:10], task.tracks[33])
    audit = AuditTask(task.rooms[0], audited, task.tracks, task.rooms, task.examples, task.lists)
    found = await miner.LocalMiner(LocalMiningConfig()).audit(audit, lambda _: None)
    assert [misfit.uri for misfit in found.misfits] == [task.tracks[33].uri]


async def test_cancelling_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.subprocess.Process] = []
    begun = asyncio.Event()
    begin = asyncio.create_subprocess_exec

    async def remember(*arguments: str, **options: Any) -> asyncio.subprocess.Process:
        process = await begin(*arguments, **options)
        started.append(process)
        begun.set()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", remember)
    work = asyncio.create_task(miner.LocalMiner(LocalMiningConfig()).mine(_task(), lambda _: None))
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert started[0].returncode is not None


async def test_a_worker_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(miner, "WORKER", miner.WORKER.with_name("no_such_worker.py"))
    with pytest.raises(Trouble):
        await miner.LocalMiner(LocalMiningConfig()).mine(_task(), lambda _: None)


async def test_a_room_without_songs_learns_from_the_playlist_of_its_name() -> None:
    task = _task()
    room = Room(RoomSlug("my-1"), "My 1")
    asked = await asking.in_breaths(
        asking.ask_to_mine(dataclasses.replace(task, rooms=(task.rooms[0], room), examples=()))
    )
    assert any(label.room == 1 for label in asked.question.labels)
    assert "playlist of that name" in asked.notes[0]
    nowhere = await asking.in_breaths(
        asking.ask_to_mine(dataclasses.replace(task, rooms=(Room(RoomSlug("x"), "Xylophones"),), examples=()))
    )
    assert "name some anchors" in nowhere.notes[0]


def test_a_question_that_breaks_off_is_no_question() -> None:
    songs, _ = library()
    lines = list(write_question(Question(tuple(songs), (), (Label(1, 0),), ("A",), 40)))
    with pytest.raises(ValueError, match="broke off"):
        read_question(lines[:-1])


def test_a_large_question_is_written_in_little_pieces() -> None:
    songs = tuple(Song(f"Song {number}", ("Somebody",)) for number in range(3_000))
    items = tuple((song.name, "Somebody") for song in songs[:30])
    question = Question(songs, (SongList("", items),) * 600, tuple(Label(n, 0) for n in range(3_000)), ("A",), 3_000)
    lines = list(write_question(question))
    assert max(map(len, lines)) < 100_000
    assert read_question(lines) == question


async def test_others_get_their_turn_while_a_library_is_prepared() -> None:
    tracks = tuple(Track(Uri(f"spotify:track:{n}"), f"Song {n}", ("A",), DurationMs(1)) for n in range(2_000))
    task = MiningTask((Room(RoomSlug("r"), "R", anchors=(Anchor("Song 1", "A"),)),), tracks)
    turns = 0
    work = asyncio.create_task(asking.in_breaths(asking.ask_to_mine(task)))
    while not work.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns >= len(tracks) // asking.BREATH
    assert len(work.result().question.songs) == len(tracks)


def test_the_worker_loads_nothing_of_the_hub() -> None:
    code = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__'); print(*sys.modules)"
    question = Question((Song("a", ("b",)),), (), (Label(0, 0),), ("A",), 1)
    command = (sys.executable, "-c", code, str(miner.WORKER))
    said = subprocess.run(command, input=b"".join(write_question(question)), capture_output=True, check=True).stdout
    answer, loaded = said.decode().rsplit("\n", 2)[:2]
    assert answer.endswith(WHOLE)
    assert "moodroom_hub.plugins.local_mining.sorting" in loaded.split()
    assert not {"pydantic", "asyncio", "moodroom_hub.core"} & set(loaded.split())


def test_what_is_written_is_read() -> None:
    songs, truth = library()
    question = Question(tuple(songs), tuple(lists(songs, truth)), (Label(1, 0, False),), ("A", "B"), 40, 1, (3, 4))
    assert read_question(write_question(question)) == question
    answer = Answer([], [])
    hostile = Verdict((0.5, 0.25), '“\n{"whole": true}”')
    for line in (*write_verdicts([hostile]), write_misfits([Misfit(3, 0.75, "why")]), WHOLE):
        answer.take(line.encode())
    assert answer.verdicts == [hostile]
    assert answer.misfits == [Misfit(3, 0.75, "why")]
    assert answer.is_whole


def test_the_config_wants_thresholds_in_order() -> None:
    with pytest.raises(ValueError):
        LocalMiningConfig(min_confidence=0.9, sure_confidence=0.5)


def test_songs_are_plain_data() -> None:
    assert Song("a", ()).genres == ()
