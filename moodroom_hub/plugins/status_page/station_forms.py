"""The forms of the stations' pages."""

import re
from typing import Any, Final

from aiohttp import web

from moodroom_hub.core.wire.station_orders import (
    FILE_LIMIT,
    StationImportOrder,
    StationNewOrder,
    StationRefillOrder,
    StationRenameOrder,
    StationTuneOrder,
    StationVoteOrder,
)
from moodroom_hub.core.wire.station_words import percent
from moodroom_hub.plugins.status_page.bodies import validate
from moodroom_hub.plugins.status_page.deps import Deps
from moodroom_hub.plugins.status_page.forms import Fields, form_of
from moodroom_hub.plugins.status_page.openapi import Handler, Route
from moodroom_hub.plugins.status_page.problems import bad_request
from moodroom_hub.plugins.status_page.station_api import station_of_path
from moodroom_hub.plugins.status_page.station_page import PATH, path_of
from moodroom_hub.plugins.status_page.station_routes import station_at

CARD_FORM_LIMIT: Final = 3 * FILE_LIMIT + 4096
"""A card within a form: whatever a browser escapes, a file of 512 kB fits."""
NUMBERS: Final = ("style", "likes", "dislikes", "adventure", "drift")
_NUMBER: Final = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,6})?")


async def new_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /stations/new``: one artist a line; ``Title - Artist`` is a track."""
    room, playlist = fields.get("room", ""), fields.get("playlist", "")
    order: dict[str, Any] = {"name": fields.get("name", ""), "playlist": playlist, "room": room or None}
    order |= {"artists": [], "tracks": []}
    for line in filter(None, map(str.strip, fields.get("artists", "").splitlines())):
        title, found, artist = line.rpartition(" - ")
        if found and title.strip() and artist.strip():
            order["tracks"].append({"name": title, "artist": artist})
        else:
            order["artists"].append(line)
    made = await deps.commands.run(validate(StationNewOrder, order).make(deps.hub.radio))
    missing = f" The model does not know: {', '.join(made.unknown)}." if made.unknown else ""
    return f"{made.station.name} is ready.{missing}"


async def import_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /stations/import``."""
    order = validate(StationImportOrder, {"text": fields.get("text", "").strip(), "name": fields.get("name", "")})
    done = await deps.commands.run(deps.hub.radio.import_card(order.text, order.name.strip()))
    signed = f"signed by {done.signer}" if done.signer else "not signed"
    notes = "".join(f" {note}" for note in done.notes)
    return f"{done.view.station.name} is here ({signed}): {percent(done.coverage)} of its artists are known.{notes}"


async def refill_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /stations/refill``."""
    deps.hub.radio.start_refill(validate(StationRefillOrder, {"room": fields.get("room") or None}).slug())
    return None


async def train_by_form(_: web.Request, deps: Deps, __: Fields) -> str | None:
    """``POST /stations/train``: add what the configured folders, the owner's own lists and history teach."""
    deps.hub.radio.start_training()
    return None


async def cancel_by_form(_: web.Request, deps: Deps, __: Fields) -> str | None:
    """``POST /stations/cancel``."""
    await deps.commands.run(deps.hub.radio.cancel())
    return "Stopped."


async def play_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /stations/{id}/play``."""
    key = station_of_path(request, deps)
    await deps.commands.run(deps.hub.play_station(key, await deps.zone(fields.get("zone") or None)))
    return None


async def tune_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /stations/{id}/tune``: what the form does not name stays."""
    key = station_of_path(request, deps)
    order: dict[str, Any] = {"rule": fields["rule"]} if "rule" in fields else {}
    for name in NUMBERS:
        if name in fields:
            if not _NUMBER.fullmatch(fields[name]):
                raise bad_request(f"{name}: expected a number")
            order[name] = float(fields[name])
    await deps.commands.run(deps.hub.radio.tune(key, validate(StationTuneOrder, order).changes()))
    return None


async def vote_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /stations/{id}/vote``: of the track that the page showed."""
    key = station_of_path(request, deps)
    order = validate(StationVoteOrder, {"kind": fields.get("kind", ""), "uri": fields.get("uri") or None})
    await deps.commands.run(deps.hub.radio.vote(key, order.kind, order.track()))
    return None


async def take_back_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /stations/{id}/take_back``."""
    await deps.commands.run(deps.hub.radio.take_back(station_of_path(request, deps)))
    return None


async def clear_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /stations/{id}/clear``."""
    await deps.commands.run(deps.hub.radio.clear(station_of_path(request, deps)))
    return "Its votes are forgotten: the station is its seeds again."


async def rename_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /stations/{id}/rename``."""
    key = station_of_path(request, deps)
    order = validate(StationRenameOrder, {"name": fields.get("name", "")})
    await deps.commands.run(deps.hub.radio.rename(key, order.name))
    return None


async def remove_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /stations/{id}/remove``: then the others are listed."""
    key = station_of_path(request, deps)
    station = deps.hub.stations.get(key)
    await deps.commands.run(deps.hub.radio.remove(key))
    return "It is gone." if station is None else f"{station.name} is gone."


def _all(_: web.Request) -> str:
    return PATH


def _one(request: web.Request) -> str:
    return path_of(request.match_info["id"])


new = form_of(new_by_form, _all)
import_card = form_of(import_by_form, _all, CARD_FORM_LIMIT)
refill = form_of(refill_by_form, _all)
train = form_of(train_by_form, _all)
cancel = form_of(cancel_by_form, _all)
play = form_of(play_by_form, _one)
tune = form_of(tune_by_form, _one)
vote = form_of(vote_by_form, _one)
take_back = form_of(take_back_by_form, _one)
clear = form_of(clear_by_form, _one)
rename = form_of(rename_by_form, _one)
remove = form_of(remove_by_form, _all)


def _route(name: str, handler: Handler, *fields: str) -> Route:
    method, path = station_at("station_forms", name)
    return Route(method, path, handler, "Plain form", ((303, None),), (*fields, "back"), errors=(404, 409, 503))


FORM_ROUTES: Final = (
    _route("new", new, "name", "artists", "playlist", "room"),
    _route("import_card", import_card, "text", "name"),
    _route("refill", refill, "room"),
    _route("train", train),
    _route("cancel", cancel),
    _route("play", play, "zone"),
    _route("tune", tune, *NUMBERS, "rule"),
    _route("vote", vote, "kind", "uri"),
    _route("take_back", take_back),
    _route("clear", clear),
    _route("rename", rename, "name"),
    _route("remove", remove),
)
