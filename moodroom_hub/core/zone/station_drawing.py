"""Drawing for a station: from the radio, and where it gives too little, from a room: it never ends in silence."""

from dataclasses import replace

from moodroom_hub.core.hookspecs import DrawRequest, StationRequest
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.models import BatchRecipe, Drawn, PoolEntry, Room, RoomSlug, Tier, Track
from moodroom_hub.domain.recording import recording_keys
from moodroom_hub.domain.stations.models import station_of

RECENT_AT_LEAST = 200
"""So many of the tracks queued last does whoever draws get to see."""
LIKELY_ONLY = BatchRecipe(confirmed=0, safe_side=1, discovery=0)


async def draw_station(zone: Zone, station: Room, count: int) -> Drawn:
    """``count`` tracks from the first plugin that answers; what is missing comes from the station's room, else from
    the first room that has any."""
    services, ledger = zone.services, zone.session.ledger
    key = station_of(station.slug)
    if key is None:
        return Drawn()
    recent = ledger.recent(max(services.rules.repeat_window, RECENT_AT_LEAST))
    waiting = frozenset(entry.track.uri for entry in ledger.waiting())
    request = StationRequest(zone.name, key, recent, waiting, count)
    answer = await services.dispatcher.first("draw_station", request=request)
    drawn = answer if isinstance(answer, Drawn) else Drawn()
    # A plugin may forget: what left the pool of the station's own room is never played.
    removed = await _removed(zone, station.slug)
    picks = tuple(each for each in drawn.picks if removed.isdisjoint(recording_keys(each.track)))[:count]
    if len(picks) >= count:
        return Drawn(picks, drawn.notes)
    recent = (*recent, *(each.track for each in picks))
    filled = await _from_a_room(zone, station, count - len(picks), recent)
    return Drawn((*picks, *filled.picks), (*drawn.notes, *filled.notes))


async def _removed(zone: Zone, slug: RoomSlug) -> set[str]:
    key = station_of(slug)
    station = None if key is None else zone.services.stations.get(key)
    if station is None or station.room is None or station.room not in zone.services.rooms:
        return set()
    pool = await zone.services.pools.pool(station.room)
    gone = (entry for entry in pool.entries.values() if entry.tier is Tier.REMOVED)
    return {name for entry in gone for name in recording_keys(entry.track)}


async def _from_a_room(zone: Zone, station: Room, count: int, recent: tuple[Track, ...]) -> Drawn:
    found = await _fallback(zone, station.slug)
    if found is None:
        return Drawn()
    room, pool = found
    services = zone.services
    request = DrawRequest(
        zone=zone.name,
        room=room,
        pool=pool,
        recent=recent,
        recent_tiers=(),
        recipe=LIKELY_ONLY,
        repeat_window=services.rules.repeat_window,
        count=count,
        is_batch=False,
    )
    drawn = await services.dispatcher.first("draw", request=request)
    if not isinstance(drawn, Drawn):
        return Drawn()
    allowed = {entry.track.uri for entry in pool if entry.tier is not Tier.REMOVED}
    picks = tuple(
        replace(pick, why=f"the station finds nothing now: from {room.name}")
        for pick in drawn.picks
        if pick.track.uri in allowed
    )
    return Drawn(picks[:count], (f"{station.name} found too little: {room.name} stands in",) if picks else ())


async def _fallback(zone: Zone, slug: RoomSlug) -> tuple[Room, tuple[PoolEntry, ...]] | None:
    services = zone.services
    key = station_of(slug)
    station = None if key is None else services.stations.get(key)
    own = None if station is None else station.room
    for room in sorted(services.rooms.values(), key=lambda each: each.slug != own):
        pool = tuple((await services.pools.pool(room.slug)).entries.values())
        if any(entry.tier is not Tier.REMOVED and entry.track.is_playable for entry in pool):
            return room, pool
    return None
