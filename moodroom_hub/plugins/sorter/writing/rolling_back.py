"""Takes the last writing back: every playlist to exactly the order that it had before."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import OnProgress, Write, WriteStatus
from moodroom_hub.domain.models import EpochMs, Uri
from moodroom_hub.domain.sorting.models import LayerKey
from moodroom_hub.domain.sorting.steps import attainable
from moodroom_hub.domain.sorting.writing import is_as_left, taken_back
from moodroom_hub.plugins.sorter.aside import aside
from moodroom_hub.plugins.sorter.writing.applying import continue_open, gone_notes
from moodroom_hub.plugins.sorter.writing.carrying import carry_out
from moodroom_hub.plugins.sorter.writing.desk import Desk, Outcome, Progress, is_reading
from moodroom_hub.plugins.sorter.writing.reading import Held, held, listing, still_there


async def rollback(
    desk: Desk, layer: LayerKey | None, batch: int | None, on_progress: OnProgress, *, is_forced: bool
) -> Outcome:
    """Take a batch back (the last one: ``None``), whole or nothing of it. Raises ``Trouble``.

    ``NOT_FOUND`` where there is nothing to take back, ``CONFLICT`` where the owner changed a playlist since. By force
    the former order comes back all the same; what the owner placed there since is put at its end.
    """
    books = await desk.store.writes(layer)
    if any(each.status is WriteStatus.BEGUN and each.is_back for each in books):
        return await continue_open(desk, layer, on_progress)  # it is half-way back already
    writes = _last(books, batch)
    listed = await listing(desk)
    backs: list[Write] = []
    now: dict[str, Held] = {}
    notes: list[str] = []
    for write in reversed(writes):
        if not write.playlist or await still_there(desk, write, listed) is None:
            if write.playlist:
                notes.append(f"The playlist {write.name!r} is not among yours any more: nothing to take back there.")
            continue
        now[write.playlist] = there = await held(desk, write.playlist)
        is_done = write.status is WriteStatus.DONE
        if not is_forced and not is_as_left(there.rows, write.former, write.wanted, is_done=is_done):
            raise Trouble(
                TroubleCode.CONFLICT,
                f"You changed the playlist {write.name!r} since it was written. Taking it back by force restores its "
                "former order and puts at the end what you added since.",
            )
        backs.append(back := await aside(partial(_back, write, there.rows, desk.clock.now_ms())))
        notes += _notes(write, back)
    stored = await desk.store.put_writes([*backs, *(replace(each, status=WriteStatus.TAKEN_BACK) for each in writes)])
    progress = Progress(sum(len(set(each.former) ^ set(each.wanted)) for each in backs), on_progress)
    done = [
        await carry_out(desk, each, now[each.playlist], may_exist=False, more=progress.more)
        for each in stored[: len(backs)]
    ]
    return Outcome(done[0].batch if done else 0, tuple(done), (), (*notes, *gone_notes(done)))


def _last(books: Sequence[Write], batch: int | None) -> list[Write]:
    """The writes of the batch. Raises ``Trouble``."""
    held_still = [
        each
        for each in books
        if not each.is_back and each.status is not WriteStatus.TAKEN_BACK and not is_reading(each)
    ]
    if batch is None:
        batch = max((each.batch for each in held_still), default=0)
    writes = [each for each in held_still if each.batch == batch]
    if not writes:
        raise Trouble(TroubleCode.NOT_FOUND, "There is nothing to take back: no playlist was written since.")
    lists = {(each.layer, each.sublist) for each in writes}
    if any(each.batch > batch and (each.layer, each.sublist) in lists for each in held_still):
        raise Trouble(
            TroubleCode.CONFLICT, "These playlists were written again since; take the later writing back first."
        )
    return writes


def _back(write: Write, rows: tuple[Uri, ...], at_ms: EpochMs) -> Write:
    target = attainable(rows, taken_back(rows, write.former, write.wanted))
    there = frozenset(target)
    ours = tuple(uri for uri in write.ours_before if uri in there)
    return Write(
        id=0,
        batch=0,
        layer=write.layer,
        sublist=write.sublist,
        name=write.name,
        playlist=write.playlist,
        former=rows,
        wanted=target,
        ours_before=write.ours,
        ours=ours,
        at_ms=at_ms,
        is_back=True,
    )


def _notes(write: Write, back: Write) -> list[str]:
    notes = []
    if write.is_new:
        notes.append(
            f"{write.name!r} was made by the sorter: it is emptied and left, delete it in the app if you like."
        )
    there = frozenset(back.wanted)
    lost = sum(uri not in there for uri in write.former)
    if lost:
        notes.append(f"{write.name!r}: {lost} local files that are gone cannot be put back by the service.")
    return notes
