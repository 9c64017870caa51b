"""Carries one change of a playlist out, from wherever it stands, until the playlist holds what it shall.

Nothing is asked for twice without reading in between: after every answer that leaves it open whether something
happened, the playlist is read, and what is left to do is reckoned from what is there.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import Write, WriteStatus
from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.steps import Add, Move, Remove, Step, after, next_step
from moodroom_hub.domain.sorting.writing import going_back_on, going_on
from moodroom_hub.plugins.sorter.aside import aside
from moodroom_hub.plugins.sorter.writing.desk import Desk, Patience
from moodroom_hub.plugins.sorter.writing.reading import Held, held, listing

log = logging.getLogger(__name__)

DESCRIPTION = "Kept in order by Moodroom Hub."
_SURPRISES = 6
"""So often in a row the playlist may turn out to be other than what was answered."""


async def carry_out(
    desk: Desk, write: Write, now: Held | None = None, *, may_exist: bool, more: Callable[[int], None]
) -> Write:
    """Do what is left of it; gives it ``DONE``, or ``TAKEN_BACK`` where its playlist is gone. Raises ``Trouble``.

    ``now``: as it was read a moment ago. ``may_exist``: an earlier run may have made the playlist already. ``more``
    hears how many songs were dealt with.
    """
    if not write.playlist:
        write = await _made(desk, write, may_exist=may_exist)
        now = None
    try:
        await _settle(desk, write, now, more)
        status = WriteStatus.DONE
    except _GoneError:
        log.warning("a playlist of the layer %s was deleted while it was written", write.layer)
        status = WriteStatus.TAKEN_BACK
    (done,) = await desk.store.put_writes([replace(write, status=status)])
    return done


class _GoneError(Exception):
    """The playlist is not there any more."""


async def _made(desk: Desk, write: Write, *, may_exist: bool) -> Write:
    """Make the playlist, unless an earlier try did. Until there was one, there was none of that name."""
    patience = Patience(desk.clock)
    while True:
        if may_exist and (found := (await listing(desk)).named(write.name)):
            playlist = found[0]
            break
        try:
            playlist = await desk.account.create_playlist(write.name, DESCRIPTION)
            break
        except Trouble as trouble:
            may_exist = may_exist or trouble.outcome_unknown
            await patience.wait(trouble)
    (write,) = await desk.store.put_writes([replace(write, playlist=playlist.id)])
    return write


async def _settle(desk: Desk, write: Write, now: Held | None, more: Callable[[int], None]) -> None:
    patience = Patience(desk.clock)
    believed = await _read(desk, write) if now is None else replace(now, is_certain=False)
    surprises = 0
    while True:
        step = await aside(partial(_next, write, believed.rows))
        if step is None and believed.is_certain:
            return
        if step is None:
            believed = await _checked(desk, write, believed)
            surprises += 1
        else:
            was_done, believed = await _take(desk, write, step, believed, patience)
            if was_done:
                more(_size(step))
        if surprises > _SURPRISES:
            raise Trouble(
                TroubleCode.UNAVAILABLE,
                f"The playlist {write.name!r} does not stay as it is written; try again later, it is gone on with.",
            )


def _next(write: Write, rows: tuple[Uri, ...]) -> Step | None:
    """Of a list of thousands it takes some hundredths of a second."""
    wants = going_back_on if write.is_back else going_on
    return next_step(rows, wants(rows, write.former, write.wanted))


async def _take(desk: Desk, write: Write, step: Step, believed: Held, patience: Patience) -> tuple[bool, Held]:
    """One call. Gives whether it surely happened, and what the playlist holds now, read anew where that is open."""
    try:
        snapshot = await _ask(desk, write.playlist, step, believed.snapshot)
    except Trouble as trouble:
        log.info("a step of writing a playlist of the layer %s: %s", write.layer, trouble.message)
        if trouble.code is TroubleCode.REFUSED and not believed.is_certain:
            return False, await _read(desk, write)  # the owner may have changed it since: its places are others
        if trouble.code is TroubleCode.NOT_FOUND:
            trouble = await _still_there(desk, write, trouble)
        await patience.wait(trouble)
        return False, await _read(desk, write)
    patience.calm()
    return True, Held(after(believed.rows, step), snapshot)


async def _ask(desk: Desk, playlist: str, step: Step, snapshot: str) -> str:
    match step:
        case Add(uris, position):
            return await desk.account.add_tracks(playlist, uris, position)
        case Remove(uris):
            return await desk.account.remove_tracks(playlist, uris, snapshot)
        case Move(start, length, before):
            return await desk.account.move_tracks(playlist, start, length, before, snapshot)


async def _checked(desk: Desk, write: Write, believed: Held) -> Held:
    """What it holds, for certain: as believed where nobody else changed it, else read anew."""
    try:
        playlist = await desk.politely(lambda: desk.account.playlist(write.playlist))
    except Trouble as trouble:
        if trouble.code is not TroubleCode.NOT_FOUND:
            raise
        await _still_there(desk, write, trouble)
        return await _read(desk, write)
    if playlist.snapshot == believed.snapshot and playlist.total == len(believed.rows):
        return replace(believed, is_certain=True)
    return await _read(desk, write)


async def _read(desk: Desk, write: Write) -> Held:
    patience = Patience(desk.clock)
    while True:
        try:
            return await held(desk, write.playlist)
        except Trouble as trouble:
            if trouble.code is not TroubleCode.NOT_FOUND:
                raise
            await patience.wait(await _still_there(desk, write, trouble))


async def _still_there(desk: Desk, write: Write, trouble: Trouble) -> Trouble:
    """The service says at times that something is not there which is. Raises ``_GoneError`` where it is gone."""
    if (await listing(desk)).one(write.playlist) is None:
        raise _GoneError
    return Trouble(TroubleCode.UNAVAILABLE, trouble.message)


def _size(step: Step) -> int:
    match step:
        case Add(uris) | Remove(uris):
            return len(uris)
        case Move(_, length):
            return length
