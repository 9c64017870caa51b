"""Play, pause and next, as a person means them."""

import asyncio
from collections.abc import Awaitable, Callable

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.zone.tracking import track
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.models import LedgerStatus, Uri
from moodroom_hub.domain.playback import Listening
from moodroom_hub.domain.playback.state import OUTDATED_ANSWER_MS
from moodroom_hub.domain.stations.models import station_of

ARRIVED = frozenset({LedgerStatus.QUEUED, LedgerStatus.UNKNOWN})
Command = Callable[[], Awaitable[None]]

LOOK_AFTER_COMMAND_MS = 500
FRESH_ENOUGH_MS = 1_500
LOOK_AGAIN_MS = 700
FOLLOWED_WITHIN_MS = 3_000
FOLLOWED_AGAIN_MS = 50
SEEN_WITHIN_MS = 8_000
"""So long a skip waits to be seen. An answer may be out of date, and the machine busy."""


async def play(zone: Zone) -> None:
    """Go on playing."""
    with zone.ordering(is_playing=True):
        await _command(zone, zone.ports.player.resume)


async def pause(zone: Zone) -> None:
    """Stand still."""
    with zone.ordering(is_playing=False):
        await _command(zone, zone.ports.player.pause)


async def skip(zone: Zone, meant: Uri | None) -> bool | None:
    """Skip by the listener's will. With ``meant``: only if that very track still plays.

    Looks first, so that the verdict on what is skipped is exact and a late press skips nothing that it did not mean.
    Gives whether another track was seen to play then; ``None`` where nobody could see it in time.
    """
    if station_of(zone.session.active_room) is None:
        return await _skip(zone, meant)
    async with zone.skipping:
        await _provided(zone)
        return await _skip(zone, meant)


async def _provided(zone: Zone) -> None:
    """Wait until the last skip of a station was seen and another track lies behind: there is only one, and who
    presses again and again would skip into nothing."""
    clock = zone.services.clock
    try:
        async with asyncio.timeout(clock.real_seconds(FOLLOWED_WITHIN_MS)):
            while not _is_provided(zone):
                zone.wake_hands()
                await clock.sleep_ms(FOLLOWED_AGAIN_MS)
    except TimeoutError:
        return


def _is_provided(zone: Zone) -> bool:
    session = zone.session
    if session.active_room is None or session.is_yielding or zone.is_switching or zone.trouble is not None:
        return True
    ahead = session.ledger.ahead(session.activation)
    return zone.is_seen and any(entry.status in ARRIVED for entry in ahead)


async def _skip(zone: Zone, meant: Uri | None) -> bool | None:
    async with zone.obeying():
        await look_first(zone, is_needed=meant is not None)
        listening = zone.session.playback.listening
        if meant is not None:
            entry = zone.session.entry
            playing = {listening.track.uri} if listening is not None else set()
            if entry is not None:
                playing.add(entry.track.uri)
            if meant not in playing:
                return False
        await leave(zone)
    return await _has_moved(zone, listening)


async def leave(zone: Zone) -> None:
    """Skip what plays, with ``commands`` held, as soon as there is something to skip to. Raises ``Trouble``."""
    await _follower(zone)
    await tell(zone, zone.ports.player.next)


async def _follower(zone: Zone) -> None:
    """Wait until the player holds a track of the room's to skip to, where one is on its way: skipped into nothing it
    would fall silent, and what is queued then starts nothing."""
    clock = zone.services.clock
    if _is_follower_on_its_way(zone):
        zone.wake_hands()
    try:
        async with asyncio.timeout(clock.real_seconds(FOLLOWED_WITHIN_MS)):
            while _is_follower_on_its_way(zone):
                await clock.sleep_ms(FOLLOWED_AGAIN_MS)
    except TimeoutError:
        return


def _is_follower_on_its_way(zone: Zone) -> bool:
    session = zone.session
    if session.active_room is None or session.is_yielding or zone.is_switching or zone.trouble is not None:
        return False
    coming = session.ledger.upcoming(session.activation)
    return bool(coming) and not any(entry.status in ARRIVED for entry in coming)


async def _has_moved(zone: Zone, before: Listening | None) -> bool | None:
    """Whether something else plays than before the skip that was just told. The player takes a skip also where nothing
    follows, so only looking tells; the zone's own looks do."""
    clock = zone.services.clock
    told_ms = clock.now_ms()
    try:
        async with asyncio.timeout(clock.real_seconds(SEEN_WITHIN_MS)):
            while not _is_other(zone, before):
                if clock.now_ms() - told_ms > OUTDATED_ANSWER_MS:
                    return False
                await zone.sight()
                if not _is_other(zone, before):
                    zone.look_soon(LOOK_AGAIN_MS)
    except TimeoutError:
        return None
    return True


def _is_other(zone: Zone, before: Listening | None) -> bool:
    playback = zone.session.playback
    now = playback.listening
    if now is None or before is None:
        return now is not None or playback.is_advert or playback.is_input
    return (now.track.uri, now.began_at_ms) != (before.track.uri, before.began_at_ms)


async def look_first(zone: Zone, *, is_needed: bool) -> None:
    """See what plays, unless it was seen a moment ago. Where it is needed a look in vain raises ``Trouble``."""
    listening = zone.session.playback.listening
    age_ms = None if listening is None else zone.services.clock.now_ms() - listening.last.at_ms
    if not is_needed and age_ms is not None and age_ms <= FRESH_ENOUGH_MS:
        return
    try:
        snapshot = await zone.ports.source.look()
    except Trouble:
        if is_needed:
            raise
        return
    await track(zone, snapshot, None)


async def _command(zone: Zone, command: Command) -> None:
    async with zone.obeying():
        await tell(zone, command)


async def tell(zone: Zone, command: Command) -> None:
    """Carry out one command, with ``commands`` held, and remember what hinders. Raises ``Trouble``."""
    try:
        with zone.commanding(LOOK_AFTER_COMMAND_MS):
            await command()
    except Trouble as trouble:
        zone.note(trouble)
        raise
    zone.note(None)
