"""The hub's memory: one database, one thread, one transaction per change."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from moodroom_hub.core.errors import StartError
from moodroom_hub.core.events import Event, Listen
from moodroom_hub.core.ports import LikedTrack, Playlist
from moodroom_hub.core.store import liked, lookup, past, playlists, pools, reads, scans, station_rows
from moodroom_hub.core.store.changes import Change, LastIds
from moodroom_hub.core.store.codec import Decoder, clean
from moodroom_hub.core.store.engine import Database, connect, prepare_file
from moodroom_hub.core.store.errors import StoreDown, explain
from moodroom_hub.core.store.files import back_up
from moodroom_hub.core.store.past import PastWritten
from moodroom_hub.core.store.play_shelf import FindingShelf, PlayShelf
from moodroom_hub.core.store.scans import Scanned
from moodroom_hub.core.store.schema import LINEAGE, Lineage, bring_up_to_date
from moodroom_hub.core.store.tables import METADATA
from moodroom_hub.core.store.writes import Writes
from moodroom_hub.domain.mining.models import TrackList
from moodroom_hub.domain.models import EpochMs, LedgerEntry, PoolEntry, Receipt, RoomSlug, Track, Uri, ZoneName
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.plays.models import Play
from moodroom_hub.domain.stations.models import Station, Vote

if TYPE_CHECKING:
    from moodroom_hub.core.store.sort_shelf import SortShelf

T = TypeVar("T")

BUSY_TIMEOUT_MS = 2_000
"""How long a call waits for another program that writes."""

_PASSING_TROUBLES = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL")


class Store:
    """All that the hub remembers.

    ``url`` is ``sqlite:////absolute/path.db`` (a relative path counts from ``data_dir``) or
    ``postgresql://user:password@host/database``; ``data_dir`` also gets the ``backups/`` before migrations.

    Every method may raise ``StoreDown``, after at most about ``busy_timeout_ms`` where another program holds the
    database; nothing of the call was kept then, the next call tries anew. Rows that cannot be read any more are
    left out, with a line in the log. Calls run one after the other in a thread of the store's own.
    """

    def __init__(
        self,
        url: str,
        data_dir: Path,
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        lineage: Lineage = LINEAGE,
    ) -> None:
        self._url = url
        self._data_dir = data_dir.absolute()
        self._busy_timeout_ms = busy_timeout_ms
        self._lineage = lineage
        self._executor: ThreadPoolExecutor | None = None
        self._database: Database | None = None
        self._writes: Writes | None = None
        self._file_id: tuple[int, int] | None = None
        self._decoder = Decoder()
        desk = _Desk(self)
        self.plays = PlayShelf(desk, self._decoder)
        self.findings = FindingShelf(desk)

    @cached_property
    def sorting(self) -> "SortShelf":
        """What the sorter remembers."""
        from moodroom_hub.core.store.sort_shelf import SortShelf  # late: most hubs sort nothing

        return SortShelf(_Desk(self), self._decoder)

    async def open(self) -> None:
        """Open, and make or migrate the tables (an existing file is backed up first). Raises ``StartError``."""
        if self._executor is not None:
            return
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="moodroom-store")
        try:
            await asyncio.get_running_loop().run_in_executor(self._executor, self._open)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of the database. Again: nothing happens."""
        executor, self._executor = self._executor, None
        if executor is None:
            return
        is_idle = False
        try:
            await asyncio.get_running_loop().run_in_executor(executor, self._close)
            is_idle = True
        finally:
            executor.shutdown(wait=is_idle)

    async def commit(self, change: Change) -> None:
        """Write ``change``, all or nothing; it outlasts a power cut where it must. Raises ``StoreDown``.

        A repetition is harmless.
        """

        def work(connection: Connection, writes: Writes) -> None:
            writes.apply(connection, change)

        await self._write(work, must_last=change.must_last)

    async def last_ids(self) -> LastIds:
        """The greatest ids ever given; pruning does not lower them."""
        return await self._read(reads.last_ids)

    async def zone_states(self) -> dict[ZoneName, str]:
        """The state's text of every zone."""
        return await self._read(reads.zone_states)

    async def stations(self) -> list[tuple[int, Station]]:
        """Every station with its position, in order."""
        return await self._read(lambda connection: station_rows.stations(connection, self._decoder))

    async def station_votes(self) -> list[Vote]:
        """Every like and dislike on a station, the oldest first."""
        return await self._read(lambda connection: station_rows.votes(connection, self._decoder))

    async def ledger(self, zone: ZoneName, limit: int) -> list[LedgerEntry]:
        """The zone's newest ``limit`` entries, oldest first."""
        return await self._read(lambda connection: reads.ledger(connection, self._decoder, zone, limit))

    async def pending_events(self) -> list[Event]:
        """Events that are not marked done, by id."""
        return await self._read(lambda connection: reads.pending_events(connection, self._decoder))

    async def events_after(self, event_id: int, limit: int) -> list[Event]:
        """Up to ``limit`` events with a greater id, by id."""
        return await self._read(lambda connection: reads.events_after(connection, self._decoder, event_id, limit))

    async def fact(self, key: str) -> str | None:
        """A fact, if there is one."""
        return await self._read(lambda connection: reads.fact(connection, key))

    async def base(self, room: RoomSlug) -> list[PoolEntry]:
        """The room's mined or imported rows, in the order of their first coming."""
        return await self._read(lambda connection: pools.base(connection, self._decoder, room))

    async def put_base(self, room: RoomSlug, entries: Sequence[PoolEntry], *, replace: bool) -> None:
        """``replace``: exactly these from now on. Else insert or replace by uri, in the place where it was."""
        await self._write(lambda connection, _: pools.put_base(connection, room, entries, replace=replace))

    async def remember_base(self, rooms: Sequence[RoomSlug]) -> None:
        """Keep the base of these rooms as it is now for one ``swap_base``; what was kept before is forgotten."""
        await self._write(lambda connection, _: pools.remember_base(connection, rooms))

    async def swap_base(self, rooms: Sequence[RoomSlug]) -> None:
        """The rooms' base becomes what was kept, and what it was is kept instead."""
        await self._write(lambda connection, _: pools.swap_base(connection, rooms))

    async def room_receipts(self, room: RoomSlug) -> list[Receipt]:
        """All receipts of the room, by id."""
        return await self._read(lambda connection: reads.room_receipts(connection, self._decoder, room))

    async def receipt(self, receipt_id: int) -> Receipt | None:
        """One receipt, if there is one."""
        return await self._read(lambda connection: reads.receipt(connection, self._decoder, receipt_id))

    async def receipts(self, limit: int, before: int | None) -> list[tuple[Receipt, int | None]]:
        """Newest first, each with the id of the UNDO receipt that names it and was not undone itself."""
        return await self._read(lambda connection: reads.receipts(connection, self._decoder, limit, before))

    async def history(self, limit: int, before: int | None) -> list[tuple[int, ZoneName, Listen]]:
        """Finished listens with their id and zone, newest first."""
        return await self._read(lambda connection: reads.history(connection, self._decoder, limit, before))

    async def look_for_receipts(
        self,
        may_fit: scans.MayFit,
        is_wanted: Callable[[Receipt, int | None], bool],
        *,
        room: RoomSlug | None = None,
        before: int | None = None,
        limit: int,
        rows: int,
    ) -> Scanned[tuple[Receipt, int | None]]:
        """Up to ``limit`` wanted receipts among the next ``rows``, newest first; both functions run in the store's
        thread."""

        def work(connection: Connection) -> Scanned[tuple[Receipt, int | None]]:
            slug = None if room is None else clean(room)
            return scans.receipts(
                connection, self._decoder, may_fit, is_wanted, room=slug, before=before, limit=limit, rows=rows
            )

        return await self._read(work)

    async def look_for_listens(
        self,
        may_fit: scans.MayFit,
        is_wanted: Callable[[Listen], bool],
        *,
        before: int | None = None,
        limit: int,
        rows: int,
    ) -> Scanned[tuple[int, ZoneName, Listen]]:
        """Up to ``limit`` wanted listens among the next ``rows``, newest first."""

        def work(connection: Connection) -> Scanned[tuple[int, ZoneName, Listen]]:
            return scans.history(connection, self._decoder, may_fit, is_wanted, before=before, limit=limit, rows=rows)

        return await self._read(work)

    async def fold_history(
        self, before: int | None, since_ms: EpochMs, rows: int, take: Callable[[Listen], None]
    ) -> int | None:
        """Give those of the next ``rows`` listens that ended since then to ``take``, in the store's thread, newest
        first; the id to go on from, ``None`` once none of so many did."""

        def work(connection: Connection) -> int | None:
            return scans.fold_history(connection, self._decoder, take, since_ms=since_ms, before=before, rows=rows)

        return await self._read(work)

    async def put_liked(self, tracks: Sequence[LikedTrack]) -> int:
        """Insert or replace by uri; how many were new. Raises ``ValueError`` for a naive datetime."""
        return await self._write(lambda connection, _: liked.put_liked(connection, tracks))

    async def liked(self, limit: int | None = None, offset: int = 0) -> list[LikedTrack]:
        """Liked songs, newest first; times are in UTC."""
        return await self._read(lambda connection: liked.liked(connection, self._decoder, limit, offset))

    async def liked_count(self) -> int:
        """How many liked songs there are."""
        return await self._read(liked.count)

    async def newest_liked_at(self) -> datetime | None:
        """When the newest liked song was liked, in UTC."""
        return await self._read(liked.newest_at)

    async def is_liked(self, uris: Sequence[Uri]) -> set[Uri]:
        """Those of ``uris`` that are liked."""
        return await self._read(lambda connection: liked.which_liked(connection, uris))

    async def remove_liked(self, uris: Sequence[Uri]) -> None:
        """Forget liked songs; unknown uris are ignored."""
        await self._write(lambda connection, _: liked.remove(connection, uris))

    async def put_playlist(self, playlist: Playlist, position: int, tracks: Sequence[Track]) -> None:
        """Exactly these tracks in the playlist from now on; ``position`` is its place among the playlists."""
        await self._write(lambda connection, _: playlists.put(connection, playlist, position, tracks))

    async def keep_playlists(self, listed: Sequence[Playlist]) -> Mapping[str, str]:
        """Forget all others, and take over these names and their order; by id, under which snapshot each was read."""
        return await self._write(lambda connection, _: playlists.keep(connection, listed))

    async def playlist_lists(self) -> list[TrackList]:
        """The playlists that have tracks, in their order. Each is a read of its own: whoever writes waits for one."""
        one_of_each: dict[str, str] = {}  # the same few thousand texts stand in many lists
        titles = await self._read(playlists.titles)
        reads = [partial(playlists.one_list, self._decoder, one_of_each, *title) for title in titles]
        return [one for read in reads if (one := await self._read(read)).items]

    async def put_lookup(self, key: str, at_ms: EpochMs, found: Sequence[Track], forget_before_ms: EpochMs) -> None:
        """Remember what the service found for ``key``; answers from before ``forget_before_ms`` go."""
        await self._write(lambda connection, _: lookup.put(connection, key, at_ms, found, forget_before_ms))

    async def lookups(self, keys: Sequence[str], since_ms: EpochMs) -> Mapping[str, tuple[Track, ...]]:
        """What the service found since then, for those of ``keys`` that were looked up."""
        return await self._read(lambda connection: lookup.get(connection, self._decoder, keys, since_ms))

    async def put_past(self, plays: Sequence[PastPlay]) -> PastWritten:
        """Insert plays of the past that are not there yet. A power cut may take it back: it can be done again."""
        return await self._write(lambda connection, _: past.put(connection, plays), must_last=False)

    async def newest_past(self, limit: int, before: int | None) -> list[tuple[int, PastPlay]]:
        """Plays of the past with their ids (below 0), newest first."""
        return await self._read(lambda connection: past.newest(connection, limit, before))

    async def fold_past(self, after: int | None, limit: int, take: Callable[[PastPlay], None]) -> int | None:
        """Give up to ``limit`` plays to ``take``, in the store's thread, oldest first; the id to go on from."""
        return await self._read(lambda connection: past.fold(connection, after, limit, take))

    async def recent_plays(self, since_ms: EpochMs) -> list[Play]:
        """What counted as played since then, oldest first, twins too."""
        return await self.plays.recent(since_ms)

    async def prune(self, before_ms: EpochMs) -> int:
        """Delete told events older than that (never history, receipts, or the newest event); how many went."""
        return await self._write(lambda connection, writes: writes.prune(connection, before_ms))

    async def backup(self, target: Path) -> None:
        """A consistent copy while the hub runs, as one file. Raises ``BackupError``, for PostgreSQL always."""
        await self._in_thread(lambda database: back_up(database, target))

    async def statistics(self) -> Mapping[str, float]:
        """``rows_<table>`` for every table, and ``bytes`` on disk."""
        return await self._in_thread(_statistics)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        def run(database: Database) -> T:
            with database.read() as connection:
                return work(connection)

        return await self._in_thread(run)

    async def _write(self, work: Callable[[Connection, Writes], T], *, must_last: bool = True) -> T:
        def run(database: Database) -> T:
            assert self._writes is not None
            with database.write() if must_last else database.jot() as connection:
                return work(connection, self._writes)

        return await self._in_thread(run)

    async def _in_thread(self, work: Callable[[Database], T]) -> T:
        if self._executor is None:
            raise StoreDown("The database is closed")
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._guarded, work)

    def _guarded(self, work: Callable[[Database], T]) -> T:
        database = self._database
        if database is None:
            raise StoreDown("The database is not open")
        if self._file_id is not None and _file_id(database) != self._file_id:
            # An open file outlives its name: without this look everything would be written to a ghost.
            raise StoreDown(
                f"The database {database.place.label} was moved, replaced or deleted while the hub runs; "
                "put it back, or restart the hub"
            )
        try:
            return work(database)
        except (IntegrityError, DataError):
            raise  # a fault of the caller's, which no waiting mends
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            if database.is_sqlite and not _is_passing(error):
                database.engine.dispose()  # open it afresh the next time
            raise StoreDown(explain(error, database.place)) from error

    def _open(self) -> None:
        database = self._database = connect(self._url, self._data_dir, self._busy_timeout_ms)
        prepare_file(database.place, self._data_dir)
        try:
            bring_up_to_date(database, self._lineage)
            with database.write() as connection:
                # A disk that is full or read-only is better told of now than at the first verdict.
                connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise StartError(explain(error, database.place)) from error
        self._writes = Writes(database.engine.dialect.name)
        self._file_id = _file_id(database)

    def _close(self) -> None:
        database, self._database, self._file_id = self._database, None, None
        if database is not None:
            database.engine.dispose()


class _Desk:
    """Implements ``play_shelf.Desk``: the parts of the store hand in their work by the same door as the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._store._read(work)

    async def write(self, work: Callable[[Connection], T], *, must_last: bool = True) -> T:
        return await self._store._write(lambda connection, _: work(connection), must_last=must_last)


def _file_id(database: Database) -> tuple[int, int] | None:
    if database.place.path is None:
        return None
    try:
        found = database.place.path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_passing(error: Exception) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (getattr(cause, "sqlite_errorname", None) or "").startswith(_PASSING_TROUBLES)


def _statistics(database: Database) -> dict[str, float]:
    with database.read() as connection:
        found = {
            f"rows_{table.name}": float(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in METADATA.sorted_tables
        }
        path = database.place.path
        if path is None:
            query = text("SELECT pg_database_size(current_database())")
            found["bytes"] = float(connection.execute(query).scalar_one())
        else:
            files = (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm"))
            found["bytes"] = float(sum(file.stat().st_size for file in files if file.exists()))
    return found
