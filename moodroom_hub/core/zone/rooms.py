"""Switching a room on and off in one zone."""

import asyncio
from dataclasses import replace

from moodroom_hub.core.bus import MakeEvent
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import RoomActivated, RoomDeactivated
from moodroom_hub.core.face import Activation
from moodroom_hub.core.zone.drawing import draw, make_entries
from moodroom_hub.core.zone.telling import deactivated
from moodroom_hub.core.zone.tracking import track
from moodroom_hub.core.zone.watching import AFTER_OWN_COMMAND_MS
from moodroom_hub.core.zone.wishes import Wish
from moodroom_hub.core.zone.zone import PlayOrder, Zone
from moodroom_hub.domain.models import Cause, LedgerEntry, LedgerStatus, Room, RoomSlug, Uri
from moodroom_hub.domain.playback import OwnAct
from moodroom_hub.domain.session import Session, activated, switched_off
from moodroom_hub.domain.stations.models import station_of

LOOK_PATIENCE_MS = 1_500
HANDING_PATIENCE_MS = 5_000
REFUSED_AT_MOST = 5
"""So many tracks may be refused at a batch's head before it is the player that is taken to refuse."""


async def activate(zone: Zone, slug: RoomSlug) -> Activation:
    """Draw a batch for the room and play its first track; the rest is handed over behind.

    Nothing changes unless the player plays. Raises ``Trouble``: ``EMPTY_POOL``, what the player says, or
    ``SUPERSEDED`` where another switch was asked for before this one's play call; the last one asked for wins.
    """
    room = zone.services.room(slug)
    if room is None:
        raise Trouble(TroubleCode.NOT_FOUND, "There is no such room, or it is gone.")
    async with zone.switching(slug, gives_way=True) as wish:
        drawn = await draw(zone, room, zone.services.batch_size(slug), is_batch=True)
        if not drawn.picks:
            raise _empty(room)
        wish.check()
        with zone.commanding(AFTER_OWN_COMMAND_MS):
            before, announced = await _announce(zone, slug, make_entries(zone, room, drawn, is_batch=True))
            try:
                batch = await _play_first(zone, room, announced, wish)
            except Trouble as trouble:
                await _take_back(zone, before, announced)
                if trouble.code is not TroubleCode.SUPERSEDED:
                    zone.note(trouble)
                raise
        zone.note(None)
        if zone.play_order is None or zone.play_order.done_at_ms is not None:
            zone.play_order = PlayOrder(True, zone.services.clock.now_ms())
        await zone.act(Cause.ROOM_SWITCH)
        await _tell(zone, before.active_room, slug, batch, drawn.notes)
        if not wish.is_overtaken:
            await _look(zone)
    return Activation(slug, batch, drawn.notes)


def _empty(room: Room) -> Trouble:
    if station_of(room.slug) is not None:
        mend = f"See why: moodroom-hub station why {station_of(room.slug)}."
        return Trouble(TroubleCode.EMPTY_POOL, f"The station {room.name} finds nothing to play. {mend}")
    mend = f"Fill it: moodroom-hub pool import FILE (rows with room {room.slug})."
    return Trouble(TroubleCode.EMPTY_POOL, f"The room {room.name} has no track that may play. {mend}")


async def _play_first(zone: Zone, room: Room, batch: tuple[LedgerEntry, ...], wish: Wish) -> tuple[LedgerEntry, ...]:
    """Play the first track that the player takes: a dead id at the head must not keep a room silent.

    Gives what is left of the batch. Raises the player's ``Trouble``, or ``SUPERSEDED`` before a call.
    """
    for others in range(REFUSED_AT_MOST, -1, -1):
        wish.check()
        try:
            await _play(zone, batch[0].track.uri, wish)
            break
        except Trouble as trouble:
            is_the_tracks = trouble.code is TroubleCode.REFUSED and not trouble.outcome_unknown
            if not is_the_tracks:
                raise
            if others == 0 or len(batch) == 1:
                raise _all_refused(room, trouble) from trouble
        async with zone.lock:
            gone, first = replace(batch[0], status=LedgerStatus.MISSING), replace(batch[1], status=LedgerStatus.PLAYING)
            await zone.move(replace(zone.session, ledger=zone.session.ledger.put([gone, first])))
        batch = (first, *batch[2:])
        zone.is_fresh_wanted = zone.is_endless
    return batch


def _all_refused(room: Room, last: Trouble) -> Trouble:
    mend = "They may be gone from there: moodroom-hub pool export FILE shows them, pool import FILE takes others."
    return Trouble(last.code, f"{last.message} So it went with every track of {room.name} that was tried. {mend}")


async def _play(zone: Zone, uri: Uri, wish: Wish) -> None:
    """Where playing empties the queue, a track that is being handed over would come to lie in the new one: wait for
    it, a little."""
    if not zone.ports.owns_queue:
        await zone.ports.player.play(uri, wish.check)
        return
    is_held = False
    try:
        async with asyncio.timeout(zone.services.clock.real_seconds(HANDING_PATIENCE_MS)):
            is_held = await zone.handing.acquire()
    except TimeoutError:
        wish.check()
    try:
        await zone.ports.player.play(uri, wish.check)
    finally:
        if is_held:
            zone.handing.release()


async def _look(zone: Zone) -> None:
    """Look at once: whoever hears that the room is on, and asks what plays, is told. In vain is no harm, the next
    look comes soon."""
    try:
        async with asyncio.timeout(zone.services.clock.real_seconds(LOOK_PATIENCE_MS)):
            snapshot = await zone.ports.source.look()
    except (Trouble, TimeoutError):
        return
    await track(zone, snapshot, None)


async def switch_off(zone: Zone) -> None:
    """Stop topping up; what plays and what is queued goes on. Activations that still wait give way."""
    async with zone.switching(None, gives_way=False), zone.lock:
        if zone.session.active_room is not None:
            await zone.move(switched_off(zone.session), deactivated(zone, "off"))


async def _announce(
    zone: Zone, slug: RoomSlug, batch: tuple[LedgerEntry, ...]
) -> tuple[Session, tuple[LedgerEntry, ...]]:
    """Write the switch before the player hears of it, so that a crash in between knows what was meant."""
    first = replace(batch[0], status=LedgerStatus.PLAYING)
    batch = (first, *batch[1:])
    async with zone.lock:
        before = zone.session
        act = OwnAct(Cause.ROOM_SWITCH, zone.services.clock.now_ms())
        await zone.move(activated(before, slug, batch, act, is_queue_gone=zone.ports.owns_queue))
    return before, batch


async def _take_back(zone: Zone, before: Session, batch: tuple[LedgerEntry, ...]) -> None:
    """The player did not play: the former room is the active one again, and its tail is no tail."""
    async with zone.lock:
        now = zone.session
        stale_ids = {entry.id for entry in before.ledger.entries}
        former = [
            _restored(entry, current, is_known=not zone.ports.owns_queue)
            for entry in before.ledger.entries
            if (current := now.ledger.entry(entry.id)) is not None
            and current.status in {LedgerStatus.STALE, LedgerStatus.DROPPED}
        ]
        dropped = [replace(entry, status=LedgerStatus.DROPPED) for entry in batch if entry.id not in stale_ids]
        await zone.move(
            replace(
                now,
                active_room=before.active_room,
                activation=before.activation,
                is_yielding=before.is_yielding,
                playback=replace(now.playback, own_act=None),
                ledger=now.ledger.put([*former, *dropped]),
            )
        )


def _restored(before: LedgerEntry, now: LedgerEntry, *, is_known: bool) -> LedgerEntry:
    """The entry of the room that stays after all. One that was being sent may have been answered meanwhile;
    ``is_known``: its status says how."""
    if before.status is not LedgerStatus.SENDING:
        return before
    never_arrived = is_known and now.status is LedgerStatus.DROPPED
    return replace(before, status=LedgerStatus.DRAWN if never_arrived else LedgerStatus.UNKNOWN)


async def _tell(
    zone: Zone, former: RoomSlug | None, slug: RoomSlug, batch: tuple[LedgerEntry, ...], notes: tuple[str, ...]
) -> None:
    makers: list[MakeEvent] = []
    if former is not None and former != slug:
        makers.append(
            lambda event_id, at_ms: RoomDeactivated(
                id=event_id, zone=zone.name, at_ms=at_ms, room=former, reason="switched"
            )
        )
    makers.append(
        lambda event_id, at_ms: RoomActivated(
            id=event_id, zone=zone.name, at_ms=at_ms, room=slug, batch=batch, notes=notes
        )
    )
    await zone.services.bus.publish(makers)
