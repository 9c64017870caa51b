"""Writes what mining, audits and hands decide: bases, definitions, receipts, and what the owner kept."""

import asyncio
import json
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.miners import UndoneMining
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.store import Change, Store
from moodroom_hub.domain.mining.models import Definition
from moodroom_hub.domain.mining.plan import RoomPlan
from moodroom_hub.domain.models import Receipt, Room, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.pools import moved

WriteDefinition = Callable[[RoomSlug, Definition, Definition], None]
"""Writes a room's new words into the configuration, which holds the old ones. Blocking. Raises ``MoodroomError``."""

LAST_FACT = "mining:last"
KEPT_FACT = "audit:kept"


class Books:
    """``rooms`` is the hub's own mapping: a room that gets new words is replaced in it, for everybody."""

    def __init__(
        self,
        store: Store,
        pools: PoolBook,
        clock: Clock,
        rooms: MutableMapping[RoomSlug, Room],
        write_definition: WriteDefinition,
    ) -> None:
        self._store = store
        self._pools = pools
        self._clock = clock
        self._rooms = rooms
        self._write_definition = write_definition

    async def put(self, plans: Sequence[RoomPlan]) -> None:
        """Replace the bases that differ; the former ones are remembered for one undo.

        A mining that changes no room is none to be taken back: the one before it stays remembered.
        """
        changed = [plan for plan in plans if tuple(plan.base) != tuple(await self._pools.base(plan.room))]
        if any(plan.is_change for plan in changed):
            rooms = [plan.room for plan in changed]
            await self._store.remember_base(rooms)
            await self._remember(rooms, is_undone=False)
        for plan in changed:
            await self._pools.put_base(plan.room, plan.base, replace_all=True)

    async def undo(self) -> UndoneMining:
        """The bases as they were before the last mining. Raises ``Trouble(CONFLICT)`` where there was none."""
        text = await self._store.fact(LAST_FACT)
        last: dict[str, Any] = json.loads(text) if text else {"rooms": [], "is_undone": False}
        known = [RoomSlug(slug) for slug in last["rooms"] if slug in self._rooms]
        if not known:
            raise Trouble(TroubleCode.CONFLICT, "No mining is known that could be taken back.")
        await self._store.swap_base(known)
        await self._remember(known, is_undone=not last["is_undone"])
        for room in known:
            await self._pools.read_base_again(room)
        return UndoneMining(tuple(known), is_back=bool(last["is_undone"]))

    async def _remember(self, rooms: Sequence[RoomSlug], *, is_undone: bool) -> None:
        last = json.dumps({"rooms": list(rooms), "is_undone": is_undone})
        await self._store.commit(Change(facts={LAST_FACT: last}))

    async def define(self, room: RoomSlug, words: Definition) -> None:
        """New words for a room: into the configuration file, and for all who know the room."""
        old = self._rooms[room]
        was = Definition(old.description, old.anchors, old.avoid)
        with ThreadPoolExecutor(1, "moodroom-definition") as thread:  # gone with the work
            await asyncio.get_running_loop().run_in_executor(thread, self._write_definition, room, words, was)
        self._rooms[room] = Room(room, old.name, words.description, words.anchors, words.avoid, old.palette)

    async def move(self, room: RoomSlug, uri: Uri, tier: Tier, why: str, library: Mapping[Uri, Track]) -> Receipt:
        """One track into a tier, by hand. Raises ``Trouble``."""
        pool = await self._pools.pool(room)
        track = pool.entries[uri].track if uri in pool.entries else library.get(uri)
        if track is None:
            raise Trouble(TroubleCode.NOT_FOUND, "This track is neither in the room nor liked.")
        change = moved(pool, track, tier, self._clock.now_ms(), why or "by hand")
        if change is None:
            raise Trouble(TroubleCode.CONFLICT, f"It is in {tier.value} already.")
        return (await self._pools.change(room, [change]))[0]

    async def drop(self, room: RoomSlug, uris: Sequence[Uri], why: str) -> list[Receipt]:
        """Out of the room, each with its receipt; those that are out or unknown are passed over."""
        pool, now_ms = await self._pools.pool(room), self._clock.now_ms()
        entries = [pool.entries[uri] for uri in dict.fromkeys(uris) if uri in pool.entries]
        changes = [moved(pool, entry.track, Tier.REMOVED, now_ms, why) for entry in entries]
        return await self._pools.change(room, [change for change in changes if change is not None])

    async def kept(self, room: RoomSlug) -> set[Uri]:
        """What the owner said belongs in this room."""
        return await kept_in(self._store, room)

    async def keep(self, room: RoomSlug, uris: Sequence[Uri]) -> None:
        """Remember these as belonging in the room."""
        known = await self.kept(room)
        await self._store.commit(Change(facts={f"{KEPT_FACT}:{room}": json.dumps(sorted(known.union(uris)))}))


async def kept_in(store: Store, room: RoomSlug) -> set[Uri]:
    """The tracks of which the owner said, in an audit or while calibrating, that they belong in the room."""
    text = await store.fact(f"{KEPT_FACT}:{room}")
    return {Uri(uri) for uri in json.loads(text)} if text else set()
