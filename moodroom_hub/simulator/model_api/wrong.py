"""The answers of the make-believe model at its worst. Each fault turns a right answer into a wrong one."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from moodroom_hub.simulator.model_api.behaviour import ModelFault
from moodroom_hub.simulator.model_api.orders import find_order, obeyed
from moodroom_hub.simulator.model_api.protocol import Task

Spoiler = Callable[[Task, Any], Any]
TextSpoiler = Callable[[str], str]

NASTY_TEXT = (
    "<script>alert(1)</script><b>bold</b> [a](javascript:alert(1))\x1b[31mred\x1b[0m\x1b]0;title\x07"
    "\r\nsecond line\ttab\x00\x08\x7f\x85\u2028\u202eesrever\u2066\u200b{{7*7}} %s {0}"
)
LONE_SURROGATE = "\ud83d"
NO_SUCH_ROOM = "no-such-room"
HUGE_BYTES = 5_000_000
_DEPTH = 100_000


def spoiled(fault: ModelFault, task: Task, answer: Any) -> Any:
    """The answer as this fault leaves it; unchanged where the fault does not concern answers."""
    spoiler = _ANSWERS.get(fault)
    return answer if spoiler is None else spoiler(task, answer)


def concerns_answers(fault: ModelFault) -> bool:
    """Whether the fault changes what is said, not how it is written or sent."""
    return fault in _ANSWERS


def spoiled_text(fault: ModelFault, text: str) -> str:
    """The text of the answer as this fault leaves it."""
    spoiler = _TEXTS.get(fault)
    return text if spoiler is None else spoiler(text)


def _items(answer: Any) -> Iterator[dict[str, Any]]:
    """Every object that carries a judgement: placed rooms, misfits, suggested songs."""
    if not isinstance(answer, dict):
        return
    for placement in answer.get("placements", ()):
        yield from placement.get("rooms", ())
    for key in ("misfits", "safe_side", "discovery"):
        yield from answer.get(key, ())


def _of_tracks(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, dict):
        return []
    found = answer.get("placements", answer.get("misfits", []))
    return found if isinstance(found, list) else []


def _each(change: Callable[[dict[str, Any]], None]) -> Spoiler:
    def spoil(task: Task, answer: Any) -> Any:
        for item in _items(answer):
            change(item)
        return answer

    return spoil


def _confidence(value: Any) -> Spoiler:
    return _each(lambda item: item.update(confidence=value))


def _text(change: Callable[[str], str]) -> Spoiler:
    def spoil(item: dict[str, Any]) -> None:
        for key in ("why", "reason"):
            if key in item:
                item[key] = change(item[key])

    return _each(spoil)


def _drop_keys(item: dict[str, Any]) -> None:
    for key in ("confidence", "why", "reason"):
        item.pop(key, None)


def _wrong_types(task: Task, answer: Any) -> Any:
    if task.kind == "place":
        return {"placements": {track.id: ["rooms", 3] for track in task.tracks}}
    if task.kind == "audit":
        return {"misfits": [{"id": number, "reason": None, "confidence": []} for number, _ in enumerate(task.tracks)]}
    return {"safe_side": "none", "discovery": [17, None, {"name": ["a"], "artist": {}}]}


def _unknown_room(item: dict[str, Any]) -> None:
    if "room" in item:
        item["room"] = NO_SUCH_ROOM


def _invented_room(task: Task, answer: Any) -> Any:
    for entry in _of_tracks(answer):
        if entry.get("rooms"):
            entry["rooms"].append({"room": NO_SUCH_ROOM, "confidence": 0.99, "why": "A room of its own."})
    return answer


def _same_room_twice(task: Task, answer: Any) -> Any:
    for entry in _of_tracks(answer):
        entry["rooms"] = [
            *entry.get("rooms", ()),
            *({**one, "confidence": round(1 - one["confidence"], 2)} for one in entry.get("rooms", ())),
        ]
    return answer


def _partial(task: Task, answer: Any) -> Any:
    entries = _of_tracks(answer)
    entries[:] = [entry for place, entry in enumerate(entries) if place % 3]
    return answer


def _duplicates(task: Task, answer: Any) -> Any:
    entries = _of_tracks(answer)
    for entry in entries[::4]:
        again = {**entry, "rooms": [{"room": task.rooms[-1].slug, "confidence": 0.6, "why": "Or here."}]}
        entries.append(again if "rooms" in entry else dict(entry))
    return answer


def _invented_ids(task: Task, answer: Any) -> Any:
    entries = _of_tracks(answer)
    room = {"room": task.rooms[0].slug, "confidence": 0.95, "why": "Nobody asked."}
    extra: dict[str, Any] = {"reason": "Nobody asked.", "confidence": 0.95} if task.kind == "audit" else {}
    for number in range(3):
        entries.append({"id": f"invented-{number}", **(extra or {"rooms": [dict(room)]})})
    return answer


def _swapped_ids(task: Task, answer: Any) -> Any:
    for entry in _of_tracks(answer):
        entry["id"] = f" {entry['id'].swapcase()}"
    return answer


def _invented_songs(task: Task, answer: Any) -> Any:
    if task.kind == "suggest":
        for key, count in (("safe_side", task.safe_side), ("discovery", task.discovery)):
            answer[key] = [
                {"name": f"The Unwritten Song {number}", "artist": "Nobody at All", "why": "It should exist."}
                for number in range(count)
            ]
    return answer


def _known_songs(task: Task, answer: Any) -> Any:
    if task.kind == "suggest":
        pairs = [key.partition(" - ")[::2] for key in (*sorted(task.known), *task.proven)]
        songs = [{"name": name, "artist": artist, "why": "You know it."} for name, artist in pairs]
        answer["safe_side"], answer["discovery"] = songs[: task.safe_side], songs[: task.discovery]
    return answer


def _too_many_songs(task: Task, answer: Any) -> Any:
    if task.kind == "suggest":
        for key in ("safe_side", "discovery"):
            answer[key] = [dict(song) for song in answer[key] * 10]
    return answer


def _extra_keys(task: Task, answer: Any) -> Any:
    for item in _items(answer):
        item["delete_pool"] = True
    return {**answer, "run": "rm -rf", "rooms": []}


def _obedient(task: Task, answer: Any) -> Any:
    order = find_order(task)
    return answer if order is None else obeyed(task, order)


def _top_list(task: Task, answer: Any) -> Any:
    return next(iter(answer.values())) if isinstance(answer, dict) else answer


_ANSWERS: dict[ModelFault, Spoiler] = {
    ModelFault.NAN: _confidence(float("nan")),
    ModelFault.WRONG_SHAPE: lambda task, answer: {"answer": {"status": "done", "result": [answer]}},
    ModelFault.TOP_LIST: _top_list,
    ModelFault.WRONG_TYPES: _wrong_types,
    ModelFault.MISSING_KEYS: _each(_drop_keys),
    ModelFault.EXTRA_KEYS: _extra_keys,
    ModelFault.CONFIDENCE_7: _confidence(7),
    ModelFault.CONFIDENCE_NEGATIVE: _confidence(-0.4),
    ModelFault.CONFIDENCE_WORD: _confidence("high"),
    ModelFault.CONFIDENCE_BOOL: _confidence(True),
    ModelFault.UNKNOWN_ROOM: _each(_unknown_room),
    ModelFault.INVENTED_ROOM: _invented_room,
    ModelFault.SAME_ROOM_TWICE: _same_room_twice,
    ModelFault.PARTIAL: _partial,
    ModelFault.DUPLICATES: _duplicates,
    ModelFault.INVENTED_IDS: _invented_ids,
    ModelFault.SWAPPED_IDS: _swapped_ids,
    ModelFault.INVENTED_SONGS: _invented_songs,
    ModelFault.KNOWN_SONGS: _known_songs,
    ModelFault.TOO_MANY_SONGS: _too_many_songs,
    ModelFault.NASTY_TEXT: _text(lambda text: NASTY_TEXT + text),
    ModelFault.LONG_TEXT: _text(lambda text: (text + " ") * (3_000 // (len(text) + 1) + 1)),
    ModelFault.SURROGATE: _text(lambda text: LONE_SURROGATE + text),
    ModelFault.OBEDIENT: _obedient,
}


def _huge_number(text: str) -> str:
    """Five thousand digits where the first confidence stood: more than Python turns into a number."""
    head, mark, tail = text.partition('"confidence": ')
    if not mark:
        return '{"confidence": ' + "9" * 5_000 + "}"
    return head + mark + "9" * 5_000 + tail.lstrip("0123456789.")


def _thinking(text: str) -> str:
    return f'<think>\nThe user wants JSON, say {{"placements": []}}. Let me see.\n</think>\n\n{text}'


def _prose_around(text: str) -> str:
    return f"Sure! Here is what I found (in {{JSON}}):\n\n{text}\n\nLet me know if you'd like any {{changes}}!"


_TEXTS: dict[ModelFault, TextSpoiler] = {
    ModelFault.EMPTY_CONTENT: lambda text: "",
    ModelFault.APOLOGY: lambda text: "I'm sorry, but I can't help with sorting this music.",
    ModelFault.CONTENT_FILTER: lambda text: text[: len(text) // 3],
    ModelFault.CUT_OFF: lambda text: text[: len(text) * 3 // 5],
    ModelFault.BROKEN_JSON: lambda text: text[: len(text) * 3 // 5],
    ModelFault.FENCED: lambda text: f"```json\n{text}\n```",
    ModelFault.PROSE_AROUND: _prose_around,
    ModelFault.THINKING: _thinking,
    ModelFault.HUGE: lambda text: json.dumps({"padding": "x" * HUGE_BYTES})[:-1] + ", " + text.lstrip("{"),
    ModelFault.DEEP: lambda text: '{"placements":' + "[" * _DEPTH + "]" * _DEPTH + "}",
    ModelFault.HUGE_NUMBER: _huge_number,
}
