"""Listens on stations become votes: once an event, whatever happens in between."""

import logging
from collections.abc import Callable

from moodroom_hub.core.events import Completed, Partial, Skipped
from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import EpochMs, Track
from moodroom_hub.domain.stations.hearing import opinion
from moodroom_hub.domain.stations.models import Station, StationKey, Vote, VoteKind, station_of

log = logging.getLogger(__name__)


class Votes:
    """Writes votes; ``bent`` hears of the station whose order they change."""

    def __init__(self, hub: Callable[[], HubFace], bent: Callable[[Station], object]) -> None:
        self._hub = hub
        self._bent = bent

    async def hear(self, event: Skipped | Completed | Partial) -> Vote | None:
        """What the listen says of its station's track; ``None`` where nothing, or it was heard already."""
        key = station_of(event.listen.room)
        station = None if key is None else self._hub().stations.get(key)
        said = None if station is None else opinion(event.listen, station.tuning.rule)
        if station is None or said is None:
            return None
        return await self._put(station, said.kind, event.listen.track, event.at_ms, event.id, said.why)

    async def say(self, station: Station, kind: VoteKind, track: Track, at_ms: EpochMs, why: str = "by hand") -> None:
        """What a person says."""
        await self._put(station, kind, track, at_ms, None, why)

    async def _put(
        self, station: Station, kind: VoteKind, track: Track, at_ms: EpochMs, event_id: int | None, why: str
    ) -> Vote | None:
        vote = Vote(0, StationKey(station.key), kind, track, at_ms, event_id, why)
        written = await self._hub().stations.vote(vote)
        if written is not None:
            self._bent(station)
            log.debug("station %s: %s (%s)", station.key, kind.value, why)
        return written
