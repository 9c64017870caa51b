"""Next, as a person means it: only the track that was meant, and no claim that nobody saw come true."""

import asyncio
from pathlib import Path

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import NIGHT, make_lab, playing, running


def test_next_skips_only_what_was_meant(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            batch = (await lab.hub.commands.activate(NIGHT)).batch
            await asyncio.sleep(20)
            first = playing(lab)
            assert not await lab.hub.commands.next(batch[3].track.uri)
            assert playing(lab) == first
            assert await lab.hub.commands.next(batch[0].track.uri)
            await asyncio.sleep(5)
            assert playing(lab) != first
            assert len(lab.told("SKIPPED")) == 1

    run_virtual(scenario)


def test_next_tells_whether_anything_followed(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path, settings="listening: {top_up: 0}\n"):
            commands = lab.hub.commands
            await commands.activate(NIGHT)
            await asyncio.sleep(30)
            assert [await commands.next() for _ in range(3)] == [True] * 3
            assert await asyncio.gather(*(commands.next() for _ in range(3))) == [True] * 3
            lab.look_fault = lambda: Trouble(TroubleCode.UNAVAILABLE, "away")
            assert await commands.next() is None, "taken, but nobody could see it"
            lab.look_fault = lambda: None
            await asyncio.sleep(10)
            assert [await commands.next() for _ in range(2)] == [True] * 2
            last = playing(lab)
            assert await commands.next() is False
            assert not lab.world.view().is_playing
            assert playing(lab) == last

    run_virtual(scenario)


def test_next_where_the_room_goes_on_by_itself_is_true(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.queue_fault = lambda: Trouble(TroubleCode.UNAVAILABLE, "away")
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await asyncio.sleep(5)
            assert await lab.hub.commands.next() is True, "nothing was queued, so the hub played the next one"
            assert lab.world.view().is_playing

    run_virtual(scenario)


def test_next_pressed_before_anything_was_queued_waits_for_what_follows(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            batch = (await lab.hub.commands.activate(NIGHT)).batch
            assert await lab.hub.commands.next() is True
            assert playing(lab) == batch[1].track.name
            await asyncio.sleep(60)
            assert lab.world.view().is_playing

    run_virtual(scenario)
