"""Songs of a small model's artists. Imports little, for processes that begin with it."""

from collections.abc import Iterable, Mapping, Sequence

from moodroom_hub.core.stations import PlayedOut
from moodroom_hub.domain.models import DurationMs, Track, Uri
from moodroom_hub.domain.stations.choosing import Ranked
from moodroom_hub.domain.stations.models import Seed, Station, StationKey
from moodroom_hub.plugins.radio.names import artist_key

ARTISTS = 60
LENGTH_S = 200.0
NIGHT = Station(StationKey("night"), "Night", (Seed("Artist 1"), Seed("Artist 2", "Song 0")), chance=4711)


def songs_of(number: int) -> tuple[Track, ...]:
    """Six of an artist's."""
    return tuple(
        Track(Uri(f"spotify:track:{number:020d}{at:02d}"), f"Song {at}", (f"Artist {number}",), DurationMs(200_000))
        for at in range(6)
    )


class Shelf:
    """``stored``: what was found before; only what is recalled is held. ``recalls`` counts."""

    def __init__(self, stored: Iterable[int] = range(ARTISTS)) -> None:
        self.stored: dict[str, Sequence[Track]] = {artist_key(f"Artist {each}"): songs_of(each) for each in stored}
        self.memory: dict[str, Sequence[Track]] = {}
        self.recalls = 0

    async def recall(self, keys: Sequence[str]) -> None:
        """See ``Candidates``."""
        self.recalls += 1
        self.memory.update((key, self.stored[key]) for key in keys if key in self.stored)

    def held(self, keys: Iterable[str]) -> Mapping[str, Sequence[Track]]:
        """See ``Candidates``."""
        return {key: self.memory[key] for key in keys if key in self.memory}

    async def find(self, artists: Sequence[Ranked]) -> None:
        """Look them up."""
        self.stored.update((each.key, songs_of(int(each.name.split()[1]))) for each in artists)
        await self.recall([each.key for each in artists])


def played(track: Track, seconds: float = LENGTH_S) -> PlayedOut:
    """A track of a session, heard to its end."""
    return PlayedOut(track.uri.rpartition(":")[2], seconds, LENGTH_S)
