"""What was played most: tracks, artists, rooms, zones, and at which hours. Plays of one recording count together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from moodroom_hub.domain.models import DurationMs, RoomSlug
from moodroom_hub.domain.plays.models import Play
from moodroom_hub.domain.recording import normal_artist, recording_keys

MOST_SHOWN = 10
HOURS = 24


@dataclass(frozen=True, slots=True)
class Ranked:
    """A name, how often it was played, and how long it had been heard by the time each play counted."""

    name: str
    detail: str
    plays: int
    heard_ms: DurationMs


@dataclass(frozen=True, slots=True)
class Ranking:
    """Most played first, at most ``MOST_SHOWN`` of each. ``hours``: how many plays began in each hour of the day."""

    plays: int
    heard_ms: DurationMs
    tracks: tuple[Ranked, ...]
    artists: tuple[Ranked, ...]
    rooms: tuple[Ranked, ...]
    zones: tuple[Ranked, ...]
    hours: tuple[int, ...]


@dataclass(slots=True)
class _Sum:
    """One line that grows. It is called as its newest play calls it."""

    name: str = ""
    detail: str = ""
    plays: int = 0
    heard_ms: int = 0
    newest: tuple[int, int] = (-1, -1)

    def add(self, name: str, detail: str, heard_ms: int, at: tuple[int, int]) -> None:
        self.plays += 1
        self.heard_ms += heard_ms
        if at > self.newest:
            self.name, self.detail, self.newest = name, detail, at

    def join(self, other: "_Sum") -> None:
        self.plays += other.plays
        self.heard_ms += other.heard_ms
        if other.newest > self.newest:
            self.name, self.detail, self.newest = other.name, other.detail, other.newest


@dataclass(slots=True)
class PlayTally:
    """Takes plays in any order, each once, and ranks them; twins are passed by. ``zone`` is that of the hours."""

    zone: tzinfo
    _plays: int = 0
    _heard_ms: int = 0
    _tracks: dict[str, _Sum] = field(default_factory=dict)
    _joined: dict[str, str] = field(default_factory=dict)
    _artists: dict[str, _Sum] = field(default_factory=dict)
    _rooms: dict[str, _Sum] = field(default_factory=dict)
    _zones: dict[str, _Sum] = field(default_factory=dict)
    _hours: list[int] = field(default_factory=lambda: [0] * HOURS)

    def take(self, play: Play) -> None:
        """Count one play."""
        if play.twin_of is not None:
            return
        track, at, heard_ms = play.track, (play.counted_at_ms, play.id), max(0, play.heard_ms)
        self._plays += 1
        self._heard_ms += heard_ms
        artists = ", ".join(track.artists)
        self._tracks.setdefault(self._recording(play), _Sum()).add(track.name, artists, heard_ms, at)
        artist = track.artists[0] if track.artists else ""
        if key := normal_artist(artist):
            self._artists.setdefault(key, _Sum()).add(artist, "", heard_ms, at)
        if play.room is not None:
            self._rooms.setdefault(play.room, _Sum()).add(play.room, play.room, heard_ms, at)
        self._zones.setdefault(play.zone, _Sum()).add(play.zone, "", heard_ms, at)
        self._hours[datetime.fromtimestamp(play.began_at_ms / 1000, self.zone).hour] += 1

    def ranking(self, room_names: Mapping[RoomSlug, str]) -> Ranking:
        """How it stands. A room's ``name`` is its name (its slug where there is none), its ``detail`` the slug."""
        recordings: dict[str, _Sum] = {}
        for key, part in self._tracks.items():
            recordings.setdefault(self._root(key), _Sum()).join(part)
        rooms = [
            Ranked(room_names.get(RoomSlug(slug), slug), slug, each.plays, DurationMs(each.heard_ms))
            for slug, each in self._rooms.items()
        ]
        return Ranking(
            plays=self._plays,
            heard_ms=DurationMs(self._heard_ms),
            tracks=_top(map(_ranked, recordings.values())),
            artists=_top(map(_ranked, self._artists.values())),
            rooms=_top(rooms),
            zones=_top(map(_ranked, self._zones.values())),
            hours=tuple(self._hours),
        )

    def _recording(self, play: Play) -> str:
        """One key of the play's recording; all the keys that it is known by are joined from now on."""
        keys = sorted(recording_keys(play.track)) or [f"play:{play.id}"]
        root = self._root(keys[0])
        for key in keys[1:]:
            self._joined[self._root(key)] = root
        return root

    def _root(self, key: str) -> str:
        path = []
        while (above := self._joined.get(key, key)) != key:
            path.append(key)
            key = above
        for each in path:
            self._joined[each] = key
        return key


def _ranked(given: _Sum) -> Ranked:
    return Ranked(given.name, given.detail, given.plays, DurationMs(given.heard_ms))


def _top(lines: Iterable[Ranked]) -> tuple[Ranked, ...]:
    ordered = sorted(lines, key=lambda each: (-each.plays, -each.heard_ms, each.name, each.detail))
    return tuple(ordered[:MOST_SHOWN])
