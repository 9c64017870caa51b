"""Asking the plugins to draw, and writing what they drew into ledger entries."""

from moodroom_hub.core.hookspecs import DrawRequest
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.models import Drawn, LedgerEntry, LedgerStatus, Room, Tier

RECENT_AT_LEAST = 200


async def draw(zone: Zone, room: Room, count: int, *, is_batch: bool) -> Drawn:
    """``count`` tracks for the room from the first plugin that answers; empty where none can."""
    services, ledger = zone.services, zone.session.ledger
    pool = await services.pools.pool(room.slug)
    request = DrawRequest(
        zone=zone.name,
        room=room,
        pool=tuple(pool.entries.values()),
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
    allowed = {entry.track.uri for entry in request.pool if entry.tier is not Tier.REMOVED}
    return Drawn(tuple(pick for pick in drawn.picks if pick.track.uri in allowed)[:count], drawn.notes)


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
