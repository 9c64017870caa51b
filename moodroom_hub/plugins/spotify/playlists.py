"""The owner's playlists, and their tracks page by page."""

from collections.abc import AsyncIterator
from functools import partial

from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.core.ports import Playlist, PlaylistPage
from moodroom_hub.plugins.spotify import pages
from moodroom_hub.plugins.spotify.client import SpotifyClient
from moodroom_hub.plugins.spotify.failures import SpotifyTrouble
from moodroom_hub.plugins.spotify.library import readable


async def playlists(client: SpotifyClient) -> AsyncIterator[Playlist]:
    """Those that the account owns or shares in: an app in Development Mode may read no others. Raises ``Trouble``."""
    reader = readable(partial(pages.account_id, await client.me()))
    offset = 0
    while True:
        body = await client.playlists(offset)
        found, extent = readable(partial(pages.playlists, body, offset=offset, reader=reader))
        for each in found:
            yield each
        if extent.is_last:
            return
        offset += extent.count


async def playlist_tracks(client: SpotifyClient, playlist_id: str) -> AsyncIterator[PlaylistPage]:
    """One playlist page by page; not even an empty page where it may not be read (any more). Raises ``Trouble``."""
    offset = 0
    while True:
        try:
            body = await client.playlist_items(playlist_id, offset)
        except SpotifyTrouble as trouble:
            if offset == 0 and trouble.code in {TroubleCode.REFUSED, TroubleCode.NOT_FOUND}:
                return
            raise
        page, extent = readable(partial(pages.playlist_page, body, offset=offset))
        if extent.count or offset == 0:
            yield page
        if extent.is_last:
            return
        offset += extent.count
