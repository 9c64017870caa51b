"""What a uri that somebody gives to a player stands for."""

import re

from moodroom_hub.simulator.items import album_id
from moodroom_hub.simulator.sonos.didl import read_metadata
from moodroom_hub.simulator.sonos.faults import Code, UpnpError
from moodroom_hub.simulator.sonos.music import SonosTrack, file_track, spotify_uri_in, track_of
from moodroom_hub.simulator.sonos.world import SonosWorld

_ALBUM = re.compile(r"spotify(?:%3a|:)album(?:%3a|:)(\w+)", re.IGNORECASE)
_TOKEN = re.compile(r"SA_RINCON(\d+)_")


def resolve(world: SonosWorld, uri: str, metadata: str) -> list[SonosTrack]:
    """The tracks behind a uri: one, or an album's. Raises ``UpnpError`` 402, 714, or the service's 800."""
    given = read_metadata(metadata)
    if given is None or not uri:
        raise UpnpError(Code.INVALID_ARGS)
    found = spotify_uri_in(uri)
    album = _ALBUM.search(uri)
    if found is None and album is None:
        if uri.startswith(("http:", "https:", "x-file-cifs:", "x-sonos-http:")):
            return [file_track(uri, given.title, given.artist, given.album, given.duration_ms)]
        raise UpnpError(Code.NOT_COORDINATOR if "spotify" in uri else Code.ILLEGAL_MIME)
    token = _TOKEN.search(given.token)
    if token is not None and int(token[1]) != world.settings.service_number:
        raise UpnpError(Code.NOT_COORDINATOR)
    if token is None and not uri.startswith("x-sonos-spotify:"):
        raise UpnpError(Code.INVALID_ARGS)
    if album is not None:
        items = [item for item in world.items.values() if album_id(item) == album[1]]
    else:
        items = [item for item in (world.items.get(found or ""),) if item is not None]
    if not items or items[0].uri in world.refused_uris:
        raise UpnpError(Code.NOT_COORDINATOR)
    return [track_of(item, world.settings.serial) for item in items]
