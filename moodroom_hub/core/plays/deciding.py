"""Makes a play of a hearing that has just counted, and decides whether another zone has told of that listen already."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, tzinfo

from moodroom_hub.core.bus import MakeEvent
from moodroom_hub.core.events import Event, Played
from moodroom_hub.core.ids import Ids
from moodroom_hub.domain.models import EpochMs, ZoneName
from moodroom_hub.domain.plays.hearing import as_known
from moodroom_hub.domain.plays.models import CountingRules, Play, Reached
from moodroom_hub.domain.plays.rules import why_counted
from moodroom_hub.domain.plays.twins import UnderWay, decide_twin, watched_elsewhere

KEPT_MS = 48 * 3_600_000
"""So long a play is remembered as a possible twin."""


class Deciding:
    """What counted lately in all zones. Call ``decide`` once per ``Reached``, with the zone's lock held.

    ``recent`` are the plays of the last ``KEPT_MS``, oldest first. ``source_of`` names the plugin of a zone,
    ``time_zone()`` gives the one in which a person reads the hour; asked only when a twin is found.
    """

    def __init__(
        self,
        ids: Ids,
        rules: CountingRules,
        source_of: Callable[[ZoneName], str],
        time_zone: Callable[[], tzinfo],
        recent: Iterable[Play] = (),
    ) -> None:
        self.rules = rules
        self._ids = ids
        self._source_of = source_of
        self._time_zone = time_zone
        self._recent = deque(recent)

    def decide(self, zone: ZoneName, reached: Reached, under_way: UnderWay = ()) -> Play:
        """The play, with its id and what was decided about it; remembered from now on.

        ``under_way`` is what is being listened to in the other zones. Where the source knows of no room (a speaker
        that another service plays on), the room is the one that the other source of the same playback knows; so are the
        names of a track without an ISRC.
        """
        hearing = reached.hearing
        counted = why_counted(self.rules, hearing.track.duration_ms, hearing.heard_when_counted_ms)
        play = Play(
            id=self._ids.play(),
            zone=zone,
            track=hearing.track,
            began_at_ms=hearing.began_at_ms,
            counted_at_ms=reached.at_ms,
            heard_ms=hearing.heard_when_counted_ms,
            threshold_ms=reached.threshold_ms,
            offset_ms=reached.position_ms - reached.at_ms,
            rules=self.rules.name,
            why="",
            room=hearing.room,
            tier=hearing.tier,
            ledger_id=hearing.ledger_id,
        )
        while self._recent and self._recent[0].counted_at_ms < reached.at_ms - KEPT_MS:
            self._recent.popleft()
        decision = decide_twin(play, self._recent, self._source_of, self._say_time, under_way)
        why = "; ".join(part for part in (counted, hearing.why, decision.why) if part)
        play = replace(play, why=why, twin_of=decision.twin_of)
        for _, other in watched_elsewhere(play, under_way, self._source_of):
            if play.room is None and other.room is not None:
                play = replace(play, room=other.room, tier=other.tier)
            if play.track.isrc is None and other.track.isrc is not None:
                play = replace(play, track=as_known(play.track, other.track))
        self._recent.append(play)
        return play

    def _say_time(self, at_ms: EpochMs) -> str:
        return datetime.fromtimestamp(at_ms / 1000, self._time_zone()).strftime("%H:%M")


def telling(play: Play) -> MakeEvent | None:
    """What tells of ``play``; ``None`` for a twin, of which was told."""

    def make(event_id: int, at_ms: EpochMs) -> Event:
        return Played(id=event_id, zone=play.zone, at_ms=at_ms, play=play)

    return None if play.twin_of is not None else make
