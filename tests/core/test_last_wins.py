"""Many want the room switched at once: who asked last gets it, and the player hears of hardly anybody else."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import Activation
from moodroom_hub.domain.models import HOME, LedgerStatus, RoomSlug
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import HOUSE, NIGHT, SECONDS, Lab, fill, make_lab, room_of, running

OFF = "off"


def press(lab: Lab, what: str) -> Coroutine[Any, Any, Activation | None]:
    """A press of a wall button."""
    commands = lab.hub.commands
    return commands.rooms_off() if what == OFF else commands.activate(RoomSlug(what))


async def outcome(work: Coroutine[Any, Any, Activation | None]) -> str:
    """``done``, or the code of the trouble."""
    try:
        await work
    except Trouble as trouble:
        return trouble.code.value
    return "done"


def rooms_played(lab: Lab) -> list[str]:
    """The rooms of the tracks that the player was told to play, in order."""
    return [room_of(lab, uri) for uri in lab.played]


def active(lab: Lab) -> str | None:
    """The room that is on."""
    return lab.hub.zones[HOME].session.active_room


def test_of_fifty_at_once_the_last_one_plays_and_the_rest_leave_the_player_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.play_takes_s = 2
        async with running(lab, tmp_path):
            wanted = [Random(1).choice([NIGHT, HOUSE]) for _ in range(49)] + [HOUSE]
            first = asyncio.create_task(outcome(press(lab, NIGHT)))
            await asyncio.sleep(1)
            told = await asyncio.gather(first, *(outcome(press(lab, each)) for each in wanted))
            assert told == ["done", *["superseded"] * 49, "done"]
            assert rooms_played(lab) == [NIGHT, HOUSE]
            assert active(lab) == HOUSE
            await asyncio.sleep(30)
            session = lab.hub.zones[HOME].session
            assert len(session.ledger.ahead(session.activation)) == 9
            assert len(lab.queued) == 9, "nothing of the room that gave way was queued"
            assert [event.wire_name for event in lab.events if event.wire_name == "ROOM_ACTIVATED"] == [
                "ROOM_ACTIVATED"
            ] * 2

    run_virtual(scenario)


def test_who_waits_is_told_at_once_not_when_the_player_is_free(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.play_takes_s = 60
        async with running(lab, tmp_path):
            first = asyncio.create_task(outcome(press(lab, NIGHT)))
            await asyncio.sleep(1)
            second = asyncio.create_task(outcome(press(lab, HOUSE)))
            await asyncio.sleep(1)
            third = asyncio.create_task(outcome(press(lab, NIGHT)))
            await asyncio.sleep(1)
            assert second.done()
            assert not first.done()
            assert [await each for each in (first, second, third)] == ["done", "superseded", "done"]

    run_virtual(scenario)


def test_who_is_overtaken_while_the_player_has_not_sent_the_play_yet_gives_way(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await press(lab, NIGHT)
            await asyncio.sleep(30)
            zone = lab.hub.zones[HOME]
            before = zone.session
            lab.play_waits_s = 5
            overtaken = asyncio.create_task(outcome(press(lab, HOUSE)))
            await asyncio.sleep(1)
            assert zone.session.active_room == HOUSE
            last = asyncio.create_task(outcome(press(lab, NIGHT)))
            assert (await overtaken, await last) == ("superseded", "done")
            assert rooms_played(lab) == [NIGHT, NIGHT], "the player never heard of the room in between"
            assert active(lab) == NIGHT
            overtaken = asyncio.create_task(outcome(press(lab, HOUSE)))
            await asyncio.sleep(1)
            assert await outcome(press(lab, OFF)) == "done"
            assert await overtaken == "superseded"
            assert rooms_played(lab) == [NIGHT, NIGHT]
            assert active(lab) is None
            assert not (await lab.hub.commands.state()).troubles
            assert before.activation < zone.session.activation
            assert len(lab.told("ROOM_ACTIVATED")) == 2

    run_virtual(scenario)


def test_off_takes_back_what_still_waits(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.play_takes_s = 2
        async with running(lab, tmp_path):
            first = asyncio.create_task(outcome(press(lab, NIGHT)))
            await asyncio.sleep(1)
            told = await asyncio.gather(*(outcome(press(lab, each)) for each in (HOUSE, NIGHT, HOUSE, OFF)))
            assert (await first, *told) == ("done", "superseded", "superseded", "superseded", "done")
            assert active(lab) is None
            await asyncio.sleep(SECONDS)
            assert rooms_played(lab) == [NIGHT]
            assert lab.queued == []

    run_virtual(scenario)


def test_an_activation_that_is_overtaken_before_it_plays_changes_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await press(lab, NIGHT)
            await asyncio.sleep(30)
            zone = lab.hub.zones[HOME]
            before = zone.session
            lab.play_takes_s, lab.dead = 2, {uri for uri in lab.world.items if room_of(lab, uri) == HOUSE}
            overtaken = asyncio.create_task(outcome(press(lab, HOUSE)))
            await asyncio.sleep(1)
            assert await outcome(press(lab, OFF)) == "done"
            assert await overtaken == "superseded", "the first track was refused, and no second one was asked for"
            assert rooms_played(lab) == [NIGHT, HOUSE]
            assert zone.session.ledger.ahead(before.activation) == before.ledger.ahead(before.activation)
            assert not zone.session.ledger.stale()
            assert (await lab.hub.commands.state()).troubles == ()
            assert active(lab) is None

    run_virtual(scenario)


def test_a_refused_last_order_leaves_the_room_that_was_on_and_its_music(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await press(lab, NIGHT)
            lab.queue_takes_s = 5
            lab.play_takes_s = 1
            await asyncio.sleep(2)  # a track is on its way into the queue
            lab.world.lose_device("Kitchen")
            told = await asyncio.gather(*(outcome(press(lab, each)) for each in (HOUSE, HOUSE)))
            assert told == ["superseded", TroubleCode.NO_DEVICE]
            lab.world.return_device("Kitchen")
            lab.queue_takes_s = 0
            await asyncio.sleep(120)
            session = lab.hub.zones[HOME].session
            assert session.active_room == NIGHT
            assert not [entry for entry in session.ledger.entries if entry.status is LedgerStatus.SENDING]

    run_virtual(scenario)


def test_a_batch_that_begins_with_a_track_of_the_tail_before_it_is_not_passed_over(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await fill(lab.hub, NIGHT, 12)
            heads = []
            for _ in range(8):
                heads.append((await lab.hub.commands.activate(NIGHT)).batch[0].track.uri)
                await asyncio.sleep(3)
            assert lab.played == heads

    run_virtual(scenario)


@settings(max_examples=25, deadline=None)
@given(
    presses=st.lists(st.tuples(st.sampled_from([NIGHT, HOUSE, OFF]), st.integers(0, 900)), min_size=1, max_size=30),
    play_ms=st.sampled_from([0, 50, 700, 2_500]),
)
def test_the_last_press_is_what_holds(
    tmp_path_factory: pytest.TempPathFactory, presses: list[tuple[str, int]], play_ms: int
) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.play_takes_s = play_ms / 1000
        async with running(lab, tmp_path_factory.mktemp("presses")):
            tasks = []
            for what, wait_ms in presses:
                tasks.append(asyncio.create_task(outcome(press(lab, what))))
                await asyncio.sleep(wait_ms / 1000)
            told = await asyncio.gather(*tasks)
            last = presses[-1][0]
            assert told[-1] == "done"
            assert set(told) <= {"done", "superseded"}
            assert active(lab) == (None if last == OFF else last)
            started = [what for (what, _), end in zip(presses, told, strict=True) if end == "done" and what != OFF]
            assert rooms_played(lab) == started, "the player heard of those alone that were told so"
            await asyncio.sleep(40)
            if last != OFF:
                session = lab.hub.zones[HOME].session
                assert len(session.ledger.ahead(session.activation)) == 9

    run_virtual(scenario)
