"""The hub's eyes without the machine round them: session and cadence alone, looking at whatever trace there is."""

from collections.abc import Iterable
from dataclasses import replace

from moodroom_hub.domain.cadence import NORMAL, Cadence, Watch, next_look_ms
from moodroom_hub.domain.models import (
    Cause,
    DurationMs,
    EpochMs,
    LedgerEntry,
    LedgerStatus,
    ListeningRules,
    PlaybackSnapshot,
    RoomSlug,
)
from moodroom_hub.domain.playback import OwnAct, latest_end_ms
from moodroom_hub.domain.session import Circumstances, Happening, Session, activated, learning_tier, observe


class Watcher:
    """Sees snapshots and says when to look next, as the hub would; commands nothing.

    ``session`` is what it knows. What somebody else hands to the player's queue is told to it.
    """

    def __init__(self, cadence: Cadence = NORMAL, rules: ListeningRules | None = None) -> None:
        self.session = Session()
        self._cadence = cadence
        self._rules = rules or ListeningRules()
        self._late_looks = 0

    def activated(self, room: RoomSlug, batch: Iterable[LedgerEntry], at_ms: EpochMs) -> None:
        """A room's batch was chosen at this moment; its first track plays, the others are queued."""
        entries = tuple(replace(entry, status=LedgerStatus.QUEUED) for entry in batch)
        entries = (replace(entries[0], status=LedgerStatus.PLAYING), *entries[1:])
        self.session = activated(self.session, room, entries, OwnAct(Cause.ROOM_SWITCH, at_ms))

    def queued(self, entry: LedgerEntry) -> None:
        """One more track lies in the player's queue."""
        self.session = replace(self.session, ledger=self.session.ledger.put([entry]))

    def acted(self, act: OwnAct) -> None:
        """The hub itself did something to the player."""
        self.session = replace(self.session, playback=replace(self.session.playback, own_act=act))

    def see(self, snapshot: PlaybackSnapshot, gap: Cause | None = None) -> tuple[Happening, ...]:
        """Fold one snapshot in; what happened."""
        circumstances = Circumstances(self._rules, learning_since_ms=EpochMs(0), gap=gap)
        self.session, happenings = observe(self.session, snapshot, circumstances)
        end_ms = latest_end_ms(self.session.playback)
        self._late_looks = self._late_looks + 1 if end_ms is not None and snapshot.at_ms >= end_ms else 0
        return happenings

    def wait_ms(self, now_ms: EpochMs) -> DurationMs:
        """How long from now until the next look."""
        session, entry = self.session, self.session.entry
        watch = Watch(
            tier=learning_tier(session, None if entry is None else entry.tier, is_learning=True),
            skips_at_ms=session.skips_at_ms,
            late_looks=max(0, self._late_looks - 1),
            now_ms=now_ms,
            has_stale_tail=session.will_pass_over and bool(session.ledger.stale()),
        )
        return next_look_ms(session.playback, watch, self._rules, self._cadence)
