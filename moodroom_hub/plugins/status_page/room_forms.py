"""The forms of a room's own page: moving tracks, rewriting its words, auditing it and mining it anew."""

from typing import Final

from aiohttp import web
from pydantic import BaseModel

from moodroom_hub.core.miners import JobKind, JobStatus, MiningOrder
from moodroom_hub.core.wire import mining_orders
from moodroom_hub.domain.mining.models import Estimate
from moodroom_hub.domain.models import RoomSlug, Tier, Uri
from moodroom_hub.plugins.status_page.bodies import validate
from moodroom_hub.plugins.status_page.deps import Deps
from moodroom_hub.plugins.status_page.forms import Fields
from moodroom_hub.plugins.status_page.problems import bad_request

DASHES: Final = (" — ", " – ", " - ")


class _MinerOrder(BaseModel):
    miner: mining_orders.Line | None = None


async def activate_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /rooms/{slug}/switch-on``: as on the main page, but back to the room's own."""
    given = await deps.commands.run(deps.hub.activate(_room(request, deps)))
    return f"{len(given.batch)} tracks are on their way."


async def move_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /rooms/{slug}/move``: one track into a tier."""
    slug = _room(request, deps)
    asked = {name: fields[name] for name in ("uri", "tier", "why") if name in fields}
    order = validate(mining_orders.MoveOrder, asked)
    done = await deps.commands.run(deps.hub.mining.move(slug, Uri(order.uri), order.tier, order.why))
    return f"{done.track.name} {'is out of the room' if order.tier is Tier.REMOVED else f'is in {order.tier} now'}."


async def keep_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /rooms/{slug}/keep``: this misfit is none."""
    slug = _room(request, deps)
    order = validate(mining_orders.KeepOrder, {"uris": [fields.get("uri", "")]})
    uris = [Uri(uri) for uri in order.uris]
    if not {entry.track.uri for entry in await deps.hub.pool(slug)}.issuperset(uris):
        raise bad_request("This track is not in the room (any more).")
    await deps.commands.run(deps.hub.mining.keep(slug, uris))
    return "It stays, and later audits leave it alone."


async def define_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /rooms/{slug}/definition``: the room's words, anchors as lines of ``name — artist``."""
    slug = _room(request, deps)
    order = validate(
        mining_orders.DefinitionOrder,
        {
            "description": " ".join(fields.get("description", "").split()),
            "anchors": [_anchor(line) for line in _lines(fields.get("anchors", ""))],
            "avoid": _lines(fields.get("avoid", "")),
        },
    )
    await deps.commands.run(deps.hub.mining.define(slug, order.words()))
    return "The room's words are written down. They count from the next mining on."


async def audit_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /rooms/{slug}/audit``: let a miner look for tracks that do not belong."""
    return await _start(request, deps, fields, JobKind.AUDIT)


async def mine_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /rooms/{slug}/mine``: mine it anew, and wait with the result until it is applied."""
    return await _start(request, deps, fields, JobKind.MINE)


async def apply_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /rooms/{slug}/mining/apply``: make the held result true."""
    _ours(request, deps)
    await deps.commands.run(deps.hub.mining.apply())
    return "Applied. It can be taken back below."


async def discard_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /rooms/{slug}/mining/discard``: forget the held result."""
    _ours(request, deps)
    await deps.commands.run(deps.hub.mining.discard())
    return "Forgotten. Nothing was changed."


async def cancel_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /rooms/{slug}/mining/cancel``: stop what runs."""
    _room(request, deps)
    await deps.commands.run(deps.hub.mining.cancel())
    return "Stopped."


async def unmine_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /rooms/{slug}/mining/undo``: take the last mining back."""
    _ours(request, deps)
    undone = await deps.commands.run(deps.hub.mining.undo())
    rooms = "This room" if len(undone.rooms) == 1 else f"The pools of {len(undone.rooms)} rooms"
    return f"{rooms}: the last mining {'is there again' if undone.is_back else 'is taken back'}."


async def _start(request: web.Request, deps: Deps, fields: Fields, kind: JobKind) -> str | None:
    slug = _room(request, deps)
    mining = deps.hub.mining
    miner = validate(_MinerOrder, {"miner": fields.get("miner") or None}).miner
    is_accepted = fields.get("accepted") == "true"
    order = MiningOrder(kind, (slug,), miner, is_accepted=is_accepted, is_held=kind is JobKind.MINE)
    if mining.job().status is JobStatus.HELD:
        raise bad_request("A difference waits to be applied or forgotten: decide on that first.")
    # Asking for the price reads the whole library: only where there may be one.
    may_cost = any(view.standing.is_paid for view in mining.miners() if miner in (None, view.name))
    if may_cost and not is_accepted:
        wanted = await mining.estimate(order)
        if wanted.is_paid:
            return f"Nothing was begun yet. {_price(wanted.estimate, wanted.tracks)} Tick the box if that is all right."
    await deps.commands.run(mining.start(order))
    return None


def _price(estimate: Estimate, tracks: int) -> str:
    cost = "a price that is not known" if estimate.cost_usd is None else f"about ${estimate.cost_usd:.2f}"
    where = "" if estimate.is_at_home else "; names of songs would leave the house"
    return f"{tracks} tracks would take {estimate.calls} calls, at {cost}{where}."


def _room(request: web.Request, deps: Deps) -> RoomSlug:
    return deps.room(request.match_info["slug"])


def _ours(request: web.Request, deps: Deps) -> None:
    """Raises ``ApiError`` where the desk meanwhile has another room's work before it."""
    if _room(request, deps) not in deps.hub.mining.job().rooms:
        raise bad_request("The mining desk has other work before it by now: look at it first.")


def _lines(text: str) -> list[str]:
    return [tidy for line in text.splitlines() if (tidy := " ".join(line.split()))]


def _anchor(line: str) -> dict[str, str]:
    for dash in DASHES:
        name, found, artist = line.rpartition(dash)
        if found and name.strip() and artist.strip():
            return {"name": name.strip(), "artist": artist.strip()}
    raise bad_request("anchors: write each as a line of its own, the song, a dash between blanks, the artist")
