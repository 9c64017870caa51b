"""One button, one meaning: a room on, play or pause, never again; as the world is, not as it was seen last."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import HOME, ReceiptKind, Tier
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import HOUSE, NIGHT, Lab, make_lab, running


def is_playing(lab: Lab) -> bool:
    """Whether the speaker makes a sound."""
    return lab.world.view().is_playing


def test_on_is_on_however_often_it_is_said(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.play_takes_s = 1
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            given = await asyncio.gather(*(commands.turn_on(NIGHT) for _ in range(5)))
            assert [each is None for each in given] == [False, True, True, True, True]
            assert await commands.turn_on(NIGHT) is None
            await asyncio.sleep(30)
            assert await commands.turn_on(NIGHT) is None
            assert len(lab.played) == 1

    run_virtual(scenario)


def test_on_starts_afresh_what_stands_still(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            await commands.turn_on(NIGHT)
            await commands.pause()
            assert await commands.turn_on(NIGHT) is not None, "at once, before anybody looked"
            await asyncio.sleep(5)
            await commands.pause()
            await asyncio.sleep(5)
            assert await commands.turn_on(NIGHT) is not None
            assert is_playing(lab)
            await asyncio.sleep(5)
            lab.world.pause(Actor.LISTENER)
            assert await commands.turn_on(NIGHT) is None, "nobody saw it yet"
            await asyncio.sleep(3)
            assert await commands.turn_on(NIGHT) is not None, "the first press made the hub look"
            assert is_playing(lab)

    run_virtual(scenario)


def test_on_takes_the_room_back_from_the_listeners_own_music(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            await commands.turn_on(NIGHT)
            await asyncio.sleep(20)
            own = [uri for uri, item in lab.world.items.items() if item.name.startswith(HOUSE)]
            lab.world.play(Actor.LISTENER, uris=own[:3])
            await asyncio.sleep(20)
            assert await commands.turn_on(NIGHT, only_if_silent=True) is None, "something plays"
            assert await commands.turn_on(NIGHT) is not None

    run_virtual(scenario)


def test_only_into_silence(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.play_takes_s = 1
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            first = asyncio.create_task(commands.turn_on(HOUSE, only_if_silent=True))
            await asyncio.sleep(0)
            assert await commands.turn_on(NIGHT, only_if_silent=True) is None, "music is on its way"
            assert await first is not None
            await commands.pause()
            assert await commands.turn_on(NIGHT, only_if_silent=True) is not None

    run_virtual(scenario)


def test_the_wanted_room_is_what_was_asked_for_last(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.play_takes_s = 2
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            assert commands.wanted_room() is None
            tasks = [asyncio.create_task(commands.activate(NIGHT))]
            await asyncio.sleep(1)
            assert commands.wanted_room(HOME) == NIGHT
            tasks.append(asyncio.create_task(commands.activate(HOUSE)))
            await asyncio.sleep(0)
            assert commands.wanted_room() == HOUSE
            off = asyncio.create_task(commands.rooms_off())
            await asyncio.sleep(0)
            assert commands.wanted_room() is None
            await asyncio.gather(*tasks, off, return_exceptions=True)
            assert commands.wanted_room() is None
            lab.world.lose_device("Kitchen")
            with pytest.raises(Trouble):
                await commands.activate(HOUSE)
            assert commands.wanted_room() is None, "a refused order wants nothing any more"

    run_virtual(scenario)


def test_play_pause_alternates_however_quick(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            await commands.activate(NIGHT)
            expected, rng = True, Random(3)
            for _ in range(40):
                await commands.play_pause()
                expected = not expected
                assert is_playing(lab) is expected
                await asyncio.sleep(rng.choice([0, 0.05, 0.3, 0.6, 2]))
            await asyncio.gather(*(commands.play_pause() for _ in range(7)))
            assert is_playing(lab) is not expected

    run_virtual(scenario)


def test_play_pause_heeds_what_the_listener_did_elsewhere_and_other_orders(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            await commands.activate(NIGHT)
            await commands.play_pause()
            await asyncio.sleep(5)
            lab.world.resume(Actor.LISTENER)
            await asyncio.sleep(60)
            await commands.play_pause()
            assert not is_playing(lab)
            await commands.play()
            await commands.play_pause()
            assert not is_playing(lab), "play was ordered a moment ago"

    run_virtual(scenario)


def test_play_pause_that_is_refused_leaves_no_belief_behind(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            await commands.activate(NIGHT)
            await asyncio.sleep(3)
            lab.world.lose_device("Kitchen")
            with pytest.raises(Trouble):
                await commands.play_pause()
            assert lab.hub.zones[HOME].play_order is None

    run_virtual(scenario)


def test_never_again_takes_out_what_plays_now_and_skips_it_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            await commands.activate(NIGHT)
            await asyncio.sleep(20)
            before = lab.world.view().item
            assert before is not None
            receipt = await commands.never_again()
            assert receipt is not None
            assert (receipt.track.uri, receipt.kind, receipt.room) == (before.uri, ReceiptKind.MOVED, NIGHT)
            assert receipt.after is not None
            assert receipt.after.tier is Tier.REMOVED
            assert "never again" in receipt.why
            await asyncio.sleep(5)
            after = lab.world.view().item
            assert after is not None
            assert after.uri != before.uri
            views = await commands.receipts()
            assert [view.receipt.id for view in views if view.receipt.track.uri == before.uri] == [receipt.id], (
                "the skip itself says nothing more"
            )
            taken_back = await commands.undo(receipt.id)
            assert taken_back.after is not None
            assert taken_back.after.tier is not Tier.REMOVED

    run_virtual(scenario)


def test_never_again_means_what_plays_not_what_was_seen_last(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            commands = lab.hub.commands
            await commands.activate(NIGHT)
            await asyncio.sleep(60)
            seen = lab.hub.zones[HOME].session.entry
            lab.world.next(Actor.LISTENER)  # on the phone, a moment before the button
            now = lab.world.view().item
            receipt = await commands.never_again()
            assert seen is not None
            assert now is not None
            assert receipt is not None
            assert receipt.track.uri == now.uri != seen.track.uri

    run_virtual(scenario)


def test_never_again_right_after_the_switch_does_not_skip_into_silence(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.queue_takes_s = 0.5
        async with running(lab, tmp_path):
            await lab.hub.commands.activate(NIGHT)
            before = lab.world.view().item
            assert await lab.hub.commands.never_again() is not None
            await asyncio.sleep(20)
            after = lab.world.view().item
            assert is_playing(lab)
            assert before is not None
            assert after is not None
            assert after.uri != before.uri

    run_virtual(scenario)


def test_never_again_of_nobodys_music(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            with pytest.raises(Trouble) as nothing:
                await lab.hub.commands.never_again()
            lab.world.play(Actor.LISTENER, uris=[next(iter(lab.world.items))])
            with pytest.raises(Trouble) as own:
                await lab.hub.commands.never_again()
            assert {nothing.value.code, own.value.code} == {TroubleCode.CONFLICT}
            assert not await lab.hub.commands.receipts()

    run_virtual(scenario)
