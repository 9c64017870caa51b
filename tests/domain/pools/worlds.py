"""Random lives of a pool: verdicts, likes, moves by hand and undos, written as receipts the way the hub does."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from hypothesis import strategies as st

from moodroom_hub.domain.models import (
    Cause,
    DurationMs,
    EndInterval,
    EpochMs,
    PoolEntry,
    Receipt,
    RoomSlug,
    Tier,
    Track,
    Uri,
    Verdict,
    VerdictKind,
)
from moodroom_hub.domain.pools import (
    Pool,
    PoolChange,
    Refusal,
    apply_verdict,
    liked,
    moved,
    plan_undo,
    project,
)

ROOM = RoomSlug("late-night")
TRACKS = tuple(
    Track(Uri(f"spotify:track:{number}"), f"Song {number}", ("Somebody",), DurationMs(200_000 + 9_000 * number))
    for number in range(5)
)


def verdict(kind: VerdictKind, cause: Cause = Cause.LISTENER, is_sure: bool = True, heard_ms: int = 12_000) -> Verdict:
    heard = DurationMs(heard_ms)
    return Verdict(kind, cause, EndInterval(heard, heard, heard), is_sure)


SKIP = verdict(VerdictKind.SKIPPED)
COMPLETION = verdict(VerdictKind.COMPLETED, Cause.NATURAL, heard_ms=199_000)


def canonical(pool: Pool) -> bytes:
    """The pool as bytes: every field of every entry, in order."""
    return json.dumps([asdict(entry) for entry in pool.entries.values()]).encode()


@dataclass
class Life:
    """A base, the receipts written so far, and the ticking time."""

    base: Sequence[PoolEntry]
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def now_ms(self) -> EpochMs:
        return EpochMs(1_000 * (len(self.receipts) + 1))

    @property
    def pool(self) -> Pool:
        return project(ROOM, self.base, self.receipts)

    def write(self, change: PoolChange | None, undoes: tuple[int, ...] = ()) -> Receipt | None:
        if change is None:
            return None
        receipt = change.receipt(len(self.receipts) + 1, self.now_ms, undoes=undoes)
        self.receipts.append(receipt)
        return receipt

    def undo(self, receipt_id: int) -> Receipt | Refusal:
        plan = plan_undo(self.receipts, receipt_id)
        if isinstance(plan, Refusal):
            return plan
        receipt = self.write(plan.change, plan.undoes)
        assert receipt is not None
        return receipt


Step = Callable[[Life], object]

_tracks = st.sampled_from(TRACKS)
_verdicts = st.builds(verdict, st.sampled_from(VerdictKind), st.sampled_from(Cause), st.booleans())


def _verdict_step(track: Track, judged: Verdict) -> Step:
    return lambda life: life.write(apply_verdict(life.pool, track, judged, life.now_ms))


def _like_step(track: Track) -> Step:
    return lambda life: life.write(liked(life.pool, track, life.now_ms))


def _move_step(track: Track, tier: Tier) -> Step:
    return lambda life: life.write(moved(life.pool, track, tier, life.now_ms))


def _undo_step(position: int) -> Step:
    return lambda life: life.undo(position % len(life.receipts) + 1) if life.receipts else None


verdict_steps = st.builds(_verdict_step, _tracks, st.sampled_from([SKIP, SKIP, COMPLETION]) | _verdicts) | st.builds(
    _like_step, _tracks
)
changing_steps = verdict_steps | st.builds(_move_step, _tracks, st.sampled_from(Tier))
all_steps = changing_steps | st.builds(_undo_step, st.integers(0, 60))

bases = st.lists(
    st.builds(PoolEntry, _tracks, st.sampled_from(Tier), st.integers(0, 2), st.just(EpochMs(5)), st.just("mined")),
    max_size=4,
    unique_by=lambda entry: entry.track.uri,
)


@st.composite
def lives(draw: st.DrawFn, steps: st.SearchStrategy[Step] = all_steps, max_steps: int = 25) -> Life:
    """A life after up to ``max_steps`` random steps."""
    life = Life(draw(bases))
    for step in draw(st.lists(steps, max_size=max_steps)):
        step(life)
    return life
