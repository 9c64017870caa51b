"""From a snapshot to events: what the session says happened is written and told."""

from collections.abc import Callable

from moodroom_hub.core.bus import MakeEvent
from moodroom_hub.core.events import (
    Completed,
    Event,
    Partial,
    Paused,
    PlayerBack,
    PlayerLost,
    Resumed,
    Skipped,
    Takeover,
    TrackChanged,
)
from moodroom_hub.core.plays.deciding import telling
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.models import Cause, EpochMs, PlaybackSnapshot, Playing, VerdictKind, ZoneName
from moodroom_hub.domain.playback import Back, PausedAt, ResumedAt, Stopped
from moodroom_hub.domain.plays.models import Play, Reached
from moodroom_hub.domain.plays.twins import UnderWay
from moodroom_hub.domain.session import Changed, Circumstances, Happening, Listened, TookOver, observe

VERDICT_EVENTS: dict[VerdictKind, type[Skipped] | type[Completed] | type[Partial]] = {
    VerdictKind.SKIPPED: Skipped,
    VerdictKind.COMPLETED: Completed,
    VerdictKind.PARTIAL: Partial,
}


async def track(
    zone: Zone, snapshot: PlaybackSnapshot, gap: Cause | None, was_crossed: Callable[[], bool] = lambda: False
) -> None:
    """Fold one snapshot into the zone; verdicts first, then what plays now. A look that was crossed is let go."""
    services = zone.services
    async with zone.lock:
        if was_crossed():
            return
        circumstances = Circumstances(
            rules=services.rules,
            learning_since_ms=services.learning().effective_since_ms(services.clock.now_ms()),
            gap=gap,
            may_yield=services.may_yield,
            counting=services.plays.rules,
        )
        session, happenings = observe(zone.session, snapshot, circumstances)
        makers: list[MakeEvent] = []
        plays: list[Play] = []
        for each in happenings:
            if isinstance(each, Reached):
                plays.append(services.plays.decide(zone.name, each, _under_way_beside(zone)))
                maker = telling(plays[-1])
            else:
                maker = _maker(zone.name, each)
            if maker is not None:
                makers.append(maker)
        # One empty answer is a hiccup and tells nothing.
        tells = snapshot.playing in {Playing.TRACK, Playing.ADVERT, Playing.INPUT} or session.playback.is_lost
        if tells:
            zone.is_seen, zone.seen_at_ms = True, snapshot.at_ms
        await zone.move(session, makers, tuple(plays))
    if tells:
        zone.saw()
    is_stuck = session.has_run_dry or session.has_overtaken_its_queue
    if session.surfaced is not None or is_stuck or (tells and zone.unclear()):
        zone.wake_hands()


def _under_way_beside(zone: Zone) -> UnderWay:
    hearings = [(other.name, other.session.tally.current) for other in zone.all_zones.values() if other is not zone]
    return [(name, hearing) for name, hearing in hearings if hearing is not None]


def _maker(zone: ZoneName, happening: Happening) -> MakeEvent | None:
    def make(event_id: int, at_ms: EpochMs) -> Event:
        match happening:
            case Listened(listen):
                return VERDICT_EVENTS[listen.verdict.kind](id=event_id, zone=zone, at_ms=at_ms, listen=listen)
            case Changed(playing, entry, consumed):
                return TrackChanged(id=event_id, zone=zone, at_ms=at_ms, track=playing, entry=entry, consumed=consumed)
            case PausedAt(playing, position_ms):
                return Paused(id=event_id, zone=zone, at_ms=at_ms, track=playing, position_ms=position_ms)
            case ResumedAt(playing, position_ms):
                return Resumed(id=event_id, zone=zone, at_ms=at_ms, track=playing, position_ms=position_ms)
            case TookOver(playing, context_uri):
                return Takeover(id=event_id, zone=zone, at_ms=at_ms, track=playing, context_uri=context_uri)
            case Back():
                return PlayerBack(id=event_id, zone=zone, at_ms=at_ms)
            case _:
                return PlayerLost(id=event_id, zone=zone, at_ms=at_ms, reason="no player answers")

    return None if isinstance(happening, Stopped) else make
