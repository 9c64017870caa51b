"""A miner's answer, held to what a miner may answer. Whatever else it says is left out, and said so."""

from collections.abc import Collection
from dataclasses import replace

from moodroom_hub.domain.mining.models import (
    Audited,
    AuditTask,
    Mined,
    MiningTask,
    Misfit,
    Placement,
    Suggestion,
    Unplaced,
)
from moodroom_hub.domain.models import RoomSlug, Tier, Uri

LONGEST_WHY = 200
"""Characters of a reason that a miner may give."""


def sound_mined(mined: Mined, task: MiningTask) -> Mined:
    """``mined`` with every track of the task accounted for exactly once, in rooms of the task, with sound numbers."""
    rooms = {room.slug for room in task.rooms}
    known = {track.uri for track in task.tracks}
    placements = tuple(
        replace(one, why=one_line(one.why)) for one in mined.placements if _is_sound_placement(one, rooms, known)
    )
    placed = {one.uri for one in placements}
    unplaced: dict[Uri, Unplaced] = {}
    for one in mined.unplaced:
        if one.uri in known and one.uri not in placed:
            unplaced.setdefault(one.uri, replace(one, reason=one_line(one.reason)))
    for track in task.tracks:
        if track.uri not in placed and track.uri not in unplaced:
            unplaced[track.uri] = Unplaced(track.uri, "the miner gave no sound answer", is_judged=False)
    suggestions = tuple(
        replace(one, why=one_line(one.why)) for one in mined.suggestions if _is_sound_suggestion(one, rooms)
    )
    odd = len(mined.placements) - len(placements) + len(mined.suggestions) - len(suggestions)
    notes = (*map(one_line, mined.notes), *([f"{odd} answers made no sense and were left out"] if odd else ()))
    return Mined(placements, tuple(unplaced.values()), suggestions, mined.suggested_rooms & rooms, notes)


def sound_audited(audited: Audited, task: AuditTask) -> Audited:
    """``audited`` with misfits that were asked about, each once, with sound numbers."""
    known = {track.uri for track in task.audited}
    misfits: dict[Uri, Misfit] = {}
    for one in audited.misfits:
        if one.uri in known and is_share(one.confidence):
            misfits.setdefault(one.uri, replace(one, reason=one_line(one.reason)))
    left = tuple(replace(one, reason=one_line(one.reason)) for one in audited.not_looked_at if one.uri in known)
    return Audited(tuple(misfits.values()), left, tuple(map(one_line, audited.notes)))


def is_share(number: float) -> bool:
    """Whether ``number`` lies between 0 and 1 (NaN does not)."""
    return 0.0 <= number <= 1.0


def one_line(text: str) -> str:
    """``text`` without line breaks and what cannot be printed, cut to a line."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= LONGEST_WHY else line[: LONGEST_WHY - 1] + "…"


def _is_sound_placement(one: Placement, rooms: Collection[RoomSlug], known: Collection[Uri]) -> bool:
    return one.room in rooms and one.uri in known and is_share(one.confidence) and one.tier is not Tier.REMOVED


def _is_sound_suggestion(one: Suggestion, rooms: Collection[RoomSlug]) -> bool:
    return (
        one.room in rooms
        and one.tier in (Tier.SAFE_SIDE, Tier.DISCOVERY)
        and is_share(one.confidence)
        and bool(one.name.strip() and one.artist.strip())
    )
