"""One line for a person about why a song is thought to belong somewhere: what it shares with labelled ones."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from moodroom_hub.plugins.sorter.learning.keys import artist_names, song_key, song_name
from moodroom_hub.plugins.sorter.learning.lessons import Matrix
from moodroom_hub.plugins.sorter.learning.task import Song, TrainingTask

LONGEST_NAME = 60
NEAR_YEARS = 5
LEAST_YEARS = 3


class Reasons:
    """What the labelled songs of each sublist have to share."""

    def __init__(self, task: TrainingTask) -> None:
        self._task = task
        self._lists: dict[str, list[int]] = defaultdict(list)
        for place, each in enumerate(task.lists):
            for key in {song_name(*item) for item in each.items}:
                self._lists[key].append(place)
        self._artists: list[dict[str, int]] = [{} for _ in task.names]
        self._genres: list[Counter[str]] = [Counter() for _ in task.names]
        self._company: list[Counter[int]] = [Counter() for _ in task.names]
        self._years: list[list[int]] = [[] for _ in task.names]
        for lesson in task.lessons:
            song = task.songs[lesson.song]
            for sublist in lesson.fits:
                for artist in artist_names(song.artists):
                    self._artists[sublist].setdefault(artist, lesson.song)
                self._genres[sublist].update(song.genres)
                self._company[sublist].update(self._lists.get(song_key(song), ()))
                if song.year:
                    self._years[sublist].append(song.year)

    def whys(self, chances: Matrix) -> tuple[str, ...]:
        """One line a song, for its likeliest sublist."""
        if not chances.shape[1]:
            return ("",) * len(self._task.songs)
        return tuple(self._why(place, int(best)) for place, best in enumerate(chances.argmax(1)))

    def _why(self, place: int, sublist: int) -> str:
        song = self._task.songs[place]
        found = [part for part in self._parts(song, place, sublist) if part][:2]
        return "; ".join(found) or "by its words and its place among your songs"

    def _parts(self, song: Song, place: int, sublist: int) -> Iterable[str]:
        there = _short(self._task.names[sublist])
        for artist, shown in zip(artist_names(song.artists), song.artists, strict=False):
            other = self._artists[sublist].get(artist)
            if other is not None and other != place:
                yield f"same artist ({_short(shown)}) as “{_short(self._task.songs[other].name)}”"
                break
        lists = [each for each in self._lists.get(song_key(song), ()) if self._company[sublist][each] > 1]
        if lists:
            best = max(lists, key=lambda each: self._company[sublist][each])
            name = _short(self._task.lists[best].name)
            shared = self._company[sublist][best]
            yield f"shares {f'your list “{name}”' if name else 'a sitting'} with {shared} songs of {there}"
        genres = [genre for genre in song.genres if self._genres[sublist][genre] > 1]
        if genres:
            yield f"{_short(max(genres, key=lambda genre: self._genres[sublist][genre]))}, like others of {there}"
        years = self._years[sublist]
        if song.year and len(years) >= LEAST_YEARS:
            near = sum(abs(song.year - year) <= NEAR_YEARS for year in years)
            if near * 2 > len(years):
                yield f"of {song.year}, like most of {there}"


def _short(text: str) -> str:
    one_line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return one_line if len(one_line) <= LONGEST_NAME else one_line[: LONGEST_NAME - 1] + "…"
