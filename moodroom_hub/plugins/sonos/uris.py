"""Sonos' addresses of what plays: what kind of thing each is, and the name under which the hub knows it. Pure."""

import hashlib
import re
from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote

from moodroom_hub.domain.models import Uri

LONGEST: Final = 500

_SPOTIFY = re.compile(r"spotify:(track|episode):([0-9A-Za-z]{1,40})")
_JOINED = re.compile(r"x-rincon:([0-9A-Za-z_]{1,64})")
_QUEUE = "x-rincon-queue:"
_LINK_IN: Final = "x-sonos-vli:"
_INPUTS: Final = ("x-rincon-stream:", "x-sonos-htastream:", "x-sonos-bt:", "x-sonos-vli-bt:")
_STREAMS: Final = (
    "x-rincon-mp3radio:",
    "x-sonosapi-stream:",
    "x-sonosapi-radio:",
    "x-sonosapi-hls:",
    "x-sonosapi-rtrecent:",
    "hls-radio:",
    "aac:",
    "mms:",
    "rtsp:",
)


class Kind(StrEnum):
    """What an address leads to."""

    NONE = "none"
    JOINED = "joined"
    """The music of the speaker that leads this one."""
    INPUT = "input"
    """A television, a line-in, Bluetooth."""
    LINK = "link"
    """What another device plays on the speaker (Spotify Connect, AirPlay): an address of the way, not of the song."""
    STREAM = "stream"
    """A radio station: one address for all its songs."""
    TRACK = "track"


def kind_of(uri: str) -> Kind:
    """The kind of a ``TrackURI`` or ``CurrentURI``."""
    uri = uri.strip()
    if not uri or uri == "NOT_IMPLEMENTED" or uri.startswith(_QUEUE):
        return Kind.NONE
    if _JOINED.fullmatch(uri):
        return Kind.JOINED
    if uri.startswith(_INPUTS):
        return Kind.INPUT
    if spotify_uri(uri) is not None:
        return Kind.TRACK
    if uri.startswith(_LINK_IN):
        return Kind.LINK
    return Kind.STREAM if uri.startswith(_STREAMS) else Kind.TRACK


def leader_of(uri: str) -> str | None:
    """The uid of the speaker whose music a joined one plays."""
    found = _JOINED.fullmatch(uri.strip())
    return found.group(1) if found else None


def spotify_uri(uri: str) -> Uri | None:
    """``spotify:track:...`` or ``spotify:episode:...``, where the address is of one."""
    text = unquote(uri)
    if not text.startswith(("x-sonos-spotify:", "spotify:", _LINK_IN)):
        return None
    found = _SPOTIFY.search(text)
    return Uri(found.group()) if found else None


def track_uri(uri: str) -> Uri:
    """The name under which the hub knows this address.

    Spotify's own where it is one. Else the address itself, without the household's account numbers; what follows a
    question mark in an address of the web may be somebody's key, and is kept as a fingerprint only.
    """
    found = spotify_uri(uri)
    if found is not None:
        return found
    base, mark, query = uri.strip().partition("?")
    if mark and base.startswith(("http:", "https:", "x-rincon-mp3radio:", "aac:", "hls-radio:")):
        base = f"{base}?{fingerprint(query)}"
    elif mark and (service := re.search(r"(?:^|&)sid=(\d{1,6})(?:&|$)", query)):
        base = f"{base}?sid={service.group(1)}"
    return bounded(re.sub(r"//[^/@\s]*@", "//", base))


def song_uri(base: str, *words: str) -> Uri:
    """A name for a song that has no address of its own: where it plays, and what it is called."""
    words_text = " - ".join(word.strip().casefold() for word in words if word.strip())
    return bounded(f"{base.partition('?')[0]}#{quote(words_text, safe='')}")


def bounded(uri: str) -> Uri:
    """Itself, or a beginning with a fingerprint of the whole."""
    return Uri(uri if len(uri) <= LONGEST else f"{uri[: LONGEST - 20]}~{fingerprint(uri)}")


def fingerprint(text: str) -> str:
    """A short one that says nothing about the text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
