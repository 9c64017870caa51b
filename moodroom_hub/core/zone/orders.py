"""Orders go to the zone that leads; where a device takes none from its service, the zone that does is named."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.zone.zone import Regrouped, Zone

AnswerT = TypeVar("AnswerT")

REGROUPED_AT_MOST: Final = 8
DEVICES_WITHIN_MS: Final = 3_000
_GROUP_MARK: Final = " + "
"""A group of speakers is called ``Kitchen + 1``, after the one that leads it."""
_SET_UP: Final = (
    "If it is a Sonos speaker, the hub can play on it directly: set plugins.sonos up and choose the speaker's zone."
)


async def carry_out(named: Zone, order: Callable[[Zone], Awaitable[AnswerT]], device: str | None = None) -> AnswerT:
    """Carry ``order`` out in the zone that leads ``named``, also where that changes while it waits for its turn.

    ``device`` is the one that the order names, if it does. Raises ``Trouble``; ``RESTRICTED_DEVICE`` says where the
    room can be had instead.
    """
    for _ in range(REGROUPED_AT_MOST):
        zone = named.leading
        try:
            return await order(zone)
        except Regrouped:
            continue
        except Trouble as trouble:
            if trouble.code is not TroubleCode.RESTRICTED_DEVICE or trouble.zone is not None:
                raise
            offer = _offered(zone, trouble, [device] if device is not None else await _restricted(zone))
            if zone.trouble is trouble:
                zone.note(offer)
            raise offer from trouble
    raise Trouble(TroubleCode.CONFLICT, f"{named.label} is being regrouped again and again; try it in a moment.")


def _offered(zone: Zone, trouble: Trouble, devices: list[str]) -> Trouble:
    """The same trouble, saying in which zone the hub can play on that speaker."""
    owners = [each for each in zone.all_zones.values() if each.ports.owns_queue and each is not zone]
    meant = next((each for device in devices for each in owners if _is_called(each, device)), None)
    if meant is not None:
        message = (
            f"{meant.label} takes no orders from {_service(zone)}'s Web API. "
            f"Activate the room in the zone {meant.name} instead."
        )
        return _as_trouble(trouble, message, meant.name)
    if owners:
        names = ", ".join(each.name for each in owners)
        return _as_trouble(trouble, f"{trouble.message} The hub itself can play in the zones: {names}.", None)
    return _as_trouble(trouble, f"{trouble.message} {_SET_UP}", None)


async def _restricted(zone: Zone) -> list[str]:
    """The names of the devices that may be meant, the likeliest first: what was seen to play, then what is listed."""
    listening = zone.session.playback.listening
    seen = [] if listening is None or listening.device is None else [listening.device.partition("\n")[0]]
    try:
        async with asyncio.timeout(zone.services.clock.real_seconds(DEVICES_WITHIN_MS)):
            listed = await zone.ports.player.devices()
    except (Trouble, TimeoutError):
        return seen
    restricted = [each for each in listed if each.is_restricted or each.id is None]
    return [*seen, *(each.name for each in sorted(restricted, key=lambda each: not each.is_active))]


def _is_called(owner: Zone, device: str) -> bool:
    name, label = device.casefold(), owner.label.casefold()
    return label in {name, name.partition(_GROUP_MARK)[0]}


def _service(zone: Zone) -> str:
    return zone.accounts[0].name if zone.accounts else "its service"


def _as_trouble(trouble: Trouble, message: str, zone: str | None) -> Trouble:
    return Trouble(trouble.code, message, outcome_unknown=trouble.outcome_unknown, zone=zone)
