"""The forms of the plays' page: send again, correct, never send."""

from typing import Final

from aiohttp import web

from moodroom_hub.core.wire import plays_orders
from moodroom_hub.plugins.status_page.bodies import validate
from moodroom_hub.plugins.status_page.deps import Deps
from moodroom_hub.plugins.status_page.forms import Fields
from moodroom_hub.plugins.status_page.pages import visible
from moodroom_hub.plugins.status_page.plays_api import play_id_of
from moodroom_hub.plugins.status_page.plays_page import draft_of
from moodroom_hub.plugins.status_page.problems import bad_request

PARTS: Final = ("name", "artist", "album")


async def retry_all_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /plays/retry``: every dead one, of one service where ``target`` names it."""
    return await _retry(deps, (), fields)


async def retry_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /plays/{id}/retry``."""
    return await _retry(deps, (play_id_of(request),), fields)


async def edit_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /plays/{id}/edit``: what differs from what the form showed is corrected, and sent."""
    play_id = play_id_of(request)
    draft = draft_of(await deps.hub.plays.get(play_id))
    changed = {
        part: given
        for part in PARTS
        if (given := fields.get(part, "").strip()) and (draft is None or not _is_as_shown(given, getattr(draft, part)))
    }
    if not changed:
        raise bad_request("Nothing was corrected: change the song, the artist or the album first.")
    order = validate(plays_orders.EditOrder, changed)
    count = await deps.commands.run(deps.hub.plays.edit(play_id, order.edit()))
    _forget(deps)
    return f"Corrected for {_services(count)}; it is sent as soon as they take it."


async def leave_out_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /plays/{id}/leave_out``."""
    order = validate(plays_orders.LeaveOutOrder, {"target": fields.get("target") or None})
    count = await deps.commands.run(deps.hub.plays.leave_out(play_id_of(request), order.target))
    _forget(deps)
    return f"Left out for {_services(count)}." if count else "Nothing to leave out: it was sent, or left out, already."


async def _retry(deps: Deps, ids: tuple[int, ...], fields: Fields) -> str:
    order = validate(plays_orders.RetryOrder, {"ids": list(ids), "target": fields.get("target") or None})
    count = await deps.commands.run(deps.hub.plays.retry(order.ids, order.target))
    _forget(deps)
    if not count:
        return f"Nothing to send again: {'it stands otherwise by now' if ids else 'none is dead any more'}."
    return f"{count} {'delivery waits' if count == 1 else 'deliveries wait'} to be sent again."


def _is_as_shown(given: str, text: str) -> bool:
    # As a browser gives back what the page put into a field of one line.
    return "".join(given.split()) == "".join(visible(text).split())


def _services(count: int) -> str:
    return f"{count} {'service' if count == 1 else 'services'}"


def _forget(deps: Deps) -> None:
    deps.plays_look.forget()
    deps.pages.sharing.forget()  # no event tells of it
