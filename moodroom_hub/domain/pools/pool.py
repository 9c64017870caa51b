"""The effective pool of a room: mined base rows, overlaid by an append-only log of receipts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from moodroom_hub.domain.models import PoolEntry, Receipt, ReceiptKind, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.recording import matches_played


@dataclass(frozen=True, slots=True)
class Pool:
    """One room's tracks by uri, ``REMOVED`` ones included: base rows in their order, then what receipts added."""

    room: RoomSlug
    entries: Mapping[Uri, PoolEntry]

    def find(self, track: Track) -> PoolEntry | None:
        """The entry of this very uri, else the one that surely is the same recording (a relinked listing).

        Of several such listings one that can still be played goes before a ``REMOVED`` one.
        """
        entry = self.entries.get(track.uri)
        if entry is not None:
            return entry
        listings = [entry for entry in self.entries.values() if matches_played(entry.track, track)]
        return min(listings, key=lambda entry: entry.tier is Tier.REMOVED, default=None)

    def counts(self) -> dict[Tier, int]:
        """How many tracks each tier holds; every tier is named."""
        counts = dict.fromkeys(Tier, 0)
        for entry in self.entries.values():
            counts[entry.tier] += 1
        return counts

    def replaced(self, uri: Uri, entry: PoolEntry | None) -> "Pool":
        """The pool with this track's entry replaced, appended, or (``None``) taken out."""
        entries = dict(self.entries)
        if entry is None:
            entries.pop(uri, None)
        else:
            entries[uri] = entry
        return Pool(self.room, MappingProxyType(entries))


def undone_by(receipts: Iterable[Receipt]) -> dict[int, int]:
    """Every undone receipt's id with the id of the live ``UNDO`` that took it back.

    Read newest to oldest, so that an ``UNDO`` is known to be live or undone before it counts.
    """
    undone: dict[int, int] = {}
    for receipt in sorted(receipts, key=lambda receipt: receipt.id, reverse=True):
        if receipt.kind is ReceiptKind.UNDO and receipt.id not in undone:
            for older in receipt.undoes:
                if older < receipt.id:
                    undone.setdefault(older, receipt.id)
    return undone


def live_receipts(receipts: Iterable[Receipt]) -> list[Receipt]:
    """The receipts that count, oldest first: all but those that a live ``UNDO`` took back."""
    ordered = sorted(receipts, key=lambda receipt: receipt.id)
    undone = undone_by(ordered)
    return [receipt for receipt in ordered if receipt.id not in undone]


def project(room: RoomSlug, base: Iterable[PoolEntry], receipts: Sequence[Receipt]) -> Pool:
    """The pool of ``room``: of every track the last live receipt's ``after`` holds, else its base row.

    The order of ``receipts`` is of no account (their ids tell); those of other rooms are passed over.
    """
    ours = [receipt for receipt in receipts if receipt.room == room]
    effective: dict[Uri, PoolEntry | None] = {entry.track.uri: entry for entry in base}
    for receipt in sorted(ours, key=lambda receipt: receipt.id):
        effective.setdefault(receipt.track.uri, None)
    for receipt in live_receipts(ours):
        effective[receipt.track.uri] = receipt.after
    present = {uri: entry for uri, entry in effective.items() if entry is not None}
    return Pool(room, MappingProxyType(present))
