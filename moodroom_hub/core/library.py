"""Liked songs into the database: only what is new, and never from the start again if it can be helped.

Reading the whole library several times a day gets an account locked out for a day. So a sync reads newest first until
it meets what it knew; a first reading that was cut off goes on where it stopped; and the whole is read again only
when songs must have been unliked, at most once a week.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.face import SyncReport
from moodroom_hub.core.playlists import Playlists
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.ports import Account, LibraryPage
from moodroom_hub.core.store import Change, Store
from moodroom_hub.domain.mining.models import TrackList
from moodroom_hub.domain.models import Uri

log = logging.getLogger(__name__)

FACT = "library"
OVERLAP = 50
"""Songs liked while a first reading was cut off have moved the rest; so it goes on one page earlier."""
WHOLE_AGAIN_AFTER_MS = 7 * 86_400_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the library was read.

    ``known_until`` (ISO time): everything liked up to then is in the database. ``offset``: where a whole reading that
    is not finished stands. ``whole_at_ms``: when the whole was read last.
    """

    known_until: str | None = None
    offset: int | None = 0
    whole_at_ms: int = 0


class Library:
    """Syncs one account's liked songs. ``Trouble`` of the service comes through; what was read stays."""

    def __init__(self, store: Store, pools: PoolBook, clock: Clock) -> None:
        self._store = store
        self._pools = pools
        self._clock = clock
        self._playlists = Playlists(store)
        self._lock = asyncio.Lock()

    async def sync(self, account: Account, on_progress: Progress | None = None) -> SyncReport:
        """Read what is new, and the playlists that changed. Raises ``Trouble`` where the liked songs cannot be read;
        called again, it goes on where it stopped."""
        async with self._lock:
            report = await self._liked(account, on_progress)
            return replace(report, playlists=await self._playlists.sync(account))

    async def playlist_lists(self) -> list[TrackList]:
        """The owner's playlists as the miners want them."""
        return await self._playlists.lists()

    async def _liked(self, account: Account, on_progress: Progress | None) -> SyncReport:
        mark = await self._mark()
        if mark.offset is not None:
            return await self._whole(account, mark, on_progress)
        report, claimed = await self._newest(account, mark, on_progress)
        had_unliked = report.total > claimed
        if had_unliked and self._clock.now_ms() - mark.whole_at_ms >= WHOLE_AGAIN_AFTER_MS:
            log.info("songs were unliked: reading the whole library again")
            whole = await self._whole(account, replace(await self._mark(), offset=0), on_progress)
            return replace(whole, new=whole.new + report.new, moved=whole.moved + report.moved)
        return report

    async def _newest(self, account: Account, mark: Mark, on_progress: Progress | None) -> tuple[SyncReport, int]:
        known_until = None if mark.known_until is None else datetime.fromisoformat(mark.known_until)
        new = moved = claimed = 0
        newest = known_until
        async for page in account.liked_tracks():
            claimed = page.total - page.skipped
            fresh = [each for each in page.tracks if known_until is None or each.added_at > known_until]
            added, lifted = await self._keep(replace(page, tracks=tuple(fresh)))
            new, moved = new + added, moved + lifted
            newest = max([each.added_at for each in fresh] + ([newest] if newest is not None else []), default=None)
            if on_progress is not None:
                on_progress(new, max(new, 1))
            if len(fresh) < len(page.tracks) or not page.tracks:
                break
        await self._set_mark(replace(mark, known_until=None if newest is None else newest.isoformat()))
        return SyncReport(new=new, total=await self._store.liked_count(), moved=moved), claimed

    async def _whole(self, account: Account, mark: Mark, on_progress: Progress | None) -> SyncReport:
        start = max(0, (mark.offset or 0) - OVERLAP)
        began_ms = self._clock.now_ms()
        seen: set[Uri] = set()
        newest: datetime | None = None
        new = moved = 0
        async for page in account.liked_tracks(start):
            added, lifted = await self._keep(page)
            new, moved = new + added, moved + lifted
            seen.update(each.track.uri for each in page.tracks)
            if page.offset == 0:
                newest = max((each.added_at for each in page.tracks), default=None)
            read = page.offset + len(page.tracks) + page.skipped
            mark = replace(mark, offset=read)
            if newest is not None:
                mark = replace(mark, known_until=newest.isoformat())
            await self._set_mark(mark)
            if on_progress is not None:
                on_progress(min(read, page.total), page.total)
        gone = await self._forget_unliked(seen) if start == 0 else 0
        await self._set_mark(replace(mark, offset=None, whole_at_ms=began_ms))
        return SyncReport(new=new, total=await self._store.liked_count(), moved=moved, gone=gone)

    async def _keep(self, page: LibraryPage) -> tuple[int, int]:
        if not page.tracks:
            return 0, 0
        uris = [each.track.uri for each in page.tracks]
        known = await self._store.is_liked(uris)
        added = await self._store.put_liked(page.tracks)
        moved = await self._pools.like([uri for uri in uris if uri not in known])
        return added, moved

    async def _forget_unliked(self, seen: set[Uri]) -> int:
        known = {each.track.uri for each in await self._store.liked()}
        gone = sorted(known - seen)
        await self._store.remove_liked(gone)
        return len(gone)

    async def _mark(self) -> Mark:
        text = await self._store.fact(FACT)
        return Mark() if text is None else Mark(**json.loads(text))

    async def _set_mark(self, mark: Mark) -> None:
        await self._store.commit(Change(facts={FACT: json.dumps(asdict(mark))}))
