"""How the hub is, from memory: nothing here asks the world outside."""

from collections.abc import Sequence

from moodroom_hub.core.journal import Journal
from moodroom_hub.core.ports import Account, Check, CheckLevel, LoginStatus
from moodroom_hub.core.views import missing_mend
from moodroom_hub.core.zone import Zone
from moodroom_hub.domain.models import EpochMs

LOGIN_MEND = "Log in: open /login on the status page, or run: moodroom-hub login."


def health(
    accounts: Sequence[Account], zones: Sequence[Zone], journal: Journal, now_ms: EpochMs, no_player: str = ""
) -> list[Check]:
    """Login, player and database: one line each. ``no_player``: why there is no zone at all."""
    return [
        *(_login(account, now_ms) for account in accounts),
        *(_player(zone) for zone in zones),
        *([Check("player", CheckLevel.FAILED, no_player)] if no_player else ()),
        _database(journal),
    ]


def _login(account: Account, now_ms: EpochMs) -> Check:
    state = account.login_state(now_ms)
    if state.status is LoginStatus.OK:
        return Check("login", CheckLevel.OK, f"{account.name}: logged in, {state.days_left} days left")
    level = CheckLevel.WARNING if state.status is LoginStatus.EXPIRING else CheckLevel.FAILED
    said, _, mend = state.reason.partition("; ")  # a reason may end with its own mend
    return Check("login", level, f"{account.name}: {said}", mend or LOGIN_MEND)


def _player(zone: Zone) -> Check:
    lead = zone.leading
    if lead is not zone:
        return Check("player", CheckLevel.OK, f"{zone.name}: plays along with {lead.name}")
    if zone.trouble is not None:
        # One speaker of many that nobody wants to hear now does not stop the house.
        is_default = next(iter(zone.all_zones.values()), zone) is zone
        level = CheckLevel.FAILED if is_default or zone.session.active_room is not None else CheckLevel.WARNING
        return Check("player", level, f"{zone.name}: {zone.trouble.message}")
    if zone.session.playback.is_lost:
        return Check("player", CheckLevel.WARNING, f"{zone.name}: no player answers", missing_mend(zone))
    return Check("player", CheckLevel.OK, f"{zone.name}: answers")


def _database(journal: Journal) -> Check:
    if journal.trouble is None:
        return Check("database", CheckLevel.OK, "written to")
    message = f"{journal.trouble} ({journal.waiting} changes wait in memory)"
    return Check("database", CheckLevel.FAILED, message, "Free the disk, or let go of the database file.")
