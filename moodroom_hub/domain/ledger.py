"""The hub's own record of every track that it drew for a player's queue, in order.

The player's queue is append-only and its snapshots are stale; so what is ahead is reckoned from this record and
from what was seen to play, never from the queue's own word.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from moodroom_hub.domain.models import LedgerEntry, LedgerStatus, RoomSlug, Tier, Track, ZoneName
from moodroom_hub.domain.recording import matches_played

IN_QUEUE = frozenset({LedgerStatus.SENDING, LedgerStatus.QUEUED, LedgerStatus.UNKNOWN})
"""Statuses that count as lying ahead in the player's queue."""
WAITING = IN_QUEUE | {LedgerStatus.STALE}
GONE_BY = frozenset({LedgerStatus.PLAYING, LedgerStatus.PLAYED, LedgerStatus.JUMPED, LedgerStatus.MISSING})
NEVER_MEANT = frozenset({LedgerStatus.DROPPED})


@dataclass(frozen=True, slots=True)
class Step:
    """What the player moved past: the ledger after it, the entry that plays, and how many fresh tracks are owed."""

    ledger: "Ledger"
    entry: LedgerEntry
    consumed: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The newest part of a zone's ledger. ``entries`` are in the order of drawing, ids growing."""

    entries: tuple[LedgerEntry, ...] = ()

    def entry(self, entry_id: int | None) -> LedgerEntry | None:
        """The entry with this id, if it is still remembered."""
        return next((entry for entry in reversed(self.entries) if entry.id == entry_id), None)

    @property
    def on_air(self) -> LedgerEntry | None:
        """What plays, if it is one of these."""
        return next((entry for entry in reversed(self.entries) if entry.status is LedgerStatus.PLAYING), None)

    def find(self, played: Track) -> LedgerEntry | None:
        """The entry that ``played`` is: the first one still in the player's queue, else the last one gone by.

        An equal uri beats an equal recording; the playing id may differ from the queued one. What is on the air goes
        before all: the same track may lie in the tail of a batch that was left.
        """
        on_air = self.on_air
        if on_air is not None and on_air.track.uri == played.uri:
            return on_air
        waiting = [entry for entry in self.entries if entry.status in WAITING]
        gone = [entry for entry in reversed(self.entries) if entry.status in GONE_BY]
        for candidates in (waiting, gone):
            for entry in candidates:
                if entry.track.uri == played.uri:
                    return entry
        for candidates in (waiting, gone):
            for entry in candidates:
                if matches_played(entry.track, played):
                    return entry
        return None

    def step_to(self, entry: LedgerEntry, activation: int) -> Step:
        """The player plays ``entry`` now: everything queued before it has gone by.

        ``consumed`` counts the tracks of ``activation`` that left the queue by this step.
        """
        if entry.status in GONE_BY:
            ledger = self._map(lambda e: _set(e, LedgerStatus.PLAYING) if e.id == entry.id else _played(e))
            return Step(ledger, entry, 0)
        consumed = 0
        entries: list[LedgerEntry] = []
        for each in self.entries:
            changed = each
            if each.id == entry.id:
                changed = each if is_stale(each, activation) else _set(each, LedgerStatus.PLAYING)
            elif each.id < entry.id:
                changed = _went_by(each)
            else:
                changed = _played(each)
            if each.activation == activation and each.status in IN_QUEUE and changed.status not in IN_QUEUE:
                consumed += 1
            entries.append(changed)
        ledger = Ledger(tuple(entries))
        return Step(ledger, ledger.entry(entry.id) or entry, consumed)

    def put(self, entries: Iterable[LedgerEntry]) -> "Ledger":
        """With these entries added, or put in the place of those with the same id."""
        by_id = {entry.id: entry for entry in self.entries}
        by_id.update({entry.id: entry for entry in entries})
        return Ledger(tuple(by_id[key] for key in sorted(by_id)))

    def mark(self, entry_id: int, status: LedgerStatus) -> "Ledger":
        """With one entry's status changed."""
        return self._map(lambda entry: _set(entry, status) if entry.id == entry_id else entry)

    def leave_room(self, *, is_queue_gone: bool = False) -> "Ledger":
        """The room was left: what is queued becomes its stale tail, what was not sent is dropped.

        What may or may not have reached the queue stays unknown: nobody counts on it, but it is known if it surfaces.
        ``is_queue_gone``: the player's queue goes with the room, so that there is no tail: all that waits is dropped.
        """
        return self._map(_dropped if is_queue_gone else _left_behind)

    def as_of(self, zone: ZoneName, activation: int, to: int) -> "Ledger":
        """With every entry in ``zone``, and those of ``activation`` numbered ``to``."""
        return self._map(
            lambda entry: replace(
                entry, zone=zone, activation=to if entry.activation == activation else entry.activation
            )
        )

    def off_the_air(self) -> "Ledger":
        """Nothing foreign or new plays of ours: the playing entry, if any, has played."""
        return self._map(_played)

    def lost_queue(self) -> "Ledger":
        """The player stopped although entries should have followed: they, and a stale tail, are not in its queue."""
        return self._map(lambda entry: _set(entry, LedgerStatus.MISSING) if entry.status in WAITING else entry)

    def ahead(self, activation: int) -> tuple[LedgerEntry, ...]:
        """The activation's tracks that lie in the player's queue."""
        return tuple(e for e in self.entries if e.activation == activation and e.status in IN_QUEUE)

    def drawn(self, activation: int) -> tuple[LedgerEntry, ...]:
        """The activation's tracks that the hub still holds back."""
        return tuple(e for e in self.entries if e.activation == activation and e.status is LedgerStatus.DRAWN)

    def upcoming(self, activation: int) -> tuple[LedgerEntry, ...]:
        """Everything of the activation that is still to come, in order."""
        return (*self.ahead(activation), *self.drawn(activation))

    def waiting(self) -> tuple[LedgerEntry, ...]:
        """Everything that lies in the player's queue, or may, of whatever activation."""
        return tuple(entry for entry in self.entries if entry.status in WAITING)

    def stale(self) -> tuple[LedgerEntry, ...]:
        """What surely lies in the player's queue and belongs to an activation that is over."""
        return tuple(entry for entry in self.entries if entry.status is LedgerStatus.STALE)

    def passed_over(self, passed: Iterable[LedgerEntry], activation: int, *, surely: bool) -> "Ledger":
        """The player was told to skip these entries of a tail, once each.

        Such as hold a track that the running activation queued as well have gone by: seen again, it is the running
        one's. The others have only where that is ``surely`` so; else what surfaces next tells.
        """
        ids = {entry.id for entry in passed}
        own = [entry.track for entry in self.entries if entry.activation == activation]

        def gone(entry: LedgerEntry) -> LedgerEntry:
            if entry.id not in ids or not is_stale(entry, activation):
                return entry
            is_own_too = any(matches_played(track, entry.track) for track in own)
            return _set(entry, LedgerStatus.PASSED) if surely or is_own_too else entry

        return self._map(gone)

    def recent(self, count: int) -> tuple[Track, ...]:
        """The tracks meant for the queue last, oldest first, at most ``count``."""
        meant = [entry.track for entry in self.entries if entry.status not in NEVER_MEANT]
        return tuple(meant[-count:]) if count > 0 else ()

    def recent_tiers(self, room: RoomSlug, count: int) -> tuple[Tier, ...]:
        """The tiers of the room's last draws, oldest first, at most ``count``."""
        tiers = [e.tier for e in self.entries if e.room == room and e.status not in NEVER_MEANT]
        return tuple(tiers[-count:]) if count > 0 else ()

    def trimmed(self, keep: int) -> "Ledger":
        """Without old entries that no longer matter; whatever is still in a queue stays."""
        if len(self.entries) <= keep:
            return self
        old, new = self.entries[:-keep], self.entries[-keep:]
        return Ledger((*(e for e in old if e.status in WAITING), *new))

    def changed_since(self, before: "Ledger") -> tuple[LedgerEntry, ...]:
        """The entries that differ from those in ``before``, for writing."""
        if self is before:
            return ()
        known = {entry.id: entry for entry in before.entries}
        return tuple(entry for entry in self.entries if known.get(entry.id) != entry)

    def _map(self, change: Callable[[LedgerEntry], LedgerEntry]) -> "Ledger":
        entries = tuple(change(entry) for entry in self.entries)
        return Ledger(entries) if any(new is not old for new, old in zip(entries, self.entries, strict=True)) else self


def _set(entry: LedgerEntry, status: LedgerStatus) -> LedgerEntry:
    return entry if entry.status is status else replace(entry, status=status)


def _played(entry: LedgerEntry) -> LedgerEntry:
    return _set(entry, LedgerStatus.PLAYED) if entry.status is LedgerStatus.PLAYING else entry


def _went_by(entry: LedgerEntry) -> LedgerEntry:
    after = {
        LedgerStatus.PLAYING: LedgerStatus.PLAYED,
        LedgerStatus.SENDING: LedgerStatus.JUMPED,
        LedgerStatus.QUEUED: LedgerStatus.JUMPED,
        LedgerStatus.UNKNOWN: LedgerStatus.MISSING,
        LedgerStatus.STALE: LedgerStatus.PASSED,
    }
    return _set(entry, after.get(entry.status, entry.status))


def is_stale(entry: LedgerEntry, activation: int) -> bool:
    """Whether the entry lies in the queue for an activation that is over."""
    is_left_over = entry.status in {LedgerStatus.STALE, LedgerStatus.UNKNOWN}
    return is_left_over and entry.activation != activation


def _dropped(entry: LedgerEntry) -> LedgerEntry:
    is_to_come = entry.status in WAITING or entry.status is LedgerStatus.DRAWN
    return _set(entry, LedgerStatus.DROPPED) if is_to_come else _played(entry)


def _left_behind(entry: LedgerEntry) -> LedgerEntry:
    if entry.status in {LedgerStatus.SENDING, LedgerStatus.QUEUED}:
        return _set(entry, LedgerStatus.STALE)
    return _set(entry, LedgerStatus.DROPPED) if entry.status is LedgerStatus.DRAWN else entry
