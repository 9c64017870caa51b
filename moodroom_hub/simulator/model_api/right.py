"""The answers of the make-believe model at its best: complete, true to its knowledge, short."""

from collections.abc import Iterable
from typing import Any

from moodroom_hub.simulator.model_api.knowledge import Knowledge, KnownSong, right_rooms
from moodroom_hub.simulator.model_api.protocol import MOST_WHY, Task


def right_answer(task: Task, knowledge: Knowledge) -> dict[str, Any]:
    """The JSON object that answers the task as asked."""
    if task.kind == "place":
        return _place(task, knowledge)
    if task.kind == "audit":
        return _audit(task, knowledge)
    return _suggest(task, knowledge)


def _place(task: Task, knowledge: Knowledge) -> dict[str, Any]:
    names = {room.slug: room.name for room in task.rooms}
    placements = []
    for track in task.tracks:
        rooms = [
            {"room": slug, "confidence": confidence, "why": f"Its mood is that of {names[slug]}."[:MOST_WHY]}
            for slug, confidence in right_rooms(knowledge, task.rooms, track).items()
        ]
        placements.append({"id": track.id, "rooms": rooms})
    return {"placements": placements}


def _audit(task: Task, knowledge: Knowledge) -> dict[str, Any]:
    room = task.rooms[0]
    misfits = []
    for track in task.tracks:
        if right_rooms(knowledge, task.rooms, track):
            continue
        elsewhere = sorted(knowledge.rooms_of(track.name, track.artists))
        reason = (
            f"Belongs to {elsewhere[0]} rather than {room.name}." if elsewhere else f"Nothing of {room.name} in it."
        )
        misfits.append({"id": track.id, "reason": reason[:MOST_WHY], "confidence": 0.9 if elsewhere else 0.75})
    return {"misfits": misfits}


def _suggest(task: Task, knowledge: Knowledge) -> dict[str, Any]:
    room = task.rooms[0]
    found = knowledge.suggestions(room.slug)
    taken = {*task.known, *task.proven, *room.anchors, *room.does_not_fit, *room.avoid}
    return {
        "safe_side": _songs(found.safe_side, taken, task.safe_side, f"Near to what is proven in {room.name}."),
        "discovery": _songs(found.discovery, taken, task.discovery, f"New, and of the mood of {room.name}."),
    }


def _songs(found: Iterable[KnownSong], taken: set[str], count: int, why: str) -> list[dict[str, str]]:
    fresh = [song for song in found if song.key not in taken and song.artist.casefold() not in taken]
    return [{"name": song.name, "artist": song.artist, "why": why[:MOST_WHY]} for song in fresh[:count]]
