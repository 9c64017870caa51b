"""The account as the hub knows it: login, library, search, playlists, catalogue."""

from collections.abc import AsyncIterator, Sequence

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import (
    ArtistRef,
    LibraryPage,
    LoginState,
    LoginStatus,
    Playlist,
    PlaylistItems,
    PlaylistPage,
)
from moodroom_hub.domain.models import EpochMs, Track, Uri
from moodroom_hub.plugins.spotify import library, playlists
from moodroom_hub.plugins.spotify.catalogue import SpotifyCatalogue
from moodroom_hub.plugins.spotify.client import SpotifyClient
from moodroom_hub.plugins.spotify.keeping import SpotifyPlaylists
from moodroom_hub.plugins.spotify.login import LoginDesk
from moodroom_hub.plugins.spotify.tokens import TokenKeeper

CLIENT_ID_MEND = "make an app at developer.spotify.com/dashboard and put its id into plugins.spotify.client_id"
NO_CLIENT_ID = f"No Spotify client id is set; {CLIENT_ID_MEND}."


class SpotifyAccount:
    """Implements ``core.ports.Account``, ``PlaylistKeeper``, ``Catalogue``. ``is_configured``: a client id is set."""

    def __init__(self, client: SpotifyClient, tokens: TokenKeeper, desk: LoginDesk, *, is_configured: bool) -> None:
        self._client = client
        self._tokens = tokens
        self._desk = desk
        self._playlists = SpotifyPlaylists(client, tokens)
        self._catalogue = SpotifyCatalogue(client)
        self._is_configured = is_configured

    @property
    def name(self) -> str:
        """``Spotify``."""
        return "Spotify"

    def login_state(self, now_ms: EpochMs) -> LoginState:
        """Where the login stands; no I/O."""
        if not self._is_configured:
            return LoginState(LoginStatus.NOT_CONFIGURED, None, NO_CLIENT_ID)
        return self._tokens.state(now_ms)

    async def begin_login(self, redirect_uri: str | None = None) -> str:
        """The address of Spotify's login page. Raises ``Trouble(BAD_REQUEST)``."""
        self._need_client_id()
        return self._desk.begin(redirect_uri)

    async def finish_login(self, answer_url: str) -> None:
        """Take the address where the browser landed. Raises ``Trouble``."""
        self._need_client_id()
        await self._desk.finish(answer_url)

    async def logout(self) -> None:
        """Forget the login on this machine. Raises ``Trouble``."""
        self._desk.forget()
        await self._tokens.forget()

    def liked_tracks(self, start_offset: int = 0) -> AsyncIterator[LibraryPage]:
        """The liked songs page by page, newest first. Raises ``Trouble``."""
        return library.liked_tracks(self._client, start_offset)

    async def find_track(self, name: str, artist: str, isrc: str | None = None) -> Track | None:
        """The one track that is surely meant, or ``None``. Raises ``Trouble``."""
        return await library.find_track(self._client, name, artist, isrc)

    async def search_tracks(self, name: str, artist: str) -> Sequence[Track]:
        """What Spotify finds for these words, its best first, nothing checked. Raises ``Trouble``."""
        return await library.search_tracks(self._client, name, artist)

    def playlists(self) -> AsyncIterator[Playlist]:
        """The playlists whose tracks may be read. Raises ``Trouble``."""
        return playlists.playlists(self._client)

    def playlist_tracks(self, playlist_id: str) -> AsyncIterator[PlaylistPage]:
        """One playlist page by page; no page at all where it may not be read. Raises ``Trouble``."""
        return playlists.playlist_tracks(self._client, playlist_id)

    async def playlist(self, playlist_id: str) -> Playlist:
        """The playlist as it is now. Raises ``Trouble``."""
        return await self._playlists.playlist(playlist_id)

    def playlist_items(self, playlist_id: str) -> AsyncIterator[PlaylistItems]:
        """Everything in it page by page, just as it is held. Raises ``Trouble``."""
        return self._playlists.playlist_items(playlist_id)

    async def create_playlist(self, name: str, description: str) -> Playlist:
        """A new private one. Raises ``Trouble``."""
        return await self._playlists.create(name, description)

    async def add_tracks(self, playlist_id: str, uris: Sequence[Uri], position: int) -> str:
        """Put up to 100 tracks there; gives the new snapshot. Raises ``Trouble``."""
        return await self._playlists.add(playlist_id, uris, position)

    async def remove_tracks(self, playlist_id: str, uris: Sequence[Uri], snapshot: str) -> str:
        """Take up to 100 tracks out, every occurrence; gives the new snapshot. Raises ``Trouble``."""
        return await self._playlists.remove(playlist_id, uris, snapshot)

    async def move_tracks(self, playlist_id: str, start: int, length: int, before: int, snapshot: str) -> str:
        """Move up to 100 tracks to before the one at ``before``; gives the new snapshot. Raises ``Trouble``."""
        return await self._playlists.move(playlist_id, start, length, before, snapshot)

    async def artist_tracks(self, artist: str, page: int = 0) -> Sequence[Track]:
        """Tracks found for this artist, ten a page at most. Raises ``Trouble``."""
        return await self._catalogue.artist_tracks(artist, page)

    async def find_artist(self, artist: str) -> ArtistRef | None:
        """The one artist of this name, or ``None``. Raises ``Trouble``."""
        return await self._catalogue.find_artist(artist)

    async def artist_albums(self, artist_id: str, page: int = 0) -> Sequence[str]:
        """Ids of the artist's own albums and singles, ten a page at most. Raises ``Trouble``."""
        return await self._catalogue.artist_albums(artist_id, page)

    async def album_tracks(self, album_id: str) -> Sequence[Track]:
        """The album's tracks, fifty at most. Raises ``Trouble``."""
        return await self._catalogue.album_tracks(album_id)

    def _need_client_id(self) -> None:
        if not self._is_configured:
            raise Trouble(TroubleCode.BAD_REQUEST, NO_CLIENT_ID)
