"""A whole hub with the radio, over a make-believe player, and a service that knows artists of four styles."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import cast

from moodroom_hub.core.config import load_config
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.ports import ArtistRef, Playlist, PlaylistPage
from moodroom_hub.core.stations import Radio, StationWhy
from moodroom_hub.domain.models import DurationMs, Track, Uri
from moodroom_hub.domain.stations.models import Seed, StationKey
from moodroom_hub.simulator.items import Item, uri_of
from moodroom_hub.simulator.truth import Actor
from tests.core.data_lab import FakeAccount
from tests.core.hub_lab import HOUSE, NIGHT, POLICIES, SECONDS, Lab, fill, make_lab, room_of

STYLES = ("Amber", "Birch", "Cedar", "Dune")
ARTISTS = 16
"""Of each style; those with low numbers are played by more people."""
SONGS = 8
BUILTINS = (*POLICIES, "tests.core.hub_lab", "moodroom_hub.plugins.radio")
FRIDAY = StationKey("friday")


def artist(style: str, number: int) -> str:
    """An artist's name."""
    return f"{style} {number}"


def style_of(track: Track) -> str:
    """The style of a track's artist."""
    return track.artists[0].split()[0]


@cache
def song(name: str, number: int) -> Track:
    """One of an artist's songs."""
    title = f"{name} Song {number}"
    return Track(Uri(uri_of(title, name)), title, (name,), DurationMs(SECONDS * 1000))


def seeds(*names: str) -> tuple[Seed, ...]:
    """Seeds of these artists."""
    return tuple(Seed(name) for name in names)


def all_artists() -> list[str]:
    """Everybody."""
    return [artist(style, number) for style in STYLES for number in range(ARTISTS)]


@dataclass
class Service(FakeAccount):
    """An account that can be asked for artists. ``asked``: for whom it was; ``fault``: what it says instead.

    ``stations``: playlists of tracks by name.
    """

    numbers: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    fault: Trouble | None = None
    stations: dict[str, list[Track]] = field(default_factory=dict)
    known: dict[str, list[Track]] = field(
        default_factory=lambda: {name: [song(name, number) for number in range(SONGS)] for name in all_artists()}
    )

    async def artist_tracks(self, artist: str, page: int = 0) -> Sequence[Track]:
        """Theirs, ten a page."""
        self._ask(artist)
        return self.known.get(artist, [])[page * 10 : page * 10 + 10]

    async def find_artist(self, artist: str) -> ArtistRef | None:
        """By the very name."""
        self._ask(artist)
        return ArtistRef(artist, artist) if artist in self.known else None

    async def artist_albums(self, artist_id: str, page: int = 0) -> Sequence[str]:
        """One."""
        self._ask(artist_id)
        return [f"album of {artist_id}"]

    async def album_tracks(self, album_id: str) -> Sequence[Track]:
        """Two further songs."""
        name = album_id.removeprefix("album of ")
        self._ask(name)
        return [song(name, SONGS + number) for number in range(2)]

    async def playlists(self) -> AsyncIterator[Playlist]:
        """``stations``."""
        for title, tracks in self.stations.items():
            yield Playlist(f"id-of-{title.lower()}", title, f"v{len(tracks)}", len(tracks))

    async def playlist_tracks(self, playlist_id: str) -> AsyncIterator[PlaylistPage]:
        """In one page."""
        title = next(title for title in self.stations if f"id-of-{title.lower()}" == playlist_id)
        yield PlaylistPage(0, len(self.stations[title]), tuple(self.stations[title]))

    def _ask(self, name: str) -> None:
        self.asked.append(name)
        if self.fault is not None:
            raise self.fault


def make_radio_lab(service: Service | None = None, seed: int = 1) -> Lab:
    """A world whose speaker can play every song of everybody. Call it inside the virtual loop."""
    lab = make_lab(seed=seed)
    known = service or Service()
    lab.accounts = [known]
    tracks = [track for name in all_artists() for track in known.known.get(name, [])]
    tracks += [song(name, number) for name in all_artists() for number in (SONGS, SONGS + 1)]
    lab.world.items.update({track.uri: _item(track) for track in tracks})
    return lab


@cache
def _item(track: Track) -> Item:
    return Item(track.uri, track.name, track.artists, SECONDS * 1000)


@asynccontextmanager
async def on_air(
    lab: Lab, folder: Path, model: Path | None, *, settings: str = "", filled: bool = True
) -> AsyncIterator[Radio]:
    """The hub with its radio, and ``model`` to play from."""
    path = folder / "config.yaml"
    where = "null" if model is None else str(model)
    path.write_text(f"hub: {{data_dir: {folder / 'data'}}}\nplugins: {{radio: {{model: {where}{settings}}}}}\n")
    hub = Hub(load_config(path, {}), clock=lab.clock, rng=Random(1), builtins=BUILTINS, with_foreign=False)
    async with hub:
        lab.hub = hub
        for slug in (NIGHT, HOUSE):
            if filled and not await hub.store.base(slug):
                await fill(hub, slug)
        yield hub.commands.radio


def service_of(lab: Lab) -> Service:
    """The lab's service."""
    return cast(Service, lab.accounts[0])


def skip(lab: Lab) -> None:
    """The listener skips what plays."""
    lab.world.next(Actor.LISTENER)


def played_names(lab: Lab) -> list[str]:
    """The artists of what was queued or played, in order, rooms' songs by the room."""
    return [lab.world.items[uri].artists[0] for uri in (*lab.played, *lab.queued)]


def names(why: StationWhy) -> list[str]:
    """What comes next, by name."""
    return [each.track.name for each in why.next]


def styles(tracks: Iterable[Track]) -> list[str]:
    """Each track's style."""
    return [style_of(track) for track in tracks]


__all__ = [
    "FRIDAY",
    "HOUSE",
    "NIGHT",
    "Service",
    "artist",
    "make_radio_lab",
    "names",
    "on_air",
    "room_of",
    "seeds",
    "service_of",
    "skip",
    "song",
    "style_of",
    "styles",
]
