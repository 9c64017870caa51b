"""What the make-believe model understands of a prompt: one JSON document in a user message, with a ``task`` in it.

``place``: ``{"task", "rooms": [ROOM], "tracks": [TRACK]}`` is answered with ``{"placements": [{"id", "rooms":
[{"room", "confidence", "why"}]}]}``, each track once, ``rooms`` empty where none fits.

``audit``: ``{"task", "room": ROOM, "tracks": [TRACK]}`` with ``{"misfits": [{"id", "reason", "confidence"}]}``.

``suggest``: ``{"task", "room": ROOM, "proven": [SONG], "known": [SONG], "safe_side": 20, "discovery": 10}`` with
``{"safe_side": [{"name", "artist", "why"}], "discovery": [...]}``.

ROOM is ``{"room": slug, "name", "description", "anchors": [SONG], "avoid": [SONG or words], "fits": [SONG],
"does_not_fit": [SONG]}``, TRACK ``{"id", "name", "artists": [...], "album", "year"}``, SONG ``"Name - Artist"`` or
``{"name", "artist" or "artists"}``. Needed are ``room``, ``id``, ``name``, ``artists``, the lists of tracks and rooms,
``proven`` and the two counts. Other keys are read past.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

TaskKind = Literal["place", "suggest", "audit"]

MOST_WHY = 160
"""Characters of a why or a reason in a well-behaved answer."""


class UnreadableTaskError(ValueError):
    """No user message holds a task that can be read; says what is missing."""


@dataclass(frozen=True, slots=True)
class AskedTrack:
    """A track of the request. ``id`` is the client's own and comes back in the answer."""

    id: str
    name: str
    artists: tuple[str, ...]
    album: str = ""
    year: int | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """How a list of songs may name it: ``name - artist`` for each artist and for all of them, casefolded."""
        if len(self.artists) == 1:
            return (song_key(self.name, self.artists[0]),)
        whole = song_key(self.name, ", ".join(self.artists))
        return (*(song_key(self.name, artist) for artist in self.artists), whole)


@dataclass(frozen=True, slots=True)
class AskedRoom:
    """A room's definition as the client gives it. The sets hold casefolded ``name - artist`` or free words."""

    slug: str
    name: str
    anchors: frozenset[str]
    avoid: frozenset[str]
    fits: frozenset[str]
    does_not_fit: frozenset[str]
    named: frozenset[str]
    """Whatever stands in one of the four."""


@dataclass(frozen=True, slots=True)
class Task:
    """One request, read.

    ``digest`` stands for task, room definitions and tracks (not for their ids and order), ``rooms_digest`` for the task
    and the definitions alone. ``proven`` and ``known`` are song keys (``suggest`` only).
    """

    kind: TaskKind
    rooms: tuple[AskedRoom, ...]
    tracks: tuple[AskedTrack, ...]
    proven: tuple[str, ...]
    known: frozenset[str]
    safe_side: int
    discovery: int
    digest: str
    rooms_digest: str
    texts: tuple[str, ...]
    """Every text of others in it: titles, artists, albums. An obedient model listens to them."""


def song_key(name: str, artist: str) -> str:
    """How two mentions of a song are compared."""
    return f"{name} - {artist}".casefold().strip()


def read_task(messages: Sequence[tuple[str, str]]) -> tuple[Task, bool]:
    """The task in the newest user message that holds one, of ``(role, text)`` pairs; and whether this is a repair.

    A repair is a request that shows the model an answer of its own (an assistant's message), or whose document has a
    key ``repair``. ``UnreadableTaskError`` where there is no task or a part of it is missing.
    """
    for role, text in reversed(messages):
        document = _document(text) if role == "user" else None
        if document is not None:
            is_repair = bool(document.get("repair")) or any(other == "assistant" for other, _ in messages)
            return _task(document), is_repair
    raise UnreadableTaskError("no user message holds a JSON object with a key 'task'")


def _document(text: str) -> dict[str, Any] | None:
    start = text.find("{")
    decoder = json.JSONDecoder()
    while start >= 0:
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
            continue
        return value if isinstance(value, dict) and "task" in value else None
    return None


def _task(document: Mapping[str, Any]) -> Task:
    kind = document["task"]
    if kind not in ("place", "suggest", "audit"):
        raise UnreadableTaskError(f"task {kind!r} is none of place, suggest, audit")
    rooms = _list(document, "rooms") if kind == "place" else [document.get("room")]
    if not rooms:
        raise UnreadableTaskError("'rooms' is empty")
    tracks = tuple(_track(one) for one in _list(document, "tracks")) if kind != "suggest" else ()
    if kind != "suggest" and not tracks:
        raise UnreadableTaskError("'tracks' is empty")
    if len({track.id for track in tracks}) != len(tracks):
        raise UnreadableTaskError("an id stands twice among the tracks")
    proven = [_song(one) for one in _list(document, "proven")] if kind == "suggest" else []
    known = [_song(one) for one in document.get("known", ())] if kind == "suggest" else []
    definitions = json.dumps([kind, rooms], sort_keys=True)
    asked = sorted(f"{track.name}\x1f{track.artists}\x1f{track.album}\x1f{track.year}" for track in tracks)
    counts = [document.get("safe_side"), document.get("discovery")]
    content = "\x1e".join((definitions, *asked, *proven, *known, str(counts)))
    return Task(
        kind=kind,
        rooms=tuple(_room(one) for one in rooms),
        tracks=tracks,
        proven=tuple(proven),
        known=frozenset(known),
        safe_side=_count(document, "safe_side") if kind == "suggest" else 0,
        discovery=_count(document, "discovery") if kind == "suggest" else 0,
        digest=_digest(content),
        rooms_digest=_digest(definitions),
        texts=(*_texts(tracks), *proven, *known),
    )


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _texts(tracks: Iterable[AskedTrack]) -> list[str]:
    return [text for track in tracks for text in (track.name, *track.artists, track.album)]


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    if not isinstance(value, list):
        raise UnreadableTaskError(f"'{key}' is not a list")
    return value


def _count(document: Mapping[str, Any], key: str) -> int:
    value = document.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UnreadableTaskError(f"'{key}' is not a whole number")
    return value


def _track(value: Any) -> AskedTrack:
    if not isinstance(value, dict):
        raise UnreadableTaskError("a track is not an object")
    identity, name, artists = value.get("id"), value.get("name"), value.get("artists")
    if not isinstance(identity, str) or not identity:
        raise UnreadableTaskError("a track's 'id' is not a text")
    if not isinstance(name, str):
        raise UnreadableTaskError(f"track {identity}: 'name' is not a text")
    if not isinstance(artists, list) or not all(isinstance(one, str) for one in artists):
        raise UnreadableTaskError(f"track {identity}: 'artists' is not a list of texts")
    album, year = value.get("album"), value.get("year")
    return AskedTrack(identity, name, tuple(artists), str(album or ""), year if isinstance(year, int) else None)


def _room(value: Any) -> AskedRoom:
    if not isinstance(value, dict) or not isinstance(value.get("room"), str) or not value["room"]:
        raise UnreadableTaskError("a room is not an object with 'room', its slug")
    lists = {key: frozenset(map(_song, value.get(key) or ())) for key in ("anchors", "avoid", "fits", "does_not_fit")}
    return AskedRoom(
        value["room"], str(value.get("name") or value["room"]), **lists, named=frozenset().union(*lists.values())
    )


def _song(value: Any) -> str:
    """``Trophies - Drake``, or an object with ``name`` and ``artist`` or ``artists``."""
    if isinstance(value, str):
        return value.casefold().strip()
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise UnreadableTaskError("a song is neither a text nor an object with 'name'")
    artists = value.get("artists") or [value.get("artist") or ""]
    return song_key(value["name"], str(artists[0] if isinstance(artists, list) else artists))
