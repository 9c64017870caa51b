"""Search, and single tracks, albums and artists."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from moodroom_hub.simulator.items import Item, ItemKind, album_id, artist_id
from moodroom_hub.simulator.spotify_api.answers import Answer, ApiError, json_answer
from moodroom_hub.simulator.spotify_api.routes import Call, Route

_TYPES = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
_FILTER = re.compile(r"\b(track|artist|album|year|isrc|genre|upc|tag):(?:\"([^\"]*)\"|(\S+))")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")
_ENOUGH_WORDS = 0.6
_MOST_FOUND = 1000
_ALBUM_PAGE = 50
_GROUPS = ("album", "single", "appears_on", "compilation")


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
    held = _held(text)
    return sum(word in held for word in words) / len(words)


@lru_cache(maxsize=16_384)
def _held(text: str) -> frozenset[str]:
    return frozenset(_words(text))


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


def find_artists(call: Call, sought: str) -> list[str]:
    """Names of artists that fit a query, best first: those with the fewest other words in them."""
    filters = {found[1]: found[2] or found[3] for found in _FILTER.finditer(sought)}
    if not filters.keys() <= {"artist"}:
        return list(dict.fromkeys(one.artists[0] for one in find_tracks(call, sought)))
    words = _words(f"{_FILTER.sub(' ', sought)} {filters.get('artist', '')}")
    known = dict.fromkeys(name for one in _tracks(call) for name in one.artists)
    fitting = [name for name in known if words and _share(words, name) == 1]
    return sorted(fitting, key=lambda name: len(_words(name)))


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
            found = [_whole_artist(call, name) for name in find_artists(call, sought)]
        elif kind == "album":
            found = [_album(call, some) for some in _by_album(tracks).values()]
        rows = _some_null(call, found[offset : offset + limit])
        answer[f"{kind}s"] = call.shapes.page("search?type=" + kind, rows, len(found), limit, offset)
    return json_answer(200, answer)


def _some_null(call: Call, rows: Iterable[Any]) -> list[Any]:
    return [None if call.rng.random() < call.habits.null_rate else row for row in rows]


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
    """``GET /albums/{id}`` with the first fifty of its tracks, which do not tell their album again."""
    identity = _checked_id(call)
    found = [one for one in _tracks(call) if album_id(one) == identity]
    if not found:
        raise ApiError(404, "Resource not found")
    rows = [_short_track(call, one, place) for place, one in enumerate(found, start=1)]
    tracks = call.shapes.page(f"albums/{identity}/tracks", rows[:_ALBUM_PAGE], len(rows), _ALBUM_PAGE, 0)
    return json_answer(200, _album(call, found) | {"copyrights": [], "genres": [], "tracks": tracks})


def artist(call: Call) -> Answer:
    """``GET /artists/{id}``."""
    return json_answer(200, _whole_artist(call, _known_artist(call)))


def artist_albums(call: Call) -> Answer:
    """``GET /artists/{id}/albums``: first their own, then those where they are guests; newest first each."""
    name = _known_artist(call)
    limit, offset = call.number("limit", 5, 1, 10), call.number("offset", 0, 0, 1000)
    groups = call.query.get("include_groups", ",".join(_GROUPS)).split(",")
    if not set(groups) <= set(_GROUPS):
        raise ApiError(400, "Invalid include_groups")
    albums = sorted(_by_album(_tracks(call)).values(), key=lambda some: some[0].year or 0, reverse=True)
    rows = [
        _album(call, some)
        for group in _GROUPS
        if group in groups
        for some in albums
        if any(name in one.artists for one in some) and _group(some, name) == group
    ]
    path = f"artists/{call.ids['id']}/albums?include_groups={quote(','.join(groups))}"
    shown = _some_null(call, rows[offset : offset + limit])
    return json_answer(200, call.shapes.page(path, shown, len(rows), limit, offset))


def _known_artist(call: Call) -> str:
    identity = _checked_id(call)
    for one in _tracks(call):
        for name in one.artists:
            if artist_id(name) == identity:
                return name
    raise ApiError(404, "Resource not found")


def _by_album(items: Iterable[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for one in items:
        if one.artists:
            found.setdefault(album_id(one), []).append(one)
    return found


def _group(some: Sequence[Item], name: str) -> str:
    if some[0].artists[0] != name:
        return "appears_on"
    return "single" if _is_single(some) else "album"


def _is_single(some: Sequence[Item]) -> bool:
    return len(some) == 1 and some[0].album == some[0].name


def _album(call: Call, some: Sequence[Item]) -> dict[str, Any]:
    kind = "single" if _is_single(some) else "album"
    return call.shapes.album(some[0]) | {"album_type": kind, "total_tracks": len(some)}


def _short_track(call: Call, item: Item, place: int) -> dict[str, Any]:
    whole = call.shapes.track(item, call.market) | {"track_number": place}
    return {name: value for name, value in whole.items() if name not in ("album", "external_ids")}


def _whole_artist(call: Call, name: str) -> dict[str, Any]:
    """As a new app gets it: without followers and popularity."""
    return call.shapes.artist(name) | {"genres": [], "images": call.shapes.images(artist_id(name))}


def _tracks(call: Call) -> list[Item]:
    return [one for one in call.world.items.values() if one.kind is ItemKind.TRACK]


ROUTES = (
    Route("GET", "/search", "search", search),
    Route("GET", "/tracks/{id}", "catalogue", track),
    Route("GET", "/albums/{id}", "catalogue", album),
    Route("GET", "/artists/{id}", "catalogue", artist),
    Route("GET", "/artists/{id}/albums", "catalogue", artist_albums),
)
