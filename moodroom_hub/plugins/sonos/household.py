"""Where music went when speakers were regrouped. Pure.

Sonos does not say it: a group has a coordinator before, and maybe another one afterwards, and the same picture may mean
that the coordinator walked out on the music or that everybody else did. So what each coordinator plays now decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from moodroom_hub.domain.models import DurationMs, EpochMs
from moodroom_hub.plugins.sonos.topology import Topology

BEHIND_MS: Final = 8_000
"""Music that goes on elsewhere may have stood still for so long while it went there."""
AHEAD_MS: Final = 3_000
MIDDLE_MS: Final = 15_000
"""Where two stand at the same place behind this one, that is no chance."""


@dataclass(frozen=True, slots=True)
class Music:
    """What a coordinator has: ``uri`` at ``position_ms`` (``None``: not told) at ``at_ms``.

    The position in a stream is how long the speaker has had it on: that parts two who listen to the same station.
    """

    uri: str
    position_ms: DurationMs | None
    at_ms: EpochMs
    is_playing: bool
    is_stream: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """The music of the player ``source`` goes on at the player ``to``."""

    source: str
    to: str


def moves(
    old: Topology,
    new: Topology,
    before: Mapping[str, Music],
    after: Mapping[str, Music | None],
    silent: Collection[str] = (),
) -> tuple[Move, ...]:
    """What moved, in an order in which it can be done one after the other: nobody is moved onto before they moved.

    ``before``: what the old coordinators had, by uid (missing: nothing). ``after``: what the new ones have (``None``:
    nothing; missing: they could not be asked, and only the groups themselves can tell). ``silent``: those that answer
    nobody; what of them is found elsewhere has gone there. Nobody is moved twice, or onto another's music that goes
    on. What went round in a circle is left alone: it cannot be told by moves.
    """
    owners = [uid for uid in sorted(old.coordinators) if uid in before]
    staying = {uid for uid in owners if _stays(uid, new, before, after, silent)}
    ranked = sorted(
        (rank, owner, to)
        for owner in owners
        for to in new.coordinators
        if to != owner and to not in staying
        if (rank := _rank(owner, to, old, new, before[owner], after)) is not None
        if owner not in staying or rank == 0
    )
    taken: dict[str, str] = {}
    for _, owner, to in ranked:
        if owner not in taken and to not in taken.values():
            taken[owner] = to
    return _in_order(taken)


def goes_on(before: Music, after: Music) -> bool:
    """Whether this is the same music, about where it must have come to; stations tell no place."""
    if before.uri != after.uri:
        return False
    return before.is_stream or before.position_ms is None or after.position_ms is None or is_in_step(before, after)


def is_in_step(before: Music, after: Music) -> bool:
    """Whether this stands where that must have come to by now."""
    if before.position_ms is None or after.position_ms is None:
        return False
    passed_ms = max(0, after.at_ms - before.at_ms)
    furthest_ms = before.position_ms + passed_ms
    nearest_ms = furthest_ms if before.is_playing and after.is_playing else before.position_ms
    return nearest_ms - BEHIND_MS <= after.position_ms <= furthest_ms + AHEAD_MS


def needs_asking(old: Topology, new: Topology, before: Mapping[str, Music]) -> tuple[str, ...]:
    """The coordinators of ``new`` that must be asked what they play before ``moves`` can tell.

    Empty where no music can have gone anywhere.
    """
    touched = [
        group
        for group in old.groups
        if group.coordinator in before
        and (
            group.coordinator not in new.coordinators
            or set(new.members_of(group.coordinator)) != set(group.members)
            or any(member in new.coordinators for member in group.members if member != group.coordinator)
        )
    ]
    asked = {uid for group in touched for uid in group.members if uid in new.coordinators}
    # Where a coordinator plays in another's group now, its music may have gone on there, or anywhere.
    lost = [group.coordinator for group in touched if group.coordinator not in new.coordinators]
    asked |= {leader for uid in lost if (leader := new.coordinator_of(uid)) is not None}
    return tuple(sorted(asked))


def _stays(
    uid: str,
    new: Topology,
    before: Mapping[str, Music],
    after: Mapping[str, Music | None],
    silent: Collection[str],
) -> bool:
    """Whether the music still is where it was, as far as anybody can tell."""
    if uid not in new.coordinators:
        return False
    if uid not in after:
        found = (now for other, now in after.items() if other != uid and now is not None)
        return uid not in silent or not any(_is_surely(before[uid], now) for now in found)
    now = after[uid]
    if now is None or now.uri != before[uid].uri:
        return False
    # The same station, but as long as another one has had it on: that one's music took its place.
    others = (music for other, music in before.items() if other != uid)
    is_taken = now.is_stream and not is_in_step(before[uid], now) and any(_is_surely(one, now) for one in others)
    return not is_taken


def _is_surely(before: Music, after: Music) -> bool:
    """Whether it is the same music in its middle, and exactly there."""
    return before.uri == after.uri and (after.position_ms or 0) >= MIDDLE_MS and is_in_step(before, after)


def _rank(
    owner: str, to: str, old: Topology, new: Topology, before: Music, after: Mapping[str, Music | None]
) -> int | None:
    """How surely the owner's music goes on at ``to``; the smaller the surer, ``None``: it does not."""
    is_of_group = to in old.members_of(owner)
    was_leading = to in old.coordinators
    if to not in after:
        # Nobody could ask: a group that stayed together under another coordinator took its music along, and so did
        # one whose coordinator walked out and has nothing at all now. Who merely stops keeps what was put on.
        is_left_behind = not was_leading and owner in after and after[owner] is None
        return 1 if is_of_group and (new.coordinator_of(owner) == to or is_left_behind) else None
    now = after[to]
    if now is None:
        return None
    if goes_on(before, now):
        is_told = before.position_ms is not None and now.position_ms is not None
        is_other = now.is_stream and is_told and not is_in_step(before, now)
        return (0 if is_of_group else 3) + is_other
    # The music may have come to its next track meanwhile. Who merely leaves a group falls silent.
    is_bereft = owner not in new.coordinators or after.get(owner, before) is None
    return 2 if is_of_group and not was_leading and is_bereft and now.is_playing else None


def _in_order(taken: Mapping[str, str]) -> tuple[Move, ...]:
    done: list[Move] = []
    left = dict(taken)
    while left:
        free = [source for source, to in left.items() if to not in left]
        if not free:
            break  # a circle
        done.extend(Move(source, left.pop(source)) for source in sorted(free))
    return tuple(done)
