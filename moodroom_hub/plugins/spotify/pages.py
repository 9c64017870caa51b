"""Spotify's lists as the words of the domain: liked songs, playlists, what a search found.

Pure; nothing but ``ParseProblem`` is ever raised.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard

from moodroom_hub.core.ports import ArtistRef, LibraryPage, LikedTrack, Playlist, PlaylistItems, PlaylistPage
from moodroom_hub.domain.models import Track
from moodroom_hub.plugins.spotify.parsers import (
    ID,
    ParseProblem,
    json_object,
    mapping,
    objects,
    text,
    track,
    tracks_in,
)

_LONG_AGO = datetime.fromtimestamp(0, UTC)


def found_tracks(body: Any) -> tuple[Track, ...]:
    """Read the tracks of ``GET /search``, best first. Raises ``ParseProblem`` where it is no object."""
    listed = mapping(json_object(body, "search").get("tracks")).get("items")
    return tuple(tracks_in(objects(listed)))


def found_artists(body: Any) -> tuple[ArtistRef, ...]:
    """Read the artists of ``GET /search``, best first, each once. Raises ``ParseProblem`` where it is no object."""
    listed = mapping(json_object(body, "search").get("artists")).get("items")
    found: dict[str, ArtistRef] = {}
    for each in objects(listed):
        key, name = each.get("id"), text(each.get("name"))
        if _is_id(key) and name is not None:
            found.setdefault(key, ArtistRef(key, name))
    return tuple(found.values())


def album_ids(body: Any, *, artist_id: str) -> tuple[str, ...]:
    """Read ``GET /artists/{id}/albums``: ids, newest first; not those of others. Raises ``ParseProblem``."""
    items, _ = rows_of(body, "albums", offset=0)
    dates: dict[str, str] = {}
    for each in objects(items):
        key, date = each.get("id"), each.get("release_date")
        makers = [maker.get("id") for maker in objects(each.get("artists"))]
        if _is_id(key) and (not makers or artist_id in makers):
            dates.setdefault(key, date if isinstance(date, str) else "")
    return tuple(sorted(dates, key=lambda key: dates[key], reverse=True))


def album_tracks(body: Any) -> tuple[Track, ...]:
    """Read ``GET /albums/{id}``: its tracks in their order, of whom the album itself tells name, year and picture.

    Raises ``ParseProblem`` where it is no object, or holds no page of tracks.
    """
    album = json_object(body, "album")
    items, _ = rows_of(album.get("tracks"), "album", offset=0)
    outer = {name: album.get(name) for name in ("name", "release_date", "images")}
    return tuple(tracks_in({**each, "album": outer} for each in objects(items)))


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a page reaches: the next one begins ``count`` items further on. ``total``: as claimed, else as seen."""

    count: int
    total: int
    is_last: bool


def rows_of(body: Any, what: str, *, offset: int) -> tuple[list[Any], Extent]:
    """The raw items of a page that was asked for at ``offset``. Raises ``ParseProblem`` where there is no list."""
    content = json_object(body, what)
    items = content.get("items")
    if not isinstance(items, list):
        raise ParseProblem(f"{what}: a page without items")
    end = offset + len(items)
    total = content.get("total")
    has_more = isinstance(content.get("next"), str)
    if type(total) is not int or total < 0:
        total = end + has_more
    return items, Extent(len(items), total, is_last=not items or (end >= total and not has_more))


def library_page(body: Any, *, offset: int) -> tuple[LibraryPage, Extent]:
    """Read ``GET /me/tracks``, asked for at ``offset``. Raises ``ParseProblem`` where there is no list of items."""
    items, extent = rows_of(body, "library", offset=offset)
    liked = tuple(_liked(objects(items)))
    return LibraryPage(offset, extent.total, liked, skipped=extent.count - len(liked)), extent


def playlist_page(body: Any, *, offset: int) -> tuple[PlaylistPage, Extent]:
    """Read ``GET /playlists/{id}/items``, asked for at ``offset``. Raises as ``library_page`` does."""
    items, extent = rows_of(body, "playlist", offset=offset)
    rows = (mapping(each.get("item") or each.get("track")) for each in objects(items))
    tracks = tuple(tracks_in(rows))
    return PlaylistPage(offset, extent.total, tracks, skipped=extent.count - len(tracks)), extent


def playlists(body: Any, *, offset: int, reader: str) -> tuple[tuple[Playlist, ...], Extent]:
    """Read ``GET /me/playlists``: those that the account ``reader`` owns or shares in. Raises as ``library_page``."""
    items, extent = rows_of(body, "playlists", offset=offset)
    return tuple(_playlist(each, reader) for each in objects(items) if _may_read(each, reader)), extent


def one_playlist(body: Any, *, reader: str) -> Playlist:
    """Read one playlist, which the account ``reader`` asked for or made. Raises ``ParseProblem`` where it has no id."""
    item = json_object(body, "playlist")
    key = item.get("id")
    if not isinstance(key, str) or not ID.fullmatch(key) or text(item.get("snapshot_id")) is None:
        raise ParseProblem("a playlist without id or snapshot")
    return _playlist(item, reader)


def playlist_items(body: Any, *, offset: int) -> tuple[PlaylistItems, Extent]:
    """Read all of ``GET /playlists/{id}/items``, asked for at ``offset``. Raises as ``library_page`` does."""
    rows, extent = rows_of(body, "playlist", offset=offset)
    return PlaylistItems(offset, extent.total, tuple(_item(each) for each in rows)), extent


def snapshot(body: Any) -> str:
    """Read the answer to a change of a playlist. Raises ``ParseProblem`` where it tells no snapshot."""
    found = text(json_object(body, "change").get("snapshot_id"))
    if found is None:
        raise ParseProblem("change: no snapshot")
    return found


def account_id(body: Any) -> str:
    """Read ``GET /me``. Raises ``ParseProblem`` where it has no id."""
    found = text(json_object(body, "me").get("id"))
    if found is None:
        raise ParseProblem("me: no id")
    return found


def _is_id(raw: Any) -> TypeGuard[str]:
    return isinstance(raw, str) and ID.fullmatch(raw) is not None


def _may_read(item: Mapping[str, Any], reader: str) -> bool:
    key = item.get("id")
    if not isinstance(key, str) or not ID.fullmatch(key):
        return False
    return item.get("collaborative") is True or mapping(item.get("owner")).get("id") == reader


def _item(row: Any) -> Track | None:
    item = mapping(row).get("item") or mapping(row).get("track")
    if not isinstance(item, dict):
        return None
    try:
        # The uri is all that counts: local files can be without a name.
        return track({**item, "name": item.get("name") or "?"})
    except ParseProblem:
        return None


def _playlist(item: Mapping[str, Any], reader: str) -> Playlist:
    total = mapping(item.get("items") or item.get("tracks")).get("total")
    return Playlist(
        id=str(item["id"]),
        name=text(item.get("name")) or "",
        snapshot=text(item.get("snapshot_id")) or "",
        total=total if type(total) is int and total >= 0 else 0,
        is_own=mapping(item.get("owner")).get("id") == reader,
    )


def _liked(items: Iterator[Mapping[str, Any]]) -> Iterator[LikedTrack]:
    for each in items:
        for found in tracks_in(iter([mapping(each.get("track") or each.get("item"))])):
            yield LikedTrack(found, _moment(each.get("added_at")))


def _moment(raw: Any) -> datetime:
    if not isinstance(raw, str):
        return _LONG_AGO
    try:
        moment = datetime.fromisoformat(raw)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _LONG_AGO
