"""Asks the owner: which song next, and how well the layer is taught by now."""

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from random import Random

from moodroom_hub.core.sorting import Asked, LabelProgress, VersionStatus
from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.asking import rank
from moodroom_hub.domain.sorting.expecting import labels_left
from moodroom_hub.domain.sorting.models import LabelOrigin, LayerKey
from moodroom_hub.plugins.sorter.aside import aside
from moodroom_hub.plugins.sorter.knowledge import Knowledge

LATELY = 50
AHEAD = 5
"""So many questions are chosen at once, each with those before it in mind: most answers have the next one at hand."""
BY_HAND = frozenset({LabelOrigin.ASKED, LabelOrigin.CORRECTED})


@dataclass(slots=True)
class _Session:
    """``answers`` since the last training; ``lately``: what was asked since; ``ahead``: questions that were chosen
    already, by the model with the number ``chosen_by``."""

    skipped: dict[Uri, None] = field(default_factory=dict)
    lately: deque[Uri] = field(default_factory=lambda: deque(maxlen=LATELY))
    ahead: deque[Uri] = field(default_factory=deque)
    chosen_by: int | None = None
    answers: int = 0


class Questions:
    """What is asked in this session; it forgets what was skipped when the hub ends."""

    def __init__(self, goal: float, rng: Random) -> None:
        self._goal = goal
        self._rng = rng
        self._sessions: dict[LayerKey, _Session] = {}

    def answered(self, key: LayerKey, head: Uri) -> int:
        """A song was answered; how many were since the last training."""
        session = self._session(key)
        session.lately.append(head)
        session.skipped.pop(head, None)
        session.answers += 1
        return session.answers

    def skipped(self, key: LayerKey, head: Uri) -> None:
        """Not this one again for now."""
        session = self._session(key)
        session.skipped[head] = None
        session.lately.append(head)

    def again(self, key: LayerKey, head: Uri) -> None:
        """Ask for this one next."""
        session = self._session(key)
        session.skipped.pop(head, None)
        session.ahead.appendleft(head)
        session.answers = max(0, session.answers - 1)

    def trained(self, key: LayerKey) -> None:
        """The layer was learnt anew: choose anew."""
        self._session(key).answers = 0

    async def ask(self, known: Knowledge) -> Asked:
        """The question that teaches most."""
        key = known.layer.key
        head = await self._next(known)
        chances = None if head is None else known.chances.get(head)
        last = next((each for each in reversed(known.said.values()) if each.origin in BY_HAND), None)
        return Asked(
            layer=key,
            track=None if head is None else known.known[head],
            chances=() if chances is None else chances.values,
            why="" if chances is None else chances.why,
            progress=self._progress(known),
            last=last,
            last_track=None if last is None else known.known.get(last.uri),
        )

    async def _next(self, known: Knowledge) -> Uri | None:
        session = self._session(known.layer.key)
        in_use = None if known.version is None else known.version.id
        if session.chosen_by != in_use:
            session.chosen_by = in_use
            session.ahead.clear()
            session.lately.clear()
        while session.ahead:
            if self._may_ask(known, session.ahead[0]):
                return session.ahead[0]
            session.ahead.popleft()
        heads = dict.fromkeys(map(known.head, known.places))
        candidates = [head for head in heads if self._may_ask(known, head)]
        points = {} if known.notes is None else known.notes.points
        labels, lately = dict(known.labels), tuple(session.lately)
        choose = partial(rank, known.layer, candidates, known.chances, labels, self._rng, count=AHEAD)
        session.ahead.extend(await aside(partial(choose, points=points, lately=lately)))
        return session.ahead[0] if session.ahead else None

    def _may_ask(self, known: Knowledge, head: Uri) -> bool:
        return head in known.places and head not in known.labels and head not in self._session(known.layer.key).skipped

    def _progress(self, known: Knowledge) -> LabelProgress:
        in_use = known.version
        measured = [
            (each.labels, each.accuracy) for each in reversed(known.versions) if each.status != VersionStatus.REJECTED
        ]
        is_told = in_use is not None and (in_use.low, in_use.high) != (0.0, 1.0)
        return LabelProgress(
            labels=len(known.labels),
            accuracy=in_use.accuracy if in_use is not None and is_told else None,
            low=in_use.low if in_use is not None and is_told else None,
            high=in_use.high if in_use is not None and is_told else None,
            goal=self._goal,
            left=labels_left(measured, self._goal) if is_told else None,
        )

    def _session(self, key: LayerKey) -> _Session:
        return self._sessions.setdefault(key, _Session())
