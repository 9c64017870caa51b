"""The sorter as faces know it: teaching, training, places, and what it remembers over a restart."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import Material, VersionStatus
from moodroom_hub.domain.models import Room, RoomSlug, Tier, Uri
from moodroom_hub.domain.sorting.models import LabelOrigin, LayerKey, Standing
from moodroom_hub.plugins.sorter.sorter import PlaylistSorter
from tests.plugins.sorter.lab import MOODS_SECTION, done, lab
from tests.plugins.sorter.made_up import FOLK, JAZZ, TECHNO, kind_of, library, own_list, track

MOODS = LayerKey("moods")


async def _teach(sorter: PlaylistSorter, answers: int, key: LayerKey = MOODS) -> None:
    for _ in range(answers):
        asked = await sorter.question(key)
        assert asked.track is not None
        kind = kind_of(asked.track)
        await sorter.answer(key, asked.track.uri, [kind] if kind in (JAZZ, TECHNO) else [])


async def test_a_few_answers_and_every_song_has_its_place(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(12, (JAZZ, TECHNO, FOLK)))) as here:
        sorter = here.sorter()
        await _teach(sorter, 12)
        notes = (await done(sorter, sorter.start_training())).notes
        assert any("12 labels" in note for note in notes)
        (view,) = await sorter.overview()
        assert (view.songs, view.labels, view.trouble) == (36, 12, "")
        assert [each.songs for each in view.sublists] == [12, 12]
        assert view.void == 12
        assert view.version is not None
        assert view.version.model == "by heart"
        placed = {each.track.uri: each.place for each in await sorter.places(MOODS)}
        assert all(set(place.sublists) == {kind_of(uri)} - {FOLK} for uri, place in placed.items())
        assert list(await here.book.places(MOODS)) == list(placed.values())
        history = await sorter.history(MOODS)
        assert {each.status for each in history} <= {VersionStatus.ADOPTED, VersionStatus.REPLACED}
        assert here.figures["sorter_moods_labels"] == 12.0


async def test_too_few_labels_are_no_failure(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(3))) as here:
        sorter = here.sorter()
        assert any("no labels yet" in note for note in (await done(sorter, sorter.start_training())).notes)
        await sorter.answer(MOODS, Uri("spotify:track:jazz0"), [JAZZ])
        notes = (await done(sorter, sorter.start_training())).notes
        assert any("elsewhere" in note for note in notes)
        (view,) = await sorter.overview()
        assert "not trained" in view.trouble
        assert [each.place.standing for each in await sorter.places(MOODS)] == [Standing.SAID]
        with pytest.raises(Trouble, match="sorter train"):
            await sorter.preview(MOODS)


async def test_playlists_and_rooms_teach_before_anybody_was_asked(tmp_path: Path) -> None:
    tracks = library(6)
    night = RoomSlug("night")
    music = Material(
        liked=tracks,
        lists=(own_list("Jazz", [each for each in tracks if kind_of(each) == JAZZ][:3]),),
        tiers={night: {tracks[1].uri: Tier.CONFIRMED, tracks[0].uri: Tier.REMOVED, tracks[2].uri: Tier.CONFIRMED}},
        taught={(night, tracks[1].uri), (night, tracks[0].uri)},
    )
    async with lab(tmp_path, music) as here:
        here.hub.rooms = {night: Room(night, "Night")}
        sorter = here.sorter({"moods": MOODS_SECTION, "rooms": {"sublists": "rooms"}})
        moods, rooms = await sorter.overview()
        assert (moods.labels, rooms.labels) == (3, 2)
        await sorter.answer(MOODS, Uri("spotify:track:jazz0"), [TECHNO])
        (place,) = [each for each in await sorter.places(MOODS) if each.track.uri == "spotify:track:jazz0"]
        assert place.place.sublists == (TECHNO,)
        await done(sorter, sorter.start_training())
        assert {lesson.fits for lesson in here.learner.tasks[-2].lessons} == {frozenset({0}), frozenset({1})}


async def test_what_the_radio_knows_of_artists_is_learnt_from(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(3))) as here:
        sorter = here.sorter()
        await _teach(sorter, 6)
        await done(sorter, sorter.start_training())
        assert here.learner.tasks[-1].vectors == {}
        (known,) = {artist for song in here.learner.tasks[-1].songs[:1] for artist in song.artists}
        here.hub.vectors = {known: (0.6, 0.8), "somebody else": (1.0, 0.0)}
        await done(sorter, sorter.start_training())
        assert here.learner.tasks[-1].vectors == {known: (0.6, 0.8)}


async def test_answers_are_checked_taken_back_and_skipped(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(3))) as here:
        sorter = here.sorter()
        first = await sorter.question(MOODS)
        assert first.track is not None
        uri = first.track.uri
        for layer, song, keys, code in (
            ("nowhere", uri, [JAZZ], TroubleCode.NOT_FOUND),
            ("moods", "spotify:track:x", [JAZZ], TroubleCode.NOT_FOUND),
            ("moods", uri, [FOLK], TroubleCode.NOT_FOUND),
            ("moods", uri, [JAZZ, TECHNO], TroubleCode.BAD_REQUEST),
        ):
            with pytest.raises(Trouble) as refused:
                await sorter.answer(LayerKey(layer), Uri(song), keys)
            assert refused.value.code is code
        second = await sorter.answer(MOODS, uri, [JAZZ])
        assert second.track is not None
        assert second.track.uri != uri
        assert (second.last is not None, second.last_track) == (True, first.track)
        third = await sorter.skip(MOODS, second.track.uri)
        assert third.track is not None
        assert third.track.uri not in (uri, second.track.uri)
        again = await sorter.take_back(MOODS)
        assert again.track == first.track
        assert again.progress.labels == 0
        with pytest.raises(Trouble, match="No answer"):
            await sorter.take_back(MOODS)
        for _ in range(5):
            asked = await sorter.question(MOODS)
            if asked.track is not None:
                await sorter.answer(MOODS, asked.track.uri, [kind_of(asked.track)])
        assert (await sorter.question(MOODS)).track is None


async def test_a_correction_is_a_label_and_holds_for_every_uri_of_the_recording(tmp_path: Path) -> None:
    twin = replace(track(JAZZ, 1), uri=Uri("spotify:track:jazz-again"))
    async with lab(tmp_path, Material(liked=(*library(3), twin))) as here:
        sorter = here.sorter()
        moved = await sorter.move(MOODS, twin.uri, [TECHNO])
        assert (moved.track, moved.place.standing) == (twin, Standing.SAID)
        placed = {each.track.uri: each.place.sublists for each in await sorter.places(MOODS)}
        assert placed == {Uri("spotify:track:jazz1"): (TECHNO,), twin.uri: (TECHNO,)}
        (label,) = await here.book.labels(MOODS)
        assert label.origin is LabelOrigin.CORRECTED


async def test_after_a_restart_nothing_is_learnt_anew(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(12))) as here:
        sorter = here.sorter()
        await _teach(sorter, 4)
        await done(sorter, sorter.start_training())
        before = await sorter.places(MOODS)
        await sorter.close()
        trainings = len(here.learner.tasks)
        after = here.sorter()
        assert list(await after.places(MOODS)) == list(before)
        asked = await after.question(MOODS)
        assert asked.chances
        assert asked.why
        assert (len(here.learner.tasks), here.learner.judged) == (trainings, [])
        assert after.is_trained(after.layers()[0])


async def test_five_answers_are_learnt_behind_and_the_work_that_is_asked_for_comes_first(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(20))) as here:
        sorter = here.sorter()
        here.learner.waits = asyncio.Event()
        await _teach(sorter, 5)
        while not here.learner.tasks:  # noqa: ASYNC110 -- the sorter tells nobody of its quiet work
            await asyncio.sleep(0.002)
        assert here.learner.tasks[0].is_quick
        await _teach(sorter, 1)
        job = sorter.start_training()
        while len(here.learner.tasks) < 2:  # noqa: ASYNC110 -- as above
            await asyncio.sleep(0.002)
        assert not here.learner.tasks[1].is_quick
        assert len(here.learner.tasks[1].lessons) == 6
        here.learner.waits.set()
        await done(sorter, job)
        assert len(list((tmp_path / "sorter").glob("*.model"))) == 1


async def test_a_worse_model_is_not_adopted_and_old_ones_go(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(20))) as here:
        sorter = here.sorter(retrain="never")
        for _ in range(7):
            await _teach(sorter, 3)
            await done(sorter, sorter.start_training())
        before = await sorter.places(MOODS)
        files = sorted((tmp_path / "sorter").glob("*.model"))
        assert len(files) == 5
        here.learner.is_dull = True
        notes = (await done(sorter, sorter.start_training())).notes
        assert any("rejected" in note for note in notes)
        newest, in_use, *_ = await sorter.history(MOODS)
        assert (newest.status, newest.file, in_use.status) == (VersionStatus.REJECTED, "", VersionStatus.ADOPTED)
        assert newest.before is not None
        assert newest.before > newest.accuracy
        assert [each.place.sublists for each in await sorter.places(MOODS)] == [each.place.sublists for each in before]
        assert sorted((tmp_path / "sorter").glob("*.model")) == files
        assert len(list((tmp_path / "sorter").iterdir())) == 10


async def test_layers_stand_on_each_other_and_say_what_is_wrong(tmp_path: Path) -> None:
    layers = {
        "moods": MOODS_SECTION,
        "eras": {"motherlist": "moods/jazz", "sublists": {"old": {}, "new": {}}, "complete": True},
        "lost": {"motherlist": "playlist: Nowhere", "sublists": {"a": {}, "b": {}}},
    }
    async with lab(tmp_path, Material(liked=library(10))) as here:
        sorter = here.sorter(layers)
        await _teach(sorter, 6)
        await done(sorter, sorter.start_training())
        views = {each.layer.key: each for each in await sorter.overview()}
        assert views[LayerKey("eras")].songs == 10
        assert "Nowhere" in views[LayerKey("lost")].trouble
        with pytest.raises(Trouble, match="Nowhere"):
            await sorter.question(LayerKey("lost"))
        eras = await sorter.question(LayerKey("eras"))
        assert eras.track is not None
        with pytest.raises(Trouble, match="complete"):
            await sorter.answer(LayerKey("eras"), eras.track.uri, [])
        checks = await sorter.check()
        assert [each.name for each in checks] == ["sorter moods", "sorter eras", "sorter lost"]


async def test_new_likes_are_placed_by_the_model_in_use(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(8))) as here:
        sorter = here.sorter()
        await _teach(sorter, 6)
        await done(sorter, sorter.start_training())
        strange = replace(track(JAZZ, 90), artists=("Nobody Known",))
        here.book.music = Material(liked=(track(JAZZ, 80), strange, *library(8)))
        job = await done(sorter, sorter.start_sync())
        assert any("2 new songs: 1 placed, 1 to review" in note for note in job.notes)
        (doubtful,) = await sorter.places(MOODS, Standing.DOUBTFUL)
        assert doubtful.track == strange
        placed = {each.uri: each for each in await here.book.places(MOODS)}
        assert placed[Uri("spotify:track:jazz80")].sublists == (JAZZ,)
        await done(sorter, sorter.start_sync())
        assert len(here.learner.judged) == 1


async def test_at_night_only_what_changed_is_learnt(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(20))) as here:
        sorter = here.sorter()
        await sorter.nightly()
        assert here.learner.tasks == []
        await _teach(sorter, 4)
        await sorter.nightly()
        await sorter.nightly()
        assert len(here.learner.tasks) == 1
        await _teach(sorter, 1)
        await sorter.nightly()
        assert len(here.learner.tasks) == 2
        never = here.sorter(retrain="never")
        await _teach(never, 1)
        await never.nightly()
        weekly = here.sorter(retrain="weekly")
        await weekly.nightly()
        assert len(here.learner.tasks) == 2


async def test_a_look_that_was_given_up_is_there_for_the_next_one(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(4))) as here:
        sorter = here.sorter()
        given_up = asyncio.create_task(sorter.overview())
        await asyncio.sleep(0)
        given_up.cancel()
        (view,) = await sorter.overview()
        assert view.songs == 8
        assert given_up.cancelled()
        # Whoever only looks does not have everything read again; whoever works with it does.
        here.book.music = Material(liked=library(5))
        assert (await sorter.overview())[0].songs == 8
        await done(sorter, sorter.start_sync())
        assert (await sorter.overview())[0].songs == 10
        ended = asyncio.create_task(here.sorter().overview())
        await asyncio.sleep(0)
        await here.made[-1].close()
        with pytest.raises(asyncio.CancelledError):
            await ended


async def test_what_was_learnt_between_two_questions_is_learnt_well_at_night(tmp_path: Path) -> None:
    async with lab(tmp_path, Material(liked=library(20))) as here:
        sorter = here.sorter()
        await _teach(sorter, 5)
        while not await sorter.history(MOODS):  # noqa: ASYNC110 -- nobody tells of quiet work
            await asyncio.sleep(0.002)
        await sorter.nightly()
        await sorter.nightly()
        assert [each.is_quick for each in here.learner.tasks] == [True, False]
