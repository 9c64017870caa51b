"""The hub's state as faces show it, put together from memory (and the pools)."""

from collections.abc import Iterable
from typing import Final

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import BatchTrack, BatchView, NowPlaying, PluginStatus, PluginView, Quiet
from moodroom_hub.core.ports import Account, LoginState, LoginStatus
from moodroom_hub.core.zone import Zone
from moodroom_hub.domain.ledger import is_stale
from moodroom_hub.domain.models import EpochMs, LedgerStatus, Listen, Tier, ZoneName
from moodroom_hub.domain.playback import position_at
from moodroom_hub.domain.pools import tier_after_skip
from moodroom_hub.domain.stations.models import station_of

HEARD_LATELY: Final = 30
"""Listens of the history that are looked through for the verdicts of what went by."""
GONE_SHOWN: Final = 12
_NEVER_THERE: Final = {LedgerStatus.DROPPED, LedgerStatus.STALE, LedgerStatus.PASSED}
_GONE: Final = {LedgerStatus.PLAYED, LedgerStatus.JUMPED, LedgerStatus.MISSING}


def batch(zone: Zone, heard: Iterable[Listen]) -> BatchView:
    """The tracks of the zone's running activation; ``heard`` are listens, newest first."""
    session = zone.session
    if session.active_room is None:
        return BatchView()
    verdicts = {listen.ledger_id: listen.verdict for listen in reversed(list(heard)) if listen.ledger_id is not None}
    drawn = [e for e in session.ledger.entries if e.activation == session.activation and e.status not in _NEVER_THERE]
    tracks = [BatchTrack(number, entry, verdicts.get(entry.id)) for number, entry in enumerate(drawn, 1)]
    gone = [each for each in tracks if each.entry.status in _GONE]
    left_out = {each.number for each in gone[:-GONE_SHOWN]}
    kept = tuple(each for each in tracks if each.number not in left_out)
    return BatchView(session.active_room, kept, len(left_out))


async def now_playing(zone: Zone) -> NowPlaying | None:
    """What plays in the zone, reckoned for this moment."""
    session, services = zone.session, zone.services
    listening = session.playback.listening
    if listening is None or session.playback.is_lost:
        return None
    now_ms = services.clock.now_ms()
    position_ms = position_at(listening, now_ms)
    entry = session.entry
    if entry is None:
        return NowPlaying(listening.track, position_ms, now_ms, listening.last.is_playing)
    station = station_of(entry.room)
    if station is not None:
        is_playing = listening.last.is_playing
        return NowPlaying(listening.track, position_ms, now_ms, is_playing, why=entry.why, station=station)
    tier = await services.pools.tier(entry.room, entry.track.uri) or entry.tier
    can_strike = (
        services.learning().at(now_ms).is_on
        and position_ms < services.rules.skip_threshold_ms
        and not is_stale(entry, session.activation)
    )
    return NowPlaying(
        track=listening.track,
        position_ms=position_ms,
        at_ms=now_ms,
        is_playing=listening.last.is_playing,
        room=entry.room,
        tier=tier,
        next_skip=tier_after_skip(tier) if can_strike and tier is not Tier.REMOVED else None,
        why=entry.why,
    )


def login_of(accounts: list[Account], now_ms: EpochMs) -> LoginState:
    """The login that needs a person soonest."""
    if not accounts:
        return LoginState(LoginStatus.NOT_CONFIGURED, None, "No plugin offers an account.")
    order = [LoginStatus.OK, LoginStatus.EXPIRING, LoginStatus.NEEDED, LoginStatus.NOT_CONFIGURED]
    return max((account.login_state(now_ms) for account in accounts), key=lambda state: order.index(state.status))


def why_no_player(plugins: Iterable[PluginView]) -> str:
    """Why a hub has no zone yet: what the plugins say that are not running and should."""
    hindered = [each for each in plugins if each.status not in {PluginStatus.RUNNING, PluginStatus.DISABLED}]
    said = "; ".join(f"{each.name}: {each.reason}" for each in hindered if each.reason)
    mend = said or "Set up Spotify or Sonos (docs/running.md); moodroom-hub plugins tells what is on."
    return f"There is no player yet. {mend}"


def troubles(zone: Zone, journal_trouble: str | None, waiting: int) -> tuple[Quiet, ...]:
    """Why it may be quiet, or may not be saved; the nearest cause first."""
    session = zone.session
    found: list[Quiet] = []
    if zone.trouble is not None:
        found.append(_quiet(zone.trouble, zone.trouble_until_ms))
    elif session.playback.is_lost:
        found.append(Quiet("no_device", f"No player answers. {missing_mend(zone)}"))
    if session.is_yielding:
        room = zone.services.room(session.active_room) if session.active_room else None
        name = room.name if room is not None else "the room"
        found.append(
            Quiet("takeover", f"You are playing something of your own; {name} waits. Switch it on to go back.")
        )
    if journal_trouble is not None:
        found.append(Quiet("database", f"{journal_trouble} {waiting} changes wait in memory until then."))
    return tuple(found)


def missing_mend(zone: Zone) -> str:
    """What helps where no player answers."""
    if zone.ports.owns_queue:
        return f"See that {zone.label} has power and is on the network."
    return "Open Spotify on the device that should play."


def _quiet(trouble: Trouble, until_ms: EpochMs | None) -> Quiet:
    zone = None if trouble.zone is None else ZoneName(trouble.zone)
    return Quiet(trouble.code.value, trouble.message, until_ms, zone)
