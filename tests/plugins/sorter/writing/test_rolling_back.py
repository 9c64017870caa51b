"""A writing is taken back to exactly the former order; what the owner did since is never lost."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import WriteStatus
from moodroom_hub.domain.models import Uri
from moodroom_hub.simulator.faults import Fault
from tests.plugins.sorter.writing.lab import (
    ADD,
    HOUSE,
    LATE,
    LOCAL,
    MUTUAL,
    POP,
    REMOVE,
    SONGS,
    House,
    house,
)
from tests.plugins.spotify.lab import virtual

MINE = [SONGS[300], None, SONGS[301], LOCAL.uri, SONGS[300], SONGS[302]]


async def written_twice(one: House) -> list[str | None]:
    """Two writings into a list that has the owner's songs, duplicates and local files in it; how it was in between."""
    made = one.home.world.library.make_playlist("Late Night", one.home.now_ms(), ())
    made.hold(MINE)
    await one.writer.apply(MUTUAL, {LATE: SONGS[:130], POP: SONGS[130:135]})
    late = one.playlist("Late Night")
    late.hold([*late.uris[50:], *late.uris[:50]])
    former = list(late.uris)
    await one.writer.apply(MUTUAL, {LATE: SONGS[100:160], POP: SONGS[:3] + SONGS[130:135], HOUSE: SONGS[200:203]})
    assert len(late.uris) == 66
    return former


async def refused(one: House) -> TroubleCode:
    """Why it is not taken back."""
    with pytest.raises(Trouble) as trouble:
        await one.writer.rollback(MUTUAL.key)
    return trouble.value.code


@virtual
async def test_to_the_exact_former_order_twice(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        former = await written_twice(one)
        done = await one.writer.rollback(MUTUAL.key)
        assert one.rows("Late Night") == former
        assert one.rows("Pop!") == SONGS[130:135]
        assert one.rows("House") == []
        assert ["emptied and left" in note for note in done.notes] == [True]
        assert await refused(one) is TroubleCode.CONFLICT  # it was put in another order after the first writing
        late = one.playlist("Late Night")
        late.hold([*late.uris[86:], *late.uris[:86]])
        await one.writer.rollback()
        assert one.rows("Late Night") == MINE
        assert one.rows("Pop!") == []
        assert await refused(one) is TroubleCode.NOT_FOUND
        assert {each.status for each in await one.book.writes() if not each.is_back} == {WriteStatus.TAKEN_BACK}
        found = await one.writer.corrections(MUTUAL)
        assert found.labels == ()
        await one.writer.apply(MUTUAL, {LATE: SONGS[:2], POP: [], HOUSE: SONGS[5:6]})
        assert one.rows("Late Night") == [*MINE, *SONGS[:2]]
        assert one.rows("House") == SONGS[5:6]


@virtual
async def test_whatever_goes_wrong_on_the_way(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        former = await written_twice(one)
        for fault, endpoint in ((Fault.ERROR_AFTER, ADD), (Fault.RESET_AFTER, REMOVE), (Fault.ERROR_BEFORE, ADD)):
            one.spoil(fault, endpoint)
        one.spoil(Fault.TOO_MANY, ADD, retry_after_s=40)
        work = asyncio.create_task(one.writer.rollback(MUTUAL.key))
        await one.until_struck(work, 4)
        work.cancel()
        await asyncio.wait([work])
        assert one.rows("Late Night") != former
        await asyncio.sleep(60)
        await one.writer.rollback(MUTUAL.key)
        assert one.rows("Late Night") == former
        assert len(one.struck()) == 4


@virtual
async def test_half_a_writing(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        made = one.home.world.library.make_playlist("Late Night", one.home.now_ms(), ())
        made.hold(MINE)
        one.spoil(Fault.QUOTA, ADD, spared=1, retry_after_s=50_000)
        with pytest.raises(Trouble):
            await one.writer.apply(MUTUAL, {LATE: SONGS[:130], POP: SONGS[:3]})
        assert len(one.rows("Late Night")) == 106
        await asyncio.sleep(60_000)
        await one.writer.rollback()
        assert one.rows("Late Night") == MINE
        assert (await one.writer.continue_open()).writes == ()
        assert [one.name for one in one.home.world.library.playlists.values()] == ["Not for any room", "Late Night"]


@virtual
async def test_what_the_owner_changed_since(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        former = await written_twice(one)
        late = one.playlist("Late Night")
        late.hold([SONGS[310], *(uri for uri in reversed(late.uris) if uri not in (SONGS[302], SONGS[159])), None])
        assert await refused(one) is TroubleCode.CONFLICT
        assert one.rows("Pop!") == [*SONGS[130:135], *SONGS[:3]]  # nothing at all was taken back
        await one.writer.rollback(is_forced=True)
        # The unknown item that the owner added cannot be told from the one that was there.
        assert one.rows("Late Night") == [*former, SONGS[310], None]
        assert one.rows("Pop!") == SONGS[130:135]


@virtual
async def test_a_local_file_that_is_gone_cannot_come_back(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        former = await written_twice(one)
        late = one.playlist("Late Night")
        late.hold([uri for uri in late.uris if uri != LOCAL.uri])
        done = await one.writer.rollback(is_forced=True)
        assert late.uris == [uri for uri in former if uri != LOCAL.uri]
        assert any("1 local files" in note for note in done.notes)


@virtual
async def test_a_playlist_that_is_no_more(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await written_twice(one)
        one.playlist("Late Night").is_listed = False
        await asyncio.sleep(400)
        done = await one.writer.rollback()
        assert "nothing to take back there" in done.notes[0]
        assert one.rows("Pop!") == SONGS[130:135]


@virtual
async def test_an_earlier_writing_by_its_number(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        first = await one.writer.apply(MUTUAL, {LATE: SONGS[:3]})
        second = await one.writer.apply(MUTUAL, {POP: SONGS[:3]})
        third = await one.writer.apply(MUTUAL, {LATE: SONGS[:4], POP: SONGS[:3]})
        assert first.batch < second.batch < third.batch
        with pytest.raises(Trouble) as trouble:
            await one.writer.rollback(batch=first.batch)
        assert trouble.value.code is TroubleCode.CONFLICT
        await one.writer.rollback(batch=second.batch)
        assert (one.rows("Pop!"), one.rows("Late Night")) == ([], SONGS[:4])
        for _ in range(2):
            await one.writer.rollback()
        assert one.rows("Late Night") == list[Uri]()
