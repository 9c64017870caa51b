"""What a training found, beside its model: so that the next question, a comparison and a new like need no training.

Lines of JSON, each of them little. Everything in them can be found out again, so that what cannot be read, or does
not fit its layer any more, is as if it were not there.
"""

import json
import logging
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Chances, SublistKey

log = logging.getLogger(__name__)

FORMAT = 1
PIECE = 200
SUFFIX = ".notes"
LARGEST = 64 << 20
DIGITS = 5


@dataclass(frozen=True, slots=True)
class Notes:
    """``keys``: the layer's sublists then, in order. ``thresholds`` by sublist. ``held_out``: by labelled song, what a
    model said of it that never saw its label. ``chances`` and ``points`` by song. ``took_s``: how long it took;
    ``is_quick``: it was one between two questions."""

    keys: tuple[SublistKey, ...]
    thresholds: tuple[float, ...]
    took_s: float
    held_out: Mapping[Uri, tuple[float, ...]] = field(default_factory=dict)
    chances: Mapping[Uri, Chances] = field(default_factory=dict)
    points: Mapping[Uri, tuple[float, ...]] = field(default_factory=dict)
    is_quick: bool = False


def notes_path(model: Path) -> Path:
    """Where the notes of a model lie."""
    return model.with_name(model.name + SUFFIX)


def write_notes(path: Path, notes: Notes) -> None:
    """Whole or not at all. Raises ``OSError``."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in _lines(notes))
    fresh.replace(path)


def read_notes(path: Path, keys: tuple[SublistKey, ...]) -> Notes | None:
    """``None`` where there are none for a layer with these sublists."""
    try:
        if path.stat().st_size > LARGEST:
            return None
        with path.open(encoding="utf-8") as file:
            return _read((json.loads(line) for line in file), keys)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        log.info("what was noted of a training cannot be read; it is found out again (%s)", type(error).__name__)
        return None


def _lines(notes: Notes) -> Iterator[dict[str, Any]]:
    yield {
        "format": FORMAT,
        "keys": notes.keys,
        "thresholds": notes.thresholds,
        "took_s": notes.took_s,
        "is_quick": notes.is_quick,
    }
    for piece in _pieces(notes.held_out):
        yield {"held_out": {uri: _short(notes.held_out[uri]) for uri in piece}}
    for piece in _pieces(notes.chances):
        found = ((uri, notes.chances[uri]) for uri in piece)
        yield {"chances": {uri: [_short(each.values), each.why] for uri, each in found}}
    for piece in _pieces(notes.points):
        yield {"points": {uri: _short(notes.points[uri]) for uri in piece}}
    yield {"whole": True}


def _read(lines: Iterator[dict[str, Any]], keys: tuple[SublistKey, ...]) -> Notes | None:
    head = next(lines, {})
    if head["format"] != FORMAT or tuple(head["keys"]) != keys:
        return None
    held_out: dict[Uri, tuple[float, ...]] = {}
    chances: dict[Uri, Chances] = {}
    points: dict[Uri, tuple[float, ...]] = {}
    is_whole = False
    for line in lines:
        held_out.update((Uri(uri), _numbers(row, len(keys))) for uri, row in line.get("held_out", {}).items())
        for uri, (row, why) in line.get("chances", {}).items():
            chances[Uri(uri)] = Chances(Uri(uri), _numbers(row, len(keys)), str(why))
        points.update((Uri(uri), _numbers(row)) for uri, row in line.get("points", {}).items())
        is_whole = bool(line.get("whole"))
    if not is_whole:
        raise ValueError("they break off")
    bars, is_quick = _numbers(head["thresholds"], len(keys)), head["is_quick"] is True
    return Notes(keys, bars, float(head["took_s"]), held_out, chances, points, is_quick)


def _pieces(found: Mapping[Uri, Any]) -> Iterator[list[Uri]]:
    every = list(found)
    return (every[start : start + PIECE] for start in range(0, len(every), PIECE))


def _short(row: tuple[float, ...]) -> list[float]:
    return [round(value, DIGITS) for value in row]


def _numbers(row: list[float], count: int | None = None) -> tuple[float, ...]:
    found = tuple(map(float, row))
    if (count is not None and len(found) != count) or not all(map(math.isfinite, found)):
        raise ValueError("they hold what is no such number")
    return found
