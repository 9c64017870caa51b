"""Stations play as rooms do, bend at once, touch no pool, and never end in silence."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import RoomActivated, Skipped, ToppedUp
from moodroom_hub.core.hookspecs import StationRequest
from moodroom_hub.core.store import Change, StoreDown
from moodroom_hub.domain.models import (
    Drawn,
    DurationMs,
    EpochMs,
    Pick,
    PoolEntry,
    ReceiptKind,
    Tier,
    Track,
    Uri,
)
from moodroom_hub.domain.pools import moved
from moodroom_hub.domain.stations.models import Seed, Station, StationKey, Vote, VoteKind, slug_of
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import EPOCH_MS, HOUSE, NIGHT, SECONDS, Lab, items_of, make_lab, playing, room_of, running

FRIDAY = StationKey("friday")
STATION = Station(FRIDAY, "Friday", (Seed("Band 1"),), room=NIGHT, created_at_ms=EPOCH_MS)


def houses(request: StationRequest) -> Drawn:
    """The songs of the house, in order, each once."""
    known = {track.uri for track in request.recent}
    songs = [item for item in items_of(HOUSE, 60) if item.uri not in known]
    tracks = [Track(Uri(each.uri), each.name, each.artists, DurationMs(each.duration_ms)) for each in songs]
    return Drawn(tuple(Pick(track, Tier.DISCOVERY, "near Band 1") for track in tracks[: request.count]))


def vote(event_id: int | None, name: str = "A song") -> Vote:
    """A dislike."""
    return Vote(0, FRIDAY, VoteKind.DISLIKE, Track(Uri(f"spotify:track:{name}"), name), EPOCH_MS, event_id)


async def on_air(lab: Lab) -> None:
    """The station, playing."""
    await lab.hub.stations.put(STATION)
    await lab.hub.commands.play_station(FRIDAY)
    await asyncio.sleep(12)


def test_it_plays_with_one_track_ahead_and_one_more_for_each_that_went_by(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.draws_station = houses
        async with running(lab, tmp_path):
            await on_air(lab)
            assert playing(lab) == "house 0"
            assert [room_of(lab, uri) for uri in lab.world.true_queue()] == [HOUSE]
            await asyncio.sleep(SECONDS * 3)
            assert playing(lab) == "house 3"
            assert len(lab.world.true_queue()) == 1
            state = await lab.hub.commands.state()
            assert (state.active_room, state.active_station) == (None, FRIDAY)
            assert state.now_playing is not None
            assert (state.now_playing.room, state.now_playing.station) == (None, FRIDAY)
            assert (state.now_playing.next_skip, state.now_playing.why) == (None, "near Band 1")
            [view] = await lab.hub.commands.zone_views()
            assert (view.active_room, view.active_station) == (None, FRIDAY)
            links = [link.message for link in (await lab.hub.commands.quiet()).links]
            assert not any("No room is on" in line for line in links), links
        assert [event.room for event in lab.events if isinstance(event, RoomActivated)] == [slug_of(FRIDAY)]
        told = [event.entry for event in lab.events if isinstance(event, ToppedUp)]
        assert [(entry.track.name, entry.room) for entry in told[:2]] == [
            ("house 2", slug_of(FRIDAY)),
            ("house 3", slug_of(FRIDAY)),
        ]

    run_virtual(scenario)


@pytest.mark.parametrize("takes_s", [0.0, 0.8, 2.0])
def test_quick_skips_never_end_in_silence(tmp_path: Path, takes_s: float) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.draws_station = houses
        async with running(lab, tmp_path):
            await on_air(lab)
            lab.queue_takes_s = takes_s
            for together in (3, 2, 4, 1, 3):
                await asyncio.gather(*(lab.hub.commands.next() for _ in range(together)))
                await asyncio.sleep(7)
                assert lab.world.view().is_playing
            assert len(lab.told("SKIPPED")) >= 5
            assert len(set(lab.queued)) == len(lab.queued)

    run_virtual(scenario)


@pytest.mark.parametrize("apart_s", [0.1, 0.6, 1.0, 1.7, 2.5, 4.0])
@pytest.mark.parametrize("takes_s", [0.0, 0.8, 2.0])
def test_a_listener_who_skips_quickly_elsewhere_hears_music_again(
    tmp_path: Path, takes_s: float, apart_s: float
) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.draws_station = houses
        async with running(lab, tmp_path):
            await on_air(lab)
            lab.queue_takes_s = takes_s
            for _ in range(4):
                for _ in range(3):
                    lab.world.next(Actor.LISTENER)
                    await asyncio.sleep(apart_s)
                await asyncio.sleep(25)
                assert lab.world.view().is_playing
                await asyncio.sleep(20)

    run_virtual(scenario)


def test_who_pauses_a_station_is_left_in_peace(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.draws_station = houses
        async with running(lab, tmp_path):
            await on_air(lab)
            lab.world.pause(Actor.LISTENER)
            await asyncio.sleep(600)
            assert not lab.world.view().is_playing
            await lab.hub.commands.play()
            await lab.hub.commands.next()
            await lab.hub.commands.pause()
            await asyncio.sleep(600)
            assert not lab.world.view().is_playing

    run_virtual(scenario)


def test_a_skip_there_is_told_and_changes_no_pool(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.draws_station = houses
        async with running(lab, tmp_path):
            await on_air(lab)
            before = dict((await lab.hub.pools.pool(HOUSE)).entries)
            await lab.hub.commands.next()
            await asyncio.sleep(12)
            skips = [event.listen for event in lab.events if isinstance(event, Skipped)]
            assert [(listen.room, listen.track.name) for listen in skips] == [(slug_of(FRIDAY), "house 0")]
            assert dict((await lab.hub.pools.pool(HOUSE)).entries) == before
            assert await lab.hub.commands.receipts() == []
            with pytest.raises(Trouble, match="dislike"):
                await lab.hub.commands.never_again()

    run_virtual(scenario)


@pytest.mark.parametrize("is_broken", [False, True])
def test_what_it_does_not_find_comes_from_its_room(tmp_path: Path, is_broken: bool) -> None:
    def draw(request: StationRequest) -> Drawn | None:
        if is_broken:
            raise RuntimeError("no model")
        return None

    async def scenario() -> None:
        lab = make_lab()
        lab.draws_station = draw
        async with running(lab, tmp_path):
            await on_air(lab)
            await asyncio.sleep(SECONDS * 20)
            assert lab.world.view().is_playing
            assert {room_of(lab, uri) for uri in (*lab.played, *lab.queued)} == {NIGHT}
            tiers = {entry.track.uri: entry.tier for entry in (await lab.hub.commands.pool(NIGHT))}
            assert {tiers[Uri(uri)] for uri in lab.queued} == {Tier.SAFE_SIDE}
            now = (await lab.hub.commands.state()).now_playing
            assert now is not None
            assert now.why == "the station finds nothing now: from Late Night"

    run_virtual(scenario)


def test_what_left_the_pool_of_its_room_is_never_played(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.draws_station = houses
        async with running(lab, tmp_path):
            pool = await lab.hub.pools.pool(HOUSE)
            first = next(iter(pool.entries.values())).track
            change = moved(pool, first, Tier.REMOVED, EPOCH_MS)
            assert change is not None
            await lab.hub.pools.change(HOUSE, [change])
            await lab.hub.stations.put(replace(STATION, room=HOUSE))
            await lab.hub.commands.play_station(FRIDAY)
            await asyncio.sleep(SECONDS * 4)
            assert first.uri not in (*lab.played, *lab.queued)

    run_virtual(scenario)


def test_it_goes_on_after_a_restart_and_its_votes_are_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        lab.draws_station = houses
        async with running(lab, tmp_path):
            await on_air(lab)
            kept = await lab.hub.stations.vote(vote(7))
            await lab.hub.stations.vote(vote(None))
        async with running(lab, tmp_path):
            assert lab.hub.stations.all() == [STATION]
            assert [each.event_id for each in lab.hub.stations.votes(FRIDAY)] == [7, None]
            assert lab.hub.stations.votes(FRIDAY)[0] == kept
            assert await lab.hub.stations.vote(vote(7)) is None, "the event was told again"
            await asyncio.sleep(SECONDS * 4)
            assert lab.world.view().is_playing
            assert len(lab.world.true_queue()) == 1
            assert len(set(lab.queued)) == len(lab.queued)
            back = await lab.hub.stations.take_back(FRIDAY)
            assert back is not None
            assert back.event_id is None
            assert await lab.hub.stations.clear(FRIDAY) == 1
            await lab.hub.stations.remove(FRIDAY)
        async with running(lab, tmp_path):
            assert lab.hub.stations.all() == []
            assert lab.hub.stations.votes(FRIDAY) == ()
            with pytest.raises(Trouble) as gone:
                await lab.hub.commands.play_station(FRIDAY)
            assert gone.value.code is TroubleCode.NOT_FOUND

    run_virtual(scenario)


def test_a_vote_waits_for_a_database_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            await lab.hub.stations.put(STATION)
            commit, is_away = lab.hub.store.commit, True

            async def away(change: Change) -> None:
                if is_away:
                    raise StoreDown("locked by another program")
                await commit(change)

            monkeypatch.setattr(lab.hub.store, "commit", away)
            assert await lab.hub.stations.vote(vote(7)) is not None
            assert await lab.hub.store.station_votes() == []
            is_away = False
            await asyncio.sleep(5)
            assert [each.event_id for each in await lab.hub.store.station_votes()] == [7]

    run_virtual(scenario)


def test_discoveries_are_receipts_that_one_order_takes_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        lab = make_lab()
        async with running(lab, tmp_path):
            known = (await lab.hub.commands.pool(NIGHT))[0].track
            new = [Track(Uri(f"spotify:track:new{number}"), f"New {number}", ("Somebody",)) for number in range(3)]
            found = [known, *new, replace(new[0], uri=Uri("spotify:track:twin"))]
            entries = [PoolEntry(track, Tier.DISCOVERY, why="near Band 1", source="radio") for track in found]
            receipts = await lab.hub.stations.discover(NIGHT, entries)
            assert [receipt.track for receipt in receipts] == new
            assert {receipt.kind for receipt in receipts} == {ReceiptKind.IMPORTED}
            pool = {entry.track.uri: entry for entry in await lab.hub.commands.pool(NIGHT)}
            assert (pool[new[0].uri].why, pool[new[0].uri].since_ms) == ("near Band 1", EpochMs(lab.clock.now_ms()))
            group = receipts[0].group
            assert group is not None
            await lab.hub.commands.undo_group(group)
            assert new[0].uri not in {entry.track.uri for entry in await lab.hub.commands.pool(NIGHT)}

    run_virtual(scenario)
