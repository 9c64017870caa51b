"""Taking receipts back: exactly to the state before, together with everything that was built on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from moodroom_hub.domain.models import Receipt, ReceiptKind, Uri
from moodroom_hub.domain.pools.changes import PoolChange, place_text
from moodroom_hub.domain.pools.pool import undone_by


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """The change that undoes a receipt, and the receipts (ids, oldest first) that its ``UNDO`` receipt names."""

    change: PoolChange
    undoes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a receipt cannot be undone, in one line."""

    reason: str


def plan_undo(receipts_of_room: Sequence[Receipt], receipt_id: int) -> UndoPlan | Refusal:
    """How to take the receipt's track, in its room, back to exactly the receipt's ``before``.

    All later receipts of that track were built on this one and go with it. Those among them that were undone
    already are named as well: their ``UNDO`` falls here, and must not bring them back to life.
    """
    target = next((receipt for receipt in receipts_of_room if receipt.id == receipt_id), None)
    if target is None:
        return Refusal(f"there is no receipt {receipt_id} in this room")
    of_track = sorted(
        (
            receipt
            for receipt in receipts_of_room
            if receipt.room == target.room and receipt.track.uri == target.track.uri
        ),
        key=lambda receipt: receipt.id,
    )
    undone = undone_by(of_track)
    if receipt_id in undone:
        return Refusal(f"receipt {receipt_id} was undone already, by receipt {undone[receipt_id]}")
    taken_back = tuple(receipt.id for receipt in of_track if receipt.id >= receipt_id)
    before, after = of_track[-1].after, target.before
    later = sum(receipt.id > receipt_id and receipt.id not in undone for receipt in of_track)
    told = f"undo of receipt {receipt_id}" + (f" and {later} later" if later else "")
    why = f"{told} · {place_text(before)} → {place_text(after)}"
    change = PoolChange(target.room, target.track, ReceiptKind.UNDO, before, after, why)
    return UndoPlan(change, taken_back)


def plan_group_undo(receipts_of_room: Sequence[Receipt], group: str) -> list[UndoPlan]:
    """How to take back all receipts of ``group`` in one room, one plan per track, in the order of the receipts.

    Each track goes back to what it was before its first receipt of the group that still counts.
    """
    of_track: dict[Uri, list[Receipt]] = {}
    for receipt in sorted(receipts_of_room, key=lambda receipt: receipt.id):
        of_track.setdefault(receipt.track.uri, []).append(receipt)
    plans = []
    for receipts in of_track.values():
        undone = undone_by(receipts)
        first = next((each for each in receipts if each.group == group and each.id not in undone), None)
        plan = None if first is None else plan_undo(receipts, first.id)
        if isinstance(plan, UndoPlan):
            plans.append(plan)
    return plans
