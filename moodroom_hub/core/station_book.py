"""Every station and its votes: read at the start, kept in memory, written behind through the journal."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.journal import Journal
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.store import Change, Store
from moodroom_hub.domain.models import PoolEntry, Receipt, ReceiptKind, Room, RoomSlug
from moodroom_hub.domain.pools import Pool, PoolChange
from moodroom_hub.domain.recording import recording_keys
from moodroom_hub.domain.stations.models import Station, StationKey, Vote, slug_of, station_of

DISCOVERED = "stations"


class StationBook:
    """Implements ``stations.StationsFace``."""

    def __init__(self, store: Store, journal: Journal, pools: PoolBook, clock: Clock) -> None:
        self._store = store
        self._journal = journal
        self._pools = pools
        self._clock = clock
        self._stations: dict[StationKey, tuple[int, Station]] = {}
        self._votes: dict[StationKey, list[Vote]] = {}
        self._last_vote = 0
        self._discovering = asyncio.Lock()

    async def read_all(self) -> None:
        """Read everything now: later the database may be away, and the music must not wait for it."""
        for position, station in await self._store.stations():
            self._stations[station.key] = (position, station)
        for vote in await self._store.station_votes():
            self._last_vote = max(self._last_vote, vote.id)
            if vote.station in self._stations:
                self._votes.setdefault(vote.station, []).append(vote)

    def all(self) -> Sequence[Station]:
        """In the order in which they were made."""
        return [station for _, station in sorted(self._stations.values(), key=lambda each: each[0])]

    def get(self, key: StationKey) -> Station | None:
        """One station."""
        found = self._stations.get(key)
        return None if found is None else found[1]

    def as_room(self, slug: RoomSlug) -> Room | None:
        """What a session calls ``slug``, where it is a station."""
        key = station_of(slug)
        station = None if key is None else self.get(key)
        return None if station is None else Room(slug=slug_of(station.key), name=station.name)

    async def put(self, station: Station) -> None:
        """Remember it, in the place of what had its key."""
        known = self._stations.get(station.key)
        position = known[0] if known else 1 + max((each for each, _ in self._stations.values()), default=0)
        self._stations[station.key] = (position, station)
        await self._journal.write(Change(stations=((position, station),)))

    async def remove(self, key: StationKey) -> None:
        """Forget it and its votes."""
        if self._stations.pop(key, None) is not None:
            self._votes.pop(key, None)
            await self._journal.write(Change(gone_stations=(key,)))

    def votes(self, key: StationKey) -> Sequence[Vote]:
        """Oldest first."""
        return tuple(self._votes.get(key, ()))

    async def vote(self, vote: Vote) -> Vote | None:
        """Remember it under an id of its own."""
        known = self._votes.get(vote.station, [])
        is_told_again = vote.event_id is not None and any(each.event_id == vote.event_id for each in reversed(known))
        if vote.station not in self._stations or is_told_again:
            return None
        self._last_vote += 1
        vote = replace(vote, id=self._last_vote)
        self._votes.setdefault(vote.station, []).append(vote)
        await self._journal.write(Change(votes=(vote,)))
        return vote

    async def take_back(self, key: StationKey) -> Vote | None:
        """Forget the newest vote."""
        known = self._votes.get(key)
        if not known:
            return None
        vote = known.pop()
        await self._journal.write(Change(gone_votes=(vote.id,)))
        return vote

    async def clear(self, key: StationKey) -> int:
        """Forget every vote."""
        known = self._votes.pop(key, [])
        if known:
            await self._journal.write(Change(gone_votes=tuple(vote.id for vote in known)))
        return len(known)

    async def discover(self, room: RoomSlug, entries: Sequence[PoolEntry]) -> Sequence[Receipt]:
        """Put tracks into a room's pool, each with a receipt, all in one group."""
        async with self._discovering:
            group = await self._pools.new_group(f"{DISCOVERED}-{room}")
            return await self._pools.change_by(room, lambda pool, _: self._unknown(pool, entries), group=group)

    def _unknown(self, pool: Pool, entries: Sequence[PoolEntry]) -> list[PoolChange]:
        taken = {key for entry in pool.entries.values() for key in recording_keys(entry.track)}
        now_ms = self._clock.now_ms()
        changes: list[PoolChange] = []
        for entry in entries:
            keys = recording_keys(entry.track)
            if taken.isdisjoint(keys):
                taken |= keys
                fresh = replace(entry, since_ms=now_ms)
                changes.append(
                    PoolChange(pool.room, entry.track, ReceiptKind.IMPORTED, None, fresh, entry.why or "discovered")
                )
        return changes


def free_key(wanted: str, taken: Mapping[StationKey, object]) -> StationKey:
    """``wanted``, or with the first number behind it that is free."""
    if StationKey(wanted) not in taken:
        return StationKey(wanted)
    return next(key for number in count(2) if (key := StationKey(f"{wanted}-{number}")) not in taken)
