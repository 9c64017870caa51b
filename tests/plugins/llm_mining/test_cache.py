"""What is paid is kept, what is kept is not asked again, and a broken file is no trouble."""

import asyncio
import os
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.domain.mining.models import Example, MiningTask
from moodroom_hub.domain.models import Anchor, Uri
from moodroom_hub.plugins.llm_mining.asked import steady_sample
from moodroom_hub.plugins.llm_mining.cache import FILE_NAME, SCHEMA_VERSION, Cache, Judged, SetAside
from moodroom_hub.plugins.llm_mining.parsers import Said
from moodroom_hub.simulator.model_api import Latency, ModelFault
from tests.plugins.llm_mining.lab import EPOCH_MS, HOUSE, lab, placed, right, rooms, rule, track, tracks, virtually

SONGS = tracks(60)
TASK = MiningTask(rooms(), SONGS)


def test_nothing_is_asked_twice_and_only_what_is_new_is_asked(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path, batch_size=20) as here:
            first = await here.mine(TASK)
            assert len(here.chats) == 3
            assert await here.mine(TASK) == first
            assert len(here.chats) == 3
            estimate = await here.miner.estimate(TASK)
            assert (estimate.calls, estimate.paid_before, estimate.prompts) == (0, 3, ())

            more = MiningTask(rooms(), (*tracks(12, "Fresh"), *SONGS))
            mined = await here.mine(more)
            assert placed(mined) == right(more.tracks)
            assert len(here.chats) == 4
            assert all(song.startswith("fresh") for song in here.chats[3].songs)

            house = replace(rooms()[1], description="Something else")
            changed = MiningTask((rooms()[0], house, rooms()[2]), SONGS)
            assert (await here.miner.estimate(changed)).calls == 3
            assert placed(await here.mine(changed)) == right(SONGS)
            assert [call.rooms for call in here.chats[4:]] == [("house",)] * 3

    virtually(work)


@pytest.mark.parametrize("what", ["anchor", "avoid", "example", "not"])
def test_whatever_defines_a_room_is_part_of_the_question(tmp_path: Path, what: str) -> None:
    async def work() -> None:
        night, house, rage = rooms()
        examples: tuple[Example, ...] = ()
        if what == "anchor":
            house = replace(house, anchors=(*house.anchors, Anchor("Third", "Anchor")))
        elif what == "avoid":
            house = replace(house, avoid=("loud",))
        else:
            examples = (Example(HOUSE, track("Known"), is_fit=what == "example"),)
        async with lab(tmp_path) as here:
            await here.mine(TASK)
            here.server.fake.log.records.clear()
            await here.mine(MiningTask((night, house, rage), SONGS, examples))
            assert {call.rooms for call in here.chats} == {("house",)}

    virtually(work)


def test_listings_that_look_the_same_are_one_song(tmp_path: Path) -> None:
    async def work() -> None:
        twins = (*SONGS[:20], *(replace(one, uri=Uri(f"{one.uri}-single")) for one in SONGS[:20]))
        async with lab(tmp_path) as here:
            mined = await here.mine(MiningTask(rooms(), twins))
            assert len(here.chats[0].songs) == 20
            told = {one.uri for one in mined.unplaced} | {one.uri for one in mined.placements}
            assert told == {one.uri for one in twins}

    virtually(work)


def test_a_run_that_ends_badly_keeps_what_it_paid(tmp_path: Path) -> None:
    async def work() -> None:
        dies = rule(ModelFault.NO_CREDIT, numbers=tuple(range(3, 9)))
        slow = {"latency": Latency(usual_ms=1000, fastest_ms=1000)}
        async with lab(tmp_path, dies, behaviour=slow, batch_size=10, in_flight=1) as here:
            with pytest.raises(Trouble):
                await here.mine(TASK)
            fake = here.server.fake
            fake.behaviour = replace(fake.behaviour, rules=())
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            assert here.server.fake.log.repeated_songs() == []
            assert here.told[-1].done == here.told[-1].total == 60

    virtually(work)


def test_a_cancelled_run_keeps_what_was_answered(tmp_path: Path) -> None:
    async def work() -> None:
        slow = {"latency": Latency(usual_ms=1000, fastest_ms=1000)}
        async with lab(tmp_path, behaviour=slow, batch_size=10, in_flight=2) as here:
            running = asyncio.create_task(here.mine(TASK))
            await asyncio.sleep(2.5)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert (await here.miner.estimate(TASK)).calls == 2
            assert placed(await here.mine(TASK)) == right(SONGS)
            assert here.server.fake.log.repeated_songs() == []

    virtually(work)


@pytest.mark.parametrize(
    "damage", [b"this is no database" * 100, b"", b"SQLite format 3\0" + b"\xff" * 5000], ids=["text", "empty", "torn"]
)
def test_a_damaged_file_is_set_aside(tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE_NAME).write_bytes(damage)

    async def work() -> None:
        async with lab(tmp_path) as here:
            assert placed(await here.mine(TASK)) == right(SONGS)
            assert (await here.miner.estimate(TASK)).calls == 0

    virtually(work)
    aside = list(tmp_path.glob(f"{FILE_NAME}.damaged-*"))
    assert len(aside) == (1 if damage else 0)
    assert all(one.read_bytes() == damage for one in aside)
    assert ("set aside" in caplog.text) is bool(damage)


def test_a_file_of_another_version_is_set_aside(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.execute("CREATE TABLE judgements (x)")
    connection.commit()
    connection.close()

    async def work() -> None:
        async with lab(tmp_path) as here:
            assert placed(await here.mine(TASK)) == right(SONGS)

    virtually(work)
    assert len(list(tmp_path.glob(f"{FILE_NAME}.damaged-*"))) == 1


def test_where_nothing_can_be_kept_mining_goes_on(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()

    async def work() -> None:
        async with lab(tmp_path) as here:
            mined = await here.mine(TASK)
            assert placed(mined) == right(SONGS)
            assert any("could not be remembered" in note for note in mined.notes)

    virtually(work)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as here:
            await here.mine(TASK)

    virtually(work)
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert b"Song 7" not in (tmp_path / FILE_NAME).read_bytes()


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    async def work() -> None:
        clock = LoopClock(EPOCH_MS)
        async with Cache(tmp_path, clock) as cache:
            said = Said("house", 0.25, "because \ud83d")
            await cache.keep([Judged(b"a", [b"q1", b"q2"], ["house", "rage"], (replace(said, why="because"),))])
            await cache.keep([Judged(b"b", [b"q1"], ["house"], SetAside("it speaks"))])
            await cache.keep_answer(b"r", "lone \ud83d surrogate")
        async with Cache(tmp_path, clock) as cache:
            assert await cache.load(b"q1", "house") == {
                b"a": Said("house", 0.25, "because"),
                b"b": SetAside("it speaks"),
            }
            assert await cache.load(b"q2", "rage") == {b"a": None}
            assert await cache.answer(b"r") == "lone ? surrogate"
            assert await cache.answer(b"other") is None
            assert cache.trouble == ""

    virtually(work)


def test_examples_are_sampled_so_that_one_more_seldom_matters() -> None:
    words = [f"Song {number} - Band" for number in range(200)]
    before = steady_sample(words, 12)
    changes = sum(steady_sample([*words, f"New {number}"], 12) != before for number in range(50))
    assert len(before) == 12
    assert changes <= 10
