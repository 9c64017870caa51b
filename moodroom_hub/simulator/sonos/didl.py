"""DIDL-Lite, as players write it and read it. Titles are hostile: every text is escaped."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from moodroom_hub.simulator.sonos.music import SonosTrack

_OPEN = (
    '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/" '
    'xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/" xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/">'
)
_CLOSE = "</DIDL-Lite>"
_DC = "{http://purl.org/dc/elements/1.1/}"
_UPNP = "{urn:schemas-upnp-org:metadata-1-0/upnp/}"
_DIDL = "{urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/}"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text as it may stand in XML: what XML cannot hold is left out, the rest escaped."""
    return escape(_NOT_XML.sub("", text))


def attribute(text: str) -> str:
    """The text as an attribute's value, with its quotes."""
    return quoteattr(_NOT_XML.sub("", text))


def clock_time(duration_ms: int | None) -> str:
    """``0:03:20``; whole seconds, as players write times."""
    if duration_ms is None:
        return "0:00:00"
    minutes, seconds = divmod(duration_ms // 1000, 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def track_item(track: SonosTrack, item_id: str = "-1", parent_id: str = "-1") -> str:
    """One track as an ``item``."""
    recording = track.recording
    duration = "" if recording.duration_ms is None else f' duration="{clock_time(recording.duration_ms)}"'
    art = f"<upnp:albumArtURI>{clean(track.art_uri)}</upnp:albumArtURI>" if track.art_uri else ""
    return (
        f'<item id={attribute(item_id)} parentID={attribute(parent_id)} restricted="true">'
        f'<res protocolInfo="sonos.com-spotify:*:audio/x-spotify:*"{duration}>{clean(track.uri)}</res>'
        f"<r:streamContent></r:streamContent>{art}<dc:title>{clean(recording.title)}</dc:title>"
        "<upnp:class>object.item.audioItem.musicTrack</upnp:class>"
        + (f"<dc:creator>{clean(recording.artist)}</dc:creator>" if recording.artist else "")
        + (f"<upnp:album>{clean(recording.album)}</upnp:album>" if recording.album else "")
        + "</item>"
    )


def didl(*items: str) -> str:
    """Items within their document."""
    return f"{_OPEN}{''.join(items)}{_CLOSE}"


def queue_container(size: int) -> str:
    """The queue itself, as ``BrowseMetadata`` shows it."""
    return didl(
        f'<container id="Q:0" parentID="Q:" restricted="true" childCount="{size}"><dc:title>Queue</dc:title>'
        "<upnp:class>object.container.playlistContainer</upnp:class></container>"
    )


def station_metadata(name: str) -> str:
    """What stands at ``CurrentURIMetaData`` for a station."""
    return didl(
        f'<item id="R:0/0/0" parentID="R:0/0" restricted="true"><dc:title>{clean(name)}</dc:title>'
        "<upnp:class>object.item.audioItem.audioBroadcast</upnp:class>"
        '<desc id="cdudn" nameSpace="urn:schemas-rinconnetworks-com:metadata-1-0/">SA_RINCON65031_</desc></item>'
    )


def stream_metadata(stream_uri: str, content: str, art_uri: str = "") -> str:
    """What stands at ``TrackMetaData`` for a stream: the file's name as title, the song in ``streamContent``."""
    file_name = stream_uri.rsplit("/", 1)[-1] or stream_uri
    art = f"<upnp:albumArtURI>{clean(art_uri)}</upnp:albumArtURI>" if art_uri else ""
    return didl(
        '<item id="-1" parentID="-1" restricted="true">'
        f'<res protocolInfo="x-rincon-mp3radio:*:*:*">{clean(stream_uri)}</res>'
        f"<r:streamContent>{clean(content)}</r:streamContent><r:radioShowMd></r:radioShowMd>{art}"
        f"<dc:title>{clean(file_name)}</dc:title><upnp:class>object.item</upnp:class></item>"
    )


@dataclass(frozen=True, slots=True)
class GivenMetadata:
    """What somebody wrote into the metadata of something to play."""

    title: str = ""
    artist: str = ""
    album: str = ""
    token: str = ""
    item_class: str = ""
    duration_ms: int | None = None


def read_metadata(text: str) -> GivenMetadata | None:
    """The first item or container of a document; ``None`` where it is none. An empty text is an empty one."""
    if not text.strip():
        return GivenMetadata()
    if "<!" in text:
        return None
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 -- documents with declarations were turned away above
    except ElementTree.ParseError:
        return None
    item = next(iter(root), None)
    if item is None:
        return GivenMetadata()
    res = item.find(f"{_DIDL}res")
    return GivenMetadata(
        title=item.findtext(f"{_DC}title") or "",
        artist=item.findtext(f"{_DC}creator") or "",
        album=item.findtext(f"{_UPNP}album") or "",
        token=item.findtext(f"{_DIDL}desc") or "",
        item_class=item.findtext(f"{_UPNP}class") or "",
        duration_ms=None if res is None else read_clock_time(res.get("duration") or ""),
    )


def read_clock_time(text: str) -> int | None:
    """Milliseconds out of ``H:MM:SS``; ``None`` for anything else."""
    found = re.fullmatch(r"(\d+):(\d\d):(\d\d)(?:\.\d+)?", text)
    if found is None:
        return None
    return ((int(found[1]) * 60 + int(found[2])) * 60 + int(found[3])) * 1000
