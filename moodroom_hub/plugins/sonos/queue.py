"""A speaker's queue and transport, as blocking calls: read, select, remove, move. Numbers count from 1, as there.

Everything here runs in the client's threads. The services are called directly: SoCo's own methods first ask who leads
the group, which the player has just done.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

from moodroom_hub.domain.models import Uri
from moodroom_hub.plugins.sonos.client import Speaker, call_of
from moodroom_hub.plugins.sonos.uris import track_uri

PAGE = 200
QUEUE_SCHEME = "x-rincon-queue:"
INSTANCE: tuple[str, str | int] = ("InstanceID", 0)
PLAYING, TRANSITIONING = "PLAYING", "TRANSITIONING"
_DIDL = "{urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/}"
_DC = "{http://purl.org/dc/elements/1.1/}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the transport says. ``number`` is the queue's entry (0: none), ``source`` what the speaker is set to."""

    state: str
    source: str
    source_metadata: str
    number: int
    track_uri: str
    position: str

    @property
    def is_on_queue(self) -> bool:
        """Whether it plays from its queue."""
        return self.source.startswith(QUEUE_SCHEME)

    @property
    def track(self) -> Uri:
        """What is on, as the hub calls it."""
        return track_uri(self.track_uri)

    @property
    def is_sounding(self) -> bool:
        """Whether it plays, or is about to."""
        return self.state in {PLAYING, TRANSITIONING}


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One entry: its number, the track as the hub calls it, and its title (hostile text)."""

    number: int
    track: Uri
    title: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some entries of the queue, how many there are in all, and the number of the state that they were read from."""

    items: tuple[QueueItem, ...]
    total: int
    update_id: int


def read_standing(speaker: Speaker) -> Standing:
    """How the transport stands."""
    state = call_of(speaker, "avTransport", "GetTransportInfo", [INSTANCE])
    media = call_of(speaker, "avTransport", "GetMediaInfo", [INSTANCE])
    position = call_of(speaker, "avTransport", "GetPositionInfo", [INSTANCE, ("Channel", "Master")])
    return Standing(
        state=state.get("CurrentTransportState", ""),
        source=media.get("CurrentURI") or "",
        source_metadata=media.get("CurrentURIMetaData") or "",
        number=_whole(position.get("Track")),
        track_uri=position.get("TrackURI") or "",
        position=position.get("RelTime") or "",
    )


def read_play_mode(speaker: Speaker) -> str:
    """``NORMAL``, ``SHUFFLE``, ``REPEAT_ALL`` ..."""
    return call_of(speaker, "avTransport", "GetTransportSettings", [INSTANCE]).get("PlayMode", "")


def set_play_mode(speaker: Speaker, mode: str) -> None:
    """Set it; the speaker takes it only while it is on its queue."""
    call_of(speaker, "avTransport", "SetPlayMode", [INSTANCE, ("NewPlayMode", mode)])


def read_page(speaker: Speaker, first: int, count: int) -> QueuePage:
    """At most ``count`` entries from number ``first`` on. Raises ``ParseError`` where they cannot be read."""
    answer = call_of(
        speaker,
        "contentDirectory",
        "Browse",
        [
            ("ObjectID", "Q:0"),
            ("BrowseFlag", "BrowseDirectChildren"),
            ("Filter", "*"),
            ("StartingIndex", first - 1),
            ("RequestedCount", count),
            ("SortCriteria", ""),
        ],
    )
    text = answer.get("Result") or ""
    # A speaker's own answer, read by the parser that SoCo uses for everything else.
    root = ET.fromstring(text) if text else None  # noqa: S314 -- see above
    found = [] if root is None else [child for child in root if child.tag.startswith(_DIDL)]
    items = tuple(_item(first + offset, child) for offset, child in enumerate(found))
    return QueuePage(items, _whole(answer.get("TotalMatches")), _whole(answer.get("UpdateID")))


def read_queue(speaker: Speaker, first: int = 1, at_most: int = 1_000) -> QueuePage:
    """The entries from ``first`` on, page by page, ``at_most`` so many."""
    page = read_page(speaker, first, min(PAGE, at_most))
    items = list(page.items)
    while page.items and items[-1].number < page.total and len(items) < at_most:
        page = read_page(speaker, items[-1].number + 1, min(PAGE, at_most - len(items)))
        items += page.items
    return QueuePage(tuple(items), page.total, page.update_id)


def select(speaker: Speaker, uid: str, number: int, *, is_on_queue: bool) -> None:
    """Stand at this entry of the queue; a speaker that plays from its queue goes on playing there."""
    if not is_on_queue:
        set_source(speaker, f"{QUEUE_SCHEME}{uid}#0", "")
    call_of(speaker, "avTransport", "Seek", [INSTANCE, ("Unit", "TRACK_NR"), ("Target", number)])


def seek(speaker: Speaker, position: str) -> None:
    """Go to a position within the track, ``0:01:30``."""
    call_of(speaker, "avTransport", "Seek", [INSTANCE, ("Unit", "REL_TIME"), ("Target", position)])


def set_source(speaker: Speaker, uri: str, metadata: str) -> None:
    """Set the speaker to its queue, a stream, an input."""
    arguments = [INSTANCE, ("CurrentURI", uri), ("CurrentURIMetaData", metadata)]
    call_of(speaker, "avTransport", "SetAVTransportURI", arguments)


def play(speaker: Speaker) -> None:
    """Play what is set."""
    call_of(speaker, "avTransport", "Play", [INSTANCE, ("Speed", 1)])


def pause(speaker: Speaker) -> None:
    """Stand still."""
    call_of(speaker, "avTransport", "Pause", [INSTANCE, ("Speed", 1)])


def stop(speaker: Speaker) -> None:
    """Stop: what streams can do where they cannot pause."""
    call_of(speaker, "avTransport", "Stop", [INSTANCE, ("Speed", 1)])


def skip(speaker: Speaker) -> None:
    """Go to the next entry."""
    call_of(speaker, "avTransport", "Next", [INSTANCE, ("Speed", 1)])


def remove(speaker: Speaker, first: int, count: int, update_id: int = 0) -> None:
    """Remove ``count`` entries from number ``first`` on; with an ``update_id`` only if the queue is still that one."""
    call_of(
        speaker,
        "avTransport",
        "RemoveTrackRangeFromQueue",
        [INSTANCE, ("UpdateID", update_id), ("StartingIndex", first), ("NumberOfTracks", count)],
    )


def move(speaker: Speaker, number: int, to: int, update_id: int = 0) -> None:
    """Move one entry so that it stands at ``to`` afterwards. The speaker wants the place before which it goes."""
    before = to + 1 if to > number else to
    call_of(
        speaker,
        "avTransport",
        "ReorderTracksInQueue",
        [
            INSTANCE,
            ("StartingIndex", number),
            ("NumberOfTracks", 1),
            ("InsertBefore", before),
            ("UpdateID", update_id),
        ],
    )


def _item(number: int, element: ET.Element) -> QueueItem:
    uri = (element.findtext(f"{_DIDL}res") or "").strip()
    return QueueItem(number, track_uri(uri), element.findtext(f"{_DC}title") or "")


def _whole(text: Any) -> int:
    try:
        return max(0, int(text))
    except (TypeError, ValueError):
        return 0
