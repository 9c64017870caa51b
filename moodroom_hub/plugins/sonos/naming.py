"""Which zone a speaker is. A zone keeps its name for ever, whatever its speaker is called later. Pure."""

from collections.abc import Mapping
from typing import Final

from moodroom_hub.core.config.fields import slugged
from moodroom_hub.domain.models import ZoneName

RESERVED: Final = frozenset({"home", "past", "off", "all"})
"""Zones that are no speaker's."""


def zone_of(uid: str, name: str, configured: Mapping[str, str], taken: Mapping[str, ZoneName]) -> ZoneName:
    """The zone of a speaker that has none yet; ``taken`` are those of the others, by uid.

    The configuration names it by the speaker's name or uid; else it is the name as a slug.
    """
    used = {str(zone) for other, zone in taken.items() if other != uid} | RESERVED
    wanted = configured_zone(uid, name, configured)
    if wanted is not None and wanted not in used:
        return ZoneName(wanted)
    base = slugged(name) or f"speaker-{slugged(uid[-8:]) or '1'}"
    used |= set(configured)
    number, zone = 1, base
    while zone in used:
        number += 1
        zone = f"{base}-{number}"
    return ZoneName(zone)


def configured_zone(uid: str, name: str, configured: Mapping[str, str]) -> str | None:
    """What the configuration calls this speaker; its uid counts before its name."""
    by_uid = next((zone for zone, speaker in configured.items() if speaker == uid), None)
    folded = name.casefold()
    return by_uid or next((zone for zone, speaker in configured.items() if speaker.casefold() == folded), None)
