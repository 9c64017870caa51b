"""The owner's music as the learning wants it: one row a recording, what is known of it, and the lessons.

Everything here is done in small pieces, so that the hub's loop never waits for it.
"""

import asyncio
import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from moodroom_hub.core.sorting import Heard, Material
from moodroom_hub.domain.models import RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.recording import recording_keys
from moodroom_hub.domain.sorting.models import Chances, Label, Layer
from moodroom_hub.domain.sorting.reading import said
from moodroom_hub.plugins.sorter.learning.task import Lesson, Song, SongList, TrainingTask

BREATH = 100
"""After so many songs others get their turn: some milliseconds' work."""
MOST_PLAYLISTS = 1_000
MOST_SITTINGS = 1_500
"""More would cost time and memory and say little that is new."""

Audio = Mapping[Uri, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class LayerSongs:
    """A layer's motherlist (``tracks``, each uri once) as rows: one a recording, whatever uris it has.

    Labelled songs from outside the motherlist have rows too, behind the others: they teach, and get no place.
    """

    tracks: tuple[Track, ...]
    rows: tuple[Track, ...]
    row_of: Mapping[Uri, int]
    same: Mapping[Uri, Uri] = field(default_factory=dict)
    """Of every uri the one that stands for its recording."""

    def chances(self, values: Sequence[tuple[float, ...]], whys: Sequence[str]) -> list[Chances]:
        """What was found for the rows, for every song of the motherlist."""
        found = []
        for track in self.tracks:
            row = self.row_of[track.uri]
            found.append(Chances(track.uri, values[row], whys[row]))
        return found


async def read_songs(tracks: Iterable[Track], teaching: Iterable[Track] = ()) -> LayerSongs:
    """Put the songs into rows; ``teaching``: those that are labelled, in the motherlist or not.

    Whatever is linked by a chain of same recordings is one row, so that all of it goes the same way.
    """
    mother = tuple({track.uri: track for track in tracks}.values())
    every = tuple({track.uri: track for track in (*mother, *teaching)}.values())
    heads = list(range(len(every)))

    def head(place: int) -> int:
        while heads[place] != place:
            heads[place] = heads[heads[place]]
            place = heads[place]
        return place

    by_key: dict[str, int] = {}
    for place, track in enumerate(every):
        if place % BREATH == 0:
            await asyncio.sleep(0)
        for key in recording_keys(track):
            one, other = head(by_key.setdefault(key, place)), head(place)
            heads[max(one, other)] = min(one, other)
    rows: dict[int, int] = {}
    row_of = {track.uri: rows.setdefault(head(place), len(rows)) for place, track in enumerate(every)}
    same = {track.uri: every[head(place)].uri for place, track in enumerate(every)}
    return LayerSongs(mother, tuple(every[place] for place in rows), row_of, same)


async def learning_task(
    layer: Layer, songs: LayerSongs, labels: Iterable[Label], material: Material, audio: Audio, ours: Collection[str]
) -> TrainingTask:
    """What the learning is asked. ``ours``: the ids of the playlists that the sorter writes."""
    members: list[list[Uri]] = [[] for _ in songs.rows]
    for uri, row in songs.row_of.items():
        members[row].append(uri)
    rows: list[Song] = []
    about = _About(layer, material, audio)
    for number, (track, uris) in enumerate(zip(songs.rows, members, strict=True)):
        if number % BREATH == 0:
            await asyncio.sleep(0)
        rows.append(about.song(track, uris))
    return TrainingTask(
        songs=tuple(rows),
        lists=await _lists(layer, material, ours),
        lessons=lessons_of(layer, songs, labels),
        names=tuple(each.name for each in layer.sublists),
        is_mutual=layer.is_mutual,
        is_complete=layer.is_complete,
    )


def lessons_of(layer: Layer, songs: LayerSongs, labels: Iterable[Label]) -> tuple[Lesson, ...]:
    """One lesson a row: ``labels`` are gathered already, one a recording."""
    numbers = {key: number for number, key in enumerate(layer.keys)}
    lessons: dict[int, Lesson] = {}
    for label in labels:
        row, spoken = songs.row_of.get(label.uri), said(layer, label)
        if row is not None and not spoken.is_nothing and not (layer.is_mutual and len(spoken.fits) > 1):
            fits, misfits = (frozenset(numbers[key] for key in keys) for keys in (spoken.fits, spoken.misfits))
            lessons[row] = Lesson(row, fits, misfits)
    return tuple(lesson for _, lesson in sorted(lessons.items()))


class _About:
    """What is known of a recording. Rooms that are this layer's own sublists would give the answers away."""

    def __init__(self, layer: Layer, material: Material, audio: Audio) -> None:
        own = {each.room for each in layer.sublists if each.room is not None}
        self._tiers: dict[RoomSlug, Mapping[Uri, Tier]] = {
            room: tiers for room, tiers in material.tiers.items() if room not in own
        }
        self._material = material
        self._audio = audio

    def song(self, track: Track, uris: Sequence[Uri]) -> Song:
        material = self._material
        heard = [material.heard[uri] for uri in uris if uri in material.heard] or [Heard()]
        tiers = {f"{room} {tiers[uri]}" for room, tiers in self._tiers.items() for uri in uris if uri in tiers}
        return Song(
            uri=track.uri,
            name=track.name,
            artists=track.artists,
            album=track.album or "",
            year=track.year,
            duration_ms=track.duration_ms,
            genres=next((material.genres[uri] for uri in uris if uri in material.genres), ()),
            tiers=tuple(sorted(tiers)),
            completed=sum(each.completed for each in heard),
            skipped=sum(each.skipped for each in heard),
            audio=next((self._audio[uri] for uri in uris if uri in self._audio), ()),
        )


async def _lists(layer: Layer, material: Material, ours: Collection[str]) -> tuple[SongList, ...]:
    """The owner's playlists, and the longest sittings.

    Without the lists that hold this layer's own answers, and those that hold what the sorter thought itself.
    """
    answers = {_as_read(each.playlist or each.name) for each in layer.sublists}
    found: list[SongList] = []
    size = 0
    for own in material.lists[:MOST_PLAYLISTS]:
        if own.id in ours or _as_read(own.name) in answers or len(own.tracks) < 2:
            continue
        found.append(SongList(own.name, tuple((track.name, _first(track)) for track in own.tracks)))
        size += len(own.tracks)
        if size > 10 * BREATH:
            size = 0
            await asyncio.sleep(0)
    long = ((-len(each), place) for place, each in enumerate(material.sittings) if len(each) > 1)
    kept = heapq.nsmallest(MOST_SITTINGS, long)
    await asyncio.sleep(0)
    return (*found, *(SongList("", material.sittings[place]) for place in sorted(place for _, place in kept)))


def _first(track: Track) -> str:
    return track.artists[0] if track.artists else ""


def _as_read(name: str) -> str:
    """Playlists whose names differ in this no more are one to a person."""
    return " ".join(name.split()).casefold()
