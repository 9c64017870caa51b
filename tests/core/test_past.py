"""The past in a hub's data: it joins the history, warms the pools by receipts, and is taken back at once."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import Skipped
from moodroom_hub.core.past import Past
from moodroom_hub.core.store import Change
from moodroom_hub.domain.models import HOME, DurationMs, EpochMs, ListeningRules, PoolEntry, RoomSlug, Tier, VerdictKind
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.pools import moved
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.data_lab import NIGHT, Data, data, song
from tests.core.store.builders import listen

NOW_S = 1_780_000_000
HOUSE = RoomSlug("house")


def play(number: int, nth: int, heard_ms: int = 9_000, reason: str | None = "fwdbtn") -> PastPlay:
    track = song(number)
    ended_at_ms = (NOW_S - 86_400 * 40 + nth * 240) * 1000
    return PastPlay(ended_at_ms, heard_ms, track.name, track.artists[0], uri=str(track.uri), reason_end=reason)


def plays(number: int, count: int, heard_ms: int = 9_000, reason: str | None = "fwdbtn") -> list[PastPlay]:
    return [play(number, 1_000 * number + nth, heard_ms, reason) for nth in range(count)]


def run(tmp_path: Path, scenario: Callable[[Data, Past], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with data(tmp_path) as parts:
            rooms = (NIGHT, HOUSE)
            await scenario(parts, Past(parts.store, parts.pools, parts.clock, ListeningRules(), rooms))

    run_virtual(whole)


def test_the_history_goes_on_into_the_past(tmp_path: Path) -> None:
    async def scenario(parts: Data, past: Past) -> None:
        own = [
            Skipped(id=number, zone=HOME, at_ms=EpochMs(NOW_S * 1000), listen=listen(number)) for number in (1, 2, 3)
        ]
        await parts.store.commit(Change(events=tuple(own)))
        track = replace(song(1), duration_ms=DurationMs(200_000))
        await parts.pools.put_base(NIGHT, [PoolEntry(track, Tier.CONFIRMED)], replace_all=True)
        assert (await past.put([*plays(1, 2, 195_000), *plays(2, 2, 5_000, None)])).new == 4
        views = await past.history(50, None)
        assert [view.id for view in views[:3]] == [3, 2, 1]
        assert [view.zone for view in views] == [HOME] * 3 + ["past"] * 4
        assert all(view.id < 0 for view in views[3:])
        assert [view.listen.track.name for view in views[3:]] == ["Song 2", "Song 2", "Song 1", "Song 1"]
        assert [view.listen.verdict.kind for view in views[3:]] == [VerdictKind.SKIPPED] * 2 + [
            VerdictKind.COMPLETED
        ] * 2
        assert views[-1].listen.track.duration_ms == 200_000
        for limit in (1, 2, 3, 5):
            paged, before = [], None
            while page := await past.history(limit, before):
                paged += page
                before = page[-1].id
            assert paged == views

    run(tmp_path, scenario)


def test_the_past_warms_every_room_once_and_is_undone_at_once(tmp_path: Path) -> None:
    async def scenario(parts: Data, past: Past) -> None:
        await parts.fill((1, Tier.CONFIRMED), (2, Tier.SAFE_SIDE), (3, Tier.DISCOVERY), (4, Tier.CONFIRMED))
        await parts.pools.put_base(HOUSE, [PoolEntry(song(1), Tier.SAFE_SIDE)], replace_all=True)
        before = {room: await parts.pools.pool(room) for room in (NIGHT, HOUSE)}
        assert await past.warm() == replace(await past.warm(), group=None, receipts=())
        await past.put([*plays(1, 6), *plays(2, 6, 200_000, "trackdone"), *plays(3, 2), *plays(4, 6, 5_000, "endplay")])
        warming = await past.warm()
        assert warming.group == "past-2026-05-28-1"
        assert {receipt.group for receipt in warming.receipts} == {warming.group}
        assert await parts.tiers() == {
            "Song 1": Tier.SAFE_SIDE, "Song 2": Tier.CONFIRMED, "Song 3": Tier.DISCOVERY, "Song 4": Tier.CONFIRMED,
        }  # fmt: skip
        assert await parts.tiers(HOUSE) == {"Song 1": Tier.REMOVED}
        assert (await past.warm()).group is None

        later = moved(await parts.pools.pool(NIGHT), song(1), Tier.DISCOVERY, parts.clock.now_ms())
        assert later is not None
        await parts.pools.change(NIGHT, [later])
        undone = await parts.pools.undo_group(warming.group)
        assert len(undone) == 3
        assert {room: await parts.pools.pool(room) for room in (NIGHT, HOUSE)} == before
        assert (await past.warm()).receipts == ()
        with pytest.raises(Trouble) as nothing_left:
            await parts.pools.undo_group(warming.group)
        assert nothing_left.value.code is TroubleCode.CONFLICT
        with pytest.raises(Trouble) as unknown:
            await parts.pools.undo_group("past-2020-01-01-1")
        assert unknown.value.code is TroubleCode.NOT_FOUND

        (group,) = {receipt.group for receipt in undone}
        assert group is not None
        await parts.pools.undo_group(group)
        assert (await parts.tiers())["Song 2"] is Tier.CONFIRMED
        assert await parts.tiers(HOUSE) == {"Song 1": Tier.REMOVED}

    run(tmp_path, scenario)


def test_what_was_written_is_what_is_in_memory(tmp_path: Path) -> None:
    async def scenario(parts: Data, past: Past) -> None:
        await parts.fill(*((number, Tier.CONFIRMED) for number in range(1, 30)))
        for number in range(1, 30):
            await past.put(plays(number, number % 7))
        warming = await past.warm()
        assert warming.group is not None
        assert len(warming.receipts) == 16
        tiers = await parts.tiers()
        async with data(tmp_path) as again:
            assert await again.tiers() == tiers
            await again.pools.undo_group(warming.group)
            assert set((await again.tiers()).values()) == {Tier.CONFIRMED}
            assert await again.pools.new_group("past-2026-05-28") == "past-2026-05-28-2"

    run(tmp_path, scenario)


def test_miners_get_sittings_and_tallies(tmp_path: Path) -> None:
    async def scenario(parts: Data, past: Past) -> None:
        for sitting in range(5):
            await past.put([play(number, 100 * sitting + number, 200_000, "trackdone") for number in range(1, 5)])
        found = await past.sittings()
        assert [len(each.items) for each in found] == [4] * 5
        assert found[0].items[0] == ("Song 1", "Band 1")
        assert await past.sittings(2) == found[:2]
        evidence = await past.tallies([song(1), song(9)])
        assert {uri: each.whole for uri, each in evidence.items()} == {song(1).uri: 5}

    run(tmp_path, scenario)
