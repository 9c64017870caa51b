"""The plugin as the hub loads it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.core.sorting import Material
from moodroom_hub.domain.mining.models import MiningTask
from moodroom_hub.domain.models import Room, RoomSlug, Tier, Uri
from moodroom_hub.domain.sorting.models import LayerKey
from moodroom_hub.plugins.sorter import Plugin
from moodroom_hub.plugins.sorter.config import SorterConfig
from moodroom_hub.plugins.sorter.miner import SortingMiner
from tests.plugins.sorter.lab import MOODS_SECTION, Lab, done, lab
from tests.plugins.sorter.made_up import JAZZ, TECHNO, kind_of, library, track


def _plugin(here: Lab, **section: Any) -> Plugin:
    return Plugin(here.context(SorterConfig.model_validate(section)))


async def test_without_a_layer_it_is_idle(tmp_path: Path) -> None:
    async with lab(tmp_path) as here:
        plugin = _plugin(here)
        assert (plugin.register_sorters(), plugin.register_miners()) == ([], [])
        await plugin.start()
        assert here.statuses[-1][0] is PluginStatus.DISABLED
        assert [each.level for each in await plugin.check()] == [CheckLevel.SKIPPED]
        await plugin.stop()


def test_idle_it_holds_nothing_of_what_sorts() -> None:
    code = (
        "import sys, moodroom_hub.plugins.sorter as plugin\n"
        "from moodroom_hub.plugins.sorter.config import SorterConfig\n"
        "SorterConfig()\n"
        "print(*(m for m in sys.modules if 'numpy' in m or 'sklearn' in m or '.sorter.' in m))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["moodroom_hub.plugins.sorter.config"]


async def test_one_sorter_and_a_miner_where_sublists_are_rooms(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(4))) as here:
        here.hub.rooms = {RoomSlug("night"): Room(RoomSlug("night"), "Night")}
        plugin = _plugin(here, layers={"moods": MOODS_SECTION, "rooms": {"sublists": "rooms"}})
        (sorter,) = plugin.register_sorters()
        (miner,) = plugin.register_miners()
        assert [layer.key for layer in sorter.layers()] == ["moods", "rooms"]
        assert "sorter label rooms" in miner.standing().reason
        assert _plugin(here, layers={"moods": MOODS_SECTION}).register_miners() == []
        await plugin.start()
        assert here.statuses == [(PluginStatus.RUNNING, "2 layers to keep in order")]
        (go_on,) = here.loops
        await go_on()
        lines = {each.name: each for each in await plugin.check()}
        assert lines["sorter moods"].level is CheckLevel.WARNING
        assert "sorter label moods" in lines["sorter moods"].mend
        await plugin.stop()


async def test_a_check_tells_of_the_model_in_use_and_of_missing_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lab(tmp_path, Material(liked=library(4))) as here:
        sorter = here.sorter()
        for kind in (JAZZ, TECHNO):
            await sorter.answer(LayerKey("moods"), Uri(f"spotify:track:{kind}0"), [kind])
        (unread,) = await sorter.check()
        assert (unread.level, "sorter layers" in unread.message) == (CheckLevel.OK, True), "no data is read"
        await sorter.start()
        (untrained,) = await sorter.check()
        assert "sorter train moods" in untrained.mend
        await done(sorter, sorter.start_training())
        (line,) = await sorter.check()
        assert (line.level, "by heart" in line.message) == (CheckLevel.OK, True)
        monkeypatch.setattr("moodroom_hub.plugins.sorter.sorter.find_spec", lambda _: None)
        missing, _ = await sorter.check()
        assert "moodroom-hub[sorter]" in missing.mend


async def test_rooms_teach_and_are_filled(tmp_path: Path) -> None:
    night, rave = Room(RoomSlug("night"), "Night"), Room(RoomSlug("rave"), "Rave")
    tracks = library(8)
    tiers = {
        room.slug: {Uri(f"spotify:track:{kind}{number}"): Tier.CONFIRMED for number in range(3)}
        for room, kind in ((night, JAZZ), (rave, TECHNO))
    }
    taught = {(slug, uri) for slug, found in tiers.items() for uri in found}
    async with lab(tmp_path, Material(liked=tracks, tiers=tiers, taught=taught)) as here:
        here.hub.rooms = {room.slug: room for room in (night, rave)}
        sorter = here.sorter({"rooms": {"sublists": "rooms"}})
        miner = SortingMiner(sorter, sorter.layers())
        assert not miner.standing().is_ready
        await done(sorter, sorter.start_training())
        assert miner.standing().is_ready
        liked = (track(JAZZ, 70), *tracks)
        here.book.music = Material(liked=liked, tiers=tiers, taught=taught)
        mined = await miner.mine(MiningTask((night, rave), liked), lambda _: None)
        assert {each.uri: each.room for each in mined.placements} == {
            each.uri: night.slug if kind_of(each) == JAZZ else rave.slug for each in liked
        }
        assert {each.tier for each in mined.placements} == {Tier.CONFIRMED}
        assert mined.unplaced == ()
