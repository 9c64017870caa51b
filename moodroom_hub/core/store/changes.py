"""What the store is given and gives back, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from moodroom_hub.core.events import Event
from moodroom_hub.domain.models import LedgerEntry, Receipt, ZoneName
from moodroom_hub.domain.plays.models import Play
from moodroom_hub.domain.stations.models import Station, StationKey, Vote


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction writes: all of it or nothing. Writing the same change again changes nothing.

    ``zone_states``: opaque text per zone, replaced. ``ledger``: replaced by zone and id. ``events``: inserted as
    "not told yet", those already there stay as they are; ``SKIPPED``, ``COMPLETED`` and ``PARTIAL`` also write
    the history. ``done``: ids of events that every plugin was told. ``receipts``: inserted; a second one for the
    same event, room and uri is ignored, one without an event is always inserted. ``facts``: replaced by key.
    ``stations``: replaced by key, each with its position; ``votes``: inserted, those already there stay;
    ``gone_stations`` (with all their votes) and ``gone_votes``: deleted, before any other is written.
    ``plays``: inserted, those already there stay. ``moved``: zones whose whole ledger goes to another zone first.
    """

    zone_states: Mapping[ZoneName, str] = field(default_factory=dict)
    ledger: tuple[LedgerEntry, ...] = ()
    events: tuple[Event, ...] = ()
    done: tuple[int, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    plays: tuple[Play, ...] = ()
    moved: tuple[tuple[ZoneName, ZoneName], ...] = ()
    stations: tuple[tuple[int, Station], ...] = ()
    votes: tuple[Vote, ...] = ()
    gone_stations: tuple[StationKey, ...] = ()
    gone_votes: tuple[int, ...] = ()

    @property
    def must_last(self) -> bool:
        """Whether even a power cut may not take it back.

        The state of a zone alone (every poll's) may go: it is seen again at the next look. And what was told may be
        told again.
        """
        listening = self.ledger or self.events or self.receipts or self.facts or self.plays or self.moved
        return bool(listening or self.stations or self.votes or self.gone_stations or self.gone_votes)


@dataclass(frozen=True, slots=True)
class LastIds:
    """The greatest ids ever given; 0 where there is none yet."""

    event: int
    receipt: int
    ledger: int
    play: int = 0
