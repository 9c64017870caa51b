"""``GET /rooms/{slug}``: a room on a page of its own: pool, course over time, words, and what looks after it."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final
from urllib.parse import quote

from aiohttp import web

from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.miners import MinerView
from moodroom_hub.domain.mining.models import MINED, Ability
from moodroom_hub.domain.mining.plan import SUGGESTED
from moodroom_hub.domain.models import PoolEntry, RoomSlug, Tier
from moodroom_hub.domain.searching import ReceiptSearch, words
from moodroom_hub.plugins.status_page.charts import stacked
from moodroom_hub.plugins.status_page.deps import CALLER, Caller, Deps, deps_of
from moodroom_hub.plugins.status_page.forms import told_before
from moodroom_hub.plugins.status_page.queries import address, choice, page_number, search_text
from moodroom_hub.plugins.status_page.receipts_page import ReceiptLine, receipt_lines
from moodroom_hub.plugins.status_page.room_jobs import job_part
from moodroom_hub.plugins.status_page.times import day_words, local_day

ROWS: Final = 50
DAYS: Final = 90
NEWEST: Final = 5
AT_ONCE: Final = 500
_REMOVED_FROM: Final = re.compile(r"(CONFIRMED|SAFE_SIDE|DISCOVERY) → REMOVED$")


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One track as the page shows it. ``key`` names its row; ``others``: tiers to which it can be moved; ``first``:
    the one of them that is offered first, for a removed track the one that it was removed from."""

    entry: PoolEntry
    key: str
    since: str
    provenance: str
    others: tuple[Tier, ...]
    first: Tier


@dataclass(frozen=True, slots=True)
class Tab:
    """One tier (``None``: all), how many tracks it has, and where its page is."""

    tier: Tier | None
    count: int
    address: str
    is_here: bool


async def show_room(request: web.Request) -> web.Response:
    """The page. Raises ``ApiError``."""
    deps = deps_of(request)
    slug = deps.room(request.match_info["slug"])
    room = deps.hub.rooms[slug]
    tier, typed, page = choice(request, "tier", Tier), search_text(request), page_number(request)
    path = f"/rooms/{quote(slug, safe='')}"
    entries = await deps.hub.pool(slug)
    found = await _wanted(entries, tier, typed)
    pages = max(1, -(-len(found) // ROWS))
    here = min(page, pages)
    rows = [_row(entry) for entry in found[(here - 1) * ROWS : here * ROWS]]
    counts = await deps.hub.course(slug, DAYS)
    receipts, receipts_problem = await _newest(deps, slug)
    active = any(view.is_active for view in await deps.hub.room_views() if view.room.slug == slug)
    return deps.pages.render(
        "room.html",
        **told_before(request),
        light=slug,
        place=slug,
        room=room,
        definition=deps.hub.mining.definition(slug),
        path=path,
        back=address(path, tier=tier, q=typed, page=here if here > 1 else None),
        is_active=active,
        tabs=_tabs(entries, path, tier, typed),
        tier=tier,
        typed=typed,
        rows=rows,
        found=len(found),
        here=here,
        pages=pages,
        newer=address(path, tier=tier, q=typed, page=here - 1) if here > 1 else None,
        older=address(path, tier=tier, q=typed, page=here + 1) if here < pages else None,
        course=[(day_words(each.day.date), each) for each in counts],
        areas=stacked(counts),
        receipts=receipts,
        receipts_problem=receipts_problem,
        room_names={name: each.name for name, each in deps.hub.rooms.items()},
        job=await job_part(deps, slug, entries),
        miners=_miners(deps, Ability.PLACE),
        auditors=_miners(deps, Ability.AUDIT),
        can_sign_out=request[CALLER] is Caller.SESSION,
    )


def provenance(entry: PoolEntry) -> str:
    """Who put the entry there, and how sure a miner was."""
    source, sure = entry.source, "" if entry.confidence is None else f"{entry.confidence:.0%} sure"
    told = f", {sure}" if sure and sure not in entry.why else ""
    for beginning, verb in ((MINED, "mined"), (SUGGESTED, "suggested")):
        if source.startswith(beginning):
            return f"{verb} by {source.removeprefix(beginning)}{told}"
    return source or "from a file or by hand"


async def _wanted(entries: Sequence[PoolEntry], tier: Tier | None, typed: str) -> list[PoolEntry]:
    """By tier, and in the pool's order within it. Looks at a few at a time: the music must not wait for a search."""
    search, found = words(typed), {each: list[PoolEntry]() for each in Tier}
    for start in range(0, len(entries), AT_ONCE):
        for entry in entries[start : start + AT_ONCE]:
            if (tier is None or entry.tier is tier) and search.are_in_track(entry.track):
                found[entry.tier].append(entry)
        await asyncio.sleep(0)
    return [entry for each in found.values() for entry in each]


def _row(entry: PoolEntry) -> PoolRow:
    since = local_day(entry.since_ms) if entry.since_ms else ""
    key = blake2b(entry.track.uri.encode("utf-8", "replace"), digest_size=8).hexdigest()
    others = tuple(tier for tier in Tier if tier is not entry.tier)
    return PoolRow(entry, key, since, provenance(entry), others, _first(entry))


def _first(entry: PoolEntry) -> Tier:
    """Where a move most likely goes. The line of a removal ends with the tier that it was made from."""
    if entry.tier is Tier.REMOVED:
        removed_from = _REMOVED_FROM.search(entry.why)
        return Tier(removed_from[1]) if removed_from else Tier.SAFE_SIDE
    return Tier.CONFIRMED if entry.tier is Tier.SAFE_SIDE else Tier.SAFE_SIDE


def _tabs(entries: Sequence[PoolEntry], path: str, here: Tier | None, typed: str) -> list[Tab]:
    choices: list[Tier | None] = [None, *Tier]
    counts = Counter[Tier | None](entry.tier for entry in entries)
    counts[None] = len(entries)
    return [
        Tab(
            tier,
            counts[tier],
            address(path, tier=tier, q=typed),
            tier is here,
        )
        for tier in choices
    ]


async def _newest(deps: Deps, slug: RoomSlug) -> tuple[list[ReceiptLine], str | None]:
    """The pool is in memory, receipts are not: a database that is away shall not take the page along."""
    try:
        found = await deps.hub.find_receipts(ReceiptSearch(room=slug), NEWEST)
    except MoodroomError as error:
        return [], str(error)
    return receipt_lines(deps, found.receipts), None


def _miners(deps: Deps, ability: Ability) -> list[MinerView]:
    found = [view for view in deps.hub.mining.miners() if ability in view.abilities]
    return sorted(found, key=lambda view: (not view.standing.is_ready, view.standing.is_paid, -view.standing.rank))
