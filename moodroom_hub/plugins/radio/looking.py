"""Whether there is any station at all: asked of every hub, so nothing heavy is needed for it."""

import logging

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.ports import Account, LoginStatus
from moodroom_hub.domain.stations.models import LONGEST_NAME
from moodroom_hub.plugins.radio.config import RadioConfig

log = logging.getLogger(__name__)


async def has_any(context: PluginContext[RadioConfig]) -> bool | None:
    """Whether the account has a playlist that is a station; ``None`` where nobody can tell now."""
    account = usable_account(context.hub, context.clock)
    try:
        return None if account is None else await _has_station(account, context.config.prefix)
    except Trouble as trouble:
        log.info("stations in playlists are not looked for now: %s", trouble.message)
        return None


def station_name(playlist: str, prefix: str) -> str | None:
    """``Friday`` of ``radio: Friday``; ``None`` for playlists that are none."""
    if not playlist.lower().startswith(prefix.lower()):
        return None
    # Playlists are called whatever people like, invisible characters included.
    shown = "".join(character for character in playlist[len(prefix) :] if character.isprintable())
    return " ".join(shown.split())[:LONGEST_NAME].strip() or None


async def _has_station(account: Account, prefix: str) -> bool:
    async for playlist in account.playlists():
        if station_name(playlist.name, prefix) is not None:
            return True
    return False


def usable_account(hub: HubFace, clock: Clock) -> Account | None:
    """The first account that somebody is logged in to."""
    usable = {LoginStatus.OK, LoginStatus.EXPIRING}
    now_ms = clock.now_ms()
    return next((account for account in hub.accounts if account.login_state(now_ms).status in usable), None)
