"""Reading whole tables for a person: pools as CSV, liked songs. Also while a hub runs, beside it."""

import asyncio
from typing import Any

from moodroom_hub.app.offline import opened
from moodroom_hub.core.config import LoadedConfig
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.domain.models import RoomSlug
from moodroom_hub.domain.pool_files import format_csv, rows_of


def exported(loaded: LoadedConfig, room: str | None) -> tuple[str, int]:
    """The pools of one room or of all as CSV text, and how many rows that is."""
    return asyncio.run(_exported(loaded, room))


def liked_songs(loaded: LoadedConfig, limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
    """A page of the liked songs, newest first, and how many there are."""
    return asyncio.run(_liked_songs(loaded, limit, offset))


async def _exported(loaded: LoadedConfig, room: str | None) -> tuple[str, int]:
    async with opened(loaded, is_reading=True) as hub:
        known = list(hub.commands.rooms)
        if room is not None and room not in known:
            raise MoodroomError(f"There is no room {room!r}. Known: {', '.join(known)}.")
        rows = []
        for slug in known if room is None else [RoomSlug(room)]:
            rows += rows_of(slug, await hub.commands.pool(slug))
    return format_csv(rows), len(rows)


async def _liked_songs(loaded: LoadedConfig, limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
    async with opened(loaded, is_reading=True) as hub:
        songs = await hub.store.liked(limit, offset)
        total = await hub.store.liked_count()
    rows = [
        {
            "uri": song.track.uri,
            "name": song.track.name,
            "artists": list(song.track.artists),
            "album": song.track.album,
            "added_at": song.added_at.isoformat(),
        }
        for song in songs
    ]
    return rows, total
