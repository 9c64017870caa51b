"""Events: in order, told once, and told again to a policy that could not take one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moodroom_hub.core.bus import Bus
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.events import Event, Skipped
from moodroom_hub.core.ids import Ids
from moodroom_hub.core.journal import Journal
from moodroom_hub.core.store import LastIds, Store
from moodroom_hub.domain.models import (
    HOME,
    Cause,
    DurationMs,
    EndInterval,
    EpochMs,
    Listen,
    Track,
    Uri,
    Verdict,
    VerdictKind,
)
from moodroom_hub.simulator.virtual_time import run_virtual

LISTEN = Listen(
    track=Track(Uri("spotify:track:a"), "A"),
    started_at_ms=EpochMs(0),
    ended_at_ms=EpochMs(9_000),
    verdict=Verdict(
        VerdictKind.SKIPPED,
        Cause.LISTENER,
        EndInterval(DurationMs(8_000), DurationMs(9_000), DurationMs(9_500)),
        is_sure=True,
    ),
)


def skipped(event_id: int, at_ms: EpochMs) -> Event:
    """A skip."""
    return Skipped(id=event_id, zone=HOME, at_ms=at_ms, listen=LISTEN)


@dataclass
class Heard:
    """How the one plugin took it."""

    plugin: str
    error: BaseException | None


class Teller:
    """Calls nobody; the policy ``demotion`` fails as often as it is told to."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.told: list[tuple[str, int]] = []

    async def call(self, hook_name: str, /, **arguments: Any) -> Sequence[Heard]:
        """Tell all."""
        return [self._hear(hook_name, arguments["event"])]

    async def call_one(self, hook_name: str, plugin: str, /, **arguments: Any) -> Heard:
        """Tell one."""
        assert plugin == "demotion"
        return self._hear(hook_name, arguments["event"])

    def _hear(self, hook_name: str, event: Event) -> Heard:
        if hook_name == "on_skipped" and self.failures > 0:
            self.failures -= 1
            return Heard("demotion", RuntimeError("not now"))
        self.told.append((hook_name, event.id))
        return Heard("demotion", None)


async def told(tmp_path: Path, failures: int, wait_s: float) -> tuple[list[tuple[str, int]], list[int]]:
    """Publish two skips; what was told after ``wait_s``, and which events still count as untold."""
    store = Store(f"sqlite:///{tmp_path / 'bus.db'}", tmp_path)
    await store.open()
    clock = LoopClock(EpochMs(1_760_000_000_000))
    teller = Teller(failures)
    bus = Bus(Journal(store, clock), teller, clock, Ids(LastIds(0, 0, 0)), must_hear=lambda name: name == "demotion")
    loops = [asyncio.create_task(bus.run(HOME)), asyncio.create_task(bus.run_owed())]
    try:
        await bus.publish([skipped, skipped])
        await asyncio.sleep(wait_s)
        return teller.told, [event.id for event in await store.pending_events()]
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await store.close()


def test_events_are_told_in_order_and_marked(tmp_path: Path) -> None:
    async def scenario() -> None:
        order, pending = await told(tmp_path, 0, 1)
        assert order == [("on_skipped", 1), ("on_event", 1), ("on_skipped", 2), ("on_event", 2)]
        assert pending == []

    run_virtual(scenario)


def test_a_policy_that_could_not_take_a_verdict_is_told_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        order, pending = await told(tmp_path, 3, 60)
        assert [event_id for hook, event_id in order if hook == "on_skipped"].count(1) == 1
        assert [event_id for hook, event_id in order if hook == "on_skipped"].count(2) == 1
        assert pending == []

    run_virtual(scenario)


def test_what_a_policy_never_took_stays_untold_for_the_next_start(tmp_path: Path) -> None:
    async def scenario() -> None:
        _, pending = await told(tmp_path, 1_000_000, 3_600)
        assert pending == [1, 2]

    run_virtual(scenario)
