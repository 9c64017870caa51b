"""The hub's data parts on a real SQLite file, without a hub around them, and an account that does as a test says."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from moodroom_hub.core.bus import Bus, Heard
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import Settings
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ids import Ids
from moodroom_hub.core.importing import Importing
from moodroom_hub.core.journal import Journal
from moodroom_hub.core.library import Library
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.ports import LibraryPage, LikedTrack, LoginState, LoginStatus, Playlist, PlaylistPage
from moodroom_hub.core.store import Store
from moodroom_hub.domain.models import EpochMs, PoolEntry, RoomSlug, Tier, Track, Uri

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NIGHT = RoomSlug("late-night")
PAGE = 50


def song(number: int) -> Track:
    """A song with a number."""
    return Track(Uri(f"spotify:track:{number:022}"), f"Song {number}", (f"Band {number % 7}",))


def liked(number: int) -> LikedTrack:
    """Song ``number``, liked at minute ``number``."""
    return LikedTrack(song(number), BEGIN + timedelta(minutes=number))


class Nobody:
    """A teller that tells nobody."""

    async def call(self, hook_name: str, /, **arguments: Any) -> Sequence[Heard]:
        """Nobody listens."""
        return []

    async def call_one(self, hook_name: str, plugin: str, /, **arguments: Any) -> Heard | None:
        """Nobody listens."""
        return None


@dataclass
class FakeAccount:
    """An account whose library is a list of numbers, newest first; ``fails_after`` pages it is rate limited."""

    numbers: list[int]
    fails_after: int | None = None
    days_left: int | None = 170
    songs: dict[str, Track] = field(default_factory=dict)
    lists: dict[str, list[int]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    lists_read: list[str] = field(default_factory=list)
    lists_fail_after: int | None = None
    requests: list[int] = field(default_factory=list)
    searches: int = 0
    name: str = "Spotify"

    def login_state(self, now_ms: EpochMs) -> LoginState:
        """Logged in while days are left."""
        status = LoginStatus.OK if self.days_left is not None else LoginStatus.NEEDED
        return LoginState(status, self.days_left)

    async def begin_login(self, redirect_uri: str | None = None) -> str:
        """Not used."""
        raise AssertionError("no login here")

    async def finish_login(self, answer_url: str) -> None:
        """Not used."""
        raise AssertionError("no login here")

    async def logout(self) -> None:
        """Not used."""
        raise AssertionError("no logout here")

    async def liked_tracks(self, start_offset: int = 0) -> AsyncIterator[LibraryPage]:
        """Pages, newest first."""
        offset = start_offset
        while offset < len(self.numbers):
            if self.fails_after is not None and len(self.requests) >= self.fails_after:
                raise Trouble(TroubleCode.RATE_LIMITED, "Spotify asks us to wait 60 s.", retry_after_s=60)
            self.requests.append(offset)
            page = tuple(liked(number) for number in self.numbers[offset : offset + PAGE])
            yield LibraryPage(offset, len(self.numbers), page)
            offset += len(page)

    async def find_track(self, name: str, artist: str, isrc: str | None = None) -> Track | None:
        """The song of that name."""
        self.searches += 1
        if self.days_left is None:
            raise Trouble(TroubleCode.LOGIN_NEEDED, "Not logged in.")
        return self.songs.get(name)

    async def search_tracks(self, name: str, artist: str) -> Sequence[Track]:
        """The song of that name."""
        found = await self.find_track(name, artist)
        return () if found is None else (found,)

    async def playlists(self) -> AsyncIterator[Playlist]:
        """``lists``, whose snapshots are their ``versions``."""
        for title, numbers in self.lists.items():
            yield Playlist(f"id-of-{title}", title, f"v{self.versions.get(title, 1)}", len(numbers))

    async def playlist_tracks(self, playlist_id: str) -> AsyncIterator[PlaylistPage]:
        """Pages of fifty; ``lists_fail_after`` pages it is rate limited; of a forbidden one, none."""
        title = playlist_id.removeprefix("id-of-")
        if title in self.forbidden:
            return
        numbers = self.lists[title]
        for offset in range(0, max(1, len(numbers)), PAGE):
            if self.lists_fail_after is not None and len(self.lists_read) >= self.lists_fail_after:
                raise Trouble(TroubleCode.RATE_LIMITED, "Spotify asks us to wait 60 s.", retry_after_s=60)
            self.lists_read.append(title)
            page = tuple(song(number) for number in numbers[offset : offset + PAGE])
            yield PlaylistPage(offset, len(numbers), page)


@dataclass(frozen=True)
class Data:
    """The parts."""

    store: Store
    pools: PoolBook
    library: Library
    importing: Importing
    bus: Bus
    clock: LoopClock

    async def tiers(self, room: RoomSlug = NIGHT) -> dict[str, Tier]:
        """Tiers by song name."""
        return {entry.track.name: entry.tier for entry in (await self.pools.pool(room)).entries.values()}

    async def fill(self, *entries: tuple[int, Tier]) -> None:
        """Put songs into Late Night."""
        await self.pools.put_base(NIGHT, [PoolEntry(song(n), tier) for n, tier in entries], replace_all=False)


@asynccontextmanager
async def data(folder: Path) -> AsyncIterator[Data]:
    """The parts over a database in ``folder``."""
    store = Store(f"sqlite:///{folder / 'lab.db'}", folder)
    await store.open()
    try:
        clock = LoopClock(EpochMs(1_780_000_000_000))
        ids = Ids(await store.last_ids())
        bus = Bus(Journal(store, clock), Nobody(), clock, ids)
        rooms = Settings().domain_rooms()
        pools = PoolBook(store, bus, clock, ids, rooms)
        yield Data(store, pools, Library(store, pools, clock), Importing(pools, rooms, clock), bus, clock)
    finally:
        await store.close()
