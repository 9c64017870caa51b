"""Rooms of a few songs: a tail and what follows it look the same there."""

import asyncio
from pathlib import Path

from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import HOUSE, NIGHT, SECONDS, fill, make_lab, running


def test_a_room_of_two_songs_that_is_switched_on_again_plays_and_is_not_skipped_for_ever(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await fill(lab.hub, NIGHT, 2)
            for _ in range(3):
                await lab.hub.commands.activate(NIGHT)
                await asyncio.sleep(12)
            before = lab.nexts
            await asyncio.sleep(SECONDS * 30)
            assert lab.nexts - before <= 3 * 27
            assert lab.world.view().is_playing
            before = lab.nexts
            await asyncio.sleep(SECONDS * 30)
            assert lab.nexts == before, "what is left is the room's own"

    run_virtual(scenario)


def test_what_still_lies_in_the_queue_of_a_left_room_is_not_drawn_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path, settings="listening: {repeat_window: 3}\n"):
            for room in (NIGHT, HOUSE, NIGHT, HOUSE, NIGHT):
                await lab.hub.commands.activate(room)
                await asyncio.sleep(12)
            waiting = lab.world.true_queue()
            assert len(waiting) == 45
            assert len(set(waiting)) == 45

    run_virtual(scenario)
