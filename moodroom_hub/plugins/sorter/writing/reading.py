"""Reads the sublists' playlists: which they are, what they hold, and what the owner moved since."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import Playlist
from moodroom_hub.core.sorting import Write, WriteStatus
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.sorting.correcting import Corrections, Left, corrections
from moodroom_hub.domain.sorting.models import Layer, Sublist, SublistKey
from moodroom_hub.domain.sorting.steps import UNKNOWN
from moodroom_hub.plugins.sorter.aside import aside
from moodroom_hub.plugins.sorter.writing.desk import Desk, Outcome, is_reading

log = logging.getLogger(__name__)

_READS = 3
_NEW_MS = 120_000
"""A service may list a playlist some moments after it was made."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a playlist holds. ``is_certain``: it was read just now, and not reckoned from what was asked for."""

    rows: tuple[Uri, ...] = ()
    snapshot: str = ""
    is_certain: bool = False
    tracks: Mapping[Uri, Track] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """The owner's playlists, as the service lists them: one that was deleted is not among them."""

    playlists: tuple[Playlist, ...]

    def one(self, playlist_id: str) -> Playlist | None:
        """By its id, where it is still there."""
        return next((each for each in self.playlists if each.id == playlist_id), None)

    def named(self, name: str) -> list[Playlist]:
        """The owner's own ones of exactly this name."""
        return [each for each in self.playlists if each.is_own and each.name.strip() == name.strip()]


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One sublist's playlist. ``playlist`` is ``None`` where there is none (any more).

    ``left``: how it was left, ``None`` where the sorter never looked at it. ``was_deleted``: there was one.
    """

    sublist: Sublist
    playlist: Playlist | None
    held: Held
    left: Left | None
    was_deleted: bool = False
    is_open: bool = False

    @property
    def name(self) -> str:
        """The playlist's name, as it is configured."""
        return name_of(self.sublist)


def name_of(sublist: Sublist) -> str:
    """The name of a sublist's playlist."""
    return sublist.playlist or sublist.name


async def listing(desk: Desk) -> Listing:
    """All of the owner's playlists. Raises ``Trouble``."""

    return await desk.politely(partial(_listing, desk))


async def note_new(desk: Desk, done: Sequence[Write]) -> None:
    """Look whether what these made is listed already: from then on it was deleted as soon as it is not."""
    if any(each.is_new for each in done):
        try:
            await _listing(desk)
        except Trouble as trouble:
            log.info("whether new playlists are listed already is not known: %s", trouble.message)


async def _listing(desk: Desk) -> Listing:
    found = Listing(tuple([each async for each in desk.account.playlists()]))
    desk.listed.update(each.id for each in found.playlists)
    return found


async def still_there(desk: Desk, write: Write, listed: Listing) -> Playlist | None:
    """The playlist of the write, where the owner still has it. Raises ``Trouble``.

    Services keep deleted ones under their ids, so the list decides; but not of one that was made just now and was
    never listed.
    """
    found = listed.one(write.playlist)
    is_known = write.playlist in desk.listed
    if found is None and write.is_new and not is_known and desk.clock.now_ms() - write.at_ms < _NEW_MS:
        try:
            return await desk.politely(lambda: desk.account.playlist(write.playlist))
        except Trouble as trouble:
            if trouble.code is not TroubleCode.NOT_FOUND:
                raise
    return found


async def held(desk: Desk, playlist_id: str, snapshot: str | None = None) -> Held:
    """Everything that is in the playlist. ``snapshot``: as it was told just before. Raises ``Trouble``."""
    for _ in range(_READS):
        if snapshot is None:
            snapshot = (await desk.politely(lambda: desk.account.playlist(playlist_id))).snapshot
        rows, is_whole = await desk.politely(lambda: _rows(desk, playlist_id))
        if is_whole:
            uris = tuple(UNKNOWN if row is None else row.uri for row in rows)
            return Held(uris, snapshot, is_certain=True, tracks={row.uri: row for row in rows if row is not None})
        snapshot = None
    raise Trouble(TroubleCode.UNAVAILABLE, "A playlist changes while it is read; try again in a moment.")


async def _rows(desk: Desk, playlist_id: str) -> tuple[list[Track | None], bool]:
    """The items, and whether these are all of them: it did not change from page to page."""
    rows: list[Track | None] = []
    totals = set()
    async for page in desk.account.playlist_items(playlist_id):
        rows += page.items
        totals.add(page.total)
    return rows, totals == {len(rows)}


async def survey(
    desk: Desk, layer: Layer, keys: Collection[SublistKey], books: Sequence[Write], listed: Listing
) -> list[Surveyed]:
    """Find and read the playlists of these sublists. ``books``: the layer's writes, newest first. Raises ``Trouble``.

    ``CONFLICT`` where two of the owner's playlists have the name of one sublist.
    """
    sublists = [each for each in layer.sublists if each.key in keys]
    names = [name_of(each).strip() for each in sublists]
    for name in names:
        if names.count(name) > 1:
            raise Trouble(
                TroubleCode.BAD_REQUEST,
                f"Two sublists of the layer {layer.key} have the playlist {name!r}; give each a name of its own.",
            )
    found = []
    for sublist in sublists:
        past = [each for each in books if each.sublist == sublist.key and each.status is not WriteStatus.TAKEN_BACK]
        playlist, was_deleted = await _find(desk, sublist, past, listed)
        if playlist is None:
            found.append(Surveyed(sublist, None, Held(is_certain=True), None, was_deleted))
            continue
        now = await held(desk, playlist.id, playlist.snapshot)
        mine = [each for each in past if each.playlist == playlist.id]
        left = _left(mine[0], now.rows) if mine else None
        is_open = bool(mine) and mine[0].status is WriteStatus.BEGUN
        found.append(Surveyed(sublist, playlist, now, left, is_open=is_open))
    return found


async def moved(desk: Desk, layer: Layer, surveyed: Sequence[Surveyed], same: Mapping[Uri, Uri]) -> Corrections:
    """What the owner moved in these playlists since each was left. Lists whose change is under way say nothing."""
    known = [each for each in surveyed if each.left is not None and not each.is_open]
    if not known:
        return Corrections(())
    labels = await desk.store.labels(layer.key)
    return await aside(
        partial(
            corrections,
            {each.sublist.key: each.left for each in known if each.left is not None},
            {each.sublist.key: each.held.rows for each in known},
            {same.get(label.uri, label.uri): label for label in labels},
            is_mutual=layer.is_mutual,
            at_ms=desk.clock.now_ms(),
            same=same,
        )
    )


def reading_of(desk: Desk, layer: Layer, one: Surveyed, books: Sequence[Write], ours: tuple[Uri, ...]) -> Write | None:
    """What remembers that the playlist was found like this; ``None`` where that is known already."""
    if one.playlist is None or one.left is None or one.left.rows == one.held.rows:
        return None
    rows = one.held.rows
    newest = next(
        each for each in books if each.sublist == one.sublist.key and each.status is not WriteStatus.TAKEN_BACK
    )
    new = Write(
        0, 0, layer.key, one.sublist.key, one.name, one.playlist.id, rows, rows, ours, ours, desk.clock.now_ms(),
        WriteStatus.DONE,
    )  # fmt: skip
    return replace(new, id=newest.id, batch=newest.batch) if is_reading(newest) else new


async def take_corrections(desk: Desk, layer: Layer, keys: Collection[SublistKey], same: Mapping[Uri, Uri]) -> Outcome:
    """Find what the owner moved, and remember it. Lists that were never written are not looked at."""
    books = await desk.store.writes(layer.key)
    written = frozenset(each.sublist for each in books if each.playlist and each.status is not WriteStatus.TAKEN_BACK)
    if not written & frozenset(keys):
        return Outcome()
    surveyed = await survey(desk, layer, written & frozenset(keys), books, await listing(desk))
    found = await moved(desk, layer, surveyed, same)
    await desk.store.put_labels(layer.key, found.labels)
    readings = []
    for one in surveyed:
        if one.is_open or one.left is None:
            continue
        there = frozenset(one.held.rows)
        ours = tuple(uri for uri in one.left.ours if uri in there)
        readings.append(reading_of(desk, layer, one, books, ours))
    await desk.store.put_writes([each for each in readings if each is not None])
    notes = [
        f"The playlist {one.name!r} is not among yours any more: that says nothing of its songs."
        for one in surveyed
        if one.was_deleted
    ]
    return Outcome(labels=found.labels, notes=(*notes, *emptied_notes(surveyed, found)))


def emptied_notes(surveyed: Sequence[Surveyed], found: Corrections) -> list[str]:
    """Lines about lists that the owner emptied."""
    names = {each.sublist.key: each.name for each in surveyed}
    return [
        f"{names[key]!r} was emptied by hand: that says nothing of its songs, and the next writing fills it again."
        for key in found.emptied
    ]


async def _find(desk: Desk, sublist: Sublist, past: Sequence[Write], listed: Listing) -> tuple[Playlist | None, bool]:
    """The one that was written last, else the owner's by that name; and whether one that was written is gone."""
    name = name_of(sublist)
    known = [each for each in past if each.playlist and each.name == name]
    for write in known:
        if (playlist := await still_there(desk, write, listed)) is not None:
            return playlist, False
    named = listed.named(name)
    if len(named) > 1:
        raise Trouble(
            TroubleCode.CONFLICT,
            f"Two of your playlists are called {name!r}: rename one of them, or name another one in the configuration.",
        )
    return (named[0], False) if named else (None, bool(known))


def _left(write: Write, rows: Sequence[Uri]) -> Left:
    if write.status is WriteStatus.BEGUN:
        there = frozenset(rows)
        ours = dict.fromkeys((*write.ours_before, *(uri for uri in write.ours if uri in there)))
        return Left(write.former, tuple(ours))
    return Left(write.wanted, write.ours)
