"""A hub whose speakers were not found yet answers all that is asked of it, and says why it is quiet."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import CheckLevel, LoginStatus
from moodroom_hub.domain.models import HOME
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import NIGHT
from tests.core.zone.house_lab import BATH, KITCHEN, Music, living, make_house

REASON = "no speaker answers; is it plugged in?"


def test_a_hub_without_a_zone_says_why(tmp_path: Path) -> None:
    async def scenario() -> None:
        house = make_house(())
        house.music[KITCHEN] = Music()
        async with living(house, tmp_path):
            hub = house.hub.commands
            house.context.set_status(PluginStatus.WAITING, REASON)
            state = await hub.state()
            assert (state.zone, state.zones, state.now_playing, state.active_room) == (HOME, (), None, None)
            assert [trouble.code for trouble in state.troubles] == ["no_device"]
            assert REASON in state.troubles[0].message
            walked = await hub.quiet()
            assert any(REASON in link.message for link in walked.links)
            assert await hub.devices() == ()
            assert (await hub.batch()).tracks == ()
            assert hub.wanted_room() is None
            (line,) = (check for check in await hub.health() if check.name == "player")
            assert (line.level, REASON in line.message) == (CheckLevel.FAILED, True)
            with pytest.raises(Trouble, match="no speaker answers") as refused:
                await hub.activate(NIGHT)
            assert refused.value.code is TroubleCode.NO_DEVICE
            await house.context.add_zone(house.ports(KITCHEN))
            found = await hub.state()
            assert (found.zone, found.zones, found.login.status) == (KITCHEN, (KITCHEN,), LoginStatus.OK)
            await hub.activate(NIGHT)

    run_virtual(scenario)


def test_a_player_that_is_still_looked_for_is_no_warning_before_long(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        caplog.set_level("INFO")
        house = make_house((KITCHEN, BATH))
        house.unreachable = {KITCHEN, BATH}
        async with living(house, tmp_path):
            await asyncio.sleep(5)
            house.unreachable.remove(KITCHEN)
            await asyncio.sleep(5)
            assert "not been found yet" not in caplog.text
            await asyncio.sleep(50)
            assert caplog.text.count("bath: It has not been found yet.") == 1, "by now somebody should know"
            assert "kitchen: works again" not in caplog.text
            house.unreachable = {KITCHEN}
            await asyncio.sleep(60)
            assert "bath: works again" in caplog.text
            assert "kitchen: It has not been found yet." in caplog.text, "it was there"

    run_virtual(scenario)


def test_a_queue_that_was_emptied_plays_nothing_and_is_told_of(tmp_path: Path) -> None:
    async def scenario() -> None:
        house = make_house((KITCHEN,))
        async with living(house, tmp_path):
            await house.hub.commands.activate(NIGHT, KITCHEN)
            await asyncio.sleep(40)
        house.empties.add(KITCHEN)
        async with living(house, tmp_path):
            await asyncio.sleep(60)
            state = await house.hub.commands.state(KITCHEN)
            assert (state.now_playing, state.active_room) == (None, NIGHT)
            assert house.told("PLAYED") == house.told("SKIPPED") == []
            walked = await house.hub.commands.quiet(KITCHEN)
            assert any("emptied its queue" in link.message for link in walked.links)

    run_virtual(scenario)
