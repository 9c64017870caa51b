"""Where plugins may come from: the built-in list, and entry points of installed packages."""

import dataclasses
import importlib
import importlib.metadata
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint

from moodroom_hub.core.reasons import one_line, reason_of

_log = logging.getLogger(__name__)

ENTRY_POINT_GROUP = "moodroom_hub"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that may be loaded. ``find()`` imports it (and may raise anything); ``origin`` says where it is from.

    ``label`` is what it is called in lists: its name, unless an earlier candidate has that already.
    """

    name: str
    label: str
    origin: str
    is_builtin: bool
    find: Callable[[], object]

    @property
    def is_name_taken(self) -> bool:
        """Whether an earlier candidate has the same name."""
        return self.name != self.label


def find_candidates(builtins: Sequence[str], *, with_foreign: bool) -> list[Candidate]:
    """Built-in ones in their order, then foreign ones by name. Nothing is imported yet."""
    found = [_builtin(path) for path in builtins]
    if with_foreign:
        found.extend(_foreign(point) for point in sorted(_entry_points(), key=_place))
    labels: set[str] = set()
    candidates = []
    for candidate in found:
        label, count = candidate.name, 1
        while label in labels:
            label = f"{candidate.name} ({candidate.origin}{f', {count}' if count > 1 else ''})"
            count += 1
        labels.add(label)
        candidates.append(dataclasses.replace(candidate, label=label))
    return candidates


def _builtin(path: str) -> Candidate:
    name = path.rpartition(".")[2]
    return Candidate(name, name, path, is_builtin=True, find=lambda: importlib.import_module(path))


def _foreign(point: EntryPoint) -> Candidate:
    name = one_line(point.name, 60)
    return Candidate(name, name, _package(point), is_builtin=False, find=point.load)


def _package(point: EntryPoint) -> str:
    return one_line(point.dist.name, 60) if point.dist is not None else "an unknown package"


def _place(point: EntryPoint) -> tuple[str, str, str]:
    return (point.name, _package(point), point.value)


def _entry_points() -> Iterable[EntryPoint]:
    try:
        return set(importlib.metadata.entry_points(group=ENTRY_POINT_GROUP))
    except Exception as error:  # noqa: BLE001 -- one package's broken metadata must not hide all others
        _log.warning("some installed package has broken metadata (%s); looking at each alone", reason_of(error))
    points: set[EntryPoint] = set()
    for distribution in importlib.metadata.distributions():
        try:
            points.update(distribution.entry_points.select(group=ENTRY_POINT_GROUP))
        except Exception as error:  # noqa: BLE001 -- as above
            _log.warning("a package's entry points cannot be read: %s", reason_of(error))
    return points
