"""A small motherlist with two clear sublists."""

from moodroom_hub.plugins.sorter.learning.task import Lesson, Song, SongList, TrainingTask

PER_SUBLIST = 24
BOTH = frozenset({0, 1})


def truth_of(place: int) -> int:
    """0: old jazz; 1: new techno."""
    return int(place >= PER_SUBLIST)


def task(
    lessons: tuple[Lesson, ...] = (), *, is_mutual: bool = True, is_complete: bool = True, is_quick: bool = True
) -> TrainingTask:
    """Every song of one kind has things in common with the others of its kind."""
    songs = []
    for place in range(2 * PER_SUBLIST):
        kind, year = (("Jazz", 1960), ("Techno", 2015))[truth_of(place)]
        artist = f"{kind} Player {place % 5}"
        songs.append(Song(f"u{place}", f"{kind} tune {place}", (artist,), f"{kind} Album", year + place % 4, 200_000))
    lists = tuple(
        SongList(f"List {start}", tuple((song.name, song.artists[0]) for song in songs[start : start + 12]))
        for start in range(0, 2 * PER_SUBLIST, 12)
    )
    return TrainingTask(
        tuple(songs), lists, lessons, ("Old", "New"), is_mutual, is_complete, is_quick=is_quick, layer="moods"
    )


def taught(each: int = 4) -> tuple[Lesson, ...]:
    """The first ``each`` songs of both sublists."""
    places = [*range(each), *range(PER_SUBLIST, PER_SUBLIST + each)]
    return tuple(Lesson(place, frozenset({truth_of(place)}), BOTH - {truth_of(place)}) for place in places)
