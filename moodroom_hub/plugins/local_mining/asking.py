"""The hub's tasks as questions for the worker, and its answers as what the hub wants to hear."""

import asyncio
import heapq
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from moodroom_hub.domain.mining.models import (
    Audited,
    AuditTask,
    Example,
    Mined,
    MiningTask,
    Placement,
    TrackList,
    Unplaced,
)
from moodroom_hub.domain.mining.models import Misfit as FoundMisfit
from moodroom_hub.domain.models import Anchor, Room, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.recording import fold
from moodroom_hub.plugins.local_mining.features import song_key
from moodroom_hub.plugins.local_mining.songs import Label, Song, SongList
from moodroom_hub.plugins.local_mining.wire import Answer, Question

ENOUGH_OF_A_LIST = 100
MOST_SITTINGS = 1_500
MOST_PLAYLISTS = 1_000
"""More lists would cost minutes and memory and say little that is new."""
BREATH = 100
"""After so many songs others get their turn: some milliseconds' work."""

ResultT = TypeVar("ResultT")
Breaths = Generator[None, None, ResultT]
"""Work in small pieces, and its result."""


async def in_breaths(work: Breaths[ResultT]) -> ResultT:
    """Do it in this loop without ever holding the loop up; unlike a thread it stops where it is cancelled."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: ResultT = done.value
            return result
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is needed to understand its answer."""

    question: Question
    tracks: tuple[Track, ...]
    rooms: tuple[Room, ...]
    notes: tuple[str, ...]


class _Songs:
    """The library, and songs that are only known by name: anchors that the owner does not like (yet)."""

    def __init__(self) -> None:
        self.songs: list[Song] = []
        self.labels: set[Label] = set()
        self._by_uri: dict[Uri, int] = {}
        self._by_key: dict[str, list[int]] = {}

    def read(self, tracks: tuple[Track, ...], genres: dict[Uri, tuple[str, ...]]) -> Breaths[None]:
        for index, track in enumerate(tracks):
            if index % BREATH == 0:
                yield
            self.songs.append(_song(track, genres.get(track.uri, ())))
            self._by_uri.setdefault(track.uri, index)
            self._by_key.setdefault(song_key(track.name, track.artists[0] if track.artists else ""), []).append(index)

    def of_track(self, track: Track) -> list[int]:
        index = self._by_uri.get(track.uri)
        found = [index] if index is not None else []
        key = song_key(track.name, track.artists[0] if track.artists else "")
        return found or self._by_key.get(key) or [self._add(key, _song(track, ()))]

    def of_name(self, name: str, artist: str) -> list[int]:
        key = song_key(name, artist)
        return self._by_key.get(key) or [self._add(key, Song(name, (artist,) if artist else ()))]

    def known(self, name: str, artist: str) -> list[int]:
        return self._by_key.get(song_key(name, artist), [])

    def _add(self, key: str, song: Song) -> int:
        self.songs.append(song)
        self._by_key[key] = [len(self.songs) - 1]
        return len(self.songs) - 1


def ask_to_mine(task: MiningTask) -> Breaths[Asked]:
    """All tracks of the task against all its rooms."""
    songs = _Songs()
    yield from songs.read(task.tracks, dict(task.genres))
    places = {room.slug: place for place, room in enumerate(task.rooms)}
    yield from _teach(songs, task.rooms, places, task.examples)
    lists = yield from _most_telling(task.lists)
    titled = [each for each in task.lists if each.name]
    notes = [
        note
        for place, room in enumerate(task.rooms)
        if not any(label.is_fit and label.room == place for label in songs.labels)
        for note in (_teach_by_title(songs, room, place, titled),)
    ]
    return Asked(_question(songs, lists, task.rooms, len(task.tracks)), task.tracks, task.rooms, tuple(notes))


def ask_to_audit(task: AuditTask) -> Breaths[Asked]:
    """One room's tracks, each against the rest of the room, the other rooms and the library."""
    rooms = (task.room, *(room for room in task.rooms if room.slug != task.room.slug))
    in_library = {track.uri for track in task.tracks}
    tracks = (*task.tracks, *(track for track in task.audited if track.uri not in in_library))
    songs = _Songs()
    yield from songs.read(tracks, {})
    places = {room.slug: place for place, room in enumerate(rooms)}
    yield from _teach(songs, rooms, places, task.examples)
    audited = tuple(dict.fromkeys(songs.of_track(track)[0] for track in task.audited))
    lists = yield from _most_telling(task.lists)
    return Asked(_question(songs, lists, rooms, len(tracks), 0, audited), tracks, rooms, ())


def read_mined(asked: Asked, answer: Answer, least: float, sure: float) -> Breaths[Mined]:
    """Placements from ``least`` on; from ``sure`` on they are confirmed. The rest is unplaced."""
    placements: list[Placement] = []
    unplaced: list[Unplaced] = []
    for index, (track, verdict) in enumerate(zip(asked.tracks, answer.verdicts, strict=True)):
        if index % BREATH == 0:
            yield
        found = [
            Placement(room.slug, track.uri, chance, verdict.why, Tier.CONFIRMED if chance >= sure else Tier.SAFE_SIDE)
            for room, chance in zip(asked.rooms, verdict.probabilities, strict=True)
            if chance >= least
        ]
        placements.extend(found)
        if not found:
            unplaced.append(Unplaced(track.uri, _doubt(asked, verdict.probabilities, verdict.best)))
    return Mined(tuple(placements), tuple(unplaced), notes=asked.notes)


def read_audited(asked: Asked, answer: Answer, least: float) -> Audited:
    """Misfits from ``least`` on."""
    return Audited(
        tuple(
            FoundMisfit(asked.tracks[misfit.song].uri, misfit.why, misfit.probability)
            for misfit in answer.misfits
            if misfit.probability >= least
        )
    )


def _doubt(asked: Asked, chances: tuple[float, ...], best: int) -> str:
    if not chances or chances[best] == 0:
        return "nothing is known yet that it could be likened to"
    return f"in doubt: at best {asked.rooms[best].name}, {chances[best]:.0%} sure"


def _question(
    songs: _Songs,
    lists: tuple[SongList, ...],
    rooms: tuple[Room, ...],
    asked: int,
    room: int | None = None,
    audited: tuple[int, ...] = (),
) -> Question:
    labels = tuple(sorted(songs.labels, key=lambda label: (label.song, label.room, label.is_fit)))
    return Question(tuple(songs.songs), lists, labels, tuple(each.name for each in rooms), asked, room, audited)


def _teach(
    songs: _Songs, rooms: tuple[Room, ...], places: dict[RoomSlug, int], examples: tuple[Example, ...]
) -> Breaths[None]:
    for index, example in enumerate(examples):
        if index % BREATH == 0:
            yield
        place = places.get(example.room)
        if place is not None:
            songs.labels.update(Label(song, place, example.is_fit) for song in songs.of_track(example.track))
    for place, room in enumerate(rooms):
        yield
        for anchor in room.anchors:
            songs.labels.update(Label(song, place) for song in _of_anchor(songs, anchor))


def _most_telling(lists: tuple[TrackList, ...]) -> Breaths[tuple[SongList, ...]]:
    """The playlists and the longest sittings: where many songs were heard together most can be learnt."""
    playlists: list[tuple[int, int]] = []
    sittings: list[tuple[int, int]] = []
    for place, each in enumerate(lists):
        if place % (10 * BREATH) == 0:
            yield
        if len(each.items) > 1:
            (playlists if each.name else sittings).append((-len(each.items), place))
    yield
    kept = heapq.nsmallest(MOST_PLAYLISTS, playlists) + heapq.nsmallest(MOST_SITTINGS, sittings)
    yield
    return tuple(SongList(lists[place].name, lists[place].items) for place in sorted(place for _, place in kept))


def _of_anchor(songs: _Songs, anchor: Anchor) -> list[int]:
    return songs.of_name(anchor.name, anchor.artist)


def _teach_by_title(songs: _Songs, room: Room, place: int, playlists: Sequence[TrackList]) -> str:
    """A room without any song learns from the owner's list of its name; there is nothing else to learn from."""
    words = set(fold(room.name).split())
    for each in playlists:
        if words and words <= set(fold(each.name).split()):
            found = [song for item in each.items for song in songs.known(*item)][:ENOUGH_OF_A_LIST]
            if found:
                songs.labels.update(Label(song, place) for song in found)
                return (
                    f"{room.name} has no song yet: it was learnt from your playlist of that name ({len(found)} songs)"
                )
    return f"{room.name} has no song to learn from: name some anchors, or put songs into it"


def _song(track: Track, genres: tuple[str, ...]) -> Song:
    return Song(track.name, track.artists, track.album or "", track.year, track.duration_ms, genres)
