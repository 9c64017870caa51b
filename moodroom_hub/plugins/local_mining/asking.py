"""The hub's tasks as questions for the worker, and its answers as what the hub wants to hear."""

from dataclasses import dataclass

from moodroom_hub.domain.mining.models import Audited, AuditTask, Example, Mined, MiningTask, Placement, Unplaced
from moodroom_hub.domain.mining.models import Misfit as FoundMisfit
from moodroom_hub.domain.models import Anchor, Room, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.recording import fold
from moodroom_hub.plugins.local_mining.company import most_telling
from moodroom_hub.plugins.local_mining.features import song_key
from moodroom_hub.plugins.local_mining.songs import Label, Song, SongList
from moodroom_hub.plugins.local_mining.wire import Answer, Question

ENOUGH_OF_A_LIST = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is needed to understand its answer."""

    question: Question
    tracks: tuple[Track, ...]
    rooms: tuple[Room, ...]
    notes: tuple[str, ...]


class _Songs:
    """The library, and songs that are only known by name: anchors that the owner does not like (yet)."""

    def __init__(self, tracks: tuple[Track, ...], genres: dict[Uri, tuple[str, ...]]) -> None:
        self.songs = [_song(track, genres.get(track.uri, ())) for track in tracks]
        self.labels: set[Label] = set()
        self._by_uri: dict[Uri, int] = {}
        self._by_key: dict[str, list[int]] = {}
        for index, track in enumerate(tracks):
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


def ask_to_mine(task: MiningTask) -> Asked:
    """All tracks of the task against all its rooms."""
    songs = _Songs(task.tracks, dict(task.genres))
    places = {room.slug: place for place, room in enumerate(task.rooms)}
    _teach(songs, task.rooms, places, task.examples)
    lists = tuple(SongList(each.name, each.items) for each in task.lists)
    notes = [
        note
        for place, room in enumerate(task.rooms)
        if not any(label.is_fit and label.room == place for label in songs.labels)
        for note in (_teach_by_title(songs, room, place, lists),)
    ]
    return Asked(_question(songs, lists, task.rooms, len(task.tracks)), task.tracks, task.rooms, tuple(notes))


def ask_to_audit(task: AuditTask) -> Asked:
    """One room's tracks, each against the rest of the room, the other rooms and the library."""
    rooms = (task.room, *(room for room in task.rooms if room.slug != task.room.slug))
    in_library = {track.uri for track in task.tracks}
    tracks = (*task.tracks, *(track for track in task.audited if track.uri not in in_library))
    songs = _Songs(tracks, {})
    places = {room.slug: place for place, room in enumerate(rooms)}
    _teach(songs, rooms, places, task.examples)
    audited = tuple(dict.fromkeys(songs.of_track(track)[0] for track in task.audited))
    lists = tuple(SongList(each.name, each.items) for each in task.lists)
    return Asked(_question(songs, lists, rooms, len(tracks), 0, audited), tracks, rooms, ())


def read_mined(asked: Asked, answer: Answer, least: float, sure: float) -> Mined:
    """Placements from ``least`` on; from ``sure`` on they are confirmed. The rest is unplaced."""
    placements: list[Placement] = []
    unplaced: list[Unplaced] = []
    for track, verdict in zip(asked.tracks, answer.verdicts, strict=True):
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
    return Question(
        tuple(songs.songs), most_telling(lists), labels, tuple(each.name for each in rooms), asked, room, audited
    )


def _teach(songs: _Songs, rooms: tuple[Room, ...], places: dict[RoomSlug, int], examples: tuple[Example, ...]) -> None:
    for example in examples:
        place = places.get(example.room)
        if place is not None:
            songs.labels.update(Label(song, place, example.is_fit) for song in songs.of_track(example.track))
    for place, room in enumerate(rooms):
        for anchor in room.anchors:
            songs.labels.update(Label(song, place) for song in _of_anchor(songs, anchor))


def _of_anchor(songs: _Songs, anchor: Anchor) -> list[int]:
    return songs.of_name(anchor.name, anchor.artist)


def _teach_by_title(songs: _Songs, room: Room, place: int, lists: tuple[SongList, ...]) -> str:
    """A room without any song learns from the owner's list of its name; there is nothing else to learn from."""
    words = set(fold(room.name).split())
    for each in lists:
        if words and words <= set(fold(each.title).split()):
            found = [song for item in each.items for song in songs.known(*item)][:ENOUGH_OF_A_LIST]
            if found:
                songs.labels.update(Label(song, place) for song in found)
                return (
                    f"{room.name} has no song yet: it was learnt from your playlist of that name ({len(found)} songs)"
                )
    return f"{room.name} has no song to learn from: name some anchors, or put songs into it"


def _song(track: Track, genres: tuple[str, ...]) -> Song:
    return Song(track.name, track.artists, track.album or "", track.year, track.duration_ms, genres)
