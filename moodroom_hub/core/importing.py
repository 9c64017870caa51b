"""Pools by hand: what a file says becomes base rows, and receipts where it changes what is there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import ImportReport
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.ports import Account
from moodroom_hub.domain.models import PoolEntry, ReceiptKind, Room, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.pool_files import (
    COLUMNS,
    PoolFileError,
    PoolRow,
    changes_from_state,
    parse_csv,
    parse_state_json,
)
from moodroom_hub.domain.pools import Pool, PoolChange
from moodroom_hub.domain.recording import name_key, normal_isrc, track_name_key

BASE_WHY = "from an imported file"


@dataclass(slots=True)
class _Sheet:
    """What an import wants of one room."""

    pool: Pool
    learned: Collection[Uri]
    by_isrc: dict[str, PoolEntry]
    by_name: dict[str, PoolEntry]
    new: dict[Uri, PoolEntry] = field(default_factory=dict)
    changes: list[PoolChange] = field(default_factory=list)
    kept: int = 0


class Importing:
    """Imports pool files. Tracks without a uri are found by search, or listed; nothing is guessed."""

    def __init__(self, pools: PoolBook, rooms: Mapping[RoomSlug, Room], clock: Clock) -> None:
        self._pools = pools
        self._rooms = rooms
        self._clock = clock

    async def run(self, text: str, form: str, accounts: Sequence[Account], *, overwrite: bool) -> ImportReport:
        """Import a file's text. ``form``: ``csv`` or ``state``. Raises ``Trouble(BAD_REQUEST)`` for a useless file."""
        if not text.strip("\ufeff \t\r\n"):
            begin = f" Its first line names the columns: {','.join(COLUMNS)}." if form == "csv" else ""
            raise Trouble(TroubleCode.BAD_REQUEST, f"The file is empty.{begin}")
        try:
            if form == "csv":
                return await self._csv(text, accounts, overwrite=overwrite)
            if form == "state":
                return await self._state(text)
        except PoolFileError as error:
            raise Trouble(TroubleCode.BAD_REQUEST, str(error)) from error
        raise Trouble(TroubleCode.BAD_REQUEST, "The format must be csv or state.")

    async def _csv(self, text: str, accounts: Sequence[Account], *, overwrite: bool) -> ImportReport:
        file = parse_csv(text, list(self._rooms.values()))
        if not file.rows and not file.problems:
            raise Trouble(TroubleCode.BAD_REQUEST, "The file has no tracks: there is a header, and nothing below it.")
        finder = _Finder(accounts)
        sheets: dict[RoomSlug, _Sheet] = {}
        unresolved: list[str] = []
        for row in file.rows:
            if row.room not in sheets:
                sheets[row.room] = await self._sheet(row.room)
            sheet = sheets[row.room]
            track = _known(sheet, row) or await finder.find(row)
            if track is None:
                unresolved.append(f"{row.room}: {row.name} by {', '.join(row.artists)}: {finder.reason}")
            else:
                self._want(sheet, track, row.tier, overwrite=overwrite)
        notes = tuple(f"column {name} means nothing here and was passed over" for name in file.ignored_columns)
        for room, sheet in sheets.items():
            await self._pools.put_base(room, list(sheet.new.values()), replace_all=False)
            await self._pools.change(room, sheet.changes)
        return ImportReport(
            added=sum(len(sheet.new) for sheet in sheets.values()),
            changed=sum(len(sheet.changes) for sheet in sheets.values()),
            kept=sum(sheet.kept for sheet in sheets.values()),
            unresolved=tuple(unresolved),
            problems=(*(str(problem) for problem in file.problems), *notes),
        )

    async def _sheet(self, room: RoomSlug) -> _Sheet:
        pool = await self._pools.pool(room)
        entries = pool.entries.values()
        return _Sheet(
            pool=pool,
            learned=await self._pools.learned(room),
            by_isrc={isrc: entry for entry in entries if (isrc := normal_isrc(entry.track.isrc)) is not None},
            by_name={key: entry for entry in entries if (key := track_name_key(entry.track)) is not None},
        )

    def _want(self, sheet: _Sheet, track: Track, tier: Tier, *, overwrite: bool) -> None:
        now_ms = self._clock.now_ms()
        before = sheet.pool.entries.get(track.uri) or sheet.by_isrc.get(normal_isrc(track.isrc) or "")
        if before is None:
            sheet.new.setdefault(track.uri, PoolEntry(track, tier, since_ms=now_ms, why=BASE_WHY))
        elif before.tier is not tier:
            if not overwrite and before.track.uri in sheet.learned:
                sheet.kept += 1
                return
            why = f"imported · {before.tier} → {tier}"
            after = PoolEntry(before.track, tier, before.strikes, now_ms, why)
            sheet.changes.append(PoolChange(sheet.pool.room, before.track, ReceiptKind.IMPORTED, before, after, why))

    async def _state(self, text: str) -> ImportReport:
        state = parse_state_json(text)
        pools = {slug: await self._pools.pool(slug) for slug in self._rooms}
        wanted = changes_from_state(state, pools, list(self._rooms.values()), self._clock.now_ms())
        by_room: dict[RoomSlug, list[PoolChange]] = {}
        for change in wanted.changes:
            by_room.setdefault(change.room, []).append(change)
        for room, changes in by_room.items():
            await self._pools.change(room, changes)
        return ImportReport(
            changed=len(wanted.changes),
            problems=tuple(str(problem) for problem in (*state.problems, *wanted.unmatched)),
        )


class _Finder:
    """Finds tracks by search, until the service says that it cannot be asked."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._account = accounts[0] if accounts else None
        self._hindrance = "" if accounts else "no plugin can search"
        self.reason = ""

    async def find(self, row: PoolRow) -> Track | None:
        """The row's track; ``None`` with ``reason`` set where it cannot be known."""
        if row.uri is not None:
            return Track(row.uri, row.name or str(row.uri), row.artists, isrc=row.isrc)
        if self._account is None or self._hindrance:
            self.reason = f"not searched for: {self._hindrance}"
            return None
        try:
            found = await self._account.find_track(row.name, row.artists[0], row.isrc)
        except Trouble as trouble:
            self._hindrance = self.reason = trouble.message
            return None
        self.reason = "not found on the service"
        return found


def _known(sheet: _Sheet, row: PoolRow) -> Track | None:
    """The pool's own track that a row without a uri names."""
    if row.uri is not None or not row.artists:
        return None
    key = name_key(row.name, row.artists[0])
    entry = sheet.by_isrc.get(row.isrc or "") or (sheet.by_name.get(key) if key is not None else None)
    return None if entry is None else entry.track
