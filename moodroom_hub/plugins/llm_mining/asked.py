"""Tracks and rooms as a model sees them, and the digests under which its judgements are kept. Pure."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from moodroom_hub.domain.mining.models import Example
from moodroom_hub.domain.models import Room, Track, Uri
from moodroom_hub.plugins.llm_mining.hostile import is_order, reads_like_an_order
from moodroom_hub.plugins.llm_mining.texts import clean_line

LONGEST_TEXT: Final = 300
MOST_ANCHORS: Final = 30
MOST_EXAMPLES: Final = 12
MOST_ARTISTS: Final = 5
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, eq=False)
class AskedTrack:
    """One song to be judged. Listings that look the same to a model (``uris``) are asked about once.

    ``content`` is what the model sees of it, without an id.
    """

    digest: bytes
    content: dict[str, Any]
    uris: tuple[Uri, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class AskedRoom:
    """One room's definition: ``content`` is what the model sees of it, ``question`` the digest of all that a
    judgement about this room depends on. ``controls``: songs that surely belong there."""

    slug: str
    question: bytes
    content: dict[str, Any]
    controls: tuple[AskedTrack, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Who is asked, in which words: a judgement of another model or of another prompt is another judgement."""

    base_url: str
    model: str
    prompt_version: int


def digest(*parts: Any) -> bytes:
    """16 bytes that stand for these values."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()


def asked_track(track: Track, uris: Iterable[Uri] = ()) -> AskedTrack:
    """The track as a model sees it."""
    content = {
        "name": clean_line(track.name, LONGEST_TEXT),
        "artists": [clean_line(artist, LONGEST_TEXT) for artist in track.artists[:MOST_ARTISTS]],
        "album": clean_line(track.album or "", LONGEST_TEXT) or None,
        "year": track.year,
    }
    return AskedTrack(digest(content), content, tuple(uris))


def asked_tracks(tracks: Iterable[Track]) -> tuple[list[AskedTrack], list[Track]]:
    """What may be sent, each song once in its order, and the tracks whose titles read like orders."""
    uris: dict[bytes, list[Uri]] = {}
    made: dict[bytes, AskedTrack] = {}
    hostile = []
    for track in tracks:
        if reads_like_an_order(track):
            hostile.append(track)
            continue
        one = asked_track(track)
        made.setdefault(one.digest, one)
        uris.setdefault(one.digest, []).append(track.uri)
    return [AskedTrack(key, one.content, tuple(uris[key])) for key, one in made.items()], hostile


def asked_room(room: Room, examples: Sequence[Example], scope: Scope, kind: str) -> AskedRoom:
    """The room as a model sees it, with a steady handful of the examples that are known of it."""
    mine = [one for one in examples if one.room == room.slug and not reads_like_an_order(one.track)]
    anchors = [one for one in room.anchors[:MOST_ANCHORS] if not (is_order(one.name) or is_order(one.artist))]
    content = {
        "room": str(room.slug),
        "name": clean_line(room.name, LONGEST_TEXT),
        "description": clean_line(room.description, 4 * LONGEST_TEXT),
        "anchors": [song_words(one.name, one.artist) for one in anchors],
        "avoid": [clean_line(one, LONGEST_TEXT) for one in room.avoid],
        "fits": _sample(one.track for one in mine if one.is_fit),
        "does_not_fit": _sample(one.track for one in mine if not one.is_fit),
    }
    question = digest(scope.base_url, scope.model, scope.prompt_version, kind, content)
    controls = tuple(asked_track(Track(Uri(""), one.name, (one.artist,))) for one in anchors)
    return AskedRoom(str(room.slug), question, content, controls)


def song_words(name: str, artist: str) -> str:
    """``Trophies - Drake``."""
    return clean_line(f"{name} - {artist}" if artist else name, LONGEST_TEXT)


def track_words(track: Track) -> str:
    """The same of a track."""
    return song_words(track.name, track.artists[0] if track.artists else "")


def steady_sample(words: Iterable[str], most: int) -> list[str]:
    """At most ``most`` of these. One more or less among many changes the sample seldom: what is paid stays good."""
    return sorted(sorted(set(words), key=lambda one: digest(one))[:most])


def _sample(tracks: Iterable[Track]) -> list[str]:
    return steady_sample((track_words(track) for track in tracks), MOST_EXAMPLES)
