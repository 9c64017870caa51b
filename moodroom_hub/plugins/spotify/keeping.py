"""The owner's playlists as they are changed: made, added to, taken from, put in order. Nothing is sent twice."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.core.ports import Playlist, PlaylistItems
from moodroom_hub.domain.models import Uri
from moodroom_hub.plugins.spotify import pages
from moodroom_hub.plugins.spotify.client import PAGE_SIZE, Send, SpotifyClient
from moodroom_hub.plugins.spotify.failures import LOGIN_MEND, Action, SpotifyTrouble, unreachable
from moodroom_hub.plugins.spotify.library import readable
from moodroom_hub.plugins.spotify.parsers import ID, ParseProblem
from moodroom_hub.plugins.spotify.tokens import TokenKeeper

T = TypeVar("T")

_NEEDED = frozenset({"playlist-modify-private", "playlist-modify-public"})
"""The owner's own playlists are public as often as not."""
_MOST = 100
_CAN_BE_WRITTEN = ("spotify:track:", "spotify:episode:")


class SpotifyPlaylists:
    """Implements ``core.ports.PlaylistKeeper``. Every method raises ``Trouble``."""

    def __init__(self, client: SpotifyClient, tokens: TokenKeeper) -> None:
        self._client = client
        self._tokens = tokens
        self._reader: tuple[int, str] | None = None

    async def playlist(self, playlist_id: str) -> Playlist:
        """``GET /playlists/{id}``."""
        _check_id(playlist_id)
        reader = await self._account_id()
        body = await self._client.read_playlist("show a playlist", lambda spotify: spotify.playlist(playlist_id))
        return readable(partial(pages.one_playlist, body, reader=reader))

    async def playlist_items(self, playlist_id: str) -> AsyncIterator[PlaylistItems]:
        """``GET /playlists/{id}/items`` page by page; without a market, in which Spotify would replace uris."""
        _check_id(playlist_id)
        offset = 0
        while True:
            body = await self._client.read_playlist("show a playlist", partial(_ask_for_items, playlist_id, offset))
            page, extent = readable(partial(pages.playlist_items, body, offset=offset))
            if extent.count or offset == 0:
                yield page
            if extent.is_last:
                return
            offset += extent.count

    async def create(self, name: str, description: str) -> Playlist:
        """``POST /me/playlists``: a private one."""
        reader = await self._account_id()
        return await self._change(
            "make a playlist",
            lambda spotify: spotify.current_user_playlist_create(name, public=False, description=description),
            partial(pages.one_playlist, reader=reader),
        )

    async def add(self, playlist_id: str, uris: Sequence[Uri], position: int) -> str:
        """``POST /playlists/{id}/items``."""
        _check_id(playlist_id)
        given = _checked(uris)
        # spotipy's own method sends the bare list; this is the shape that Spotify documents.
        payload = {"uris": given, "position": position}
        return await self._change(
            "add songs to a playlist",
            lambda spotify: spotify._post(f"playlists/{playlist_id}/items", payload=payload),
            pages.snapshot,
        )

    async def remove(self, playlist_id: str, uris: Sequence[Uri], snapshot: str) -> str:
        """``DELETE /playlists/{id}/items``."""
        _check_id(playlist_id)
        given = _checked(uris)
        return await self._change(
            "take songs out of a playlist",
            lambda spotify: spotify.playlist_remove_all_occurrences_of_items(playlist_id, given, snapshot or None),
            pages.snapshot,
        )

    async def move(self, playlist_id: str, start: int, length: int, before: int, snapshot: str) -> str:
        """``PUT /playlists/{id}/items``."""
        _check_id(playlist_id)
        return await self._change(
            "put a playlist in order",
            lambda spotify: spotify.playlist_reorder_items(playlist_id, start, before, length, snapshot or None),
            pages.snapshot,
        )

    async def _change(self, words: str, send: Send, parse: Callable[[object], T]) -> T:
        await self._need_permission()
        body = await self._client.change_playlist(words, send)
        try:
            return parse(body)
        except ParseProblem:
            action = Action(words, is_command=True, is_player=False)
            raise unreachable(action, was_sent=True, why="its answer cannot be read") from None

    async def _need_permission(self) -> None:
        """A login of long ago may lack what it takes. Raises ``Trouble(LOGIN_NEEDED)``."""
        await self._tokens.require()
        login = self._tokens.login
        if login is not None and not _NEEDED.issubset(login.scope.split()):
            raise SpotifyTrouble(
                TroubleCode.LOGIN_NEEDED, f"This login may not change playlists; {LOGIN_MEND} and allow it."
            )

    async def _account_id(self) -> str:
        """Whose account it is; asked once a login."""
        await self._tokens.require()
        login = self._tokens.login
        since_ms = 0 if login is None else login.authorised_at_ms
        if self._reader is None or self._reader[0] != since_ms:
            self._reader = since_ms, readable(partial(pages.account_id, await self._client.me()))
        return self._reader[1]


def _ask_for_items(playlist_id: str, offset: int, spotify: Any) -> Any:
    return spotify.playlist_items(
        playlist_id, limit=PAGE_SIZE, offset=offset, market=None, additional_types=("track", "episode")
    )


def _check_id(playlist_id: str) -> None:
    """It becomes part of an address. Raises ``Trouble(NOT_FOUND)`` for what is none."""
    if not ID.fullmatch(playlist_id):
        raise SpotifyTrouble(TroubleCode.NOT_FOUND, "Spotify has no such playlist.")


def _checked(uris: Sequence[Uri]) -> list[str]:
    """What Spotify takes in one call. Raises ``Trouble(BAD_REQUEST)``; nothing was sent then."""
    if not 0 < len(uris) <= _MOST or not all(uri.startswith(_CAN_BE_WRITTEN) for uri in uris):
        raise SpotifyTrouble(TroubleCode.BAD_REQUEST, f"Only 1 to {_MOST} tracks of Spotify can be changed at once.")
    return [str(uri) for uri in uris]
