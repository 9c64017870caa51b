"""Playlists are written as planned, whatever happens on the way, and the owner's songs stay where they are."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import WriteStatus
from moodroom_hub.domain.models import EpochMs, Uri
from moodroom_hub.domain.sorting.models import Sublist, SublistKey
from moodroom_hub.plugins.sorter.writing.applying import Difference
from moodroom_hub.plugins.sorter.writing.desk import Outcome
from moodroom_hub.plugins.sorter.writing.writer import PlaylistWriter
from moodroom_hub.simulator.faults import Fault
from moodroom_hub.simulator.home import EPOCH_MS
from moodroom_hub.simulator.library import OWNER_ID, STRANGER_ID
from tests.plugins.sorter.writing.lab import (
    ADD,
    CREATE,
    HOUSE,
    LATE,
    LOCAL,
    MUTUAL,
    POP,
    READ,
    REMOVE,
    SONGS,
    House,
    house,
)
from tests.plugins.spotify.lab import virtual

NAMES = {LATE: "Late Night", POP: "Pop!", HOUSE: "House"}
TARGETS: dict[SublistKey, list[Uri]] = {LATE: SONGS[:120], POP: SONGS[120:130], HOUSE: SONGS[130:250]}


def check(one: House, targets: dict[SublistKey, list[Uri]]) -> None:
    """Exactly these, in this order."""
    for key, uris in targets.items():
        assert one.rows(NAMES[key]) == uris, key


@virtual
async def test_two_hundred_and_fifty_songs(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        seen: list[tuple[int, int]] = []
        done = await one.writer.apply(MUTUAL, TARGETS, lambda now, total: seen.append((now, total)))
        check(one, TARGETS)
        assert [each.status for each in done.writes] == [WriteStatus.DONE] * 3
        assert {each.batch for each in done.writes} == {done.batch}
        assert (seen[0], seen[-1], sorted(seen)) == ((0, 250), (250, 250), seen)
        assert not any(one.playlist(name).is_public for name in NAMES.values())
        assert (one.asked(CREATE), one.asked(ADD)) == (3, 5)
        again = await one.writer.apply(MUTUAL, TARGETS)
        assert (again.batch, again.writes, again.labels, one.asked(ADD)) == (0, (), (), 5)
        fewer = {LATE: SONGS[:60] + SONGS[260:262], POP: [], HOUSE: SONGS[130:250]}
        await one.writer.apply(MUTUAL, fewer)
        check(one, fewer)


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.ERROR_BEFORE, Fault.RESET_AFTER, Fault.TOO_MANY])
def test_something_goes_wrong_everywhere(tmp_path: Path, fault: Fault) -> None:
    @virtual
    async def run() -> None:
        async with house(tmp_path) as one:
            for endpoint, spared in ((CREATE, 0), (CREATE, 1), (ADD, 0), (ADD, 3), (REMOVE, 0), (READ, 1)):
                one.spoil(fault, endpoint, spared)
            before = {LATE: SONGS[:110], POP: SONGS[120:125], HOUSE: SONGS[130:140]}
            await one.writer.apply(MUTUAL, before)
            check(one, before)
            later = {LATE: SONGS[5:115], POP: SONGS[:5] + SONGS[120:125], HOUSE: SONGS[132:140]}
            await one.writer.apply(MUTUAL, later)
            check(one, {**later, POP: SONGS[120:125] + SONGS[:5]})
            assert one.struck() == [fault] * 6
            assert len(one.home.world.library.playlists) == 4
            assert await one.writer.continue_open() == Outcome()

    run()


@virtual
async def test_a_wait_that_is_too_long_is_told_and_gone_on_with_another_day(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        one.spoil(Fault.QUOTA, ADD, spared=1, retry_after_s=50_000)
        with pytest.raises(Trouble) as trouble:
            await one.writer.apply(MUTUAL, TARGETS)
        assert trouble.value.code is TroubleCode.RATE_LIMITED
        assert one.rows("Late Night") == SONGS[:100]
        differences, found = await _tomorrow(one)
        assert [len(each.plan.adds) for each in differences] == [20, 10, 120]
        assert "not finished" in found.notes[0]
        done = await one.writer.continue_open()
        assert [each.status for each in done.writes] == [WriteStatus.DONE] * 3
        check(one, TARGETS)


async def _tomorrow(one: House) -> tuple[tuple[Difference, ...], Outcome]:
    await asyncio.sleep(60_000)
    return await one.writer.diff(MUTUAL, TARGETS)


@virtual
async def test_cancelled_anywhere_it_is_gone_on_with(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        one.spoil(Fault.TOO_MANY, ADD, spared=2, retry_after_s=30)
        work = asyncio.create_task(one.writer.apply(MUTUAL, TARGETS))
        await one.until_struck(work)
        work.cancel()
        await asyncio.wait([work])
        assert len([each for each in await one.book.writes() if each.status is WriteStatus.BEGUN]) == 2
        await asyncio.sleep(60)
        await one.writer.apply(MUTUAL, TARGETS)
        check(one, TARGETS)


@virtual
async def test_the_owners_songs_stay_where_they_are(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        mine = [SONGS[300], None, LOCAL.uri, SONGS[301], SONGS[300], SONGS[2]]
        made = one.home.world.library.make_playlist("Late Night", one.home.now_ms(), ())
        made.hold(mine)
        await one.writer.apply(MUTUAL, {LATE: SONGS[:4]}, same={SONGS[301]: SONGS[3]})
        assert one.rows("Late Night") == [*mine, SONGS[0], SONGS[1]]
        await one.writer.apply(MUTUAL, {LATE: SONGS[1:2]})
        assert one.rows("Late Night") == [*mine, SONGS[1]]
        assert one.playlist("Late Night").is_public  # it is the owner's: that stays as it was
        differences, _ = await one.writer.diff(MUTUAL, {LATE: [], POP: SONGS[:1]})
        assert [(each.plan.by_hand, each.plan.removes, each.calls) for each in differences] == [
            (6, (SONGS[1],), 1),
            (0, (), 2),
        ]
        assert differences[0].tracks[SONGS[1]].name == "Song 1"


@virtual
async def test_the_owner_is_at_it_meanwhile(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        one.spoil(Fault.TOO_MANY, ADD, spared=1, retry_after_s=30)
        work = asyncio.create_task(one.writer.apply(MUTUAL, {LATE: SONGS[:150]}))
        await one.until_struck(work)
        late = one.playlist("Late Night")
        late.hold([SONGS[300], *late.uris[:50], SONGS[301], *late.uris[50:], *late.uris[:3]])  # three came twice
        await work
        assert late.uris == [SONGS[300], SONGS[301], *SONGS[:150]]


@virtual
async def test_a_playlist_that_is_no_more(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.writer.apply(MUTUAL, {LATE: SONGS[:9], POP: SONGS[10:12]})
        one.playlist("Late Night").is_listed = False
        another = PlaylistWriter(one.parts.account, one.book, LoopClock(EpochMs(EPOCH_MS)))
        assert (await another.apply(MUTUAL, {LATE: SONGS[:9]})).notes == ()  # for all it knows it is not listed yet
        (told,), found = await one.writer.diff(MUTUAL, {LATE: SONGS[:9]})
        assert (told.playlist, len(told.plan.adds), "made anew" in found.notes[0]) == ("", 9, True)
        assert (await one.writer.corrections(MUTUAL)).labels == ()
        done = await one.writer.apply(MUTUAL, {LATE: SONGS[:9], POP: SONGS[10:12]})
        assert "made anew" in done.notes[0]
        assert one.rows("Late Night") == SONGS[:9]
        one.spoil(Fault.TOO_MANY, ADD, retry_after_s=30)
        work = asyncio.create_task(one.writer.apply(MUTUAL, {LATE: SONGS[:20]}))
        await one.until_struck(work)
        del one.home.world.library.playlists[one.playlist("Late Night").id]
        assert "deleted" in (await work).notes[0]
        await one.writer.apply(MUTUAL, {LATE: SONGS[:20]})
        assert one.rows("Late Night") == SONGS[:20]
        one.spoil(Fault.QUOTA, ADD, retry_after_s=50_000)
        with pytest.raises(Trouble):
            await one.writer.apply(MUTUAL, {LATE: SONGS[:30]})
        one.playlist("Late Night").is_listed = False
        await asyncio.sleep(60_000)
        assert "deleted" in (await one.writer.continue_open()).notes[0]
        assert await one.writer.continue_open() == Outcome()


@virtual
async def test_a_404_that_is_none_is_waited_for(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        for endpoint in (ADD, "GET /playlists/{id}"):
            one.spoil(Fault.NOT_FOUND, endpoint, at_most=2)
        await one.writer.apply(MUTUAL, {LATE: SONGS[:20]})
        assert one.rows("Late Night") == SONGS[:20]


@virtual
async def test_names_that_do_not_tell_which(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        for owner in (STRANGER_ID, OWNER_ID, OWNER_ID):
            made = one.home.world.library.make_playlist("Pop!", one.home.now_ms())
            made.owner_id, made.is_public = owner, False
            made.is_collaborative = owner == STRANGER_ID
        with pytest.raises(Trouble) as trouble:
            await one.writer.apply(MUTUAL, TARGETS)
        assert trouble.value.code is TroubleCode.CONFLICT
        assert one.asked(ADD) + one.asked(CREATE) == 0
        made.name = "Another"
        await one.writer.apply(MUTUAL, {POP: SONGS[:3]})
        held = [each.uris for each in one.home.world.library.playlists.values() if each.name == "Pop!"]
        assert held == [[], SONGS[:3]]
        twice = replace(MUTUAL, sublists=(*MUTUAL.sublists, Sublist(SublistKey("more"), "Pop!")))
        with pytest.raises(Trouble) as trouble:
            await one.writer.diff(twice, {key: [] for key in twice.keys})
        assert trouble.value.code is TroubleCode.BAD_REQUEST


@virtual
async def test_a_service_that_keeps_nothing_is_given_up(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.writer.apply(MUTUAL, {LATE: SONGS[:3]})
        one.spoil(Fault.GARBLED, "GET /playlists/{id}*", at_most=1000)
        with pytest.raises(Trouble) as trouble:
            await one.writer.apply(MUTUAL, {LATE: SONGS[:5]})
        assert trouble.value.code is TroubleCode.UNAVAILABLE
        assert len(one.struck()) == 8
