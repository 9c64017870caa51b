"""From looks to plays in a real database: state, play and event are one transaction, and a kill loses none of them."""

import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import LoadedConfig, load_config
from moodroom_hub.core.events import Event, Played
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.store import Store
from moodroom_hub.core.zone.tracking import track
from moodroom_hub.domain.models import HOME, EpochMs, PlaybackSnapshot
from moodroom_hub.domain.plays.models import Play
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import make_lab
from tests.domain.listening import T0, A, B, seen


def configured(folder: Path, settings: str) -> LoadedConfig:
    """The configuration of a hub over ``folder``."""
    folder.mkdir(exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(f"hub: {{data_dir: {folder / 'data'}}}\n{settings}")
    return load_config(path, {})


@asynccontextmanager
async def resting(folder: Path, settings: str = "") -> AsyncIterator[Hub]:
    """A hub over ``folder`` that looks at nothing by itself."""
    make_lab()
    async with Hub(
        configured(folder, settings),
        clock=LoopClock(EpochMs(T0)),
        rng=Random(1),
        builtins=("tests.core.hub_lab",),
        with_foreign=False,
        is_live=False,
    ) as hub:
        yield hub


async def look(hub: Hub, *snapshots: PlaybackSnapshot) -> None:
    """The zone is looked at so."""
    for snapshot in snapshots:
        await track(hub.zones[HOME], snapshot, None)


def heard(since_s: int, until_s: int) -> Iterable[PlaybackSnapshot]:
    """Looks at a song that began at second 0."""
    return [seen(at_s, A, at_s) for at_s in range(since_s, until_s + 1, 5)]


async def written(store: Store) -> tuple[list[Event], list[Play]]:
    """The events and the plays of a database."""
    return await store.events_after(0, 1000), await store.recent_plays(EpochMs(0))


def killed(folder: Path, to: Path) -> Path:
    """The files as a power cut of the hub's own would leave them."""
    shutil.copytree(folder, to)
    (to / "data" / "hub.lock").unlink(missing_ok=True)
    return to


def test_a_play_is_told_once_whenever_the_hub_is_killed(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with resting(tmp_path / "first") as hub:
            await look(hub, *heard(1, 91))
            before = killed(tmp_path / "first", tmp_path / "before")
            await look(hub, *heard(96, 101))
            after = killed(tmp_path / "first", tmp_path / "after")
        for folder, since_s in ((before, 96), (after, 106)):
            async with resting(folder) as hub:
                await look(hub, *heard(since_s, 196), seen(202, B, 2))
                events, plays = await written(hub.store)
            assert [event.wire_name for event in events] == ["TRACK_CHANGED", "PLAYED", "COMPLETED", "TRACK_CHANGED"]
            (play,) = plays
            assert events[1] == Played(id=2, zone=HOME, at_ms=events[1].at_ms, play=play)
            assert (play.id, play.track, play.twin_of, play.rules) == (1, A, None, "spinstack")
            assert play.began_at_ms == T0
            assert play.why == "counted after 101 s of 200 s (half, profile spinstack)"

    run_virtual(scenario)


def test_state_play_and_event_are_one_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database as it was after each single write: no play without the state that knows of it, nor the reverse."""

    async def scenario() -> None:
        async with resting(tmp_path / "one") as hub:
            found = []
            commit = hub.store.commit

            async def commit_and_see(change: object) -> None:
                await commit(change)  # type: ignore[arg-type]  # whatever the journal gives
                events, plays = await written(hub.store)
                state = (await hub.store.zone_states()).get(HOME, "")
                found.append((len(plays), sum(isinstance(e, Played) for e in events), '"counted_at_ms":17' in state))

            monkeypatch.setattr(hub.store, "commit", commit_and_see)
            await look(hub, *heard(1, 121))
        assert set(found) == {(0, 0, False), (1, 1, True)}

    run_virtual(scenario)


def test_a_twin_is_written_and_not_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with resting(tmp_path / "one") as hub:
            await look(hub, *heard(1, 101))
            (told,) = await hub.store.recent_plays(EpochMs(0))
        async with resting(tmp_path / "one") as hub:
            # As if another zone had told of it before this hub began.
            zone = hub.zones[HOME]
            zone.name = type(HOME)("kitchen")
            zone.session = zone.restored(None, [])
            await look(hub, *heard(1, 106))
            events, plays = await written(hub.store)
        assert sum(isinstance(event, Played) for event in events) == 1
        twin = plays[1]
        assert (twin.id, twin.zone, twin.twin_of) == (2, "kitchen", told.id)
        assert "the same listen as play 1 in home: same song, both ran" in twin.why

    run_virtual(scenario)


def test_the_profile_is_the_configuration_s(tmp_path: Path) -> None:
    async def scenario() -> None:
        text = "listening: {played: {profile: custom, share: 0.2}}\n"
        async with resting(tmp_path / "own", text) as hub:
            await look(hub, *heard(1, 46))
            (play,) = await hub.store.recent_plays(EpochMs(0))
        assert play.why == "counted after 41 s of 200 s (20%, profile custom)"

    run_virtual(scenario)
