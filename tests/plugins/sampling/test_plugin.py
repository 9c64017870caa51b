"""The plugin as the hub sees it: through the hook."""

from pathlib import Path
from random import Random
from typing import Any, cast

import pluggy
import pytest
from pydantic import ValidationError

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config.models import Settings
from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.hookspecs import PROJECT, DrawRequest, Hooks
from moodroom_hub.domain.models import (
    HOME,
    PLAYABLE_TIERS,
    BatchRecipe,
    Drawn,
    PoolEntry,
    Room,
    RoomSlug,
    Tier,
    Track,
    Uri,
)
from moodroom_hub.plugins.sampling import Plugin

ROOM = Room(RoomSlug("house"), "House")
POOL = tuple(
    PoolEntry(Track(Uri(f"spotify:track:{number}"), f"Song {number}", ("Somebody",)), tier)
    for number, tier in enumerate([tier for tier in PLAYABLE_TIERS for _ in range(25)])
)


def manager(tmp_path: Path, seed: int = 1) -> pluggy.PluginManager:
    unused: Any = None
    context = PluginContext(
        name="sampling",
        config=Plugin.Config(),
        settings=Settings(),
        data_dir=tmp_path,
        clock=SystemClock(),
        rng=Random(seed),
        hub=unused,
        policy=unused,
        spawn=unused,
        set_status=unused,
        publish=unused,
    )
    plugins = pluggy.PluginManager(PROJECT)
    plugins.add_hookspecs(Hooks)
    plugins.register(Plugin(cast("PluginContext[Any]", context)), Plugin.name)
    plugins.check_pending()
    return plugins


async def draw(
    plugins: pluggy.PluginManager,
    *,
    is_batch: bool,
    count: int,
    recent: tuple[Track, ...] = (),
    recent_tiers: tuple[Tier, ...] = (),
) -> Drawn:
    request = DrawRequest(HOME, ROOM, POOL, recent, recent_tiers, BatchRecipe(), 15, count, is_batch)
    (answer,) = plugins.hook.draw(request=request)
    drawn = await answer
    assert isinstance(drawn, Drawn)
    return drawn


def test_it_is_a_policy() -> None:
    assert (Plugin.name, Plugin.role) == ("sampling", Role.POLICY)


async def test_a_batch_and_its_top_ups_keep_the_ratio_and_repeat_nothing(tmp_path: Path) -> None:
    plugins = manager(tmp_path)
    batch = await draw(plugins, is_batch=True, count=10)
    picks = list(batch.picks)
    assert len(picks) == 10
    for _ in range(20):
        recent, tiers = tuple(pick.track for pick in picks), tuple(pick.tier for pick in picks)
        more = await draw(plugins, is_batch=False, count=2, recent=recent, recent_tiers=tiers)
        assert len(more.picks) == 2
        picks += more.picks
    for start in range(len(picks) - 9):
        tiers_of_ten = [pick.tier for pick in picks[start : start + 10]]
        assert [tiers_of_ten.count(tier) for tier in PLAYABLE_TIERS] == [5, 4, 1]
    for place, pick in enumerate(picks):
        assert pick.track not in [earlier.track for earlier in picks[max(0, place - 15) : place]]


async def test_chance_is_the_hubs_own(tmp_path: Path) -> None:
    first, again, other = [await draw(manager(tmp_path, seed), is_batch=True, count=10) for seed in (7, 7, 8)]
    assert first == again
    assert first != other


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError):
        Plugin.Config.model_validate({"enabeld": True})
