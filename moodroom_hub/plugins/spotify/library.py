"""The account's liked songs, page by page, and the exact search for one track."""

import re
from collections.abc import AsyncIterator

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import LibraryPage
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.recording import is_same_recording, normal_isrc
from moodroom_hub.plugins.spotify import parsers
from moodroom_hub.plugins.spotify.client import SpotifyClient

_NOT_IN_A_FILTER = re.compile(r'["\x00-\x1f]+')
_LONGEST_TERM = 100


async def liked_tracks(client: SpotifyClient, start_offset: int) -> AsyncIterator[LibraryPage]:
    """Every page from ``start_offset`` on, newest first. Raises ``Trouble``; go on later at the last page's end."""
    offset = max(0, start_offset)
    while True:
        body = await client.saved_tracks(offset)
        try:
            raw = parsers.library_page(body, offset=offset)
        except parsers.ParseProblem:
            raise _unreadable() from None
        if raw.count or offset == start_offset:
            yield raw.page
        if raw.is_last:
            return
        offset += raw.count


async def find_track(client: SpotifyClient, name: str, artist: str, isrc: str | None) -> Track | None:
    """The track that is surely meant: by its ISRC, else by name and artist; ``None`` in doubt. Raises ``Trouble``."""
    wanted_isrc = normal_isrc(isrc)
    if wanted_isrc is not None:
        found = [each for each in await _search(client, f"isrc:{wanted_isrc}") if normal_isrc(each.isrc) == wanted_isrc]
        if found:
            return _best(found)
    song, performer = _term(name), _term(artist)
    if not song or not performer:
        return None
    wanted = Track(Uri(""), name, (artist,))
    results = await _search(client, f'track:"{song}" artist:"{performer}"')
    found = [each for each in results if is_same_recording(wanted, each)]
    return _best(found) if found else None


async def _search(client: SpotifyClient, query: str) -> tuple[Track, ...]:
    body = await client.search(query)
    try:
        return parsers.found_tracks(body)
    except parsers.ParseProblem:
        raise _unreadable() from None


def _best(found: list[Track]) -> Track:
    return next((each for each in found if each.is_playable), found[0])


def _term(text: str) -> str:
    return " ".join(_NOT_IN_A_FILTER.sub(" ", text[:_LONGEST_TERM]).split())


def _unreadable() -> Trouble:
    return Trouble(TroubleCode.UNAVAILABLE, "Spotify's answer cannot be read; try again later.")
