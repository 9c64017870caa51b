"""The plugin as the hub sees it: another track plays, a top-up is asked for."""

from pathlib import Path
from random import Random
from typing import Any, cast

import pluggy
import pytest
from pydantic import ValidationError

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config.models import ListeningSection, Settings
from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.events import (
    Completed,
    Event,
    PlayerBack,
    PlayerLost,
    RoomActivated,
    Skipped,
    TrackChanged,
)
from moodroom_hub.core.hookspecs import PROJECT, Hooks
from moodroom_hub.domain.models import EpochMs, Receipt, RoomSlug, Track, Uri, ZoneName
from moodroom_hub.plugins.top_up import Plugin

KITCHEN = ZoneName("kitchen")
NOW = EpochMs(5_000)
CHANGED = TrackChanged(id=1, zone=KITCHEN, at_ms=NOW, track=Track(Uri("spotify:track:a"), "Trophies"), consumed=1)


class Policy:
    """Remembers what it is asked."""

    def __init__(self) -> None:
        self.topped_up: list[ZoneName] = []

    async def learn(self, event: Skipped | Completed) -> Receipt | None:
        raise AssertionError(f"nobody asked to learn from {event}")

    async def top_up(self, zone: ZoneName) -> None:
        self.topped_up.append(zone)

    async def move(self, zone: ZoneName, to: ZoneName) -> None:
        raise AssertionError(f"nobody asked to move {zone} to {to}")

    def look_soon(self, zone: ZoneName) -> None:
        raise AssertionError(f"nobody asked to look at {zone}")


def manager(tmp_path: Path, policy: Policy, top_up: int = 1) -> pluggy.PluginManager:
    unused: Any = None
    context = PluginContext(
        name="top_up",
        config=Plugin.Config(),
        settings=Settings(listening=ListeningSection(top_up=top_up)),
        data_dir=tmp_path,
        clock=SystemClock(),
        rng=Random(1),
        hub=unused,
        policy=policy,
        spawn=unused,
        set_status=unused,
        publish=unused,
    )
    plugins = pluggy.PluginManager(PROJECT)
    plugins.add_hookspecs(Hooks)
    plugins.register(Plugin(cast("PluginContext[Any]", context)), Plugin.name)
    plugins.check_pending()
    return plugins


async def tell(plugins: pluggy.PluginManager, event: Event) -> None:
    hooks = ["on_track_changed", "on_event"] if isinstance(event, TrackChanged) else ["on_event"]
    for name in hooks:
        for work in getattr(plugins.hook, name)(event=event):
            await work


def test_it_is_a_policy() -> None:
    assert (Plugin.name, Plugin.role) == ("top_up", Role.POLICY)


async def test_each_change_of_track_asks_once_in_its_zone(tmp_path: Path) -> None:
    policy = Policy()
    plugins = manager(tmp_path, policy)
    await tell(plugins, CHANGED)
    assert policy.topped_up == [KITCHEN]
    await tell(plugins, CHANGED)
    assert policy.topped_up == [KITCHEN, KITCHEN]


async def test_a_player_that_is_back_is_topped_up(tmp_path: Path) -> None:
    policy = Policy()
    await tell(manager(tmp_path, policy), PlayerBack(id=2, zone=KITCHEN, at_ms=NOW))
    assert policy.topped_up == [KITCHEN]


async def test_other_events_ask_for_nothing(tmp_path: Path) -> None:
    policy = Policy()
    plugins = manager(tmp_path, policy)
    await tell(plugins, PlayerLost(id=2, zone=KITCHEN, at_ms=NOW, reason="gone"))
    await tell(plugins, RoomActivated(id=3, zone=KITCHEN, at_ms=NOW, room=RoomSlug("house"), batch=()))
    assert policy.topped_up == []


async def test_with_top_up_zero_nothing_is_asked_for(tmp_path: Path) -> None:
    policy = Policy()
    plugins = manager(tmp_path, policy, top_up=0)
    await tell(plugins, CHANGED)
    await tell(plugins, PlayerBack(id=2, zone=KITCHEN, at_ms=NOW))
    assert policy.topped_up == []


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError):
        Plugin.Config.model_validate({"count": 2})
