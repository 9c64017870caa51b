"""The plugin as the hub sees it: verdict events in, verdicts handed to the policy, nothing else."""

from pathlib import Path
from random import Random
from typing import Any, cast

import pluggy
import pytest
from pydantic import ValidationError

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config.models import Settings
from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.events import Completed, Event, Listen, Partial, Skipped, TrackChanged
from moodroom_hub.core.hookspecs import PROJECT, Hooks
from moodroom_hub.domain.models import (
    HOME,
    Cause,
    DurationMs,
    EndInterval,
    EpochMs,
    Receipt,
    RoomSlug,
    Track,
    Uri,
    Verdict,
    VerdictKind,
    ZoneName,
)
from moodroom_hub.plugins.demotion import Plugin

TRACK = Track(Uri("spotify:track:a"), "Trophies", ("Drake",), DurationMs(222_000))
END = EndInterval(DurationMs(12_000), DurationMs(12_000), DurationMs(12_000))


class Policy:
    """Remembers what it is asked."""

    def __init__(self) -> None:
        self.learned: list[Event] = []

    async def learn(self, event: Skipped | Completed) -> Receipt | None:
        self.learned.append(event)
        return None

    async def top_up(self, zone: ZoneName) -> None:
        raise AssertionError(f"nobody asked for a top-up of {zone}")

    async def move(self, zone: ZoneName, to: ZoneName) -> None:
        raise AssertionError(f"nobody asked to move {zone} to {to}")

    def look_soon(self, zone: ZoneName) -> None:
        raise AssertionError(f"nobody asked to look at {zone}")


def manager(tmp_path: Path, policy: Policy) -> pluggy.PluginManager:
    unused: Any = None
    context = PluginContext(
        name="demotion",
        config=Plugin.Config(),
        settings=Settings(),
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


async def tell(plugins: pluggy.PluginManager, hook: str, event: Event) -> None:
    for name in (hook, "on_event"):
        for work in getattr(plugins.hook, name)(event=event):
            await work


def listen(kind: VerdictKind) -> Listen:
    verdict = Verdict(kind, Cause.LISTENER, END, is_sure=True)
    return Listen(
        track=TRACK,
        started_at_ms=EpochMs(0),
        ended_at_ms=EpochMs(12_000),
        verdict=verdict,
        room=RoomSlug("house"),
    )


def test_it_is_a_policy() -> None:
    assert (Plugin.name, Plugin.role) == ("demotion", Role.POLICY)


async def test_skips_and_completions_are_learned_once_each_and_nothing_else_is(tmp_path: Path) -> None:
    policy = Policy()
    plugins = manager(tmp_path, policy)
    now = EpochMs(20_000)
    skipped = Skipped(id=1, zone=HOME, at_ms=now, listen=listen(VerdictKind.SKIPPED))
    completed = Completed(id=2, zone=HOME, at_ms=now, listen=listen(VerdictKind.COMPLETED))
    partial = Partial(id=3, zone=HOME, at_ms=now, listen=listen(VerdictKind.PARTIAL))
    changed = TrackChanged(id=4, zone=HOME, at_ms=now, track=TRACK)
    await tell(plugins, "on_skipped", skipped)
    await tell(plugins, "on_completed", completed)
    await tell(plugins, "on_event", partial)
    await tell(plugins, "on_track_changed", changed)
    assert policy.learned == [skipped, completed]


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError):
        Plugin.Config.model_validate({"strikes": 3})
