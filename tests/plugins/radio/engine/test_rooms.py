"""Rooms are refilled by what is near to them; stations of rooms play what neither the room nor the library holds."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.stations import NewStation, Radio, StationJob
from moodroom_hub.domain.models import PoolEntry, Tier
from moodroom_hub.domain.recording import recording_keys
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import Lab
from tests.plugins.radio.engine.lab import (
    HOUSE,
    NIGHT,
    artist,
    make_radio_lab,
    on_air,
    service_of,
    song,
    style_of,
)

POOL = [
    *(PoolEntry(song(artist("Cedar", number), 0), Tier.CONFIRMED) for number in range(3)),
    PoolEntry(song("Cedar 4", 0), Tier.SAFE_SIDE),
    *(PoolEntry(song("Cedar 5", number), Tier.REMOVED) for number in range(3)),
    PoolEntry(song("Cedar 0", 1), Tier.DISCOVERY, why="mined", source="mined:local"),
]


async def _filled(lab: Lab) -> None:
    await lab.hub.pools.put_base(NIGHT, POOL, replace_all=True)


async def _done(radio: Radio) -> StationJob:
    while radio.job().status == "running":  # noqa: ASYNC110 -- as faces do: nobody tells them
        await asyncio.sleep(1)
    assert radio.job().status == "done", radio.job()
    return radio.job()


def test_discoveries_are_new_near_the_room_and_say_why(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model, settings=", discoveries: 6, safe_side: true") as radio:
            await _filled(lab)
            radio.start_refill(NIGHT)
            (refill,) = (await _done(radio)).refills
            assert refill.why_not == ""
            tiers = [entry.tier for entry in refill.added]
            assert (tiers.count(Tier.DISCOVERY), tiers.count(Tier.SAFE_SIDE)) == (5, 5)
            known = {key for entry in POOL for key in recording_keys(entry.track)}
            for entry in refill.added:
                assert known.isdisjoint(recording_keys(entry.track))
                assert style_of(entry.track) == "Cedar"
                assert entry.track.artists != ("Cedar 5",), "what was removed thrice is not wanted"
                assert entry.source == "radio"
                assert entry.why.startswith(("near Cedar", "by Cedar")), entry.why
                assert " Song 0" in entry.why, "a room is known by its songs"
            radio.start_refill(NIGHT)
            (again,) = (await _done(radio)).refills
            assert (again.added, again.why_not) == ((), "it has as many as it should")
            group = refill.receipts[0].group
            assert group is not None
            await lab.hub.commands.undo_group(group)
            assert len(await lab.hub.commands.pool(NIGHT)) == len(POOL)

    run_virtual(scenario)


def test_a_night_ends_with_its_requests_and_without_a_model_says_so(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model, settings=", searches_a_night: 3") as radio:
            await _filled(lab)
            await radio.nightly()
            found = {refill.room: refill for refill in radio.job().refills}
            assert len(found) == len(lab.hub.commands.rooms)
            assert "are spent" in found[NIGHT].why_not
            assert 0 < len(found[NIGHT].added) <= 6
            assert found[HOUSE].why_not == "the model knows none of its artists"
            assert len(service_of(lab).asked) <= 3
            with pytest.raises(Trouble) as refused:
                radio.start_refill("attic")  # type: ignore[arg-type]  # a person's word
            assert refused.value.code is TroubleCode.NOT_FOUND
        async with on_air(lab, tmp_path, tmp_path / "none.radio") as radio:
            radio.start_refill(NIGHT)
            await asyncio.sleep(5)
            assert "station train" in radio.job().error

    run_virtual(scenario)


def test_more_like_a_room_plays_nothing_of_it(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        lab = make_radio_lab()
        async with on_air(lab, tmp_path, model) as radio:
            await _filled(lab)
            station = (await radio.new(NewStation(room=NIGHT))).station
            assert (station.key, station.name, station.room) == ("more-like-late-night", "More like Late Night", NIGHT)
            why = await radio.why(station.key, 50)
            held = {entry.track.name for entry in POOL}
            assert len(why.next) == 50
            assert held.isdisjoint(each.track.name for each in why.next)

    run_virtual(scenario)
