"""Items, devices, contexts and playlists as JSON, with the fields that a new Development Mode app gets."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from moodroom_hub.simulator.devices import SimDevice
from moodroom_hub.simulator.items import Item, ItemKind, album_id, artist_id, made_up_id
from moodroom_hub.simulator.library import SimPlaylist

_IMAGE_SIZES = (640, 300, 64)
_SITE = "https://open.spotify.com/"


class Shapes:
    """``base_url`` ends with ``/v1/``; ``image_url`` is put before an album's id."""

    def __init__(self, base_url: str, image_url: str) -> None:
        self.base_url = base_url
        self.image_url = image_url

    def item(self, item: Item, market: str | None = None) -> dict[str, Any]:
        """A track, a local file or an episode."""
        return self.episode(item) if item.kind is ItemKind.EPISODE else self.track(item, market)

    def track(self, item: Item, market: str | None = None) -> dict[str, Any]:
        """A track object. ``is_playable`` comes only with a market."""
        is_local = item.kind is ItemKind.LOCAL
        track: dict[str, Any] = {
            "album": self._local_album(item) if is_local else self.album(item),
            "artists": [self._local_artist(name) if is_local else self.artist(name) for name in item.artists],
            "disc_number": 0 if is_local else 1,
            "duration_ms": item.duration_ms,
            "explicit": False,
            "external_ids": {"isrc": item.isrc} if item.isrc else {},
            "external_urls": {} if is_local else self._site("track", item.id),
            "href": None if is_local else self._href("tracks", item.id),
            "id": item.id,
            "is_local": is_local,
            "name": item.name,
            "preview_url": None,
            "track_number": 0 if is_local else 1,
            "type": "track",
            "uri": item.uri,
        }
        if market is not None and not is_local:
            track["is_playable"] = item.is_playable
            if not item.is_playable:
                track["restrictions"] = {"reason": "market"}
        return track

    def episode(self, item: Item) -> dict[str, Any]:
        """An episode object."""
        show = item.artists[0] if item.artists else "Show"
        show_id = made_up_id("show", show)
        return {
            "description": "",
            "duration_ms": item.duration_ms,
            "explicit": False,
            "external_urls": self._site("episode", item.id),
            "href": self._href("episodes", item.id),
            "id": item.id,
            "images": self.images(show_id),
            "is_externally_hosted": False,
            "is_playable": item.is_playable,
            "languages": ["en"],
            "name": item.name,
            "release_date": f"{_year(item)}-01-01",
            "release_date_precision": "day",
            "show": {"id": show_id, "name": show, "type": "show", "uri": f"spotify:show:{show_id}"},
            "type": "episode",
            "uri": item.uri,
        }

    def album(self, item: Item) -> dict[str, Any]:
        """The album of a track, in short."""
        identity = album_id(item)
        return {
            "album_type": "album",
            "artists": [self.artist(name) for name in item.artists[:1]],
            "external_urls": self._site("album", identity),
            "href": self._href("albums", identity),
            "id": identity,
            "images": self.images(identity),
            "name": item.album,
            "release_date": _year(item),
            "release_date_precision": "year",
            "total_tracks": 1,
            "type": "album",
            "uri": f"spotify:album:{identity}",
        }

    def artist(self, name: str) -> dict[str, Any]:
        """An artist, in short."""
        identity = artist_id(name)
        return {
            "external_urls": self._site("artist", identity),
            "href": self._href("artists", identity),
            "id": identity,
            "name": name,
            "type": "artist",
            "uri": f"spotify:artist:{identity}",
        }

    def images(self, identity: str) -> list[dict[str, Any]]:
        """Three sizes of one picture."""
        return [{"url": f"{self.image_url}{identity}", "height": size, "width": size} for size in _IMAGE_SIZES]

    def device(self, device: SimDevice, is_active: bool) -> dict[str, Any]:
        """A device object."""
        return {
            "id": device.id,
            "is_active": is_active,
            "is_private_session": device.is_private_session,
            "is_restricted": device.is_restricted,
            "name": device.name,
            "supports_volume": device.volume_percent is not None,
            "type": device.kind,
            "volume_percent": device.volume_percent,
        }

    def context(self, uri: str | None) -> dict[str, Any] | None:
        """A context object."""
        if uri is None:
            return None
        _, kind, identity = uri.split(":", 2)
        return {
            "external_urls": self._site(kind, identity),
            "href": self._href(f"{kind}s", identity),
            "type": kind,
            "uri": uri,
        }

    def playlist(self, playlist: SimPlaylist, owner_name: str) -> dict[str, Any]:
        """A playlist object without its items."""
        return {
            "collaborative": playlist.is_collaborative,
            "description": playlist.description,
            "external_urls": self._site("playlist", playlist.id),
            "href": self._href("playlists", playlist.id),
            "id": playlist.id,
            "images": self.images(playlist.id),
            "name": playlist.name,
            "owner": {
                "display_name": owner_name,
                "external_urls": self._site("user", playlist.owner_id),
                "href": self._href("users", playlist.owner_id),
                "id": playlist.owner_id,
                "type": "user",
                "uri": f"spotify:user:{playlist.owner_id}",
            },
            "primary_color": None,
            "public": playlist.is_public,
            "snapshot_id": playlist.tell_snapshot(),
            "type": "playlist",
            "uri": playlist.uri,
        }

    def page(self, path: str, rows: Sequence[Any], total: int, limit: int, offset: int) -> dict[str, Any]:
        """One page of a list; ``path`` may hold further query parameters."""
        joint = "&" if "?" in path else "?"

        def link(at: int) -> str:
            return f"{self.base_url}{path}{joint}offset={at}&limit={limit}"

        return {
            "href": link(offset),
            "items": list(rows),
            "limit": limit,
            "next": link(offset + limit) if offset + limit < total else None,
            "offset": offset,
            "previous": link(max(0, offset - limit)) if offset > 0 else None,
            "total": total,
        }

    def _href(self, kind: str, identity: str | None) -> str:
        return f"{self.base_url}{kind}/{identity}"

    def _site(self, kind: str, identity: str | None) -> dict[str, str]:
        return {"spotify": f"{_SITE}{kind}/{identity}"}

    def _local_artist(self, name: str) -> dict[str, Any]:
        return {"external_urls": {}, "href": None, "id": None, "name": name, "type": "artist", "uri": None}

    def _local_album(self, item: Item) -> dict[str, Any]:
        empty: dict[str, Any] = {"id": None, "href": None, "uri": None, "release_date": None}
        return {**empty, "album_type": None, "artists": [], "images": [], "name": item.album, "type": "album"}


def _year(item: Item) -> str:
    """``0000`` where nobody said, as the service has it."""
    return f"{item.year or 0:04d}"


def iso_ms(at_ms: int) -> str:
    """``2026-11-21T03:38:31.250Z``."""
    return f"{iso_s(at_ms)[:-1]}.{at_ms % 1000:03d}Z"


def iso_s(at_ms: int) -> str:
    """``2026-11-21T03:38:31Z``."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
