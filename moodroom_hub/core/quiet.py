"""Why a zone is quiet: the facts, from memory and one look at its devices; and moving it to another device."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.ports import Account, DeviceChooser, LoginStatus
from moodroom_hub.core.views import login_of
from moodroom_hub.core.zone import Zone
from moodroom_hub.domain.models import Device, EpochMs, Room, RoomSlug, Tier
from moodroom_hub.domain.quiet import Hindrance, QuietFacts, QuietWalk, walk

DEVICES_WITHIN_MS: Final = 5_000
"""So long a person who asks why it is quiet waits for the list of devices."""
LOOK_AFTER_WAKE_MS: Final = 500

_HINDRANCES: Final[Mapping[TroubleCode, Hindrance]] = {
    TroubleCode.RATE_LIMITED: Hindrance.RATE_LIMITED,
    TroubleCode.PREMIUM_REQUIRED: Hindrance.PREMIUM_REQUIRED,
    TroubleCode.RESTRICTED_DEVICE: Hindrance.RESTRICTED_DEVICE,
    TroubleCode.UNAVAILABLE: Hindrance.SERVICE_AWAY,
    TroubleCode.REFUSED: Hindrance.REFUSED,
}


def quiet_without_players(why: str) -> QuietWalk:
    """The walk of a hub in which nothing can play yet; ``why`` is what its plugins say."""
    return walk(QuietFacts(needs_login=False, device_problem=why))


async def quiet(zone: Zone, rooms: Mapping[RoomSlug, Room], pools: PoolBook, now_ms: EpochMs) -> QuietWalk:
    """Walk from the login that this zone's player needs to the pool. Devices are asked for only where all before them
    is fine."""
    session = zone.session
    listening = session.playback.listening
    is_playing = listening is not None and listening.last.is_playing and not session.playback.is_lost
    login_problem = _login_problem(zone.accounts, zone.trouble, now_ms)
    devices: Sequence[Device] | None = None
    trouble = zone.trouble
    if not login_problem and not is_playing and not _shall_wait(trouble):
        devices, asked = await _devices(zone)
        trouble = trouble or asked
        if asked is not None and asked.code is TroubleCode.LOGIN_NEEDED:
            login_problem = asked.message
    hindrance, line = _hindrance(trouble, devices)
    slugs = [session.active_room] if session.active_room in rooms else list(rooms)
    counts = [(await pools.pool(slug)).counts() for slug in slugs if slug is not None]
    room = zone.services.room(session.active_room) if session.active_room is not None else None
    return walk(
        QuietFacts(
            is_playing=is_playing,
            login_problem=login_problem,
            needs_login=bool(zone.accounts),
            device=next((each.name for each in devices or () if each.is_active), ""),
            device_problem=_device_problem(trouble, devices, is_lost=session.playback.is_lost) or _emptied(zone),
            hindrance=None if is_playing else hindrance,
            hindrance_line=line,
            ends_at_ms=zone.trouble_until_ms,
            room=None if room is None else room.name,
            is_yielding=session.is_yielding,
            tops_up=zone.is_endless,
            ahead=len(session.ledger.upcoming(session.activation)) + (1 if is_playing else 0),
            playable=sum(each for count in counts for tier, each in count.items() if tier is not Tier.REMOVED),
            removed=sum(count.get(Tier.REMOVED, 0) for count in counts),
            least=zone.services.recipe.size if room is None else zone.services.batch_size(room.slug),
        )
    )


async def wake(zone: Zone, name: str) -> None:
    """Move the zone's playback to the device of this name. Raises ``Trouble``."""
    player = zone.ports.player
    if not isinstance(player, DeviceChooser):
        raise Trouble(TroubleCode.NOT_FOUND, "This zone plays on one device only; there is none to choose.")
    async with zone.obeying():
        with zone.commanding(LOOK_AFTER_WAKE_MS):
            await player.wake(name)
    zone.note(None)
    zone.wake_hands()


def _login_problem(accounts: Sequence[Account], trouble: Trouble | None, now_ms: EpochMs) -> str:
    login = login_of(list(accounts), now_ms)
    if accounts and login.status in (LoginStatus.NEEDED, LoginStatus.NOT_CONFIGURED):
        return login.reason or "Nobody is logged in."
    return trouble.message if trouble is not None and trouble.code is TroubleCode.LOGIN_NEEDED else ""


def _shall_wait(trouble: Trouble | None) -> bool:
    """Nothing is asked of a service that said to wait."""
    return trouble is not None and trouble.code is TroubleCode.RATE_LIMITED


async def _devices(zone: Zone) -> tuple[Sequence[Device] | None, Trouble | None]:
    try:
        async with asyncio.timeout(zone.services.clock.real_seconds(DEVICES_WITHIN_MS)):
            return await zone.ports.player.devices(), None
    except Trouble as trouble:
        return None, trouble
    except TimeoutError:
        return None, Trouble(TroubleCode.UNAVAILABLE, "The service does not tell its devices in time.")


def _device_problem(trouble: Trouble | None, devices: Sequence[Device] | None, *, is_lost: bool) -> str:
    has_usable = devices is not None and any(not each.is_restricted and each.id is not None for each in devices)
    if devices is not None and not devices:
        return "No device is awake."
    if trouble is not None and trouble.code is TroubleCode.NO_DEVICE and not has_usable:
        return trouble.message
    return "No player answers." if is_lost and devices is None and trouble is None else ""


def _emptied(zone: Zone) -> str:
    if not zone.session.playback.is_idle or zone.session.active_room is None:
        return ""
    return f"{zone.label} has nothing left to play: somebody emptied its queue. Activate the room again."


def _hindrance(trouble: Trouble | None, devices: Sequence[Device] | None) -> tuple[Hindrance | None, str]:
    active = next((each for each in devices or () if each.is_active), None)
    if trouble is not None and trouble.code in _HINDRANCES:
        return _HINDRANCES[trouble.code], trouble.message
    if active is not None and active.is_restricted:
        return Hindrance.RESTRICTED_DEVICE, f"Apps may not steer {active.name}."
    if devices and all(each.is_restricted or each.id is None for each in devices):
        return Hindrance.RESTRICTED_DEVICE, "Apps may not steer any device that is awake."
    if active is not None and active.is_private_session:
        return Hindrance.PRIVATE_SESSION, f"{active.name} is in a private session, which hides what it plays."
    return None, ""
