"""Asking the plugins to draw, and writing what they drew into ledger entries."""

from collections import Counter

from moodroom_hub.core.hookspecs import DrawRequest
from moodroom_hub.core.zone.station_drawing import RECENT_AT_LEAST, draw_station
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.models import BatchRecipe, Drawn, LedgerEntry, LedgerStatus, PoolEntry, Room, Tier, Uri
from moodroom_hub.domain.stations.models import station_of

PLENTY = 3
"""A tier is scarce below so many times what a batch takes of it."""


async def draw(zone: Zone, room: Room, count: int, *, is_batch: bool) -> Drawn:
    """``count`` tracks for the room from the first plugin that answers; empty where none can."""
    if station_of(room.slug) is not None:
        return await draw_station(zone, room, count)
    services, ledger = zone.services, zone.session.ledger
    pool = await services.pools.pool(room.slug)
    waiting = {entry.track.uri for entry in ledger.waiting()}
    request = DrawRequest(
        zone=zone.name,
        room=room,
        pool=_not_in_the_queue(tuple(pool.entries.values()), waiting, services.recipe),
        recent=ledger.recent(max(services.rules.repeat_window, RECENT_AT_LEAST)),
        recent_tiers=ledger.recent_tiers(room.slug, services.recipe.size * 2),
        recipe=services.recipe,
        repeat_window=services.rules.repeat_window,
        count=count,
        is_batch=is_batch,
    )
    drawn = await services.dispatcher.first("draw", request=request)
    if not isinstance(drawn, Drawn):
        return Drawn()
    # A foreign plugin may draw: what left the room's pool is never played, whoever says so.
    allowed = {entry.track.uri for entry in pool.entries.values() if entry.tier is not Tier.REMOVED}
    return Drawn(tuple(pick for pick in drawn.picks if pick.track.uri in allowed)[:count], drawn.notes)


def _not_in_the_queue(pool: tuple[PoolEntry, ...], waiting: set[Uri], recipe: BatchRecipe) -> tuple[PoolEntry, ...]:
    """The pool without what lies in the player's queue already, be it in a tail: drawn again it would be there twice.

    A tier that would get scarce by that stays whole: better the same song twice than a ratio that is not the room's.
    """
    left = Counter(entry.tier for entry in pool if entry.track.uri not in waiting)
    scarce = {tier for tier in Tier if left[tier] < PLENTY * recipe.share(tier)}
    return tuple(entry for entry in pool if entry.track.uri not in waiting or entry.tier in scarce)


def make_entries(zone: Zone, room: Room, drawn: Drawn, *, is_batch: bool) -> tuple[LedgerEntry, ...]:
    """Ledger entries for the picks: of the next activation for a batch, else of the running one."""
    activation = zone.session.activation + (1 if is_batch else 0)
    now_ms = zone.services.clock.now_ms()
    return tuple(
        LedgerEntry(
            id=zone.services.ids.ledger(),
            zone=zone.name,
            room=room.slug,
            tier=pick.tier,
            track=pick.track,
            activation=activation,
            status=LedgerStatus.DRAWN,
            why=pick.why,
            drawn_at_ms=now_ms,
            is_top_up=not is_batch,
        )
        for pick in drawn.picks
    )
