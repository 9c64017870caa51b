"""Zones that are found after the start: restored, watched, told of, and gone with the hub."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.domain.models import ZoneName
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import NIGHT
from tests.core.zone.house_lab import BATH, KITCHEN, Music, living, make_house

CELLAR = ZoneName("cellar")


def test_a_zone_found_later_works_as_if_it_had_always_been_there_and_is_restored_the_next_time(tmp_path: Path) -> None:
    async def scenario() -> None:
        house = make_house((KITCHEN,))
        house.music[CELLAR] = Music()
        async with living(house, tmp_path):
            hub = house.hub.commands
            await house.context.add_zone(house.ports(CELLAR))
            assert list(hub.zones) == [KITCHEN, CELLAR]
            for taken in (KITCHEN, CELLAR):
                with pytest.raises(ValueError, match=taken):
                    await house.context.add_zone(house.ports(taken))
            await hub.activate(NIGHT, CELLAR)
            await asyncio.sleep(450)
            assert len(house.told("COMPLETED", CELLAR)) == 2
            session = house.hub.zones[CELLAR].session
            assert len(session.ledger.upcoming(session.activation)) == 9
        async with living(house, tmp_path):
            await asyncio.gather(house.context.add_zone(house.ports(CELLAR)), asyncio.sleep(0))
            restored = house.hub.zones[CELLAR].session
            assert restored.active_room == NIGHT
            assert restored.ledger.entries[0].zone == CELLAR
            await asyncio.sleep(250)
            assert len(house.told("COMPLETED", CELLAR)) == 3

    run_virtual(scenario)


def test_two_that_find_the_same_zone_at_once_add_it_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        house = make_house((KITCHEN,))
        house.music[BATH] = Music()
        async with living(house, tmp_path):
            found = await asyncio.gather(
                *(house.context.add_zone(house.ports(BATH)) for _ in range(2)), return_exceptions=True
            )
            assert [type(each) for each in found] == [type(None), ValueError]
            assert list(house.hub.zones) == [KITCHEN, BATH]

    run_virtual(scenario)


def test_starting_and_stopping_again_and_again_leaves_nothing_behind(tmp_path: Path) -> None:
    async def scenario() -> None:
        house = make_house(())
        house.music[CELLAR] = Music()
        before = len(asyncio.all_tasks())
        for _ in range(50):
            # At the start itself: the plugin's own start is where a zone is mostly found.
            house.found_at_start = (CELLAR,)
            async with living(house, tmp_path):
                assert list(house.hub.commands.zones) == [CELLAR]
            assert len(asyncio.all_tasks()) == before

    run_virtual(scenario)
