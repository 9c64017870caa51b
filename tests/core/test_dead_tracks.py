"""Tracks that the player refuses: others take their place, and nobody asks for ever."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import HOUSE, NIGHT, SECONDS, make_lab, room_of, running


def test_dead_tracks_are_passed_over_at_the_head_and_in_the_queue(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            names = sorted(uri for uri in lab.world.items if room_of(lab, uri) == NIGHT)
            lab.dead = set(names[::4])
            for _ in range(4):
                batch = (await lab.hub.commands.activate(NIGHT)).batch
                assert batch[0].track.uri not in lab.dead
                await asyncio.sleep(60)
                session = lab.hub.zones[next(iter(lab.hub.zones))].session
                assert len(session.ledger.ahead(session.activation)) == 9
            assert not lab.dead & set(lab.queued)

    run_virtual(scenario)


@pytest.mark.parametrize("alive", [0, 2])
def test_a_room_whose_tracks_died_is_asked_seldom_and_plays_what_is_left(tmp_path: Path, alive: int) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            await asyncio.sleep(30)
            of_room = sorted(uri for uri in lab.world.items if room_of(lab, uri) == NIGHT)
            lab.dead = set(of_room[alive:])
            await asyncio.sleep(SECONDS * 10 + 60)  # what was queued before plays out
            lab.refused, lab.played = 0, []
            await asyncio.sleep(3_600)
            assert lab.refused < 100
            if alive:
                assert len(set(lab.played) - lab.dead) == alive
            else:
                assert [trouble.code for trouble in (await lab.hub.commands.state()).troubles] == ["refused"]
            lab.dead = set()
            await asyncio.sleep(120)
            assert lab.world.view().is_playing
            assert len(lab.world.true_queue()) == 9
            assert (await lab.hub.commands.state()).troubles == ()
            assert [view.receipt for view in await lab.hub.commands.receipts() if view.receipt.kind == "SKIPPED"] == []

    run_virtual(scenario)


def test_what_one_room_was_refused_is_not_held_against_the_next(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path, settings="listening: {top_up: 0}\nbatch: {confirmed: 5, safe_side: 0}\n"):
            for room in (NIGHT, HOUSE) * 4:
                batch = (await lab.hub.commands.activate(room)).batch
                lab.dead |= {entry.track.uri for entry in batch[1:]}
                await asyncio.sleep(2)
                assert (await lab.hub.commands.state()).upcoming == ()
                assert (await lab.hub.commands.state()).troubles == ()

    run_virtual(scenario)
