"""Brings the sublists' playlists to what they shall hold, and goes on with what was begun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from moodroom_hub.core.sorting import OnProgress, Write, WriteStatus
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.sorting.correcting import Corrections, without_corrected
from moodroom_hub.domain.sorting.models import Layer, LayerKey, SublistKey
from moodroom_hub.domain.sorting.steps import MOST_PER_STEP
from moodroom_hub.domain.sorting.writing import Plan, plan
from moodroom_hub.plugins.sorter.aside import aside
from moodroom_hub.plugins.sorter.writing.carrying import carry_out
from moodroom_hub.plugins.sorter.writing.desk import Desk, Outcome, Progress
from moodroom_hub.plugins.sorter.writing.reading import (
    Surveyed,
    emptied_notes,
    listing,
    moved,
    note_new,
    reading_of,
    still_there,
    survey,
)

Targets = Mapping[SublistKey, Sequence[Uri]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What ``apply`` would do to one sublist's playlist. ``playlist``: its id, empty where it would be made.

    ``tracks``: what is in it now, by uri, as the service tells it. ``calls``: how many of the service it takes.
    """

    sublist: SublistKey
    name: str
    playlist: str
    plan: Plan
    tracks: Mapping[Uri, Track]
    was_deleted: bool = False

    @property
    def calls(self) -> int:
        """To make, to take out, to add."""
        parts = (len(self.plan.removes), len(self.plan.adds))
        return (not self.playlist and self.plan.is_change) + sum(-(-part // MOST_PER_STEP) for part in parts)


async def diff(
    desk: Desk, layer: Layer, targets: Targets, same: Mapping[Uri, Uri]
) -> tuple[tuple[Difference, ...], Outcome]:
    """What ``apply`` would do, and what it would find on the way. Reads only."""
    books = await desk.store.writes(layer.key)
    surveyed = await survey(desk, layer, targets, books, await listing(desk))
    found = await moved(desk, layer, surveyed, same)
    plans = await aside(partial(_plans, layer, surveyed, targets, found, same))
    differences = tuple(
        Difference(
            one.sublist.key,
            one.name,
            "" if one.playlist is None else one.playlist.id,
            plans[one.sublist.key],
            one.held.tracks,
            one.was_deleted,
        )
        for one in surveyed
    )
    notes = [*_deleted_notes(surveyed, plans), *emptied_notes(surveyed, found)]
    if any(one.is_open for one in surveyed):
        notes.append("An earlier writing is not finished; it is gone on with first.")
    return differences, Outcome(labels=found.labels, notes=tuple(notes))


async def apply(
    desk: Desk, layer: Layer, targets: Targets, same: Mapping[Uri, Uri], batch: int, on_progress: OnProgress
) -> Outcome:
    """Write these sublists' playlists; what was begun earlier is gone on with first. Raises ``Trouble``.

    What the owner moved since the last time is remembered as labels, and heeded.
    """
    earlier = await continue_open(desk, layer.key, on_progress)
    books = await desk.store.writes(layer.key)
    surveyed = await survey(desk, layer, targets, books, await listing(desk))
    found = await moved(desk, layer, surveyed, same)
    plans = await aside(partial(_plans, layer, surveyed, targets, found, same))
    await desk.store.put_labels(layer.key, found.labels)
    begun, readings = [], []
    for one in surveyed:
        planned = plans[one.sublist.key]
        if planned.is_change:
            begun.append(_write(desk, layer, one, planned, batch))
        elif (reading := reading_of(desk, layer, one, books, planned.ours)) is not None:
            readings.append(reading)
    stored = (await desk.store.put_writes([*begun, *readings]))[: len(begun)]
    progress = Progress(sum(len(each.adds) + len(each.removes) for each in plans.values()), on_progress)
    held = {one.sublist.key: one.held for one in surveyed}
    done = [
        await carry_out(desk, each, held[each.sublist] if each.playlist else None, may_exist=False, more=progress.more)
        for each in stored
    ]
    await note_new(desk, done)
    notes = [*earlier.notes, *_deleted_notes(surveyed, plans), *emptied_notes(surveyed, found), *gone_notes(done)]
    return Outcome(stored[0].batch if stored else 0, tuple(done), found.labels, tuple(notes))


async def continue_open(desk: Desk, layer: LayerKey | None, on_progress: OnProgress) -> Outcome:
    """Go on with every change that was begun, the oldest first (all layers: ``None``). Raises ``Trouble``."""
    begun = [each for each in await desk.store.writes(layer) if each.status is WriteStatus.BEGUN]
    if not begun:
        return Outcome()
    listed = await listing(desk)
    progress = Progress(sum(len(set(each.former) ^ set(each.wanted)) for each in begun), on_progress)
    done: list[Write] = []
    for write in reversed(begun):
        if write.playlist and await still_there(desk, write, listed) is None:
            done += await desk.store.put_writes([replace(write, status=WriteStatus.TAKEN_BACK)])
        else:
            done.append(await carry_out(desk, write, may_exist=True, more=progress.more))
    await note_new(desk, done)
    return Outcome(done[-1].batch, tuple(done), (), gone_notes(done))


def gone_notes(done: Sequence[Write]) -> tuple[str, ...]:
    """Lines about playlists that were deleted under way."""
    return tuple(
        f"The playlist {each.name!r} was deleted while it was written; write once more to make it anew."
        for each in done
        if each.status is WriteStatus.TAKEN_BACK
    )


def _plans(
    layer: Layer, surveyed: Sequence[Surveyed], targets: Targets, found: Corrections, same: Mapping[Uri, Uri]
) -> dict[SublistKey, Plan]:
    wanted = without_corrected(targets, found.labels, is_mutual=layer.is_mutual, same=same)
    plans = {}
    for one in surveyed:
        key = one.sublist.key
        ours = () if one.left is None or key in found.emptied else one.left.ours
        plans[key] = plan(one.held.rows, ours, wanted[key], same)
    return plans


def _write(desk: Desk, layer: Layer, one: Surveyed, planned: Plan, batch: int) -> Write:
    return Write(
        id=0,
        batch=batch,
        layer=layer.key,
        sublist=one.sublist.key,
        name=one.name,
        playlist="" if one.playlist is None else one.playlist.id,
        former=one.held.rows,
        wanted=planned.rows,
        ours_before=() if one.left is None else one.left.ours,
        ours=planned.ours,
        at_ms=desk.clock.now_ms(),
        is_new=one.playlist is None,
    )


def _deleted_notes(surveyed: Sequence[Surveyed], plans: Mapping[SublistKey, Plan]) -> list[str]:
    return [
        f"The playlist {one.name!r} is not among yours any more; it is made anew."
        for one in surveyed
        if one.was_deleted and plans[one.sublist.key].is_change
    ]
