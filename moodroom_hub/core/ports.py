"""What the hub asks of the world outside: sources, players, accounts. Plugins implement these."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from moodroom_hub.domain.models import Device, EpochMs, PlaybackSnapshot, Track, Uri, ZoneName


class Source(Protocol):
    """Sees what plays in one zone."""

    async def look(self) -> PlaybackSnapshot:
        """Look once. Raises ``Trouble`` (``RATE_LIMITED`` with the wait, ``LOGIN_NEEDED``, ``UNAVAILABLE``)."""
        ...


class Player(Protocol):
    """Plays in one zone. Every method raises ``Trouble``; ``outcome_unknown`` says that it may have happened."""

    async def play(self, uri: Uri, check: Callable[[], None] | None = None) -> None:
        """Play this track now on the zone's device, waking one where needed; verified before it returns.

        ``check`` raises a ``Trouble`` where the track is no longer wanted. Whoever waits before the first request goes
        out (for its turn, for a budget) asks it right before sending, and lets the trouble through: nothing was sent.
        """
        ...

    async def queue(self, uri: Uri) -> None:
        """Append one track to the player's queue. Sent once, never repeated by the player itself."""
        ...

    async def resume(self) -> None:
        """Go on playing."""
        ...

    async def pause(self) -> None:
        """Stand still."""
        ...

    async def next(self) -> None:
        """Skip to the next track."""
        ...

    async def upcoming(self) -> Sequence[Uri]:
        """The head of the player's queue as it claims (may be stale or padded): only to settle an unclear answer."""
        ...

    async def devices(self) -> Sequence[Device]:
        """The devices that the player knows."""
        ...


@runtime_checkable
class DeviceChooser(Protocol):
    """A ``Player`` with several devices may be this as well: its listener says which one shall play."""

    async def wake(self, name: str) -> None:
        """Move playback to the device of this name, and prefer it from now on. Raises ``Trouble``."""
        ...


def _leads_itself() -> ZoneName | None:
    """For zones that are never joined to another one."""
    return None


@dataclass(frozen=True, slots=True)
class ZonePorts:
    """One zone's eyes and hands. ``queue_ahead``: how many tracks the player's own queue should hold ahead.

    ``label`` is the zone's name as people say it. ``owns_queue``: ``Player.play`` starts a queue that holds nothing but
    what the hub puts there, so that a room that is left has no tail. ``leader()`` is the zone whose music sounds here
    while this one is grouped under it (``None``: it leads itself): commands go there, and nothing is judged here.
    """

    zone: ZoneName
    source: Source
    player: Player
    queue_ahead: int
    label: str = ""
    owns_queue: bool = False
    leader: Callable[[], ZoneName | None] = _leads_itself

    @property
    def may_join(self) -> bool:
        """Whether this zone can be grouped under another one at all."""
        return self.leader is not _leads_itself


class LoginStatus(StrEnum):
    """Where an account's login stands."""

    OK = "ok"
    EXPIRING = "expiring"
    NEEDED = "needed"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True)
class LoginState:
    """``days_left`` until the login ends (``None``: no login); ``reason`` is one line with the mend."""

    status: LoginStatus
    days_left: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LikedTrack:
    """One liked song and when it was liked."""

    track: Track
    added_at: datetime


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """One page of the library, newest first. ``offset`` + ``total`` are what the service claimed."""

    offset: int
    total: int
    tracks: tuple[LikedTrack, ...]
    skipped: int = 0
    """Items that were no tracks of the service (local files, nulls)."""


@dataclass(frozen=True, slots=True)
class Playlist:
    """One of the owner's playlists, as the service lists it. ``snapshot`` changes whenever its tracks do.

    ``is_own`` is false where it is somebody else's, shared with the owner.
    """

    id: str
    name: str
    snapshot: str
    total: int = 0
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class PlaylistItems:
    """One page of a playlist's items exactly as it holds them, in its order: local files and episodes too.

    No uri is replaced by one that plays in some market. ``None``: an item that the service no longer shows.
    """

    offset: int
    total: int
    items: tuple[Track | None, ...]


@dataclass(frozen=True, slots=True)
class PlaylistPage:
    """One page of a playlist's tracks, in its order. ``skipped``: items that are no tracks of the service."""

    offset: int
    total: int
    tracks: tuple[Track, ...]
    skipped: int = 0


class Account(Protocol):
    """A person's account at a service: login, library, search."""

    @property
    def name(self) -> str:
        """The service's name as people say it, ``Spotify``."""
        ...

    def login_state(self, now_ms: EpochMs) -> LoginState:
        """Where the login stands; no I/O."""
        ...

    async def begin_login(self, redirect_uri: str | None = None) -> str:
        """Start a login; gives the address to open. Raises ``Trouble(BAD_REQUEST)`` where nothing is configured."""
        ...

    async def finish_login(self, answer_url: str) -> None:
        """Finish it with the address where the browser landed. Raises ``Trouble`` with the mend."""
        ...

    async def logout(self) -> None:
        """Forget the login on this machine."""
        ...

    def liked_tracks(self, start_offset: int = 0) -> AsyncIterator[LibraryPage]:
        """The liked songs page by page, newest first; politely, with the lowest priority. Raises ``Trouble``."""
        ...

    async def find_track(self, name: str, artist: str, isrc: str | None = None) -> Track | None:
        """The one track that is surely meant, or ``None``; never a guess. Raises ``Trouble``."""
        ...

    async def search_tracks(self, name: str, artist: str) -> Sequence[Track]:
        """What the service finds for these words, its best first, ten at most, nothing checked. Raises ``Trouble``."""
        ...

    def playlists(self) -> AsyncIterator[Playlist]:
        """The owner's playlists whose tracks may be read (own and collaborative). Raises ``Trouble``."""
        ...

    def playlist_tracks(self, playlist_id: str) -> AsyncIterator[PlaylistPage]:
        """One playlist page by page; politely, with the lowest priority. Raises ``Trouble``."""
        ...


@runtime_checkable
class PlaylistKeeper(Protocol):
    """An ``Account`` that may write the owner's playlists is this as well.

    Every method raises ``Trouble``; ``outcome_unknown`` says that it may have happened: then read before asking again.
    Nothing is ever sent twice by the keeper itself. ``snapshot`` is the playlist's state as it was read: services that
    know such a thing apply the change to that state.
    """

    async def playlist(self, playlist_id: str) -> Playlist:
        """The playlist as it is now. Raises ``Trouble(NOT_FOUND)`` where there is none (any more)."""
        ...

    def playlist_items(self, playlist_id: str) -> AsyncIterator[PlaylistItems]:
        """Everything in it page by page, at least one; politely. Raises ``Trouble(NOT_FOUND)`` as ``playlist``."""
        ...

    async def create_playlist(self, name: str, description: str) -> Playlist:
        """A new private one."""
        ...

    async def add_tracks(self, playlist_id: str, uris: Sequence[Uri], position: int) -> str:
        """Put 1 to 100 tracks there, before the one at ``position`` (from 0); gives the new snapshot."""
        ...

    async def remove_tracks(self, playlist_id: str, uris: Sequence[Uri], snapshot: str) -> str:
        """Take 1 to 100 tracks out, every occurrence of them; gives the new snapshot."""
        ...

    async def move_tracks(self, playlist_id: str, start: int, length: int, before: int, snapshot: str) -> str:
        """Move ``length`` tracks from ``start`` to before the one that stood at ``before``; gives the new snapshot."""
        ...


@dataclass(frozen=True, slots=True)
class ArtistRef:
    """An artist as the service knows them."""

    id: str
    name: str


@runtime_checkable
class Catalogue(Protocol):
    """An ``Account`` whose service can be asked what an artist has made is this as well.

    Politely, with the lowest priority, each call one request to the service. Every method raises ``Trouble``.
    """

    async def artist_tracks(self, artist: str, page: int = 0) -> Sequence[Track]:
        """Tracks found for this artist's name, ten a page at most, in the service's order; nothing checked."""
        ...

    async def find_artist(self, artist: str) -> ArtistRef | None:
        """The one artist of this name (spelt alike but for case, accents and the like); ``None`` where it is unsure."""
        ...

    async def artist_albums(self, artist_id: str, page: int = 0) -> Sequence[str]:
        """Ids of the artist's own albums and singles, ten a page at most, newest first."""
        ...

    async def album_tracks(self, album_id: str) -> Sequence[Track]:
        """The album's tracks in their order, fifty at most."""
        ...


class CheckLevel(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``moodroom-hub check`` and of ``/readyz``: what was looked at, how it is, the mend."""

    name: str
    level: CheckLevel
    message: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message from the house's MQTT broker.

    ``is_retained``: an old one that the broker had kept; it presses nothing.
    """

    topic: str
    payload: bytes
    is_retained: bool
    at_ms: EpochMs
