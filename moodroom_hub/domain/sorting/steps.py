"""Single changes of a playlist: which one is next on the way from what it holds to what it shall hold.

A step is what one call of a service can do: add at a place, remove a uri (every occurrence of it), move a range; at
most 100 songs each. ``next_step`` knows no past: whoever is not sure what became of a step reads the list again and
asks anew, and a step that happened all the same is not taken twice.
"""

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from moodroom_hub.domain.models import Uri

MOST_PER_STEP = 100
UNKNOWN = Uri("")
"""An item of which the service tells no uri."""


@dataclass(frozen=True, slots=True)
class Add:
    """Put these before the one at ``position`` (from 0)."""

    uris: tuple[Uri, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Remove:
    """Take every occurrence of these out."""

    uris: tuple[Uri, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Move ``length`` items from ``start`` to before the one that stands at ``before`` now."""

    start: int
    length: int
    before: int


Step = Add | Remove | Move


def is_settable(uri: Uri) -> bool:
    """Whether a service can be asked to add or remove this item: no local file, nothing unknown."""
    return uri != UNKNOWN and not uri.startswith("spotify:local:")


def next_step(current: Sequence[Uri], target: Sequence[Uri]) -> Step | None:
    """The next step from ``current`` to ``attainable(current, target)``; ``None`` where there is nothing left to do.

    First what is too many goes, then what stays comes into its order (as few items as can be are moved), then what is
    missing comes to its place.
    """
    goal = attainable(current, target)
    held, wanted = Counter(current), Counter(goal)
    surplus = [uri for uri, count in held.items() if count > wanted[uri]]
    if surplus:
        return Remove(tuple(surplus[:MOST_PER_STEP]))
    places = _places(current, goal)
    return _move(places) or _add(places, goal)


def attainable(current: Sequence[Uri], target: Sequence[Uri]) -> tuple[Uri, ...]:
    """``target`` as far as a service lets it be: items that can be neither added nor removed stay as many as they are.

    Those that are gone are left out; those that came in the meantime stand at the end.
    """
    fixed = Counter(uri for uri in current if not is_settable(uri))
    rows: list[Uri] = []
    for uri in target:
        if not is_settable(uri):
            if not fixed[uri]:
                continue
            fixed[uri] -= 1
        rows.append(uri)
    return (*rows, *sorted(fixed.elements()))


def after(current: Sequence[Uri], step: Step) -> tuple[Uri, ...]:
    """What the list holds after the step."""
    rows = tuple(current)
    match step:
        case Add(uris, position):
            return rows[:position] + uris + rows[position:]
        case Remove(uris):
            gone = frozenset(uris)
            return tuple(uri for uri in rows if uri not in gone)
        case Move(start, length, before):
            rest = rows[:start] + rows[start + length :]
            place = before if before <= start else max(start, before - length)
            return rest[:place] + rows[start : start + length] + rest[place:]


def _places(current: Sequence[Uri], goal: Sequence[Uri]) -> list[int]:
    """Of each item its place in the goal; of several alike the first one takes the first place."""
    free: dict[Uri, deque[int]] = {}
    for place, uri in enumerate(goal):
        free.setdefault(uri, deque()).append(place)
    return [free[uri].popleft() for uri in current]


def _move(places: Sequence[int]) -> Move | None:
    """The first run of items that stand in the way, to where it belongs among those that may stay."""
    stays = _longest_rising(places)
    start = next((index for index, is_staying in enumerate(stays) if not is_staying), None)
    if start is None:
        return None
    following = dict(zip(ordered := sorted(places), ordered[1:], strict=False))
    end = start + 1
    while (
        end < len(places)
        and not stays[end]
        and end - start < MOST_PER_STEP
        and following.get(places[end - 1]) == places[end]
    ):
        end += 1
    behind = (index for index, place in enumerate(places) if stays[index] and place > places[start])
    return Move(start, end - start, next(behind, len(places)))


def _add(places: Sequence[int], goal: Sequence[Uri]) -> Add | None:
    """The first run of items that are missing; all that is there stands in its order already."""
    if len(places) == len(goal):
        return None
    start = next((index for index, place in enumerate(places) if index != place), len(places))
    end = places[start] if start < len(places) else len(goal)
    return Add(tuple(goal[start : min(end, start + MOST_PER_STEP)]), start)


def _longest_rising(numbers: Sequence[int]) -> list[bool]:
    """Which of these different numbers make up a longest rising sequence."""
    ends: list[int] = []
    indices: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(indices[length - 1] if length else -1)
        if length == len(ends):
            ends.append(number)
            indices.append(index)
        else:
            ends[length], indices[length] = number, index
    chosen = [False] * len(numbers)
    index = indices[-1] if indices else -1
    while index >= 0:
        chosen[index] = True
        index = before[index]
    return chosen
