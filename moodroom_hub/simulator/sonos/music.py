"""What a Sonos household can play: tracks of a service, stations, inputs; and the uris that it shows for them."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote

from moodroom_hub.simulator.items import Item

SERVICE_ID = 9
_TRACK_IN_URI = re.compile(r"spotify(?:%3a|:)(track|episode)(?:%3a|:)(\w+)", re.IGNORECASE)


class MediaKind(StrEnum):
    """What a player is set to."""

    NOTHING = "nothing"
    QUEUE = "queue"
    FILE = "file"
    RADIO = "radio"
    TV = "tv"
    LINE_IN = "line_in"
    CONNECT = "connect"


@dataclass(frozen=True, slots=True)
class Recording:
    """What is heard. ``uri``: ``spotify:track:...`` or the stream's; ``duration_ms`` is ``None`` for streams.

    ``airing_ms``: when a station began it (two airings are two recordings here).
    """

    uri: str
    title: str
    artist: str = ""
    album: str = ""
    duration_ms: int | None = None
    airing_ms: int | None = None


@dataclass(frozen=True, slots=True)
class SonosTrack:
    """One track as a player knows it; ``uri`` is the player's own, ``art_uri`` may be relative."""

    uri: str
    recording: Recording
    art_uri: str = ""
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """What the transport is set to. ``metadata``: DIDL-Lite, as it was given."""

    kind: MediaKind
    uri: str = ""
    metadata: str = ""


NOTHING = Media(MediaKind.NOTHING)


@dataclass(frozen=True, slots=True)
class Airing:
    """What a station sends now: ``content`` as it writes it, until ``ends_ms`` (``None``: always the same).

    ``recording`` is ``None`` while somebody talks.
    """

    content: str
    recording: Recording | None
    ends_ms: int | None


@dataclass(frozen=True, slots=True)
class Station:
    """An internet radio. ``songs`` in turn, with ``talk_ms`` between them; without songs it tells nothing.

    ``stream_uri`` is what the player shows as its track, ``tells_duration`` false writes NOT_IMPLEMENTED.
    """

    name: str
    uri: str
    stream_uri: str
    songs: tuple[Item, ...] = ()
    talk_ms: int = 0
    tells_duration: bool = True

    def airing(self, at_ms: int) -> Airing:
        """What is on the air at that moment; every day the same songs go round."""
        if not self.songs:
            return Airing("", Recording(self.stream_uri, self.name), None)
        round_ms = sum(song.duration_ms + self.talk_ms for song in self.songs)
        begun_ms = at_ms - at_ms % round_ms
        for song in self.songs:
            ends_ms = begun_ms + song.duration_ms
            if at_ms < ends_ms:
                artist = ", ".join(song.artists)
                recording = Recording(self.stream_uri, song.name, artist, airing_ms=begun_ms)
                return Airing(f"{artist} - {song.name}", recording, ends_ms)
            if at_ms < ends_ms + self.talk_ms:
                break
            begun_ms = ends_ms + self.talk_ms
        return Airing(self.name, None, ends_ms + self.talk_ms)


def spotify_uri_in(text: str) -> str | None:
    """``spotify:track:ID`` out of whatever spelling of it a uri holds."""
    found = _TRACK_IN_URI.search(text)
    return None if found is None else f"spotify:{found[1].lower()}:{found[2]}"


def player_uri_of(spotify_uri: str, serial: int = 1) -> str:
    """How a player writes a Spotify track."""
    encoded = spotify_uri.replace(":", "%3a")
    return f"x-sonos-spotify:{encoded}?sid={SERVICE_ID}&flags=8232&sn={serial}"


def track_of(item: Item, serial: int = 1) -> SonosTrack:
    """The track that a player makes of a song of the service."""
    uri = player_uri_of(item.uri, serial)
    recording = Recording(item.uri, item.name, ", ".join(item.artists), item.album, item.duration_ms)
    return SonosTrack(uri, recording, f"/getaa?s=1&u={quote(uri, safe='')}", not item.is_playable)


def file_track(uri: str, title: str, artist: str = "", album: str = "", duration_ms: int | None = None) -> SonosTrack:
    """A track from an address of its own."""
    name = title or unquote(uri.rsplit("/", 1)[-1])
    return SonosTrack(uri, Recording(uri, name, artist, album, duration_ms))
