"""Play, pause and next, as a person means them."""

from collections.abc import Awaitable, Callable

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.zone.tracking import track
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.models import Uri

Command = Callable[[], Awaitable[None]]

LOOK_AFTER_COMMAND_MS = 500
FRESH_ENOUGH_MS = 1_500


async def play(zone: Zone) -> None:
    """Go on playing."""
    with zone.ordering(is_playing=True):
        await _command(zone, zone.ports.player.resume)


async def pause(zone: Zone) -> None:
    """Stand still."""
    with zone.ordering(is_playing=False):
        await _command(zone, zone.ports.player.pause)


async def skip(zone: Zone, meant: Uri | None) -> bool:
    """Skip by the listener's will. With ``meant``: only if that very track still plays.

    Looks first, so that the verdict on what is skipped is exact and a late press skips nothing that it did not mean.
    """
    async with zone.commands:
        await look_first(zone, is_needed=meant is not None)
        listening = zone.session.playback.listening
        if meant is not None:
            entry = zone.session.entry
            playing = {listening.track.uri} if listening is not None else set()
            if entry is not None:
                playing.add(entry.track.uri)
            if meant not in playing:
                return False
        await tell(zone, zone.ports.player.next)
    return True


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
    async with zone.commands:
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
