"""The listener's past: plays out of the service's export go in, and what they say of the pools comes out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.face import ListenView, PastImport, Warming
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.store import Store
from moodroom_hub.domain.mining.models import TrackList
from moodroom_hub.domain.models import DurationMs, ListeningRules, Receipt, RoomSlug, Track, Uri, ZoneName
from moodroom_hub.domain.past.gathering import Gathering
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.past.sittings import Sittings
from moodroom_hub.domain.past.tally import Evidence
from moodroom_hub.domain.past.verdicts import PAST_ZONE, listen_of
from moodroom_hub.domain.past.warming import warmed

PAGE = 5_000
"""Plays that are looked at in one go; other work of the database comes in between."""
SITTINGS = 5_000


@dataclass(frozen=True, slots=True)
class Past:
    """Reads and writes the past of one hub."""

    store: Store
    pools: PoolBook
    clock: Clock
    rules: ListeningRules
    rooms: Iterable[RoomSlug]

    async def put(self, plays: Sequence[PastPlay]) -> PastImport:
        """Fill the history; what is there already stays as it is. Raises ``StoreDown``."""
        written = await self.store.put_past(plays)
        return PastImport(new=written.new, known=written.known, enriched=written.enriched)

    async def history(self, limit: int, before: int | None) -> list[ListenView]:
        """Finished listens, newest first: first the hub's own, then those of the past."""
        views = [ListenView(*row) for row in await self.store.history(limit, before)]
        missing = limit - len(views)
        if missing > 0:
            for play_id, play in await self.store.newest_past(missing, None if before is None else min(before, 0)):
                views.append(await self.view(play_id, play))
        return views

    async def view(self, play_id: int, play: PastPlay) -> ListenView:
        """A play as a row of the history."""
        length_ms = None if play.uri is None else await self._length(Uri(play.uri))
        return ListenView(play_id, ZoneName(PAST_ZONE), listen_of(play, self.rules, length_ms))

    async def warm(self) -> Warming:
        """Let the past change the pools, all of it in one group of receipts.

        Idempotent: a track that has any receipt in a room, counting or undone, is left as it is there.
        """
        evidence = await self.tallies(await self._pooled())
        if not evidence:
            return Warming()
        now_ms = self.clock.now_ms()
        day = datetime.fromtimestamp(now_ms / 1000, UTC).date().isoformat()
        group = await self.pools.new_group(f"past-{day}")
        receipts: list[Receipt] = []
        for room in list(self.rooms):
            make = partial(warmed, evidence=evidence, at_ms=now_ms)
            receipts += await self.pools.change_by(room, make, group=group)
        return Warming(group if receipts else None, tuple(receipts))

    async def tallies(self, tracks: Iterable[Track]) -> dict[Uri, Evidence]:
        """What the past says of these tracks, by uri; only of those that it knows."""
        newest = await self.store.newest_past(1, None)
        if not newest:
            return {}
        gathering = Gathering(tracks, self.rules, newest[0][1].ended_at_ms)
        await self._each(gathering)
        return gathering.evidence()

    async def sittings(self, limit: int = SITTINGS) -> list[TrackList]:
        """What was heard in one go, newest first, up to ``limit`` sittings."""
        sittings, before = Sittings(), None
        while len(sittings.found) < limit:
            page = await self.store.newest_past(PAGE, before)
            for _, play in page:
                sittings.take(play)
            if len(page) < PAGE:
                sittings.finish()
                break
            before = page[-1][0]
        return sittings.found[:limit]

    async def _each(self, gathering: Gathering) -> None:
        after: int | None = None
        while True:
            after = await self.store.fold_past(after, PAGE, gathering.take)
            if after is None:
                return

    async def _pooled(self) -> list[Track]:
        tracks: dict[Uri, Track] = {}
        for room in list(self.rooms):
            for uri, entry in (await self.pools.pool(room)).entries.items():
                tracks.setdefault(uri, entry.track)
        return list(tracks.values())

    async def _length(self, uri: Uri) -> DurationMs | None:
        for room in list(self.rooms):
            entry = (await self.pools.pool(room)).entries.get(uri)
            if entry is not None and entry.track.duration_ms is not None:
                return entry.track.duration_ms
        return None
