"""Zones that join another one, and music that goes on in another zone."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import Event, Moved
from moodroom_hub.core.store import Change
from moodroom_hub.core.zone.telling import deactivated
from moodroom_hub.core.zone.tracking import track
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.models import Cause, EpochMs, PlaybackSnapshot, Playing
from moodroom_hub.domain.regrouping import is_aside, moved, stepped_aside
from moodroom_hub.domain.session import Session

log = logging.getLogger(__name__)

PATIENCE_MS = 30_000
"""So long a move waits for what the player is being told; a player's commands are bounded, and much shorter."""
LOOK_AFTER_MOVE_MS = 300


async def step_aside(zone: Zone) -> None:
    """The zone plays along with another one: its own listen ends without a strike, its room is off, nothing is owed."""
    zone.note(None)
    zone.is_fresh_wanted = False
    zone.play_order = None
    if is_aside(zone.session):
        return
    async with zone.commands:
        if not zone.is_joined:
            return
        with zone.commanding(0):
            await _end(zone)
            async with zone.lock:
                session = stepped_aside(zone.session, is_queue_gone=zone.ports.owns_queue)
                await zone.move(session, deactivated(zone, "joined"))


async def move(zone: Zone, to: Zone) -> None:
    """What plays in ``zone`` goes on in ``to``: listen, room, queue and all; what was in ``to`` is over.

    Waits until both players have been told what they are being told, so whoever calls it must hold nothing that a
    player's command needs. Raises ``Trouble(CONFLICT)`` where that takes too long: then nothing has moved.
    """
    if zone is to:
        return
    async with _both(zone, to):
        # Until both are as they shall be no look counts, however long ago it began.
        with zone.commanding(LOOK_AFTER_MOVE_MS), to.commanding(LOOK_AFTER_MOVE_MS):
            if _is_empty(zone.session):
                return
            await _end(to)
            await _swap(zone, to)
    to.wake_hands()


async def _swap(zone: Zone, to: Zone) -> None:
    first, second = _in_order(zone, to)
    async with first.lock, second.lock:
        ended = deactivated(to, "moved")
        # In memory first, as always: what waits for the database is written in this order.
        before, there = zone.session, to.session
        to.session = moved(before, there, to.name)
        zone.session = Session()
        to.is_endless = to.is_endless or zone.is_endless
        to.is_fresh_wanted = to.is_endless
        to.play_order, zone.play_order = zone.play_order, None
        zone.is_fresh_wanted = False
        zone.is_seen = to.is_seen = False
        to.seen_at_ms, zone.seen_at_ms = zone.seen_at_ms, None
        to.took_over()

        def went(event_id: int, at_ms: EpochMs) -> Event:
            return Moved(id=event_id, zone=zone.name, at_ms=at_ms, to=to.name)

        change = Change(
            zone_states={zone.name: zone.dump(), to.name: to.dump()},
            ledger=to.session.ledger.changed_since(there.ledger),
            moved=((zone.name, to.name),),
        )
        log.info("%s: the music goes on in %s", zone.name, to.name)
        await to.services.bus.publish([*ended, went], change)


async def _end(zone: Zone) -> None:
    """End the listen under way, if any. An advert ends a listen where it is, and teaches nothing."""
    if zone.session.playback.listening is not None:
        now_ms = zone.services.clock.now_ms()
        await track(zone, PlaybackSnapshot(zone.name, now_ms, Playing.ADVERT), Cause.TRANSFERRED)


def _is_empty(session: Session) -> bool:
    """Whether there is nothing that could go on elsewhere."""
    is_silent = session.playback.listening is None
    return session.active_room is None and is_silent and not session.ledger.waiting()


def _in_order(one: Zone, other: Zone) -> tuple[Zone, Zone]:
    return (one, other) if one.name < other.name else (other, one)


@asynccontextmanager
async def _both(one: Zone, other: Zone) -> AsyncIterator[None]:
    """Inside, no other command reaches either zone. Always in the same order, so that two never wait crosswise."""
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(one.services.clock.real_seconds(PATIENCE_MS)):
                for zone in _in_order(one, other):
                    await stack.enter_async_context(zone.commands)
        except TimeoutError:
            message = f"{one.name} and {other.name} are busy; what plays could not be followed from one to the other."
            raise Trouble(TroubleCode.CONFLICT, message) from None
        yield
