"""What the hub remembers for the sorter, and all that it knows of the owner's music."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.mining.books import kept_in
from moodroom_hub.core.mining.known_facts import known_facts, with_years
from moodroom_hub.core.past import Past
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.sorting import Material, Version, Write
from moodroom_hub.core.store import Store
from moodroom_hub.core.store.errors import asked
from moodroom_hub.domain.mining.plan import miner_of
from moodroom_hub.domain.models import PoolEntry, Room, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.plays.models import TrackFacts
from moodroom_hub.domain.sorting.models import Label, LayerKey, Place

SITTINGS = 30_000
"""Sittings of the past that the sorter gets to see, the newest."""
AT_ONCE = 500
"""Songs that are looked at before others have their turn: a few milliseconds."""


class SortingBook:
    """Implements ``sorting.SortingFace``. ``rooms``: those that there are today."""

    def __init__(self, store: Store, pools: PoolBook, past: Past, clock: Clock, rooms: Mapping[RoomSlug, Room]) -> None:
        self._store = store
        self._shelf = store.sorting
        self._pools = pools
        self._past = past
        self._clock = clock
        self._rooms = rooms

    async def material(self) -> Material:
        """All that is known of the owner's music, as it was read last."""
        with asked():
            liked = {each.track.uri: each.track for each in await self._store.liked()}
            known = dict(liked)
            lists = await self._shelf.own_lists(known)
            dated, facts = await self._with_facts(known)
            tiers, taught = await self._tiers()
            for number, own in enumerate(lists):
                lists[number] = replace(own, tracks=tuple(dated[track.uri] for track in own.tracks))
                await asyncio.sleep(0)  # a hundred long lists take a while
            return Material(
                liked=tuple(dated[uri] for uri in liked),
                lists=tuple(lists),
                sittings=tuple(each.items for each in await self._past.sittings(SITTINGS)),
                genres={uri: each.genres for uri, each in facts.items() if each.genres},
                tiers=tiers,
                taught=taught,
                heard=await self._shelf.heard(),
                record_labels={uri: each.label for uri, each in facts.items() if each.label},
            )

    async def labels(self, layer: LayerKey) -> Sequence[Label]:
        """Every label of the layer that holds, one a song."""
        with asked():
            return await self._shelf.labels(layer)

    async def put_labels(self, layer: LayerKey, labels: Sequence[Label]) -> None:
        """Remember these."""
        if labels:
            with asked():
                await self._shelf.put_labels(layer, labels)

    async def take_back_label(self, layer: LayerKey) -> Label | None:
        """Forget the label that was given last by hand."""
        with asked():
            return await self._shelf.take_back_label(layer)

    async def places(self, layer: LayerKey) -> Sequence[Place]:
        """Where the layer's songs belong."""
        with asked():
            return await self._shelf.places(layer)

    async def put_places(self, layer: LayerKey, places: Sequence[Place]) -> None:
        """Exactly these from now on."""
        with asked():
            await self._shelf.put_places(layer, places)

    async def versions(self, layer: LayerKey) -> Sequence[Version]:
        """Trainings, newest first."""
        with asked():
            return await self._shelf.versions(layer)

    async def add_version(self, version: Version) -> Version:
        """Remember a training."""
        with asked():
            return await self._shelf.add_version(version)

    async def writes(self, layer: LayerKey | None = None) -> Sequence[Write]:
        """Changes of playlists, newest first."""
        with asked():
            return await self._shelf.writes(layer)

    async def put_writes(self, writes: Sequence[Write]) -> Sequence[Write]:
        """Remember these."""
        if not writes:
            return ()
        with asked():
            return await self._shelf.put_writes(writes)

    async def _with_facts(self, tracks: Mapping[Uri, Track]) -> tuple[dict[Uri, Track], dict[Uri, TrackFacts]]:
        """The tracks with their years, and all that was found out about them."""
        dated: dict[Uri, Track] = {}
        facts: dict[Uri, TrackFacts] = {}
        everything = list(tracks.values())
        for start in range(0, len(everything), AT_ONCE):
            part = everything[start : start + AT_ONCE]
            found = await known_facts(self._store, part, self._clock.now_ms())
            dated.update((track.uri, track) for track in with_years(part, found))
            facts.update(found)
        return dated, facts

    async def _tiers(self) -> tuple[dict[RoomSlug, dict[Uri, Tier]], frozenset[tuple[RoomSlug, Uri]]]:
        tiers: dict[RoomSlug, dict[Uri, Tier]] = {}
        taught: set[tuple[RoomSlug, Uri]] = set()
        for room in list(self._rooms):
            pool = (await self._pools.pool(room)).entries
            told = await self._pools.learned(room) | await kept_in(self._store, room)
            tiers[room] = {uri: entry.tier for uri, entry in pool.items()}
            taught.update((room, uri) for uri, entry in pool.items() if uri in told or not _is_guess(entry))
        return tiers, frozenset(taught)


def _is_guess(entry: PoolEntry) -> bool:
    """Whether a miner alone put it there. None takes a track out by itself."""
    return entry.tier is not Tier.REMOVED and miner_of(entry) is not None
