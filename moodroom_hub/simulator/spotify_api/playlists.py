"""Playlists, under the names of 2026: ``items`` and ``item``.

A change may name any snapshot that was told before: it is made to what the list holds now, and a move means the items
that stood there then. A snapshot that was never told is refused.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from moodroom_hub.simulator.library import OWNER_ID, PlaylistChange, SimPlaylist
from moodroom_hub.simulator.spotify_api.answers import Answer, ApiError, json_answer
from moodroom_hub.simulator.spotify_api.library import OWNER_NAME
from moodroom_hub.simulator.spotify_api.routes import Call, Route
from moodroom_hub.simulator.spotify_api.shapes import iso_s

_READ = "playlist-read-private"
_READ_SHARED = "playlist-read-collaborative"
_PUBLIC, _PRIVATE = "playlist-modify-public", "playlist-modify-private"
_MOST_ITEMS = 100
_LARGEST_OFFSET = 100_000


def _wanted(call: Call) -> SimPlaylist:
    playlist = call.world.library.playlists.get(call.ids["id"])
    if playlist is None:
        raise ApiError(404, "Resource not found")
    return playlist


def _is_open_to_owner(playlist: SimPlaylist) -> bool:
    return playlist.owner_id == OWNER_ID or playlist.is_collaborative


def _to_change(call: Call) -> SimPlaylist:
    """The playlist, where the token may change it."""
    playlist = _wanted(call)
    if not _is_open_to_owner(playlist):
        raise ApiError(403, "Forbidden")
    _need_modify_scope(call, playlist.is_public)
    return playlist


def _need_modify_scope(call: Call, is_public: bool) -> None:
    if (_PUBLIC if is_public else _PRIVATE) not in call.scopes:
        raise ApiError(403, "Insufficient client scope")


def _owner_name(playlist: SimPlaylist) -> str:
    return OWNER_NAME if playlist.owner_id == OWNER_ID else "Somebody Else"


def _item_rows(call: Call, playlist: SimPlaylist, limit: int, offset: int) -> dict[str, Any]:
    rows = []
    for uri in playlist.uris[offset : offset + limit]:
        item = None if uri is None else call.world.items.get(uri)
        rows.append(
            {
                "added_at": iso_s(playlist.added_ms),
                "added_by": {"id": playlist.owner_id, "type": "user"},
                "is_local": item is not None and item.id is None,
                "primary_color": None,
                "item": None if item is None else call.shapes.item(item, call.market),
            }
        )
    return call.shapes.page(f"playlists/{playlist.id}/items", rows, len(playlist.uris), limit, offset)


def own(call: Call) -> Answer:
    """``GET /me/playlists``: the owner's, and shared ones where the scope allows."""
    limit, offset = call.number("limit", 20, 1, 50), call.number("offset", 0, 0, _LARGEST_OFFSET)
    every = [
        one
        for one in call.world.library.playlists.values()
        if one.is_listed and (_READ_SHARED in call.scopes or not one.is_collaborative)
    ]
    rows = []
    for one in every[offset : offset + limit]:
        shape = call.shapes.playlist(one, _owner_name(one))
        if _is_open_to_owner(one):
            href = f"{call.shapes.base_url}playlists/{one.id}/items"
            shape["items"] = {"href": href, "total": len(one.uris)}
        rows.append(shape)
    return json_answer(200, call.shapes.page("me/playlists", rows, len(every), limit, offset))


def create(call: Call) -> Answer:
    """``POST /me/playlists``; public unless it is said otherwise."""
    body = call.json_object()
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise ApiError(400, "Missing required field: name")
    is_public = bool(body.get("public", True))
    is_collaborative = bool(body.get("collaborative", False))
    if is_public and is_collaborative:
        raise ApiError(400, "Collaborative playlists can only be private.")
    _need_modify_scope(call, is_public)
    playlist = call.world.library.make_playlist(name, call.now_ms)
    playlist.is_public, playlist.is_collaborative = is_public, is_collaborative
    playlist.description = str(body.get("description") or "")
    playlist.changes.append(PlaylistChange(call.now_ms, "create"))
    return json_answer(201, _whole(call, playlist))


def _whole(call: Call, playlist: SimPlaylist) -> dict[str, Any]:
    shape = call.shapes.playlist(playlist, _owner_name(playlist))
    if _is_open_to_owner(playlist):
        shape["items"] = _item_rows(call, playlist, _MOST_ITEMS, 0)
    return shape


def one(call: Call) -> Answer:
    """``GET /playlists/{id}``; ``items`` only for owner and collaborators."""
    return json_answer(200, _whole(call, _wanted(call)))


def change(call: Call) -> Answer:
    """``PUT /playlists/{id}``."""
    playlist, body = _to_change(call), call.json_object()
    if "name" in body:
        playlist.name = str(body["name"])
    if "description" in body:
        playlist.description = str(body["description"] or "")
    if "public" in body:
        playlist.is_public = bool(body["public"])
    if "collaborative" in body:
        playlist.is_collaborative = bool(body["collaborative"])
    return Answer(200)


def items(call: Call) -> Answer:
    """``GET /playlists/{id}/items``."""
    limit, offset = call.number("limit", 20, 1, 50), call.number("offset", 0, 0, _LARGEST_OFFSET)
    playlist = _wanted(call)
    if not _is_open_to_owner(playlist):
        raise ApiError(403, "Forbidden")
    return json_answer(200, _item_rows(call, playlist, limit, offset))


def _given_uris(call: Call, may_be_empty: bool) -> list[str | None]:
    """The uris of the query, the body's ``uris``, or a bare list as body."""
    if "uris" in call.query:
        given: Any = [uri for uri in call.query["uris"].split(",") if uri]
    else:
        body = call.json_body()
        given = body.get("uris") if isinstance(body, dict) else body
    if not isinstance(given, list) or not (given or may_be_empty):
        raise ApiError(400, "No uris provided")
    if len(given) > _MOST_ITEMS:
        raise ApiError(400, "You can add a maximum of 100 tracks per request.")
    if not all(_is_known(call, uri) for uri in given):
        raise ApiError(400, "Invalid track uri")
    return list(given)


def _is_known(call: Call, uri: Any) -> bool:
    """Local files can be in a playlist, but no client of the API can put them there."""
    item = call.world.items.get(uri) if isinstance(uri, str) else None
    return item is not None and item.id is not None


def _past(playlist: SimPlaylist, snapshot: Any) -> Sequence[str | None]:
    """What the list held at that snapshot; what it holds now where none is named."""
    if snapshot is None or snapshot == playlist.snapshot_id:
        return playlist.uris
    if not isinstance(snapshot, str) or snapshot not in playlist.past:
        raise ApiError(400, "Invalid snapshot_id")
    return playlist.past[snapshot]


def _changed(call: Call, playlist: SimPlaylist, what: str, uris: Iterable[str | None], status: int = 200) -> Answer:
    playlist.revision += 1
    playlist.changes.append(PlaylistChange(call.now_ms, what, tuple(uris)))
    return json_answer(status, {"snapshot_id": playlist.tell_snapshot()})


def add_items(call: Call) -> Answer:
    """``POST /playlists/{id}/items``."""
    playlist = _to_change(call)
    uris = _given_uris(call, may_be_empty=False)
    size = len(playlist.uris)
    body = call.json_body()
    place = body.get("position", size) if isinstance(body, dict) else call.number("position", size, 0, size)
    if not isinstance(place, int) or not 0 <= place <= size:
        raise ApiError(400, "Index out of bounds.")
    playlist.uris[place:place] = uris
    return _changed(call, playlist, "add", uris, 201)


def put_items(call: Call) -> Answer:
    """``PUT /playlists/{id}/items``: replace all, or move a range."""
    playlist, body = _to_change(call), call.json_body()
    if not isinstance(body, dict) or "range_start" not in body:
        playlist.uris = _given_uris(call, may_be_empty=True)
        return _changed(call, playlist, "replace", playlist.uris)
    if "uris" in body or "uris" in call.query:
        raise ApiError(400, "Can't reorder and replace at once")
    start, length = body["range_start"], body.get("range_length", 1)
    target = body.get("insert_before", -1)
    then = _past(playlist, body.get("snapshot_id"))
    size = len(then)
    if not all(isinstance(number, int) for number in (start, target, length)):
        raise ApiError(400, "Invalid range")
    if not (0 <= start < size and 0 <= target <= size and 1 <= length <= size - start):
        raise ApiError(400, "Range out of bounds.")
    meant = _occurrences(then)
    moved, behind = meant[start : start + length], meant[target:]
    now = _occurrences(playlist.uris)
    going = [row for row in moved if row in now]
    rest = [row for row in now if row not in set(going)]
    place = next((rest.index(row) for row in behind if row in rest), len(rest))
    playlist.uris = [uri for uri, _ in (*rest[:place], *going, *rest[place:])]
    return _changed(call, playlist, "move", (uri for uri, _ in going))


def _occurrences(uris: Sequence[str | None]) -> list[tuple[str | None, int]]:
    """Each item with how many like it stand before it: so it is told from them in another state of the list."""
    seen: Counter[str | None] = Counter()
    rows = []
    for uri in uris:
        rows.append((uri, seen[uri]))
        seen[uri] += 1
    return rows


def remove_items(call: Call) -> Answer:
    """``DELETE /playlists/{id}/items``: every occurrence of the uris."""
    playlist, body = _to_change(call), call.json_object()
    rows = body.get("items")
    _past(playlist, body.get("snapshot_id"))
    if not isinstance(rows, list) or not 0 < len(rows) <= _MOST_ITEMS:
        raise ApiError(400, "Missing required field: items")
    gone = {row.get("uri") for row in rows if isinstance(row, dict)}
    if not all(_is_known(call, uri) for uri in gone):
        raise ApiError(400, "Invalid track uri")
    playlist.uris = [uri for uri in playlist.uris if uri is None or uri not in gone]
    return _changed(call, playlist, "remove", sorted(map(str, gone)))


ROUTES = (
    Route("GET", "/me/playlists", "playlists", own, (_READ,)),
    Route("POST", "/me/playlists", "playlists", create),
    Route("GET", "/playlists/{id}", "playlists", one),
    Route("PUT", "/playlists/{id}", "playlists", change),
    Route("GET", "/playlists/{id}/items", "playlists", items, (_READ,)),
    Route("POST", "/playlists/{id}/items", "playlists", add_items),
    Route("PUT", "/playlists/{id}/items", "playlists", put_items),
    Route("DELETE", "/playlists/{id}/items", "playlists", remove_items),
)
