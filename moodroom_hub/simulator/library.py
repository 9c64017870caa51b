"""What the account owns: liked songs and playlists."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from moodroom_hub.simulator.items import made_up_id

OWNER_ID = "moodroom_owner"
STRANGER_ID = "somebody_else"


@dataclass(frozen=True, slots=True)
class Liked:
    """One liked song; ``added_ms`` is when."""

    uri: str
    added_ms: int


@dataclass(frozen=True, slots=True)
class PlaylistChange:
    """One change that a client made: ``create``, ``add``, ``remove``, ``move`` or ``replace``, and of what."""

    at_ms: int
    what: str
    uris: tuple[str | None, ...] = ()


@dataclass(slots=True)
class SimPlaylist:
    """A playlist. ``uris`` may hold ``None``: an item that the service can no longer show.

    ``is_listed`` is false once its owner deleted it: it is in nobody's list any more, and still there by its id.
    ``changes``: what clients did to it. ``past``: what it held when which snapshot was told.
    """

    id: str
    name: str
    owner_id: str = OWNER_ID
    is_public: bool = True
    is_collaborative: bool = False
    description: str = ""
    uris: list[str | None] = field(default_factory=list)
    added_ms: int = 0
    revision: int = 0
    is_listed: bool = True
    changes: list[PlaylistChange] = field(default_factory=list)
    past: dict[str, tuple[str | None, ...]] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        """Its context uri."""
        return f"spotify:playlist:{self.id}"

    @property
    def snapshot_id(self) -> str:
        """Changes with every change of the items."""
        return made_up_id("snapshot", self.id, str(self.revision))

    def tell_snapshot(self) -> str:
        """The snapshot for a client, who may name it later."""
        self.past[self.snapshot_id] = tuple(self.uris)
        return self.snapshot_id

    def hold(self, uris: Iterable[str | None]) -> None:
        """The owner rearranges it in the app: exactly these from now on."""
        self.uris = list(uris)
        self.revision += 1


class Library:
    """Liked songs, newest first, and playlists by id."""

    def __init__(self, liked: Iterable[Liked] = (), playlists: Iterable[SimPlaylist] = ()) -> None:
        self._liked = sorted(liked, key=lambda one: one.added_ms, reverse=True)
        self.playlists: dict[str, SimPlaylist] = {one.id: one for one in playlists}
        self._made = 0

    @property
    def liked(self) -> list[Liked]:
        """Liked songs, newest first."""
        return list(self._liked)

    def like(self, uri: str, at_ms: int) -> None:
        """Like a song; liking it again changes nothing."""
        if not self.likes(uri):
            self._liked.insert(0, Liked(uri, at_ms))

    def unlike(self, uri: str) -> None:
        """Like it no more."""
        self._liked = [one for one in self._liked if one.uri != uri]

    def likes(self, uri: str) -> bool:
        """Whether the song is liked."""
        return any(one.uri == uri for one in self._liked)

    def make_playlist(self, name: str, at_ms: int, uris: Iterable[str] = ()) -> SimPlaylist:
        """A new playlist of the owner's."""
        self._made += 1
        playlist = SimPlaylist(made_up_id("playlist", name, str(self._made)), name, uris=list(uris), added_ms=at_ms)
        self.playlists[playlist.id] = playlist
        return playlist
