"""Songs of which it is known what the model says of them: mixed into a doubtful batch, they show whether something in
it changes what is said of the others."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from moodroom_hub.plugins.llm_mining.asked import AskedTrack
from moodroom_hub.plugins.llm_mining.parsers import Verdict

MOST_CONTROLS: Final = 4
MOST_WITHOUT_DOUBT: Final = 2
FEWEST_TO_SEE: Final = 8
"""A batch of fewer tracks may well be all alike."""
_FEWEST_WITH_MISSES = 5
_BY_CHANCE = 1e-3
_MOST_REMEMBERED = 200

Shape = frozenset[str]
"""The rooms that a track was given."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What may be said of a whole batch: all are given this room; ``None``: none is given any."""

    room: str | None

    def is_on(self, shape: Shape) -> bool:
        """Whether it was said of a track."""
        return not shape if self.room is None else self.room in shape


@dataclass(frozen=True, slots=True)
class Control:
    """A song, and the rooms that it was given when nothing was doubtful."""

    track: AskedTrack
    shape: Shape


def shape_of(verdict: Verdict) -> Shape:
    """The rooms alone."""
    return frozenset(said.room for said in verdict)


def usual_mark(verdicts: Sequence[Verdict]) -> Mark:
    """What was said of most of these."""
    counts: Counter[str | None] = Counter()
    for verdict in verdicts:
        counts.update(shape_of(verdict) or {None})
    return Mark(min(counts, key=lambda one: (-counts[one], one is None, one or "")))


def is_all_over(mark: Mark, verdicts: Sequence[Verdict]) -> bool:
    """Whether it was said of all of these but a few: the one that gave an order may well have left itself out."""
    total = len(verdicts)
    few = 0 if total < _FEWEST_WITH_MISSES else 1 if mark.room is None else max(1, total // 10)
    return sum(not mark.is_on(shape_of(verdict)) for verdict in verdicts) <= few


def is_spoiled(mark: Mark, controls: Sequence[Control], verdicts: Mapping[bytes, Verdict]) -> bool | None:
    """Whether what was said of the batch was said of the controls too, although it is not so. ``None``: they can't
    tell, because there are none, or it is so of them."""
    telling = [one for one in controls if not mark.is_on(one.shape) and one.track.digest in verdicts]
    if not telling:
        return None
    flipped = sum(mark.is_on(shape_of(verdicts[one.track.digest])) for one in telling)
    return 2 * flipped >= len(telling)


def mixed(tracks: Sequence[AskedTrack], controls: Sequence[Control]) -> list[AskedTrack]:
    """The controls spread evenly among the tracks, so that neither end of the batch is without one."""
    result = list(tracks)
    for number, control in enumerate(controls):
        place = round(number * len(tracks) / max(1, len(controls) - 1))
        result.insert(place + number, control.track)
    return result


@dataclass(slots=True)
class Controls:
    """What may serve as a control for questions about the same rooms: what was believed.

    ``anchors``: songs to ask about by themselves where too little is believed yet; empty once that was done.
    """

    anchors: Sequence[AskedTrack]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _believed: deque[Control] = field(default_factory=lambda: deque(maxlen=_MOST_REMEMBERED))
    _asked: int = 0
    _given_none: int = 0

    def believe(self, track: AskedTrack, verdict: Verdict) -> None:
        """This is known now."""
        self._believed.append(Control(track, shape_of(verdict)))

    def count(self, verdicts: Iterable[Verdict]) -> None:
        """This was answered, whether it is believed or not."""
        for verdict in verdicts:
            self._asked += 1
            self._given_none += not verdict

    def is_common(self, mark: Mark, count: int) -> bool:
        """Whether so many tracks in a row without any room are no wonder, by all that was answered so far."""
        if mark.room is not None or not self._asked:
            return False
        return bool((self._given_none / self._asked) ** count >= _BY_CHANCE)

    def pick(self, mark: Mark | None, without: Iterable[AskedTrack]) -> list[Control]:
        """A few, as different as there are, none with the mark that is doubted, none of the batch itself."""
        most = MOST_CONTROLS if mark is not None else MOST_WITHOUT_DOUBT
        taken = {track.digest for track in without}
        by_shape: dict[Shape, list[Control]] = {}
        for one in reversed(self._believed):
            if one.track.digest not in taken and not (mark is not None and mark.is_on(one.shape)):
                taken.add(one.track.digest)
                by_shape.setdefault(one.shape, []).append(one)
        # Those with a room first: an order to leave everything out shows in them.
        groups = [by_shape[shape] for shape in sorted(by_shape, key=lambda shape: (not shape, sorted(shape)))]
        picked: list[Control] = []
        while groups and len(picked) < most:
            picked += [group.pop(0) for group in groups]
            groups = [group for group in groups if group]
        return picked[:most]
