"""What Spotify's catalogue holds of an artist: tracks by search, albums and singles. One request a call, unhurried.

Answers are read with distrust: nulls, items of other shapes, tracks without an id, and what other artists made are set
aside. So a page can be shorter than what Spotify found without being the last.
"""

from collections.abc import Sequence
from functools import partial

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import ArtistRef
from moodroom_hub.domain.models import Track
from moodroom_hub.domain.recording import normal_artist
from moodroom_hub.plugins.spotify import pages
from moodroom_hub.plugins.spotify.client import SEARCH_SIZE, SpotifyClient
from moodroom_hub.plugins.spotify.library import readable, search_term
from moodroom_hub.plugins.spotify.parsers import ID

MOST_PAGES = 100
"""Spotify shows a thousand results, whatever it found."""


class SpotifyCatalogue:
    """Implements ``core.ports.Catalogue``."""

    def __init__(self, client: SpotifyClient) -> None:
        self._client = client

    async def artist_tracks(self, artist: str, page: int = 0) -> Sequence[Track]:
        """One page of a search for the artist's tracks, those of others left out. Raises ``Trouble``."""
        query, offset = _query(artist), max(0, page) * SEARCH_SIZE
        if query is None or page >= MOST_PAGES:
            return ()
        body = await self._client.search(query, offset)
        found = readable(partial(pages.found_tracks, body))
        return tuple(track for track in found if any(_is_alike(artist, name) for name in track.artists))

    async def find_artist(self, artist: str) -> ArtistRef | None:
        """The one artist of this name, perhaps of several the one that is spelt so. Raises ``Trouble``."""
        query = _query(artist)
        if query is None:
            return None
        body = await self._client.search_artists(query)
        wanted = normal_artist(artist)
        found = readable(partial(pages.found_artists, body))
        alike = [each for each in found if normal_artist(each.name) == wanted]
        if len(alike) > 1:
            alike = [each for each in alike if each.name == artist]
        return alike[0] if len(alike) == 1 else None

    async def artist_albums(self, artist_id: str, page: int = 0) -> Sequence[str]:
        """Ids of one page of the artist's own albums and singles, newest first. Raises ``Trouble``."""
        body = await self._client.artist_albums(_checked(artist_id), max(0, page) * SEARCH_SIZE)
        return readable(partial(pages.album_ids, body, artist_id=artist_id))

    async def album_tracks(self, album_id: str) -> Sequence[Track]:
        """The first fifty tracks of the album. Raises ``Trouble(NOT_FOUND)`` where there is no such album."""
        return readable(partial(pages.album_tracks, await self._client.album(_checked(album_id))))


def _query(artist: str) -> str | None:
    term = search_term(artist)
    return f'artist:"{term}"' if term else None


def _is_alike(wanted: str, found: str) -> bool:
    """Far looser than "the same": ``JAY Z`` is ``Jay-Z``, ``Weeknd`` is ``The Weeknd``, ``Ye`` is not ``Yeah``."""
    return _core(wanted) == _core(found)


def _core(artist: str) -> str:
    words = normal_artist(artist).split()
    return "".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def _checked(key: str) -> str:
    """An id goes into the address as it is."""
    if not ID.fullmatch(key):
        raise Trouble(TroubleCode.NOT_FOUND, "That is no id of Spotify's.")
    return key
