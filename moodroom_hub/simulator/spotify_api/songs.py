"""Search, and single tracks, albums and artists."""

import re
from collections.abc import Mapping
from typing import Any

from moodroom_hub.simulator.items import Item, ItemKind, album_id, artist_id
from moodroom_hub.simulator.spotify_api.answers import Answer, ApiError, json_answer
from moodroom_hub.simulator.spotify_api.routes import Call, Route

_TYPES = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
_FILTER = re.compile(r"\b(track|artist|album|year|isrc|genre|upc|tag):(?:\"([^\"]*)\"|(\S+))")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")
_ENOUGH_WORDS = 0.6
_MOST_FOUND = 1000


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _filters_fit(item: Item, filters: Mapping[str, str]) -> bool:
    for name, wanted in filters.items():
        match name:
            case "isrc":
                fits = (item.isrc or "").casefold() == wanted.casefold()
            case "year":
                years = _YEARS.fullmatch(wanted)
                fits = years is not None and int(years[1]) <= (item.year or 0) <= int(years[2] or years[1])
            case "track":
                fits = _share(_words(wanted), item.name) == 1
            case "artist":
                fits = _share(_words(wanted), " ".join(item.artists)) == 1
            case "album":
                fits = _share(_words(wanted), item.album) == 1
            case _:
                fits = False
        if not fits:
            return False
    return True


def _share(words: list[str], text: str) -> float:
    """The share of the words that the text holds."""
    if not words:
        return 1.0
    held = set(_words(text))
    return sum(word in held for word in words) / len(words)


def find_tracks(call: Call, sought: str) -> list[Item]:
    """Tracks that fit a query, best first."""
    filters = {found[1]: found[2] or found[3] for found in _FILTER.finditer(sought)}
    words = _words(_FILTER.sub(" ", sought))
    scored = []
    for item in call.world.items.values():
        if item.kind is not ItemKind.TRACK or not _filters_fit(item, filters):
            continue
        share = _share(words, f"{item.name} {' '.join(item.artists)} {item.album}")
        if share >= _ENOUGH_WORDS:
            scored.append((-share, len(_words(item.name)), item.uri, item))
    scored.sort(key=lambda row: row[:3])
    return [row[3] for row in scored[:_MOST_FOUND]]


def search(call: Call) -> Answer:
    """``GET /search``: at most 10 of each type."""
    sought = call.query.get("q", "").strip()
    if not sought:
        raise ApiError(400, "No search query")
    kinds = call.query.get("type", "").split(",")
    if any(kind not in _TYPES for kind in kinds):
        raise ApiError(400, "Bad search type field" if call.query.get("type") else "Missing parameter type")
    limit, offset = call.number("limit", 5, 1, 10), call.number("offset", 0, 0, 1000)
    tracks = find_tracks(call, sought)
    answer: dict[str, Any] = {}
    for kind in kinds:
        found: list[Any] = []
        if kind == "track":
            found = [call.shapes.track(item, call.market) for item in tracks]
        elif kind == "artist":
            found = [call.shapes.artist(name) for name in dict.fromkeys(one.artists[0] for one in tracks)]
        elif kind == "album":
            found = list({album_id(item): call.shapes.album(item) for item in tracks}.values())
        rows = [None if call.rng.random() < call.habits.null_rate else row for row in found[offset : offset + limit]]
        answer[f"{kind}s"] = call.shapes.page("search?type=" + kind, rows, len(found), limit, offset)
    return json_answer(200, answer)


def _checked_id(call: Call) -> str:
    if not re.fullmatch(r"[0-9A-Za-z]{22}", call.ids["id"]):
        raise ApiError(400, "Invalid base62 id")
    return call.ids["id"]


def track(call: Call) -> Answer:
    """``GET /tracks/{id}``."""
    item = call.world.items.get("spotify:track:" + _checked_id(call))
    if item is None:
        raise ApiError(404, "Resource not found")
    return json_answer(200, call.shapes.track(item, call.market))


def album(call: Call) -> Answer:
    """``GET /albums/{id}`` with its tracks."""
    identity = _checked_id(call)
    found = [one for one in _tracks(call) if album_id(one) == identity]
    if not found:
        raise ApiError(404, "Resource not found")
    rows = [call.shapes.track(one, call.market) for one in found]
    tracks = call.shapes.page(f"albums/{identity}/tracks", rows, len(rows), 50, 0)
    shape = call.shapes.album(found[0]) | {"total_tracks": len(found), "tracks": tracks, "external_ids": {}}
    return json_answer(200, shape)


def artist(call: Call) -> Answer:
    """``GET /artists/{id}``."""
    identity = _checked_id(call)
    for one in _tracks(call):
        for name in one.artists:
            if artist_id(name) == identity:
                return json_answer(
                    200, call.shapes.artist(name) | {"genres": [], "images": call.shapes.images(identity)}
                )
    raise ApiError(404, "Resource not found")


def artist_albums(call: Call) -> Answer:
    """``GET /artists/{id}/albums``."""
    identity = _checked_id(call)
    limit, offset = call.number("limit", 5, 1, 10), call.number("offset", 0, 0, 1000)
    shapes = {
        album_id(one): call.shapes.album(one)
        for one in _tracks(call)
        if one.artists and artist_id(one.artists[0]) == identity
    }
    rows = list(shapes.values())
    path = f"artists/{identity}/albums"
    return json_answer(200, call.shapes.page(path, rows[offset : offset + limit], len(rows), limit, offset))


def _tracks(call: Call) -> list[Item]:
    return [one for one in call.world.items.values() if one.kind is ItemKind.TRACK]


ROUTES = (
    Route("GET", "/search", "search", search),
    Route("GET", "/tracks/{id}", "catalogue", track),
    Route("GET", "/albums/{id}", "catalogue", album),
    Route("GET", "/artists/{id}", "catalogue", artist),
    Route("GET", "/artists/{id}/albums", "catalogue", artist_albums),
)
