"""What ``moodroom-hub check`` says of Sonos: one line each, with the mend."""

import re
from collections.abc import Sequence
from typing import Final

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.plugins.sonos.wiring import Parts

SPOTIFY: Final = frozenset({"2311", "3079"})
"""What Sonos calls Spotify, by region."""
MEND_SPEAKERS: Final = "are they on, and in this machine's network? Name one in plugins.sonos.addresses"
MEND_SPOTIFY: Final = "add Spotify in the Sonos app, under Settings, Services & Voice"


async def check_all(parts: Parts) -> Sequence[Check]:
    """Look for speakers if that was not done yet; then what depends on them."""
    if not parts.house.topology.players:
        await parts.keeper.read_groups()
    players = list(parts.house.topology.players.values())
    if not players:
        return [Check("sonos speakers", CheckLevel.FAILED, "none found", MEND_SPEAKERS)]
    names = ", ".join(sorted(player.name for player in players))
    lines = [Check("sonos speakers", CheckLevel.OK, f"{len(players)} found: {names}")]
    unknown = [speaker for speaker in parts.config.zones.values() if not _is_among(speaker, parts)]
    if unknown:
        mend = "write the speaker's name as the Sonos app shows it"
        lines.append(Check("sonos zones", CheckLevel.WARNING, f"no speaker is called {', '.join(unknown)}", mend))
    if parts.events is not None:
        level = CheckLevel.WARNING if parts.events.is_deaf or parts.events.trouble else CheckLevel.OK
        lines.append(Check("sonos events", level, parts.about_events()))
    lines.append(await _check_spotify(parts))
    return lines


def _is_among(speaker: str, parts: Parts) -> bool:
    players = parts.house.topology.players
    return speaker in players or any(player.name.casefold() == speaker.casefold() for player in players.values())


async def _check_spotify(parts: Parts) -> Check:
    if parts.belongings.region is not None:
        return Check("sonos spotify", CheckLevel.OK, "the household plays from its Spotify account")
    player = next(iter(parts.house.topology.players.values()))
    try:
        answer = await parts.client.call(player.address, "musicServices", "ListAvailableServices")
    except Trouble as trouble:
        return Check("sonos spotify", CheckLevel.WARNING, f"not known: {trouble.message}")
    if SPOTIFY & set(re.findall(r"\d+", answer.get("AvailableServiceTypeList", ""))):
        return Check("sonos spotify", CheckLevel.OK, "Sonos offers Spotify; the first track tells whether it is linked")
    return Check("sonos spotify", CheckLevel.WARNING, "Sonos does not offer Spotify here", MEND_SPOTIFY)
