"""Raw answers of a speaker to what the hub knows. Pure; titles are data, whatever they hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote
from xml.etree import ElementTree

from moodroom_hub.domain.models import DurationMs, Playing, Track
from moodroom_hub.plugins.sonos.uris import Kind, bounded, kind_of, leader_of, song_uri, spotify_uri, track_uri

HALF_SECOND_MS: Final = 500
"""Speakers tell whole seconds, cut off: the middle of that second is the best guess."""

_TIME = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6})|/\d+)?")
_UNTOLD: Final = frozenset({"", "NOT_IMPLEMENTED", "END_OF_MEDIA"})
_LONGEST_TEXT: Final = 500
_LONGEST_METADATA: Final = 200_000
_PLACEHOLDERS: Final = ("ZPSTR_",)

_DC = "{http://purl.org/dc/elements/1.1/}"
_UPNP = "{urn:schemas-upnp-org:metadata-1-0/upnp/}"
_R = "{urn:schemas-rinconnetworks-com:metadata-1-0/}"


class ParseProblem(Exception):
    """An answer that cannot be read; the text says what about it, without the answer's own words."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at a speaker gave.

    ``position_ms`` is in the track, or since the station was tuned in where ``is_stream`` (``None``: not told), give or
    take ``coarse_ms``. ``uri`` is the raw ``TrackURI``. ``leader``: the uid of the speaker whose music it plays.
    ``is_settling``: between two states; look again soon. ``why``: what is odd, for ``Playing.UNKNOWN``.
    """

    playing: Playing
    uri: str = ""
    track: Track | None = None
    position_ms: DurationMs | None = None
    coarse_ms: DurationMs = DurationMs(0)
    is_playing: bool = False
    is_stopped: bool = False
    is_settling: bool = False
    is_stream: bool = False
    leader: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a DIDL-Lite text says of its first item; empty texts where it says nothing."""

    title: str = ""
    creator: str = ""
    album: str = ""
    artwork: str = ""
    stream_content: str = ""
    kind: str = ""


def playback(
    position: Mapping[str, str], transport: Mapping[str, str], media: Mapping[str, str] | None, speaker_url: str
) -> Seen:
    """``GetPositionInfo``, ``GetTransportInfo`` and, where it was asked for, ``GetMediaInfo``. Never raises."""
    uri = position.get("TrackURI", "").strip()
    try:
        return _playback(uri, position, transport, media or {}, speaker_url)
    except ParseProblem as problem:
        return Seen(Playing.UNKNOWN, uri, why=str(problem))


def wants_media(uri: str) -> bool:
    """Whether ``GetMediaInfo`` tells something that ``GetPositionInfo`` does not (a station's name)."""
    return kind_of(uri) is Kind.STREAM or uri.startswith(("http:", "https:"))


def duration_ms(text: str) -> DurationMs | None:
    """``0:03:41`` in milliseconds; ``None`` where it is not told or nothing. Raises ``ParseProblem``."""
    told = time_ms(text)
    return told or None


def time_ms(text: str) -> DurationMs | None:
    """``0:03:41`` in milliseconds; ``None`` where it is not told. Raises ``ParseProblem``."""
    text = text.strip()
    if text in _UNTOLD:
        return None
    found = _TIME.fullmatch(text)
    if found is None:
        raise ParseProblem("a time that is none")
    hours, minutes, seconds, fraction = found.groups()
    if int(minutes) > 59 or int(seconds) > 59:
        raise ParseProblem("a time that is none")
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return DurationMs(whole * 1000 + int(((fraction or "") + "000")[:3]))


def metadata_of(text: str) -> Metadata:
    """Read DIDL-Lite. Raises ``ParseProblem`` where it is none."""
    text = text.strip()
    if text in _UNTOLD:
        return Metadata()
    if len(text) > _LONGEST_METADATA or "<!" in text[:1000]:
        raise ParseProblem("metadata beyond all measure")
    try:
        tree = ElementTree.fromstring(text)  # noqa: S314 -- bounded, and without a document type (see above)
    except (ElementTree.ParseError, ValueError):
        raise ParseProblem("metadata that is no XML") from None

    def told(tag: str) -> str:
        return clean(tree.findtext(f".//{tag}") or "")

    return Metadata(
        title=told(f"{_DC}title"),
        creator=told(f"{_DC}creator") or told(f"{_R}albumArtist"),
        album=told(f"{_UPNP}album"),
        artwork=(tree.findtext(f".//{_UPNP}albumArtURI") or "").strip(),
        stream_content=told(f"{_R}streamContent"),
        kind=told(f"{_UPNP}class"),
    )


def clean(text: str) -> str:
    """One bounded line; nothing in it is judged."""
    line = " ".join(text.split())[:_LONGEST_TEXT]
    return "" if line == "NOT_IMPLEMENTED" else line


def artwork_url(text: str, speaker_url: str) -> str | None:
    """A picture's address in the web, or one that the speaker serves; anything else is none."""
    if not 0 < len(text) <= 2_000 or any(not " " < char <= "~" for char in text) or re.search(r"[\"'<>\\`]", text):
        return None
    if text.startswith("/getaa?"):
        return speaker_url + text
    return text if re.match(r"https?://[A-Za-z0-9\[]", text) else None


def song_of(content: str) -> tuple[str, str, str] | None:
    """Artist, title and album of what a station says it plays; ``None`` where it names no song."""
    if not content or content.startswith(_PLACEHOLDERS):
        return None
    if "TYPE=" in content:
        if "TYPE=SNG" not in content:
            return None
        words = dict(part.strip().split(" ", 1) for part in content.split("|") if " " in part.strip())
        title = words.get("TITLE", "").strip()
        return (words.get("ARTIST", "").strip(), title, words.get("ALBUM", "").strip()) if title else None
    artist, dash, title = content.partition(" - ")
    if not dash or not artist.strip() or not title.strip():
        return None
    return artist.strip(), title.strip(), ""


def _playback(
    uri: str, position: Mapping[str, str], transport: Mapping[str, str], media: Mapping[str, str], speaker_url: str
) -> Seen:
    if "TrackURI" not in position:
        raise ParseProblem("an answer without a track")
    state = transport.get("CurrentTransportState", "").strip()
    if state not in {"PLAYING", "PAUSED_PLAYBACK", "STOPPED", "TRANSITIONING"}:
        raise ParseProblem("a state of playing that is unknown")
    at_all = uri or media.get("CurrentURI", "")
    kind = kind_of(at_all)
    is_playing = state in {"PLAYING", "TRANSITIONING"}
    if kind is Kind.NONE:
        return Seen(Playing.IDLE, uri, is_stopped=True)
    if kind is Kind.JOINED:
        return Seen(Playing.NOTHING, uri, leader=leader_of(at_all))
    if kind is Kind.INPUT:
        return Seen(Playing.INPUT, uri, is_playing=is_playing)
    told = metadata_of(position.get("TrackMetaData", ""))
    length = duration_ms(position.get("TrackDuration", ""))
    kept = time_ms(position.get("RelTime", ""))
    is_stream = kind is Kind.STREAM or (length is None and (told.stream_content or "audioBroadcast" in told.kind))
    if kind is Kind.LINK and not told.title:
        return Seen(Playing.INPUT, uri, is_playing=is_playing)
    track = (
        _station_track(at_all, told, media, speaker_url)
        if is_stream
        else _track(at_all, kind, told, length, speaker_url)
    )
    if kept is None and not is_stream:
        raise ParseProblem("a track without a position")
    is_coarse = kept is not None and "." not in position.get("RelTime", "")
    if kept is not None and is_coarse and not is_stream:
        kept = DurationMs(kept + HALF_SECOND_MS if length is None else min(kept + HALF_SECOND_MS, max(length, kept)))
    return Seen(
        Playing.EPISODE if track.uri.startswith("spotify:episode:") else Playing.TRACK,
        uri,
        track,
        kept,
        DurationMs(HALF_SECOND_MS if is_coarse else 0),
        is_playing=is_playing,
        is_stopped=state == "STOPPED",
        is_settling=state == "TRANSITIONING",
        is_stream=bool(is_stream),
    )


def _track(uri: str, kind: Kind, told: Metadata, length: DurationMs | None, speaker_url: str) -> Track:
    if kind is Kind.LINK and spotify_uri(uri) is None:
        name = song_uri(uri.partition(",")[2].partition(":")[0] or "x-sonos-vli", told.creator, told.title, told.album)
    else:
        name = track_uri(uri)
    return Track(
        uri=name,
        name=told.title or _last_word(uri),
        artists=(told.creator,) if told.creator else (),
        duration_ms=length,
        album=told.album or None,
        artwork_url=artwork_url(told.artwork, speaker_url),
    )


def _station_track(uri: str, told: Metadata, media: Mapping[str, str], speaker_url: str) -> Track:
    """A track for each song that a station tells of; one for the station itself where it tells none."""
    try:
        about = metadata_of(media.get("CurrentURIMetaData", ""))
    except ParseProblem:
        about = Metadata()
    base = str(track_uri(media.get("CurrentURI", "") or uri))
    title = "" if _is_address(told.title, uri) else told.title
    station = about.title or ("" if told.creator else title) or "Radio"
    artwork = artwork_url(told.artwork, speaker_url) or artwork_url(about.artwork, speaker_url)
    song = song_of(told.stream_content)
    if song is None and told.creator and title and title != station:
        song = (told.creator, title, told.album)
    if song is None:
        return Track(bounded(base), station, artwork_url=artwork)
    artist, name, _ = song
    return Track(song_uri(base, artist, name), name, (artist,) if artist else (), album=station, artwork_url=artwork)


def _is_address(title: str, uri: str) -> bool:
    """Speakers give a stream's address as its title where they know no better."""
    return bool(title) and (title in uri or title in unquote(uri) or title.startswith(("http:", "x-")))


def _last_word(uri: str) -> str:
    """A name for a file that brings none."""
    return clean(unquote(uri.partition("?")[0]).rstrip("/").rpartition("/")[2]) or "Unknown"
