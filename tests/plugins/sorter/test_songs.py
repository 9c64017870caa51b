"""The owner's music as the learning sees it."""

from dataclasses import replace

from moodroom_hub.core.sorting import Heard, Material
from moodroom_hub.domain.models import RoomSlug, Tier, Uri
from moodroom_hub.domain.sorting.models import LabelOrigin, Sublist
from moodroom_hub.plugins.sorter.songs import learning_task, lessons_of, read_songs
from tests.plugins.sorter.made_up import JAZZ, MOODS, TECHNO, label, library, own_list, track


async def test_one_recording_is_one_row_through_any_chain_of_likeness() -> None:
    single = track(JAZZ, 1, uri="spotify:track:a", isrc="USAAA1234567")
    album = track(JAZZ, 2, uri="spotify:track:b", isrc="USAAA7654321")
    link = replace(album, uri=Uri("spotify:track:c"), isrc=single.isrc)
    songs = await read_songs((single, album, link, track(JAZZ, 3), single))
    assert len(songs.tracks) == 4
    assert len({songs.row_of[each.uri] for each in (single, album, link)}) == 1
    assert len(songs.rows) == 2
    chances = songs.chances([(0.9, 0.1), (0.2, 0.8)], ["by ear", "by guess"])
    assert [each.values for each in chances] == [(0.9, 0.1)] * 3 + [(0.2, 0.8)]


async def test_lessons_are_what_labels_say_and_outside_songs_teach() -> None:
    inside, outside = track(JAZZ, 1), track(TECHNO, 1)
    twin = replace(inside, uri=Uri("spotify:track:twin"))
    songs = await read_songs([inside, twin], [outside])
    labels = [
        label(twin.uri, JAZZ),
        label(outside.uri, TECHNO, origin=LabelOrigin.ROOM),
        label("spotify:track:nobody", JAZZ),
    ]
    lessons = lessons_of(MOODS, songs, labels)
    assert [(each.song, set(each.fits), set(each.misfits)) for each in lessons] == [(0, {0}, {1}), (1, {1}, {0})]
    assert [each.uri for each in songs.tracks] == [inside.uri, twin.uri]
    assert songs.same[twin.uri] == inside.uri


async def test_the_answers_are_not_among_the_features() -> None:
    tracks = library(4)
    layer = replace(MOODS, sublists=(*MOODS.sublists[:1], Sublist(TECHNO, "Techno", "", RoomSlug("rave"))))
    material = Material(
        liked=tracks,
        lists=(
            own_list("JAZZ", tracks[:4]),
            own_list("techno", tracks[4:]),
            own_list("Kitchen", tracks[1:5]),
            own_list("Written", tracks[:3], "written"),
            own_list("One", tracks[:1]),
        ),
        sittings=((("a", "b"), ("c", "d")), (("alone", "b"),)),
        genres={tracks[0].uri: ("bebop",)},
        tiers={RoomSlug("rave"): {tracks[0].uri: Tier.CONFIRMED}, RoomSlug("late"): {tracks[0].uri: Tier.REMOVED}},
        heard={tracks[0].uri: Heard(3, 1)},
    )
    songs = await read_songs(tracks)
    task = await learning_task(layer, songs, [], material, {tracks[1].uri: (0.5,)}, {"written"})
    assert [each.name for each in task.lists] == ["Kitchen", ""]
    assert (task.songs[0].genres, task.songs[0].tiers) == (("bebop",), ("late REMOVED",))
    assert (task.songs[0].completed, task.songs[0].skipped, task.songs[1].audio) == (3, 1, (0.5,))
    assert task.names == ("Jazz", "Techno")
