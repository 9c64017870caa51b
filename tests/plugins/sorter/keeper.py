"""An account in memory whose playlists may be written."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import Playlist, PlaylistItems
from moodroom_hub.domain.models import Track, Uri


@dataclass
class MemoryKeeper:
    """``lists``: what playlists hold, by their ids, which are their names. ``fails_after``: so many changes work.

    ``looked_at`` hears whenever a playlist is asked for.
    """

    songs: Mapping[Uri, Track]
    lists: dict[str, list[Uri]] = field(default_factory=dict)
    fails_after: int | None = None
    changes: int = 0
    looked_at: Callable[[], None] = lambda: None

    async def playlists(self) -> AsyncIterator[Playlist]:
        for name in self.lists:
            yield await self.playlist(name)

    async def playlist(self, playlist_id: str) -> Playlist:
        self.looked_at()
        if playlist_id not in self.lists:
            raise Trouble(TroubleCode.NOT_FOUND, "there is no such playlist")
        rows = self.lists[playlist_id]
        return Playlist(playlist_id, playlist_id, str(hash(tuple(rows))), len(rows))

    async def playlist_items(self, playlist_id: str) -> AsyncIterator[PlaylistItems]:
        rows = self.lists[playlist_id]
        yield PlaylistItems(0, len(rows), tuple(self.songs[uri] for uri in rows))

    async def create_playlist(self, name: str, description: str) -> Playlist:
        self._change()
        self.lists[name] = []
        return await self.playlist(name)

    async def add_tracks(self, playlist_id: str, uris: Sequence[Uri], position: int) -> str:
        self._change()
        self.lists[playlist_id][position:position] = uris
        return (await self.playlist(playlist_id)).snapshot

    async def remove_tracks(self, playlist_id: str, uris: Sequence[Uri], snapshot: str) -> str:
        self._change()
        self.lists[playlist_id] = [uri for uri in self.lists[playlist_id] if uri not in uris]
        return (await self.playlist(playlist_id)).snapshot

    async def move_tracks(self, playlist_id: str, start: int, length: int, before: int, snapshot: str) -> str:
        self._change()
        rows = self.lists[playlist_id]
        moved = rows[start : start + length]
        rest = [*rows[:start], *rows[start + length :]]
        at = before if before <= start else before - length
        self.lists[playlist_id] = [*rest[:at], *moved, *rest[at:]]
        return (await self.playlist(playlist_id)).snapshot

    def _change(self) -> None:
        if self.fails_after is not None and self.changes >= self.fails_after:
            raise Trouble(TroubleCode.LOGIN_NEEDED, "log in again")
        self.changes += 1
