"""The owner's playlists into the database: only those that changed, one after the other.

They are wanted for mining alone, so nothing else ever fails because of them: where the service asks to wait or does
not answer, what was read stays, and the next sync goes on with the rest.
"""

import logging

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import Account, Playlist
from moodroom_hub.core.store import Store
from moodroom_hub.domain.mining.models import TrackList
from moodroom_hub.domain.models import Track

log = logging.getLogger(__name__)

MOST_PLAYLISTS = 500
MOST_TRACKS = 10_000
"""Of one playlist; the first ones count."""

_MAY_NOT_BE_READ = frozenset({TroubleCode.REFUSED, TroubleCode.NOT_FOUND})


class Playlists:
    """Syncs one account's playlists. Those whose name begins with one of ``own_prefixes`` are the hub's own making:
    they would tell the miners only what the hub thought itself."""

    def __init__(self, store: Store, own_prefixes: tuple[str, ...] = ()) -> None:
        self._store = store
        self._own_prefixes = own_prefixes

    async def sync(self, account: Account) -> int:
        """Read those that changed, and forget those that are gone; how many were read. No ``Trouble`` is raised."""
        try:
            listed = await self._listed(account)
        except Trouble as trouble:
            log.warning("the playlists are not read this time: %s", trouble.message)
            return 0
        known = await self._store.keep_playlists(listed)
        changed = [(place, each) for place, each in enumerate(listed) if known.get(each.id) != each.snapshot]
        read = 0
        for place, playlist in changed:
            try:
                tracks = await _tracks(account, playlist)
            except Trouble as trouble:
                left = len(changed) - read
                log.warning("%d of the playlists are left for the next time: %s", left, trouble.message)
                break
            await self._store.put_playlist(playlist, place, tracks)
            read += 1
        return read

    async def lists(self) -> list[TrackList]:
        """The playlists as the miners want them: names and first artists."""
        return await self._store.playlist_lists()

    async def _listed(self, account: Account) -> list[Playlist]:
        listed: dict[str, Playlist] = {}
        async for playlist in account.playlists():
            if self._own_prefixes and playlist.name.startswith(self._own_prefixes):
                continue
            if len(listed) == MOST_PLAYLISTS:
                log.warning("only the first %d playlists are read", MOST_PLAYLISTS)
                break
            snapshot = playlist.snapshot or f"total {playlist.total}"
            listed.setdefault(playlist.id, Playlist(playlist.id, playlist.name, snapshot, playlist.total))
        return list(listed.values())


async def _tracks(account: Account, playlist: Playlist) -> list[Track]:
    """The tracks; none of a playlist that may not be read, so that it is not asked for again until it changes."""
    tracks: list[Track] = []
    try:
        async for page in account.playlist_tracks(playlist.id):
            tracks.extend(page.tracks)
            if len(tracks) >= MOST_TRACKS and page.offset + len(page.tracks) + page.skipped < page.total:
                log.warning("only the first %d tracks of a playlist of %d are read", MOST_TRACKS, page.total)
                break
    except Trouble as trouble:
        if trouble.code not in _MAY_NOT_BE_READ:
            raise
        log.info("a playlist is passed over: %s", trouble.message)
    return tracks[:MOST_TRACKS]
