"""From places to playlists: previews, writing, what a sync may write, and what a run left open."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from moodroom_hub.core.errors import NotReady, Trouble
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import Account
from moodroom_hub.core.sorting import Material, OwnList, SorterJob, SorterJobStatus, WriteStatus
from moodroom_hub.domain.models import Room, RoomSlug, Track, Uri
from moodroom_hub.domain.sorting.models import LayerKey, Standing
from moodroom_hub.plugins.sorter.sorter import PlaylistSorter
from tests.plugins.sorter.keeper import MemoryKeeper
from tests.plugins.sorter.lab import MOODS_SECTION, Lab, done, lab, over
from tests.plugins.sorter.made_up import JAZZ, TECHNO, kind_of, library, track

MOODS = LayerKey("moods")
MUSIC = library(6)


@dataclass
class Taught:
    """A sorter whose one layer was taught, and the playlists."""

    lab: Lab
    sorter: PlaylistSorter
    keeper: MemoryKeeper

    def like(self, *tracks: Track) -> None:
        """Newly liked songs."""
        self.keeper.songs = {**self.keeper.songs, **{each.uri: each for each in tracks}}
        self.lab.book.music = Material(liked=(*tracks, *self.lab.book.music.liked))


@contextlib.asynccontextmanager
async def taught(
    folder: Path, lists: Mapping[str, list[Uri]] | None = None, layers: Mapping[str, Any] | None = None, **more: Any
) -> AsyncIterator[Taught]:
    """Two answers are enough for this learner."""
    async with lab(folder, Material(liked=MUSIC)) as here:
        keeper = MemoryKeeper({each.uri: each for each in MUSIC}, dict(lists or {}))
        here.hub.accounts = [cast(Account, keeper)]
        night = RoomSlug("night")
        here.hub.rooms = {night: Room(night, "Night")}
        sorter = here.sorter(layers, **more)
        for kind in (JAZZ, TECHNO):
            await sorter.answer(MOODS, Uri(f"spotify:track:{kind}0"), [kind])
        await done(sorter, sorter.start_training())
        yield Taught(here, sorter, keeper)


def _uris(kind: str) -> list[Uri]:
    return [each.uri for each in MUSIC if kind_of(each) == kind]


async def test_a_preview_is_what_is_written_and_hands_are_left_alone(tmp_path: Path) -> None:
    strange = [Uri("spotify:track:techno5"), Uri("spotify:track:jazz3")]
    async with taught(tmp_path, {"Jazz": [*strange]}) as here:
        preview = await here.sorter.preview(MOODS)
        jazz, techno = preview.changes
        assert (jazz.is_new, jazz.kept_by_hand, techno.is_new) == (False, 2, True)
        assert [each.track.uri for each in jazz.added] == [uri for uri in _uris("jazz") if uri not in strange]
        assert all(each.place.sublists == (JAZZ,) for each in jazz.added)
        assert preview.calls == 3
        assert preview.counts[Standing.SAID] == 2
        assert here.keeper.changes == 0
        job = await done(here.sorter, here.sorter.start_applying())
        assert any("11 songs put there" in note for note in job.notes)
        assert here.keeper.lists == {
            "Jazz": [*strange, *(each.track.uri for each in jazz.added)],
            "Techno": _uris("techno"),
        }
        (view,) = await here.sorter.overview()
        assert view.last_write_ms is not None
        again = await here.sorter.preview(MOODS)
        assert [(each.added, each.removed, each.unchanged) for each in again.changes] == [((), (), 5), ((), (), 6)]
        await done(here.sorter, here.sorter.start_rollback())
        assert here.keeper.lists == {"Jazz": strange, "Techno": []}


async def test_what_a_hand_placed_after_the_last_look_is_heeded_by_the_preview_too(tmp_path: Path) -> None:
    async with taught(tmp_path) as here:
        await here.sorter.preview(MOODS)
        moved = [each for each in MUSIC if each.uri in ("spotify:track:techno4", "spotify:track:techno5")]
        here.keeper.lists["Jazz"] = [each.uri for each in moved]
        here.lab.book.music = Material(liked=MUSIC, lists=(OwnList("Jazz", "Jazz", "s", tuple(moved)),))
        told = {each.name: [one.track.uri for one in each.added] for each in (await here.sorter.preview(MOODS)).changes}
        await done(here.sorter, here.sorter.start_applying())
        assert here.keeper.lists == {"Jazz": [each.uri for each in moved] + told["Jazz"], "Techno": told["Techno"]}
        assert not {each.uri for each in moved} & set(told["Techno"])


async def test_a_sync_writes_what_is_new_and_moves_only_what_was_said(tmp_path: Path) -> None:
    async with taught(tmp_path) as here:
        await done(here.sorter, here.sorter.start_applying())
        strange = replace(track(JAZZ, 50), artists=("Nobody Known",))
        here.like(track(TECHNO, 40), strange)
        await here.sorter.move(MOODS, Uri("spotify:track:jazz4"), [TECHNO])
        await done(here.sorter, here.sorter.start_sync())
        lists = here.keeper.lists
        assert set(lists["Jazz"]) == set(_uris("jazz")) - {"spotify:track:jazz4"}
        assert set(lists["Techno"]) == {*_uris("techno"), "spotify:track:techno40", "spotify:track:jazz4"}
        assert [each.track for each in await here.sorter.places(MOODS, Standing.DOUBTFUL)] == [strange]
        # A model that thinks otherwise of everything else rearranges nothing by itself.
        before = {name: list(rows) for name, rows in lists.items()}
        here.lab.learner.is_dull = True
        await done(here.sorter, here.sorter.start_training())
        assert any(change.removed for change in (await here.sorter.preview(MOODS)).changes)
        await done(here.sorter, here.sorter.start_sync())
        assert here.keeper.lists == before


@pytest.mark.parametrize("is_taken_back", [True, False])
async def test_a_sync_writes_nothing_where_that_is_not_wanted(tmp_path: Path, is_taken_back: bool) -> None:
    async with taught(tmp_path, auto_apply=is_taken_back) as here:
        await done(here.sorter, here.sorter.start_applying())
        if is_taken_back:
            await done(here.sorter, here.sorter.start_rollback())
        before = {name: list(rows) for name, rows in here.keeper.lists.items()}
        here.like(track(TECHNO, 40))
        job = await done(here.sorter, here.sorter.start_sync())
        assert any("1 new song: 1 placed" in note for note in job.notes)
        assert here.keeper.lists == before


async def test_what_a_run_left_open_is_gone_on_with_at_the_next_start(tmp_path: Path) -> None:
    async with taught(tmp_path) as here:
        here.keeper.fails_after = 2
        here.sorter.start_applying()
        failed = await over(here.sorter)
        assert (failed.status, failed.error) == (SorterJobStatus.FAILED, "log in again")
        (view,) = await here.sorter.overview()
        assert view.is_write_open
        after = here.lab.sorter()
        await after.start()
        (go_on,) = here.lab.loops
        with pytest.raises(NotReady, match="log in again"):
            await go_on()
        assert here.lab.statuses[-1] == (PluginStatus.WAITING, "apply: log in again")
        here.keeper.fails_after = None
        await go_on()
        assert here.keeper.lists == {"Jazz": _uris("jazz"), "Techno": _uris("techno")}
        assert {each.status for each in await here.lab.book.writes()} == {WriteStatus.DONE}
        await go_on()
        assert after.job().status is SorterJobStatus.DONE


async def test_a_job_says_what_it_does_and_what_it_finished(tmp_path: Path) -> None:
    async with taught(tmp_path) as here:
        here.keeper.fails_after = 2
        here.sorter.start_applying()
        await over(here.sorter)
        here.keeper.fails_after = None
        job = await done(here.sorter, here.sorter.start_applying())
        assert job.notes == (
            "what was begun earlier is finished: 1 playlist written, 6 songs put there, 0 taken out",
            "Moods: nothing more is to be changed",
        )
        phases = await _phases(here, here.sorter.start_applying())
        assert ("Moods: reading the playlists" in phases, "Moods: writing" in phases) == (True, False)
        assert here.sorter.job().notes == ("Moods: nothing is to be changed",)
        await here.sorter.move(MOODS, Uri("spotify:track:jazz4"), [TECHNO])
        assert "Moods: writing" in await _phases(here, here.sorter.start_applying())


async def _phases(here: Taught, job: SorterJob) -> list[str]:
    """What the work says of itself until it is done: whatever it asks of the account is a moment to look."""
    seen = [job.phase]
    here.keeper.looked_at = lambda: seen.append(here.sorter.job().phase)
    await done(here.sorter, job)
    return seen


async def test_rooms_and_untaught_layers_are_not_written(tmp_path: Path) -> None:
    layers = {"moods": MOODS_SECTION, "rooms": {"sublists": "rooms"}, "more": {"sublists": {"a": {}, "b": {}}}}
    async with taught(tmp_path, layers=layers) as here:
        job = await done(here.sorter, here.sorter.start_applying())
        assert any("Rooms: its sublists are rooms" in note for note in job.notes)
        assert any("More: it has no labels" in note for note in job.notes)
        assert set(here.keeper.lists) == {"Jazz", "Techno"}
        here.sorter.start_applying(LayerKey("more"))
        assert "sorter label more" in (await over(here.sorter)).error
        with pytest.raises(Trouble, match="sorter label rooms"):
            await here.sorter.preview(LayerKey("rooms"))


async def test_a_layer_that_cannot_be_sorted_keeps_no_other_from_being_written(tmp_path: Path) -> None:
    ghost = {"motherlist": "playlist: Ghost", "sublists": {"a": {}, "b": {}}}
    async with taught(tmp_path, layers={"ghost": ghost, "moods": MOODS_SECTION}) as here:
        job = await done(here.sorter, here.sorter.start_applying())
        assert any("Ghost: no playlist called Ghost" in note for note in job.notes)
        assert here.keeper.lists == {"Jazz": _uris("jazz"), "Techno": _uris("techno")}
        here.sorter.start_applying(LayerKey("ghost"))
        assert "no playlist called Ghost" in (await over(here.sorter)).error


async def test_what_labels_alone_decide_is_written_without_a_model(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=MUSIC[:2])) as here:
        keeper = MemoryKeeper({each.uri: each for each in MUSIC})
        here.hub.accounts = [cast(Account, keeper)]
        sorter = here.sorter()
        await sorter.answer(MOODS, MUSIC[0].uri, [JAZZ])
        with pytest.raises(Trouble, match="sorter train moods"):
            await sorter.preview(MOODS)
        await sorter.answer(MOODS, MUSIC[1].uri, [JAZZ])
        assert [each.trouble for each in await sorter.overview()] == [""]
        assert [len(each.added) for each in (await sorter.preview(MOODS)).changes] == [2, 0]
        await done(sorter, sorter.start_applying())
        assert keeper.lists == {"Jazz": [each.uri for each in MUSIC[:2]]}
        await sorter.move(MOODS, MUSIC[0].uri, [TECHNO])
        await done(sorter, sorter.start_applying(MOODS))
        assert keeper.lists == {"Jazz": [MUSIC[1].uri], "Techno": [MUSIC[0].uri]}
        await sorter.move(MOODS, MUSIC[0].uri, [JAZZ])
        job = await done(sorter, sorter.start_sync())
        assert keeper.lists == {"Jazz": [each.uri for each in (MUSIC[1], MUSIC[0])], "Techno": []}
        assert not any("new song" in note for note in job.notes)


async def test_without_an_account_that_writes_the_rest_works(tmp_path: Path) -> None:
    async with taught(tmp_path) as here:
        here.lab.hub.accounts = []
        with pytest.raises(Trouble, match="spotify plugin"):
            await here.sorter.preview(MOODS)
        here.sorter.start_applying()
        assert (await over(here.sorter)).status is SorterJobStatus.FAILED
        await done(here.sorter, here.sorter.start_sync())
        assert len(await here.sorter.places(MOODS)) == len(MUSIC)
