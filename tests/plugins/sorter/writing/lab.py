"""The writing at work: a simulated Spotify behind real sockets, the Spotify plugin's account, the hub's own store."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from moodroom_hub.core.clock import Clock, LoopClock
from moodroom_hub.core.config.models import Settings
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.sorting_book import SortingBook
from moodroom_hub.core.store import Store
from moodroom_hub.domain.models import EpochMs, Uri
from moodroom_hub.domain.sorting.models import Layer, LayerKey, Sublist, SublistKey
from moodroom_hub.plugins.sorter.writing.writer import PlaylistWriter
from moodroom_hub.plugins.spotify.config import SpotifyConfig
from moodroom_hub.plugins.spotify.wiring import Parts, put_together
from moodroom_hub.simulator.faults import Fault, FaultRule
from moodroom_hub.simulator.home import EPOCH_MS, SimulatedHome
from moodroom_hub.simulator.items import Item, ItemKind, uri_of
from moodroom_hub.simulator.library import SimPlaylist

ITEMS = [
    Item(uri_of(f"Song {n}", f"Artist {n % 40}"), f"Song {n}", (f"Artist {n % 40}",), 200_000, "Album", 2001)
    for n in range(400)
]
LOCAL = Item("spotify:local:Me:Tape:Demo:200", "Demo", ("Me",), 200_000, kind=ItemKind.LOCAL)
SONGS = [Uri(item.uri) for item in ITEMS]
LATE, POP, HOUSE = SublistKey("late"), SublistKey("pop"), SublistKey("house")
MUTUAL = Layer(
    LayerKey("moods"),
    "Moods",
    (Sublist(LATE, "Late Night"), Sublist(POP, "Pop", playlist="Pop!"), Sublist(HOUSE, "House")),
)
CREATE, ADD, REMOVE, MOVE, READ = (
    "POST /me/playlists",
    "POST /playlists/{id}/items",
    "DELETE /playlists/{id}/items",
    "PUT /playlists/{id}/items",
    "GET /playlists/{id}/items",
)


@dataclass(slots=True)
class House:
    """All of it."""

    home: SimulatedHome
    parts: Parts
    store: Store
    book: SortingBook
    writer: PlaylistWriter

    def playlist(self, name: str) -> SimPlaylist:
        """The one listed playlist of this name."""
        (found,) = [one for one in self.home.world.library.playlists.values() if one.name == name and one.is_listed]
        return found

    def rows(self, name: str) -> list[str | None]:
        """What it holds."""
        return list(self.playlist(name).uris)

    def spoil(self, fault: Fault, endpoint: str, spared: int = 0, at_most: int = 1, **more: Any) -> None:
        """Let it go wrong."""
        rule = FaultRule(fault, (endpoint,), at_most=at_most, spared=spared, **more)
        self.home.fake.faults.rules.append(rule)

    def struck(self) -> list[str]:
        """Which faults there were."""
        return [each.fault for each in self.home.fake.requests if each.fault is not None]

    async def until_struck(self, work: "asyncio.Task[Any]", count: int = 1) -> None:
        """Let the work go on until there were so many faults."""
        while len(self.struck()) < count:
            assert not work.done()
            await asyncio.sleep(1)

    def asked(self, endpoint: str) -> int:
        """How often."""
        return sum(each.endpoint == endpoint for each in self.home.fake.requests)


async def log_in(home: SimulatedHome, parts: Parts) -> None:
    """Go the way of a browser."""
    address = urlsplit(await parts.account.begin_login())
    answer = home.fake.handle("GET", address.path, dict(parse_qsl(address.query)), {})
    await parts.account.finish_login(answer.headers["Location"])


def spotify_parts(folder: Path, clock: Clock, client_id: str, api_url: str, accounts_url: str) -> Parts:
    """The Spotify plugin's parts."""
    anything = cast(Any, None)
    context = PluginContext(
        name="spotify",
        config=SpotifyConfig(client_id=client_id, api_url=api_url, accounts_url=accounts_url),
        settings=Settings(),
        data_dir=folder,
        clock=clock,
        rng=Random(1),
        hub=anything,
        policy=anything,
        spawn=anything,
        set_status=anything,
        publish=anything,
    )

    return put_together(context, lambda _: None, None)


@contextlib.asynccontextmanager
async def books(folder: Path, clock: Clock) -> AsyncIterator[tuple[Store, SortingBook]]:
    """The hub's own store, and what it remembers for the sorter."""
    store = Store("sqlite:///moodroom.db", folder)
    await store.open()
    try:
        yield store, SortingBook(store, cast(Any, None), cast(Any, None), clock, {})
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def house(folder: Path, items: Sequence[Item] = ITEMS, **more: Any) -> AsyncIterator[House]:
    """A house with an account that is logged in, in virtual time."""
    async with SimulatedHome(3, listener=None, items=[*items, LOCAL], liked=[], **more) as home:
        clock = LoopClock(EpochMs(EPOCH_MS))
        parts = spotify_parts(folder, clock, home.client_id, home.api_url, home.accounts_url)
        try:
            await log_in(home, parts)
            async with books(folder, clock) as (store, book):
                yield House(home, parts, store, book, PlaylistWriter(parts.account, book, clock))
        finally:
            await parts.close()
