"""Batches of tracks put to the model, until every track is judged or set aside with the reason.

Two things are never believed: an answer that fails the checks (one repair, then the batch is halved, down to the track
that is to blame), and an answer in which a whole batch was treated alike, until it was tried with controls (a title
may have given the model an order). The README says why that is enough.
"""

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import Final, Protocol

from moodroom_hub.plugins.llm_mining.asked import AskedRoom, AskedTrack
from moodroom_hub.plugins.llm_mining.cache import SetAside
from moodroom_hub.plugins.llm_mining.controls import (
    FEWEST_TO_SEE,
    MOST_WITHOUT_DOUBT,
    Control,
    Controls,
    Mark,
    is_all_over,
    is_spoiled,
    mixed,
    usual_mark,
)
from moodroom_hub.plugins.llm_mining.envelopes import AnswerError
from moodroom_hub.plugins.llm_mining.line import Line, QuestionError, Repair
from moodroom_hub.plugins.llm_mining.parsers import Verdict
from moodroom_hub.plugins.llm_mining.pool import work_off
from moodroom_hub.plugins.llm_mining.prompts import Question

SPEAKS_TO_MODELS: Final = "its title changes what the model says of other songs; place it by hand"
NOT_BELIEVED: Final = "the model treated too many songs alike to be believed; try another model"
_FEWEST_CHECKS = 60
_MOST_ANCHORS = 8
_FAILURES_TO_LEARN = 2

Keep = Callable[[Sequence[AskedTrack], Sequence[AskedRoom], Mapping[bytes, "Verdict | SetAside"]], Awaitable[None]]


class Inquiry(Protocol):
    """A kind of question about tracks: to place them, or to look through a room."""

    def question(self, rooms: Sequence[AskedRoom], tracks: Sequence[AskedTrack]) -> Question:
        """The question about these tracks, which are ``t1``, ``t2`` ..."""
        ...

    def parse(self, text: str, ids: Sequence[str], rooms: Sequence[AskedRoom]) -> dict[str, Verdict]:
        """The verdicts in an answer; ids that are missing were left out. Raises ``AnswerError``."""
        ...

    def is_odd(self, mark: Mark) -> bool:
        """Whether it is odd that this is said of a whole batch."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Tracks that lack a judgement about the same rooms. ``doubt``: what was said of all of a batch with them in it;
    ``verdicts``: what was said of these when the doubt arose, where they are to be doubted for the first time."""

    tracks: tuple[AskedTrack, ...]
    rooms: tuple[AskedRoom, ...]
    doubt: Mark | None = None
    verdicts: Mapping[bytes, Verdict] | None = None

    def halves(self) -> list["Batch"]:
        """Two of half the size."""
        middle = (len(self.tracks) + 1) // 2
        return [Batch(part, self.rooms, self.doubt) for part in (self.tracks[:middle], self.tracks[middle:]) if part]


@dataclass(slots=True)
class Judge:
    """Works batches off. ``keep`` is told of every track exactly once, as soon as it is clear;
    ``remember`` of what was asked besides.

    ``unjudged``: by digest, why a track got no judgement. ``checks``: calls that were spent on doubts.
    """

    line: Line
    inquiry: Inquiry
    keep: Keep
    remember: Keep
    in_flight: int
    unjudged: dict[bytes, str] = field(default_factory=dict)
    checks: int = 0
    _controls: dict[tuple[str, ...], Controls] = field(default_factory=dict)
    _doubted: list[Batch] = field(default_factory=list)
    _lonely: list[Batch] = field(default_factory=list)
    _most_checks: int = _FEWEST_CHECKS
    _largest_good: int = 0
    _failed_sizes: list[int] = field(default_factory=list)
    _most_tracks: int = 10**9

    async def work_off(self, batches: Sequence[Batch]) -> None:
        """Judge all of them. Raises ``Trouble`` where nothing works any more; what is judged by then is kept."""
        self._most_checks = max(_FEWEST_CHECKS, len(batches) // 2)
        # A few more than may be in flight: the next question is ready when an answer comes.
        at_once = self.in_flight + max(2, self.in_flight // 2)
        await work_off(batches, self._judge, at_once)
        while self._doubted:
            doubted, self._doubted = self._doubted, []
            await work_off(doubted, self._judge, at_once)
            if not self._doubted:
                await self._end_of_doubts()

    def controls(self, rooms: Sequence[AskedRoom]) -> Controls:
        """What may serve as controls for questions about these rooms."""
        key = tuple(room.slug for room in rooms)
        if key not in self._controls:
            self._controls[key] = Controls(_some_anchors(rooms))
        return self._controls[key]

    async def _judge(self, batch: Batch) -> list[Batch]:
        """Ask once; gives what is to be asked instead."""
        size = len(batch.tracks)
        known = self.controls(batch.rooms)
        if batch.doubt is not None and batch.verdicts is not None and known.is_common(batch.doubt, size):
            await self._accept(batch, batch.verdicts)
            return []
        if size > self._most_tracks:
            return batch.halves()
        controls: list[Control] = []
        if batch.doubt is not None:
            if self.checks >= self._most_checks:
                return await self._give_up(batch, NOT_BELIEVED)
            self.checks += 1
        if batch.doubt is not None or size < FEWEST_TO_SEE:
            controls = await self._pick(batch)
        try:
            verdicts, is_good = await self._ask(mixed(batch.tracks, controls), batch.rooms)
        except QuestionError as error:
            if not error.is_refusal:
                self._learn(size)
            return batch.halves() if size > 1 else await self._give_up(batch, error.reason)
        if is_good:
            self._largest_good = max(self._largest_good, size)
        left_out = tuple(track for track in batch.tracks if track.digest not in verdicts)
        answered = tuple(track for track in batch.tracks if track.digest in verdicts)
        again = [Batch(left_out, batch.rooms, batch.doubt)] if left_out else []
        if answered:
            await self._weigh(Batch(answered, batch.rooms, batch.doubt), controls, verdicts)
        elif again:  # the controls alone were answered
            return again[0].halves() if size > 1 else await self._give_up(batch, "the model left it out")
        return again

    async def _pick(self, batch: Batch) -> list[Control]:
        """Controls for a batch; the rooms' anchors are asked about first, once, where too little is known yet."""
        known = self.controls(batch.rooms)
        picked = known.pick(batch.doubt, batch.tracks)
        if len(picked) >= MOST_WITHOUT_DOUBT or not (known.anchors or known.lock.locked()):
            return picked
        async with known.lock:
            anchors, known.anchors = known.anchors, ()
            if anchors:
                with contextlib.suppress(QuestionError):
                    verdicts, _ = await self._ask(anchors, batch.rooms)
                    told = [track for track in anchors if track.digest in verdicts]
                    for track in told:
                        known.believe(track, verdicts[track.digest])
                    await self.remember(told, batch.rooms, verdicts)
        return known.pick(batch.doubt, batch.tracks)

    async def _weigh(self, batch: Batch, controls: Sequence[Control], verdicts: Mapping[bytes, Verdict]) -> None:
        """Believe the verdicts, or doubt them."""
        size = len(batch.tracks)
        known = self.controls(batch.rooms)
        if batch.doubt is None:
            known.count(verdicts[track.digest] for track in batch.tracks)  # believed or not
        given = [verdicts[track.digest] for track in batch.tracks]
        mark = usual_mark(given)
        given += [verdicts[one.track.digest] for one in controls if one.track.digest in verdicts]
        if not is_all_over(mark, given) or not self.inquiry.is_odd(mark):
            await self._accept(batch, verdicts)
            return
        spoiled = is_spoiled(mark, controls, verdicts)
        if spoiled is False:
            await self._accept(batch, verdicts)
        elif spoiled and size == 1:
            await self.keep(batch.tracks, batch.rooms, {batch.tracks[0].digest: SetAside(SPEAKS_TO_MODELS)})
        elif spoiled:
            self._doubted += Batch(batch.tracks, batch.rooms, mark).halves()
        elif batch.doubt is None or known.pick(mark, batch.tracks):  # not tried with controls that can tell
            self._doubted.append(Batch(batch.tracks, batch.rooms, mark, verdicts if batch.doubt is None else None))
        elif size > 1:
            self._doubted += Batch(batch.tracks, batch.rooms, mark).halves()
        else:
            self._lonely.append(Batch(batch.tracks, batch.rooms, mark, verdicts))

    async def _end_of_doubts(self) -> None:
        """Single tracks that nothing could be held against: tried, where there are controls by now; else everything
        that was ever asked is like them, and so they are believed."""
        lonely, self._lonely = self._lonely, []
        for batch in lonely:
            if self.controls(batch.rooms).pick(batch.doubt, batch.tracks):
                self._doubted.append(Batch(batch.tracks, batch.rooms, batch.doubt))
            elif batch.verdicts is not None:
                await self._accept(batch, batch.verdicts)

    async def _ask(self, tracks: Sequence[AskedTrack], rooms: Sequence[AskedRoom]) -> tuple[dict[bytes, Verdict], bool]:
        """Ask, and once more where the answer is of no use. ``True``: it was good at once."""
        question = self.inquiry.question(rooms, tracks)
        completion = await self.line.ask(question)
        repair: Repair | None = None
        try:
            found = self._parse(completion.text, tracks, rooms)
        except AnswerError as error:
            repair = Repair(completion.text, str(error))
        if repair is not None:
            completion = await self.line.ask(question, repair)
            try:
                found = self._parse(completion.text, tracks, rooms)
            except AnswerError as error:
                raise self.line.useless(f"the model's answer is of no use: {error}") from None
        self.line.useful()
        return found, repair is None and len(found) == len(tracks)

    def _parse(self, text: str, tracks: Sequence[AskedTrack], rooms: Sequence[AskedRoom]) -> dict[bytes, Verdict]:
        ids = [f"t{number}" for number in range(1, len(tracks) + 1)]
        found = self.inquiry.parse(text, ids, rooms)
        if not found:
            raise AnswerError("it leaves out every track")
        return {track.digest: found[one] for one, track in zip(ids, tracks, strict=True) if one in found}

    async def _accept(self, batch: Batch, verdicts: Mapping[bytes, Verdict]) -> None:
        controls = self.controls(batch.rooms)
        for track in batch.tracks:
            controls.believe(track, verdicts[track.digest])
        await self.keep(batch.tracks, batch.rooms, {track.digest: verdicts[track.digest] for track in batch.tracks})

    async def _give_up(self, batch: Batch, reason: str) -> list[Batch]:
        for track in batch.tracks:
            self.unjudged[track.digest] = reason
        await self.keep(batch.tracks, batch.rooms, {})
        return []

    def _learn(self, size: int) -> None:
        """A model that never manages so many tracks at once is not asked for so many again."""
        self._failed_sizes.append(size)
        if size > self._largest_good and self._failed_sizes.count(size) >= _FAILURES_TO_LEARN:
            self._most_tracks = min(self._most_tracks, max(1, (size + 1) // 2))


def _some_anchors(rooms: Sequence[AskedRoom]) -> tuple[AskedTrack, ...]:
    """Some of every room's anchors, each once."""
    ranks = zip_longest(*(room.controls for room in rooms))
    found = {one.digest: one for rank in ranks for one in rank if one is not None}
    return tuple(islice(found.values(), _MOST_ANCHORS))
