"""The account's liked songs, page by page, and the searches: for one sure track, and for what there is."""

import re
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TypeVar

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import LibraryPage
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.recording import is_same_recording, normal_isrc
from moodroom_hub.plugins.spotify import pages
from moodroom_hub.plugins.spotify.client import SpotifyClient
from moodroom_hub.plugins.spotify.parsers import ParseProblem

T = TypeVar("T")

_NOT_IN_A_FILTER = re.compile(r'["“”„‟«»＂\\\x00-\x1f\x7f\ud800-\udfff]+')
"""Whatever may end the quotes around a filter's words, or keep the closing one from doing so."""
_LONGEST_TERM = 100


async def liked_tracks(client: SpotifyClient, start_offset: int) -> AsyncIterator[LibraryPage]:
    """Every page from ``start_offset`` on, newest first. Raises ``Trouble``; go on later at the last page's end."""
    offset = max(0, start_offset)
    while True:
        body = await client.saved_tracks(offset)
        page, extent = readable(partial(pages.library_page, body, offset=offset))
        if extent.count or offset == start_offset:
            yield page
        if extent.is_last:
            return
        offset += extent.count


async def find_track(client: SpotifyClient, name: str, artist: str, isrc: str | None) -> Track | None:
    """The track that is surely meant: by its ISRC, else by name and artist; ``None`` in doubt. Raises ``Trouble``."""
    wanted_isrc = normal_isrc(isrc)
    if wanted_isrc is not None:
        found = [each for each in await _search(client, f"isrc:{wanted_isrc}") if normal_isrc(each.isrc) == wanted_isrc]
        if found:
            return _best(found)
    song, performer = search_term(name), search_term(artist)
    if not song or not performer:
        return None
    wanted = Track(Uri(""), name, (artist,))
    results = await _search(client, f'track:"{song}" artist:"{performer}"')
    found = [each for each in results if is_same_recording(wanted, each)]
    return _best(found) if found else None


async def search_tracks(client: SpotifyClient, name: str, artist: str) -> tuple[Track, ...]:
    """What Spotify finds, its best first, ten at most: by title and artist, else by the plain words."""
    song, performer = search_term(name), search_term(artist)
    if not song:
        return ()
    exact = f'track:"{song}" artist:"{performer}"' if performer else f'track:"{song}"'
    return await _search(client, exact) or await _search(client, _plain(f"{song} {performer}"))


async def _search(client: SpotifyClient, query: str) -> tuple[Track, ...]:
    body = await client.search(query)
    return readable(partial(pages.found_tracks, body))


def _best(found: list[Track]) -> Track:
    return next((each for each in found if each.is_playable), found[0])


def search_term(text: str) -> str:
    """``text`` as it may stand in the quotes of a filter; empty where nothing is left of it."""
    return " ".join(_NOT_IN_A_FILTER.sub(" ", text[:_LONGEST_TERM]).split())


def _plain(text: str) -> str:
    """Words that are nothing but words: no ``isrc:`` of a hostile title is a filter, no ``NOT`` an operator."""
    return " ".join(text.replace(":", " ").lower().split())


def readable(parse: Callable[[], T]) -> T:
    """What ``parse`` gives. Raises ``Trouble`` where it cannot read the answer."""
    try:
        return parse()
    except ParseProblem:
        raise Trouble(TroubleCode.UNAVAILABLE, "Spotify's answer cannot be read; try again later.") from None
