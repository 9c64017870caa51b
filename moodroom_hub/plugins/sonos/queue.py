"""A speaker's queue and transport, as blocking calls: read, select, remove, move. Numbers count from 1, as there.

Everything here runs in the plugin's threads. The services are called directly: SoCo's own methods first ask who leads
the group, which the player has just done.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

from moodroom_hub.domain.models import Uri
from moodroom_hub.plugins.sonos.sharelinks import track_of

PAGE = 200
QUEUE_SCHEME = "x-rincon-queue:"
INSTANCE = ("InstanceID", 0)
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
    def is_sounding(self) -> bool:
        """Whether it plays, or is about to."""
        return self.state in {PLAYING, TRANSITIONING}


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One entry: its number, its address and title (hostile text), and the Spotify track behind it, if it is one."""

    number: int
    uri: str
    title: str
    track: Uri | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some entries of the queue, how many there are in all, and the number of the state that they were read from."""

    items: tuple[QueueItem, ...]
    total: int
    update_id: int


def read_standing(speaker: Any, timeout_s: float) -> Standing:
    """How the transport stands."""
    transport = speaker.avTransport
    state = transport.GetTransportInfo([INSTANCE], timeout=timeout_s)
    media = transport.GetMediaInfo([INSTANCE], timeout=timeout_s)
    position = transport.GetPositionInfo([INSTANCE, ("Channel", "Master")], timeout=timeout_s)
    return Standing(
        state=str(state.get("CurrentTransportState", "")),
        source=str(media.get("CurrentURI") or ""),
        source_metadata=str(media.get("CurrentURIMetaData") or ""),
        number=_whole(position.get("Track")),
        track_uri=str(position.get("TrackURI") or ""),
        position=str(position.get("RelTime") or ""),
    )


def read_play_mode(speaker: Any, timeout_s: float) -> str:
    """``NORMAL``, ``SHUFFLE``, ``REPEAT_ALL`` ..."""
    return str(speaker.avTransport.GetTransportSettings([INSTANCE], timeout=timeout_s).get("PlayMode", ""))


def set_play_mode(speaker: Any, mode: str, timeout_s: float) -> None:
    """Set it; the speaker takes it only while it is on its queue."""
    speaker.avTransport.SetPlayMode([INSTANCE, ("NewPlayMode", mode)], timeout=timeout_s)


def read_page(speaker: Any, first: int, count: int, timeout_s: float) -> QueuePage:
    """At most ``count`` entries from number ``first`` on. Raises ``ValueError`` where the answer cannot be read."""
    answer = speaker.contentDirectory.Browse(
        [
            ("ObjectID", "Q:0"),
            ("BrowseFlag", "BrowseDirectChildren"),
            ("Filter", "*"),
            ("StartingIndex", first - 1),
            ("RequestedCount", count),
            ("SortCriteria", ""),
        ],
        timeout=timeout_s,
    )
    text = str(answer.get("Result") or "")
    try:
        # A speaker's own answer, read by the parser that SoCo uses for everything else.
        root = ET.fromstring(text) if text else None  # noqa: S314 -- see above
    except ET.ParseError as error:
        raise ValueError(f"a queue that is no XML: {error}") from None
    found = [] if root is None else [child for child in root if child.tag.startswith(_DIDL)]
    items = tuple(_item(first + offset, child) for offset, child in enumerate(found))
    return QueuePage(items, _whole(answer.get("TotalMatches")), _whole(answer.get("UpdateID")))


def read_queue(speaker: Any, timeout_s: float, first: int = 1, at_most: int = 1_000) -> QueuePage:
    """The entries from ``first`` on, page by page, ``at_most`` so many."""
    page = read_page(speaker, first, min(PAGE, at_most), timeout_s)
    items = list(page.items)
    while page.items and items[-1].number < page.total and len(items) < at_most:
        page = read_page(speaker, items[-1].number + 1, min(PAGE, at_most - len(items)), timeout_s)
        items += page.items
    return QueuePage(tuple(items), page.total, page.update_id)


def select(speaker: Any, uid: str, number: int, timeout_s: float, *, is_on_queue: bool) -> None:
    """Stand at this entry of the queue; a speaker that plays from its queue goes on playing there."""
    if not is_on_queue:
        set_source(speaker, f"{QUEUE_SCHEME}{uid}#0", "", timeout_s)
    speaker.avTransport.Seek([INSTANCE, ("Unit", "TRACK_NR"), ("Target", number)], timeout=timeout_s)


def seek(speaker: Any, position: str, timeout_s: float) -> None:
    """Go to a position within the track, ``0:01:30``."""
    speaker.avTransport.Seek([INSTANCE, ("Unit", "REL_TIME"), ("Target", position)], timeout=timeout_s)


def set_source(speaker: Any, uri: str, metadata: str, timeout_s: float) -> None:
    """Set the speaker to its queue, a stream, an input."""
    arguments = [INSTANCE, ("CurrentURI", uri), ("CurrentURIMetaData", metadata)]
    speaker.avTransport.SetAVTransportURI(arguments, timeout=timeout_s)


def play(speaker: Any, timeout_s: float) -> None:
    """Play what is set."""
    speaker.avTransport.Play([INSTANCE, ("Speed", 1)], timeout=timeout_s)


def pause(speaker: Any, timeout_s: float) -> None:
    """Stand still."""
    speaker.avTransport.Pause([INSTANCE, ("Speed", 1)], timeout=timeout_s)


def stop(speaker: Any, timeout_s: float) -> None:
    """Stop: what streams can do where they cannot pause."""
    speaker.avTransport.Stop([INSTANCE, ("Speed", 1)], timeout=timeout_s)


def skip(speaker: Any, timeout_s: float) -> None:
    """Go to the next entry."""
    speaker.avTransport.Next([INSTANCE, ("Speed", 1)], timeout=timeout_s)


def remove(speaker: Any, first: int, count: int, timeout_s: float, update_id: int = 0) -> None:
    """Remove ``count`` entries from number ``first`` on; with an ``update_id`` only if the queue is still that one."""
    speaker.avTransport.RemoveTrackRangeFromQueue(
        [INSTANCE, ("UpdateID", update_id), ("StartingIndex", first), ("NumberOfTracks", count)], timeout=timeout_s
    )


def move(speaker: Any, number: int, to: int, timeout_s: float, update_id: int = 0) -> None:
    """Move one entry so that it stands at ``to`` afterwards. The speaker wants the place before which it goes."""
    before = to + 1 if to > number else to
    speaker.avTransport.ReorderTracksInQueue(
        [
            INSTANCE,
            ("StartingIndex", number),
            ("NumberOfTracks", 1),
            ("InsertBefore", before),
            ("UpdateID", update_id),
        ],
        timeout=timeout_s,
    )


def _item(number: int, element: ET.Element) -> QueueItem:
    uri = (element.findtext(f"{_DIDL}res") or "").strip()
    return QueueItem(number, uri, element.findtext(f"{_DC}title") or "", track_of(uri))


def _whole(text: Any) -> int:
    try:
        return max(0, int(text))
    except (TypeError, ValueError):
        return 0
