"""The original Moodroom's ``state.json``: what its listening had learned, by mood, name and artist.

``{"skip_counts": {"mood::name::artist": n}, "demoted": {mood: [[name, artist], ...]}, "removed": {...},
"promoted_safe": {...}, "active_mood": mood, "events": [...]}``; every key may be missing. ``events`` is the old
program's log and is not read.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from moodroom_hub.domain.pool_files.common import FileProblem, PoolFileError, quoted

MOST_SKIPS = 1_000_000
_KEYS = ("skip_counts", "demoted", "removed", "promoted_safe", "active_mood", "events")
_MARK = "::"


@dataclass(frozen=True, slots=True)
class SeedMove:
    """A track that the old program had moved in a mood."""

    mood: str
    name: str
    artist: str


@dataclass(frozen=True, slots=True)
class SeedStrikes:
    """How often a track had been skipped in a mood."""

    mood: str
    name: str
    artist: str
    count: int


@dataclass(frozen=True, slots=True)
class SeedState:
    """The file's content, in its order, and what of it was set aside."""

    skip_counts: tuple[SeedStrikes, ...] = ()
    demoted: tuple[SeedMove, ...] = ()
    removed: tuple[SeedMove, ...] = ()
    promoted_safe: tuple[SeedMove, ...] = ()
    active_mood: str | None = None
    problems: tuple[FileProblem, ...] = ()


def parse_state_json(text: str) -> SeedState:
    """Read the file. Raises ``PoolFileError`` where it is no such file at all; single bad items are problems."""
    content = _content(text)
    problems = [FileProblem(quoted(key), "is no key of a state.json; not read") for key in content if key not in _KEYS]
    active_mood = content.get("active_mood")
    if active_mood is not None and not isinstance(active_mood, str):
        problems.append(FileProblem("active_mood", f"is {_kind(active_mood)} instead of a mood's name"))
        active_mood = None
    return SeedState(
        skip_counts=tuple(_strikes(content, problems)),
        demoted=tuple(_moves(content, "demoted", problems)),
        removed=tuple(_moves(content, "removed", problems)),
        promoted_safe=tuple(_moves(content, "promoted_safe", problems)),
        active_mood=active_mood,
        problems=tuple(problems),
    )


def _content(text: str) -> Mapping[str, object]:
    try:
        content = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_number)
    except RecursionError:
        raise PoolFileError("this is not a state.json: it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise PoolFileError(f"this is not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except ValueError as error:
        raise PoolFileError(f"this is not a state.json: {error}") from None
    if not isinstance(content, dict):
        raise PoolFileError(f"this is not a state.json: it holds {_kind(content)} instead of an object")
    if content and not any(key in content for key in _KEYS):
        raise PoolFileError(f"this is not a state.json: it has none of the keys {', '.join(_KEYS)}")
    return content


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def _strikes(content: Mapping[str, object], problems: list[FileProblem]) -> Iterator[SeedStrikes]:
    for key, count in _members(content, "skip_counts", problems):
        where = f"skip_counts[{quoted(key)}]"
        mood, _, rest = key.partition(_MARK)
        # A name may hold the mark itself: the mood ends at the first one, the artist begins behind the last.
        name, _, artist = rest.rpartition(_MARK)
        if not (mood.strip() and name.strip() and artist.strip()):
            problems.append(FileProblem(where, "is not “mood::name::artist”"))
        elif isinstance(count, bool) or not isinstance(count, int):
            problems.append(FileProblem(where, f"is {_kind(count)} instead of a number of skips"))
        elif not 0 <= count <= MOST_SKIPS:
            problems.append(FileProblem(where, f"is no number of skips from 0 to {MOST_SKIPS}"))
        elif count > 0:
            yield SeedStrikes(mood.strip(), name.strip(), artist.strip(), count)


def _moves(content: Mapping[str, object], part: str, problems: list[FileProblem]) -> Iterator[SeedMove]:
    seen: set[SeedMove] = set()
    for mood, items in _members(content, part, problems):
        where = f"{part}[{quoted(mood)}]"
        if not mood.strip():
            problems.append(FileProblem(where, "has no mood's name"))
            continue
        if not isinstance(items, list):
            problems.append(FileProblem(where, f"is {_kind(items)} instead of a list of [name, artist]"))
            continue
        for number, item in enumerate(items, start=1):
            move = _move(mood.strip(), item)
            if move is None:
                problems.append(FileProblem(f"{where}, item {number}", "is not [name, artist]"))
            elif move not in seen:
                seen.add(move)
                yield move


def _move(mood: str, item: object) -> SeedMove | None:
    if not isinstance(item, list) or len(item) != 2:
        return None
    name, artist = item
    if not isinstance(name, str) or not isinstance(artist, str) or not name.strip() or not artist.strip():
        return None
    return SeedMove(mood, name.strip(), artist.strip())


def _members(content: Mapping[str, object], part: str, problems: list[FileProblem]) -> Iterator[tuple[str, object]]:
    members = content.get(part)
    if isinstance(members, dict):
        yield from members.items()
    elif members is not None:
        problems.append(FileProblem(part, f"is {_kind(members)} instead of an object"))


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "an object"
