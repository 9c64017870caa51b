"""What a button, a switch or a voice may ask for, in one word each. Whoever hears such a word carries it out here."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import DurationMs, Room, RoomSlug, Tier, Uri, ZoneName
from moodroom_hub.domain.stations.models import station_of


class Deed(StrEnum):
    """Every deed; those of rooms mean what is wanted, not what has been reached, so that quick presses add up."""

    ACTIVATE = "activate"
    """Draw a batch of the room and play it; again: a fresh batch."""
    TOGGLE = "toggle"
    """The room on, or off where it is the one that is wanted."""
    NEXT_ROOM = "next_room"
    """The next room, in the order of the configuration, that has tracks; from none the first."""
    OFF = "off"
    PLAY = "play"
    PAUSE = "pause"
    PLAY_PAUSE = "play_pause"
    NEXT = "next"
    FRESH_BATCH = "fresh_batch"
    """Ten new tracks of the room that is on; of a station fresh ones."""
    NEVER_AGAIN = "never_again"
    """Out of this room for good (a receipt undoes it), and on to the next track."""
    LEARNING_ON = "learning_on"
    LEARNING_OFF = "learning_off"
    """With ``for_ms`` it comes back by itself."""


ROOM_DEEDS = frozenset({Deed.ACTIVATE, Deed.TOGGLE})
"""Deeds that name a room."""
TIMED_DEEDS = frozenset({Deed.LEARNING_ON, Deed.LEARNING_OFF})
"""Deeds that may last for a while."""


@dataclass(frozen=True, slots=True)
class Action:
    """One deed with what it needs; without a zone the default one is meant."""

    deed: Deed
    room: RoomSlug | None = None
    zone: ZoneName | None = None
    for_ms: DurationMs | None = None
    meant: Uri | None = None
    """For ``NEXT`` and ``NEVER_AGAIN``: only if that very track plays."""


async def carry_out(hub: HubFace, action: Action) -> None:
    """Do it. Raises ``Trouble`` with the reason and the mend.

    What is wanted of rooms is told to the hub before anything is waited for, so that of actions that are begun one
    after another each builds on those before.
    """
    zone = action.zone
    match action.deed:
        case Deed.ACTIVATE:
            await hub.activate(_room_of(action), zone)
        case Deed.TOGGLE if hub.wanted_room(zone) == _room_of(action):
            await hub.rooms_off(zone)
        case Deed.TOGGLE:
            await hub.activate(_room_of(action), zone)
        case Deed.NEXT_ROOM:
            await hub.activate(await _next_room(hub, zone), zone)
        case Deed.OFF:
            await hub.rooms_off(zone)
        case Deed.PLAY:
            await hub.play(zone)
        case Deed.PAUSE:
            await hub.pause(zone)
        case Deed.PLAY_PAUSE:
            await hub.play_pause(zone)
        case Deed.NEXT:
            await hub.next(action.meant, zone)
        case Deed.FRESH_BATCH:
            wanted = hub.wanted_room(zone)
            if wanted is None:
                raise Trouble(TroubleCode.CONFLICT, "No room is on; turn one on first.")
            station = station_of(wanted)
            if station is not None:
                await hub.play_station(station, zone)
            else:
                await hub.activate(wanted, zone)
        case Deed.NEVER_AGAIN:
            await hub.never_again(action.meant, zone)
        case Deed.LEARNING_ON | Deed.LEARNING_OFF:
            await hub.set_learning(action.deed is Deed.LEARNING_ON, action.for_ms)


def find_room(rooms: Mapping[RoomSlug, Room], said: str) -> RoomSlug | None:
    """The room that is called so: by slug or by name, whatever the case, dashes and accents; ``None``: no such room.

    What fits to the letter comes first; a spoken "the ... room" is taken off where nothing else fits.
    """
    text = said.strip()
    by_name = next((slug for slug, room in rooms.items() if room.name.strip() == text), None)
    if by_name is not None or text in rooms:
        return by_name or RoomSlug(text)
    heard = _spoken(text)
    short = heard.removeprefix("the ")
    for wanted in (heard, short, heard.removesuffix(" room"), short.removesuffix(" room")):
        for slug, room in rooms.items():
            if wanted and wanted in (_spoken(slug), _spoken(room.name)):
                return slug
    return None


def find_zone(zones: Mapping[ZoneName, str], said: str) -> ZoneName | None:
    """The zone that is called so, as ``find_room``; ``zones`` are the labels by name; ``None``: no such zone.

    Where two have one label, the first is meant.
    """
    if said in zones:
        return ZoneName(said)
    heard = _spoken(said)
    for wanted in (heard, heard.removeprefix("the ")):
        for zone, label in zones.items():
            if wanted and wanted in (_spoken(zone), _spoken(label)):
                return zone
    return None


def _room_of(action: Action) -> RoomSlug:
    if action.room is None:
        raise Trouble(TroubleCode.BAD_REQUEST, f"{action.deed} needs a room.")
    return action.room


async def _next_room(hub: HubFace, zone: ZoneName | None) -> RoomSlug:
    order = list(hub.rooms)
    wanted = hub.wanted_room(zone)
    start = order.index(wanted) + 1 if wanted in order else 0
    counts = {view.room.slug: view.counts for view in await hub.room_views()}
    for slug in (*order[start:], *order[:start]):
        if any(count for tier, count in counts.get(slug, {}).items() if tier is not Tier.REMOVED):
            return slug
    raise Trouble(TroubleCode.EMPTY_POOL, "No room has a track. Fill them: moodroom-hub pool import FILE.")


def _spoken(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = (letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", "".join(kept).replace("_", " ")))
