"""What is known of the owner's music, put together for a miner."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.library import Library
from moodroom_hub.core.miners import Miner, MiningOrder
from moodroom_hub.core.mining.books import kept_in
from moodroom_hub.core.mining.choosing import yielding_to
from moodroom_hub.core.mining.known_facts import genres_of, known_facts, with_years
from moodroom_hub.core.past import Past
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.store import Store
from moodroom_hub.domain.mining.models import Ability, AuditTask, Example, MiningTask, TrackList
from moodroom_hub.domain.mining.plan import RoomNow, miner_of
from moodroom_hub.domain.models import PoolEntry, Room, RoomSlug, Tier, Track, Uri

SITTINGS = 30_000
"""Sittings of the past that miners get to see, the newest."""
SAFE_SIDE, DISCOVERY = 20, 10
"""Suggestions that are asked for per room."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """A task for the miner, and the library by uri, newest first."""

    task: MiningTask
    library: Mapping[Uri, Track]


class Gathering:
    """Reads the library, the pools, the playlists, the past, and what was found out about the songs."""

    def __init__(
        self,
        store: Store,
        pools: PoolBook,
        library: Library,
        past: Past,
        miners: Callable[[], Sequence[Miner]],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._miners = miners
        self._store = store
        self._pools = pools
        self._library = library
        self._past = past

    def judged_by(self, miner: Miner) -> frozenset[str]:
        """Whose rows this miner may judge anew, and learns nothing from: its own, and those of miners that yield."""
        return yielding_to(miner, self._miners()) | {miner.name}

    async def for_mining(self, order: MiningOrder, miner: Miner, rooms: Sequence[Room]) -> Gathered:
        """The task of placing the whole library. Raises ``Trouble`` where nothing is liked."""
        library = await self.library()
        if not library:
            raise Trouble(
                TroubleCode.CONFLICT, "No liked songs are known yet. Read them with: moodroom-hub library sync"
            )
        facts = await known_facts(self._store, library.values(), self._clock.now_ms())
        wants_songs = order.suggestions and Ability.SUGGEST in miner.abilities
        task = MiningTask(
            rooms=tuple(rooms),
            tracks=with_years(tuple(library.values()), facts),
            examples=await self._examples(rooms, miner, order, library),
            lists=await self._lists(),
            genres=genres_of(facts),
            safe_side=SAFE_SIDE if wants_songs else 0,
            discovery=DISCOVERY if wants_songs else 0,
        )
        return Gathered(task, library)

    async def for_audit(
        self, order: MiningOrder, miner: Miner, room: Room, rooms: Sequence[Room], kept: set[Uri]
    ) -> AuditTask:
        """The task of looking through one room, without what the owner ``kept`` in an earlier audit."""
        pool = await self._pools.pool(room.slug)
        audited = tuple(
            entry.track
            for entry in pool.entries.values()
            if entry.tier is not Tier.REMOVED and entry.track.uri not in kept
        )
        if not audited:
            told = "has no tracks" if not pool.entries else "has no tracks that were not looked at before"
            raise Trouble(TroubleCode.EMPTY_POOL, f"{room.name} {told}.")
        library = await self.library()
        return AuditTask(
            room=room,
            audited=audited,
            tracks=tuple(library.values()),
            rooms=tuple(rooms),
            examples=await self._examples(rooms, miner, order, library),
            lists=await self._lists(),
        )

    async def library(self) -> dict[Uri, Track]:
        """Every liked song by uri, newest first."""
        return {liked.track.uri: liked.track for liked in await self._store.liked()}

    async def room_now(self, room: RoomSlug) -> RoomNow:
        """A room as it stands."""
        pool = await self._pools.pool(room)
        return RoomNow(room, await self._pools.base(room), pool.entries, await self._pools.learned(room))

    async def _lists(self) -> tuple[TrackList, ...]:
        return (*await self._library.playlist_lists(), *await self._past.sittings(SITTINGS))

    async def _examples(
        self, rooms: Sequence[Room], miner: Miner, order: MiningOrder, library: Mapping[Uri, Track]
    ) -> tuple[Example, ...]:
        found: list[Example] = []
        guesses = self.judged_by(miner)
        for room in rooms:
            pool = (await self._pools.pool(room.slug)).entries
            learned = await self._pools.learned(room.slug)
            told = dict.fromkeys(await self._kept(room.slug, pool, library), True)
            told |= dict(order.examples) if len(rooms) == 1 else {}
            for uri, is_fit in told.items():
                track = pool[uri].track if uri in pool else library.get(uri)
                if track is None:
                    raise Trouble(TroubleCode.NOT_FOUND, "An example is neither in the room nor liked.")
                found.append(Example(room.slug, track, is_fit))
            for uri, entry in pool.items():
                fits = _fits(entry, guesses, is_learned=uri in learned)
                if fits is not None and uri not in told:
                    found.append(Example(room.slug, entry.track, fits))
        return tuple(found)

    async def _kept(self, room: RoomSlug, pool: Mapping[Uri, PoolEntry], library: Mapping[Uri, Track]) -> list[Uri]:
        """What the owner said belongs in the room, and has not taken out of it since."""
        out = {uri for uri, entry in pool.items() if entry.tier is Tier.REMOVED}
        return [
            uri
            for uri in sorted(await kept_in(self._store, room))
            if uri not in out and (uri in pool or uri in library)
        ]


def _fits(entry: PoolEntry, guesses: Collection[str], *, is_learned: bool) -> bool | None:
    """What an entry teaches. What this miner placed, or one that yields to it, is no lesson."""
    if entry.tier is Tier.REMOVED:
        return False
    if entry.tier is Tier.CONFIRMED and (is_learned or miner_of(entry) not in guesses):
        return True
    return None
