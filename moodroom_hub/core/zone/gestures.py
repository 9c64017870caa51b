"""What one button or switch may mean by itself: a room on, play or pause, never again."""

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import Activation
from moodroom_hub.core.zone import rooms, transport
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.models import Receipt, RoomSlug, Tier, Uri
from moodroom_hub.domain.pools import moved
from moodroom_hub.domain.stations.models import station_of

SEEN_AFTER_MS = 400
"""A look that soon after an order may still show the world before it."""


async def turn_on(zone: Zone, slug: RoomSlug, *, only_if_silent: bool) -> Activation | None:
    """Have the room on and its music playing; nothing is done where that is so, or on its way, as last seen.

    Decides before it waits for anything, so that orders hold in the order in which they came.
    """
    if _is_on(zone, slug) or (only_if_silent and _is_playing(zone)):
        # Somebody may have paused elsewhere since the last look: then the next press shall know.
        zone.look_soon(transport.LOOK_AFTER_COMMAND_MS)
        return None
    return await rooms.activate(zone, slug)


async def play_pause(zone: Zone) -> None:
    """Pause what plays, else play on. What was ordered a moment ago counts before what was seen before it."""
    if _is_playing(zone):
        await transport.pause(zone)
    else:
        await transport.play(zone)


async def never_again(zone: Zone, meant: Uri | None) -> Receipt | None:
    """Take what plays out of its room, then skip it. Raises ``CONFLICT`` where it is of no room.

    Looks first: the track that gave way a moment ago is not the one that is meant.
    """
    services = zone.services
    async with zone.obeying():
        await transport.look_first(zone, is_needed=True)
        entry = zone.session.entry
        if meant is not None and (entry is None or entry.track.uri != meant):
            return None
        if entry is not None and station_of(entry.room) is not None:
            raise Trouble(TroubleCode.CONFLICT, "A station plays: dislike the track there, and skip it.")
        if entry is None or entry.room not in services.rooms:
            raise Trouble(TroubleCode.CONFLICT, "What plays belongs to no room: there is nothing to take it out of.")
        pool = await services.pools.pool(entry.room)
        known = pool.find(entry.track)
        track = entry.track if known is None else known.track
        change = moved(pool, track, Tier.REMOVED, services.clock.now_ms(), told="never again")
        receipts = [] if change is None else await services.pools.change(entry.room, [change], zone.name)
        await transport.leave(zone)
    return receipts[0] if receipts else None


def _is_on(zone: Zone, slug: RoomSlug) -> bool:
    if zone.wanted_room != slug:
        return False
    if zone.is_switching:
        return True
    if zone.session.is_yielding:
        return False
    if (ordered := _ordered(zone)) is not None:
        return ordered
    entry = zone.session.entry
    return entry is not None and entry.room == slug and _was_playing(zone)


def _is_playing(zone: Zone) -> bool:
    order = zone.play_order
    if order is not None and order.done_at_ms is None:
        return order.is_playing
    if zone.is_switching and zone.wanted_room is not None:
        return True
    ordered = _ordered(zone)
    return _was_playing(zone) if ordered is None else ordered


def _ordered(zone: Zone) -> bool | None:
    """What the player was told, while nobody has looked since."""
    order = zone.play_order
    if order is None:
        return None
    seen_at_ms, done_at_ms = zone.seen_at_ms, order.done_at_ms
    is_shown = done_at_ms is not None and seen_at_ms is not None and seen_at_ms >= done_at_ms + SEEN_AFTER_MS
    return None if is_shown else order.is_playing


def _was_playing(zone: Zone) -> bool:
    playback = zone.session.playback
    return playback.listening is not None and playback.listening.last.is_playing and not playback.is_lost
