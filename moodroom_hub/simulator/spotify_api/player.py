"""The player's endpoints: what plays, devices, commands."""

import string
from collections.abc import Callable
from typing import Any

from moodroom_hub.simulator.commands import Refusal, Refused
from moodroom_hub.simulator.devices import Presence
from moodroom_hub.simulator.faults import Fault
from moodroom_hub.simulator.items import ItemKind
from moodroom_hub.simulator.spotify_api.answers import Answer, ApiError, json_answer, text_answer
from moodroom_hub.simulator.spotify_api.routes import Call, Route
from moodroom_hub.simulator.spotify_api.shapes import iso_ms
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.views import PlayerView
from moodroom_hub.simulator.world import World

_READ = "user-read-playback-state"
_MODIFY = "user-modify-playback-state"
_PADDED_TO = 10
_MOST_URIS = 750
_CHARACTERS = string.ascii_letters + string.digits + "-_"

_REFUSALS = {
    Refusal.NO_ACTIVE_DEVICE: (404, "Player command failed: No active device found", "NO_ACTIVE_DEVICE"),
    Refusal.DEVICE_NOT_FOUND: (404, "Device not found", None),
    Refusal.RESTRICTED_DEVICE: (403, "Player command failed: Restricted device", "UNKNOWN"),
    Refusal.RESTRICTION_VIOLATED: (403, "Player command failed: Restriction violated", "UNKNOWN"),
    Refusal.UNKNOWN_ITEM: (400, "Invalid track uri", None),
    Refusal.UNKNOWN_CONTEXT: (404, "Resource not found", None),
    Refusal.BAD_OFFSET: (404, "Player command failed: Invalid offset", None),
    Refusal.NO_VOLUME_CONTROL: (403, "Player command failed: Cannot control device volume", "UNKNOWN"),
}


def _command(action: Callable[[Call], None]) -> Callable[[Call], Answer]:
    """A command's answer: now 204, now 200 with a string that means nothing."""

    def handler(call: Call) -> Answer:
        try:
            action(call)
        except Refused as refused:
            status, message, reason = _REFUSALS[refused.reason]
            raise ApiError(status, message, reason) from refused
        if call.rng.random() < 0.5:
            return Answer(204)
        return text_answer(200, "".join(call.rng.choices(_CHARACTERS, k=call.rng.randint(40, 90))))

    return handler


def shown_view(call: Call) -> tuple[PlayerView, int]:
    """What the service believes, and the moment for which it believes it."""
    stuck_ms = call.faults.stuck_since(call.now_ms)
    if stuck_ms is not None:
        return call.world.view(stuck_ms), stuck_ms
    views = call.world.views()
    for view in views:
        if view.changed_ms + call.faults.lag_ms(view.changed_ms, call.faults.read_lag_ms) <= call.now_ms:
            return view, call.now_ms
    return views[-1], call.now_ms


def _state(call: Call, view: PlayerView, at_ms: int) -> dict[str, Any] | None:
    device, item = view.device, view.item
    if device is None or item is None:
        return None
    is_private = device.is_private_session
    if is_private and call.habits.private_shows == "nothing":
        return None
    wants_episodes = "episode" in call.query.get("additional_types", "track").split(",")
    kinds = {
        ItemKind.TRACK: "track",
        ItemKind.LOCAL: "track",
        ItemKind.EPISODE: "episode",
        ItemKind.ADVERT: "ad",
    }
    shown: dict[str, Any] | None = None
    if item.kind in (ItemKind.TRACK, ItemKind.LOCAL) or (item.kind is ItemKind.EPISODE and wants_episodes):
        shown = call.shapes.item(item, call.market)
    kind = kinds[item.kind]
    if is_private and call.habits.private_shows == "no_item":
        shown, kind = None, "unknown"
    if item.kind is ItemKind.LOCAL and call.habits.local_is_bad_request:
        raise ApiError(400, "invalid id")
    if call.fault is not None and call.fault.fault is Fault.NULL_ITEM:
        shown, kind = None, "unknown"
    disallows = {"resuming" if view.is_playing else "pausing": True}
    if item.kind is ItemKind.ADVERT:
        disallows |= {"skipping_next": True, "skipping_prev": True, "seeking": True, "pausing": True}
    return {
        "timestamp": view.changed_ms,
        "context": call.shapes.context(view.context_uri),
        "progress_ms": view.position_at(at_ms),
        "item": shown,
        "currently_playing_type": kind,
        "actions": {"disallows": disallows},
        "is_playing": view.is_playing,
    }


def playback_state(call: Call) -> Answer:
    """``GET /me/player``."""
    view, at_ms = shown_view(call)
    if call.fault is not None and call.fault.fault is Fault.BLIP_204:
        return Answer(204)
    state = _state(call, view, at_ms)
    if state is None or view.device is None:
        return Answer(204)
    more = {
        "device": call.shapes.device(view.device, is_active=True),
        "shuffle_state": view.shuffle,
        "smart_shuffle": False,
        "repeat_state": view.repeat,
    }
    return json_answer(200, more | state)


def currently_playing(call: Call) -> Answer:
    """``GET /me/player/currently-playing``: the same without device, repeat and shuffle."""
    view, at_ms = shown_view(call)
    state = _state(call, view, at_ms)
    return Answer(204) if state is None else json_answer(200, {**state, "timestamp": call.now_ms})


def devices(call: Call) -> Answer:
    """``GET /me/player/devices``."""
    call.world.advance()
    rows = [
        call.shapes.device(device, device.presence is Presence.ACTIVE)
        for device in call.world.devices.values()
        if device.is_listed
    ]
    return json_answer(200, {"devices": rows})


def queue(call: Call) -> Answer:
    """``GET /me/player/queue``: stale by a while, and padded where it is short."""
    lag_ms = call.faults.lag_ms(call.now_ms, call.faults.queue_lag_ms)
    if call.fault is not None and call.fault.fault is Fault.STALE_QUEUE:
        lag_ms = max(lag_ms, call.fault.stale_ms)
    view = call.world.view(call.now_ms - lag_ms)
    if view.device is None or view.item is None:
        return json_answer(200, {"currently_playing": None, "queue": []})
    items = call.world.items
    rows = [call.shapes.item(items[uri]) for uri in view.upcoming]
    if call.habits.pads_queue and rows:
        while len(rows) < _PADDED_TO:
            rows.extend(rows[: _PADDED_TO - len(rows)])
    playing = None if view.item.kind is ItemKind.ADVERT else call.shapes.item(view.item)
    return json_answer(200, {"currently_playing": playing, "queue": rows})


def recently_played(call: Call) -> Answer:
    """``GET /me/player/recently-played``: finished tracks of more than 30 s, newest first, at most 50 back."""
    limit = call.number("limit", 20, 1, 50)
    if "after" in call.query and "before" in call.query:
        raise ApiError(400, "Only one of the parameters after and before may be given")
    after = call.number("after", -1, 0, 10**13)
    before = call.number("before", 10**13, 0, 10**13)
    heard = [
        one
        for one in call.world.truth.listens
        if one.kind is ItemKind.TRACK and one.heard_ms > 30_000 and not one.is_private
    ][-50:]
    rows = [one for one in reversed(heard) if after < one.ended_ms < before]
    rows = rows[-limit:] if "after" in call.query else rows[:limit]
    played = [
        {
            "track": call.shapes.track(call.world.items[one.uri]),
            "played_at": iso_ms(one.ended_ms),
            "context": call.shapes.context(one.context_uri),
        }
        for one in rows
    ]
    cursors = {"after": str(rows[0].ended_ms), "before": str(rows[-1].ended_ms)} if rows else None
    address = f"{call.shapes.base_url}me/player/recently-played"
    more = f"{address}?before={rows[-1].ended_ms}&limit={limit}" if len(rows) == limit else None
    page = {"items": played, "next": more, "cursors": cursors, "limit": limit, "href": address}
    return json_answer(200, page)


def _transfer(call: Call) -> None:
    body = call.json_object()
    wanted, play = body.get("device_ids"), body.get("play")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, str) for one in wanted):
        raise ApiError(400, "Missing required field: device_ids")
    if len(wanted) > 1:
        raise ApiError(400, "device_ids can only contain one device")
    if play is not None and not isinstance(play, bool):
        raise ApiError(400, "Invalid field: play")
    call.world.transfer(Actor.HUB, wanted[0], play)


def _play(call: Call) -> None:
    body = call.json_object()
    device_id = call.query.get("device_id")
    context_uri, uris = body.get("context_uri"), body.get("uris")
    position_ms = body.get("position_ms", 0)
    if not isinstance(position_ms, int) or isinstance(position_ms, bool) or position_ms < 0:
        raise ApiError(400, "Invalid position_ms")
    if context_uri is None and uris is None:
        call.world.resume(Actor.HUB, device_id)
        return
    if context_uri is not None and uris is not None:
        raise ApiError(400, "Can't have both context_uri and uris")
    offset = _offset(body.get("offset"), context_uri)
    if uris is None:
        if not isinstance(context_uri, str) or context_uri.count(":") != 2:
            raise ApiError(400, "Invalid context uri")
        call.world.play(Actor.HUB, context_uri=context_uri, offset=offset, position_ms=position_ms, device_id=device_id)
        return
    if not isinstance(uris, list) or not 0 < len(uris) <= _MOST_URIS:
        raise ApiError(400, "Invalid uris")
    for uri in uris:
        _check_playable(uri)
    call.world.play(Actor.HUB, uris=uris, offset=offset, position_ms=position_ms, device_id=device_id)


def _offset(given: Any, context_uri: Any) -> int | str | None:
    if given is None:
        return None
    if isinstance(context_uri, str) and context_uri.startswith("spotify:artist:"):
        raise ApiError(400, "can't have offset for context type: ARTIST")
    if isinstance(given, dict):
        position, uri = given.get("position"), given.get("uri")
        if isinstance(position, int) and not isinstance(position, bool) and position >= 0:
            return position
        if isinstance(uri, str):
            return uri
    raise ApiError(400, "Invalid offset")


def _check_playable(uri: Any) -> None:
    if not isinstance(uri, str) or not uri.startswith(("spotify:track:", "spotify:episode:")):
        raise ApiError(400, "Invalid track uri")
    if len(uri.rsplit(":", 1)[1]) != 22:
        raise ApiError(400, "Invalid track uri")


def _queue(call: Call) -> None:
    uri = call.query.get("uri")
    if uri is None:
        raise ApiError(400, "Missing required parameter: uri")
    _check_playable(uri)
    call.world.queue(Actor.HUB, uri, call.query.get("device_id"))


def _aimed(call: Call) -> World:
    """The world, where ``device_id`` (if given) names the device that plays."""
    device_id = call.query.get("device_id")
    view = call.world.view()
    if device_id is not None and (view.device is None or view.device.id != device_id):
        is_known = any(one.is_listed and one.id == device_id for one in call.world.devices.values())
        raise Refused(Refusal.RESTRICTION_VIOLATED if is_known else Refusal.DEVICE_NOT_FOUND)
    return call.world


def _repeat(call: Call) -> None:
    mode = call.query.get("state")
    if mode not in ("track", "context", "off"):
        raise ApiError(400, "Invalid state")
    _aimed(call).set_repeat(Actor.HUB, mode)


ROUTES = (
    Route("GET", "/me/player", "player", playback_state, (_READ,)),
    Route("GET", "/me/player/currently-playing", "player", currently_playing, ("user-read-currently-playing",)),
    Route("GET", "/me/player/devices", "player", devices, (_READ,)),
    Route("GET", "/me/player/queue", "player", queue, (_READ, "user-read-currently-playing")),
    Route("GET", "/me/player/recently-played", "player", recently_played, ("user-read-recently-played",)),
    Route("PUT", "/me/player", "player", _command(_transfer), (_MODIFY,)),
    Route("PUT", "/me/player/play", "player", _command(_play), (_MODIFY,)),
    Route("PUT", "/me/player/pause", "player", _command(lambda call: _aimed(call).pause(Actor.HUB)), (_MODIFY,)),
    Route("POST", "/me/player/next", "player", _command(lambda call: _aimed(call).next(Actor.HUB)), (_MODIFY,)),
    Route(
        "POST",
        "/me/player/previous",
        "player",
        _command(lambda call: _aimed(call).previous(Actor.HUB)),
        (_MODIFY,),
    ),
    Route(
        "PUT",
        "/me/player/seek",
        "player",
        _command(lambda call: _aimed(call).seek(Actor.HUB, call.required_number("position_ms", 0, 10**9))),
        (_MODIFY,),
    ),
    Route("PUT", "/me/player/repeat", "player", _command(_repeat), (_MODIFY,)),
    Route(
        "PUT",
        "/me/player/shuffle",
        "player",
        _command(lambda call: _aimed(call).set_shuffle(Actor.HUB, call.flag("state"))),
        (_MODIFY,),
    ),
    Route(
        "PUT",
        "/me/player/volume",
        "player",
        _command(lambda call: _aimed(call).set_volume(Actor.HUB, call.required_number("volume_percent", 0, 100))),
        (_MODIFY,),
    ),
    Route("POST", "/me/player/queue", "player", _command(_queue), (_MODIFY,)),
)
