"""``GET /receipts``: everything that ever changed a pool, newest first, with search and undo."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import web

from moodroom_hub.core.face import ReceiptView
from moodroom_hub.domain.models import PoolEntry, Receipt, ReceiptKind
from moodroom_hub.plugins.status_page.api import receipt_id_of
from moodroom_hub.plugins.status_page.deps import CALLER, Caller, Deps, deps_of
from moodroom_hub.plugins.status_page.forms import Fields, told_before
from moodroom_hub.plugins.status_page.queries import address, cursor, receipt_search
from moodroom_hub.plugins.status_page.times import local_minute

ROWS: Final = 50
PATH: Final = "/receipts"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One receipt as the pages show it.

    ``line``: what was heard, why it counted and what it changed. ``group``: named at the first one of a group on the
    page that still has something to undo.
    """

    receipt: Receipt
    line: str
    at: str
    undone_by: int | None
    can_undo: bool
    group: str | None
    group_path: str


def receipt_lines(deps: Deps, found: Sequence[ReceiptView]) -> list[ReceiptLine]:
    """Receipts as lines."""
    told: set[str] = set()
    lines = []
    for view in found:
        receipt = view.receipt
        can_undo = view.undone_by is None and receipt.room in deps.hub.rooms
        group = receipt.group if can_undo and receipt.group not in told else None
        if group is not None:
            told.add(group)
        lines.append(
            ReceiptLine(
                receipt,
                receipt_line(receipt),
                local_minute(receipt.at_ms),
                view.undone_by,
                can_undo,
                group,
                f"/receipts/groups/{quote(group or '', safe='', errors='replace')}/undo",
            )
        )
    return lines


def receipt_line(receipt: Receipt) -> str:
    """``first skip · at 0:12 of 3:42 · CONFIRMED → SAFE_SIDE``."""
    move = f"{_place(receipt.before)} → {_place(receipt.after)}"
    if receipt.why.endswith(move):
        return receipt.why
    return f"{receipt.why} · {move}" if receipt.why else move


async def show_receipts(request: web.Request) -> web.Response:
    """The page. Raises ``ApiError``."""
    deps = deps_of(request)
    wanted = receipt_search(request, deps)
    before = cursor(request)
    found = await deps.hub.find_receipts(wanted, ROWS, before)
    asked = {"q": wanted.text, "room": wanted.room, "kind": wanted.kind, "undoable": wanted.undoable}
    return deps.pages.render(
        "receipts.html",
        **told_before(request),
        light="",
        place="receipts",
        wanted=wanted,
        kinds=list(ReceiptKind),
        receipts=receipt_lines(deps, found.receipts),
        room_names={slug: room.name for slug, room in deps.hub.rooms.items()},
        back=address(PATH, **asked, before=before),
        first=None if before is None else address(PATH, **asked),
        older=None if found.next is None else address(PATH, **asked, before=found.next),
        can_sign_out=request[CALLER] is Caller.SESSION,
    )


async def undo_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /receipts/{id}/undo``."""
    done = await deps.commands.run(deps.hub.undo(receipt_id_of(request)))
    return f"Undone: {done.track.name} is back where it was ({_place(done.before)} → {_place(done.after)})."


async def undo_group_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /receipts/groups/{group}/undo``: all receipts of one act at once."""
    done = await deps.commands.run(deps.hub.undo_group(request.match_info["group"]))
    return f"Undone: {len(done)} tracks are back where they were."


def _place(entry: PoolEntry | None) -> str:
    return "not in the pool" if entry is None else entry.tier.value
