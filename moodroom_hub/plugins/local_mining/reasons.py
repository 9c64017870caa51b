"""One line for a person about why a song is where it is: what it has in common with the room's own songs."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from moodroom_hub.plugins.local_mining.features import Library
from moodroom_hub.plugins.local_mining.songs import Label

LONGEST_NAME = 60


class Reasons:
    """Finds the plainest thing that a song shares with labelled ones."""

    def __init__(self, library: Library, labels: Sequence[Label], rooms: int) -> None:
        self._library = library
        self._by_artist: list[dict[str, list[int]]] = [defaultdict(list) for _ in range(rooms)]
        self._by_list: list[dict[int, list[int]]] = [defaultdict(list) for _ in range(rooms)]
        self._near: list[dict[int, list[int]]] = [defaultdict(list) for _ in range(rooms)]
        self._years: list[list[int]] = [[] for _ in range(rooms)]
        self._sizes = [0] * rooms
        for label in labels:
            if label.is_fit:
                self._learn(label.song, label.room)

    def _learn(self, song: int, room: int) -> None:
        library = self._library
        self._sizes[room] += 1
        for artist in library.artists[song]:
            self._by_artist[room][artist].append(song)
        for place in library.company.lists_of(library.keys[song]):
            self._by_list[room][place].append(song)
        for place in library.company.of_artists(library.artists[song]):
            self._near[room][place].append(song)
        year = library.songs[song].year
        if year is not None:
            self._years[room].append(year)

    def why(self, song: int, room: int) -> str:
        """What speaks for this room."""
        said = [part for part in (self._artist(song, room), self._shared_lists(song, room)) if part]
        if not said:
            said = [part for part in (self._neighbours(song, room),) if part]
        year = self._year(song, room)
        if year and len(said) < 2:
            said.append(year)
        return "; ".join(said) or "its words resemble those of the room's songs"

    def kinship(self, song: int, room: int) -> float:
        """The share of the room's other songs that have an artist or a list in common with this one."""
        library = self._library
        kin = {other for artist in library.artists[song] for other in self._by_artist[room].get(artist, ())}
        for place in library.company.lists_of(library.keys[song]):
            kin.update(self._by_list[room].get(place, ()))
        kin.discard(song)
        return len(kin) / max(1, self._sizes[room])

    def _artist(self, song: int, room: int) -> str:
        for artist, shown in zip(self._library.artists[song], _shown_artists(self._library, song), strict=True):
            others = [other for other in self._by_artist[room].get(artist, ()) if other != song]
            if others:
                return f"same artist ({_short(shown)}) as {self._name(others[0])}"
        return ""

    def _shared_lists(self, song: int, room: int) -> str:
        company = self._library.company.lists_of(self._library.keys[song])
        counts: Counter[int] = Counter()
        for place in sorted(company):
            counts.update(other for other in self._by_list[room].get(place, ()) if other != song)
        if not counts:
            return ""
        named = [other for other, _ in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:2]]
        most = counts[named[0]]
        lists = "a playlist or sitting" if most == 1 else f"{most} playlists or sittings"
        return f"shares {lists} with {' and '.join(map(self._name, named))}"

    def _neighbours(self, song: int, room: int) -> str:
        library = self._library
        counts: Counter[int] = Counter()
        for place in sorted(library.company.of_artists(library.artists[song])):
            counts.update(other for other in self._near[room].get(place, ()) if other != song)
        if not counts:
            return ""
        best = min(counts, key=lambda other: (-counts[other], other))
        return f"its artist stands in lists with {_short(library.songs[best].artists[0])}"

    def _year(self, song: int, room: int) -> str:
        year, years = self._library.songs[song].year, self._years[room]
        if year is None or len(years) < 3:
            return ""
        near = sum(abs(year - other) <= 5 for other in years)
        return f"of {year}, like most of the room" if near * 2 > len(years) else ""

    def _name(self, song: int) -> str:
        return f"“{_short(self._library.songs[song].name)}”"


def _shown_artists(library: Library, song: int) -> list[str]:
    shown = list(library.songs[song].artists)
    keys = library.artists[song]
    return [shown[place] if place < len(shown) else key for place, key in enumerate(keys)]


def _short(text: str) -> str:
    one_line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return one_line if len(one_line) <= LONGEST_NAME else one_line[: LONGEST_NAME - 1] + "…"
