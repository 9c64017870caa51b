"""What one button may mean by itself: play or pause, and never again."""

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.zone import transport
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.models import Receipt, Tier, Uri
from moodroom_hub.domain.pools import moved

SEEN_AFTER_MS = 400
"""A look that soon after an order may still show the world before it."""


async def play_pause(zone: Zone) -> None:
    """Pause what plays, else play on. What was ordered a moment ago counts before what was seen before it."""
    is_playing = _is_playing(zone)
    zone.ordered_playing = (not is_playing, zone.services.clock.now_ms())
    try:
        if is_playing:
            await transport.pause(zone)
        else:
            await transport.play(zone)
    except Trouble:
        zone.ordered_playing = None
        raise


async def never_again(zone: Zone, meant: Uri | None) -> Receipt | None:
    """Take what plays out of its room, then skip it. Raises ``CONFLICT`` where it is of no room."""
    entry, services = zone.session.entry, zone.services
    if meant is not None and (entry is None or entry.track.uri != meant):
        return None
    if entry is None or entry.room not in services.rooms:
        raise Trouble(TroubleCode.CONFLICT, "What plays belongs to no room: there is nothing to take it out of.")
    pool = await services.pools.pool(entry.room)
    known = pool.find(entry.track)
    track = entry.track if known is None else known.track
    change = moved(pool, track, Tier.REMOVED, services.clock.now_ms(), told="never again")
    receipts = [] if change is None else await services.pools.change(entry.room, [change], zone.name)
    await transport.skip(zone, entry.track.uri)
    return receipts[0] if receipts else None


def _is_playing(zone: Zone) -> bool:
    listening = zone.session.playback.listening
    if zone.ordered_playing is not None:
        is_playing, at_ms = zone.ordered_playing
        if listening is None or listening.last.at_ms < at_ms + SEEN_AFTER_MS:
            return is_playing
    return listening is not None and listening.last.is_playing
