"""The mining desk: takes one order at a time, lets a miner work on it, and makes the result true when wanted."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.miners import (
    AuditReport,
    EstimateView,
    JobKind,
    JobStatus,
    JobView,
    Miner,
    MinerView,
    MiningOrder,
    MiningReport,
    UndoneMining,
)
from moodroom_hub.core.mining.books import Books
from moodroom_hub.core.mining.choosing import choose, rooms_of
from moodroom_hub.core.mining.gathering import Gathering
from moodroom_hub.core.mining.reporting import audit_report
from moodroom_hub.core.mining.work import Finding, MiningWork
from moodroom_hub.core.reasons import reason_of
from moodroom_hub.domain.mining.checking import sound_audited
from moodroom_hub.domain.mining.models import AuditTask, Definition, MiningProgress, MiningTask
from moodroom_hub.domain.models import DurationMs, Receipt, Room, RoomSlug, Tier, Uri

log = logging.getLogger(__name__)

DROPPED = "dropped while calibrating"

AfterMining = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class _Job:
    """The job that runs, or the last one."""

    order: MiningOrder
    miner: Miner
    rooms: tuple[Room, ...]
    began_ms: int
    view: JobView
    finding: Finding | None = None
    task: asyncio.Task[None] | None = None


class Desk:
    """Implements ``miners.MiningFace``.

    ``rooms`` are the hub's own; ``after_mining`` is called when a pool's base was changed, ``told`` when something
    changed without an event.
    """

    def __init__(
        self,
        *,
        rooms: Mapping[RoomSlug, Room],
        miners: Callable[[], Sequence[Miner]],
        gathering: Gathering,
        work: MiningWork,
        books: Books,
        clock: Clock,
        after_mining: AfterMining,
        told: Callable[[], None],
    ) -> None:
        self._rooms = rooms
        self._miners = miners
        self._gathering = gathering
        self._work = work
        self._books = books
        self._clock = clock
        self._after_mining = after_mining
        self._told = told
        self._job: _Job | None = None
        self._writing = asyncio.Lock()

    def miners(self) -> Sequence[MinerView]:
        """Every miner."""
        return [MinerView(miner.name, miner.abilities, miner.standing()) for miner in self._miners()]

    def definition(self, room: RoomSlug) -> Definition:
        """A room's words. Raises ``Trouble``."""
        found = self._room(room)
        return Definition(found.description, found.anchors, found.avoid)

    async def estimate(self, order: MiningOrder) -> EstimateView:
        """What the order would take."""
        miner = choose(self._miners(), order)
        task = await self._task(order, miner, rooms_of(order, self._rooms))
        tracks = len(task.audited if isinstance(task, AuditTask) else task.tracks)
        return EstimateView(miner.name, miner.standing().is_paid, tracks, await miner.estimate(task))

    async def start(self, order: MiningOrder) -> JobView:
        """Begin. A held result that nobody applied is forgotten."""
        self._refuse_while_busy()
        miner, rooms = choose(self._miners(), order), rooms_of(order, self._rooms)
        if miner.standing().is_paid and not order.is_accepted:
            raise Trouble(
                TroubleCode.CONFLICT,
                f"The miner {miner.name} may cost money: look at the estimate, then say that you accept it.",
            )
        slugs = tuple(room.slug for room in rooms)
        view = JobView(JobStatus.RUNNING, order.kind, miner.name, slugs, "reading the library")
        job = self._job = _Job(order, miner, rooms, self._clock.now_ms(), view)
        job.task = asyncio.create_task(self._run(job), name=f"mining with {miner.name}")
        return self.job()

    def job(self) -> JobView:
        """Where the last job stands."""
        job = self._job
        if job is None:
            return JobView(JobStatus.IDLE)
        if job.view.status is JobStatus.RUNNING:
            return replace(job.view, elapsed_ms=DurationMs(self._clock.now_ms() - job.began_ms))
        return job.view

    async def ended(self) -> JobView:
        """Wait until no job runs."""
        job = self._job
        if job is not None and job.task is not None:
            await asyncio.wait([job.task])
        return self.job()

    async def cancel(self) -> JobView:
        """Stop the job that runs."""
        async with self._writing:  # what is being written is written to its end
            job = self._job
            if job is not None and job.task is not None and not job.task.done():
                job.task.cancel()
                await asyncio.wait([job.task])
                if job.view.status is JobStatus.RUNNING:  # cancelled before its first step
                    self._ended(job, JobStatus.CANCELLED)
        return self.job()

    async def apply(self, definition: Definition | None = None, drop: Sequence[Uri] = ()) -> JobView:
        """Make the held result true."""
        job, finding = self._held()
        if (definition is not None or drop) and len(job.rooms) != 1:
            raise Trouble(
                TroubleCode.BAD_REQUEST, "A definition and what is dropped belong to one room: mine just that."
            )
        slug = job.rooms[0].slug
        async with self._writing:
            if definition is not None:
                await self._books.define(slug, definition)
            # Before, because what the mining takes out as well could not be dropped any more and might come back;
            # and after, because of what it brings.
            await self._books.drop(slug, drop, DROPPED)
            await self._make_true(job, finding)
            await self._books.drop(slug, drop, DROPPED)
        self._told()
        return self.job()

    async def discard(self) -> JobView:
        """Forget the held result."""
        job, _ = self._held()
        job.finding = None
        job.view = replace(job.view, status=JobStatus.CANCELLED, phase="discarded", report=None)
        return self.job()

    async def undo(self) -> UndoneMining:
        """Take the last mining back."""
        self._refuse_while_busy()
        async with self._writing:
            undone = await self._books.undo()
        self._told()
        return undone

    async def define(self, room: RoomSlug, definition: Definition) -> None:
        """Give a room other words."""
        self._room(room)
        async with self._writing:
            await self._books.define(room, definition)
        self._told()

    async def move(self, room: RoomSlug, uri: Uri, tier: Tier, why: str) -> Receipt:
        """Put a track into a tier by hand."""
        self._room(room)
        return await self._books.move(room, uri, tier, why, await self._gathering.library())

    async def kept(self, room: RoomSlug) -> Collection[Uri]:
        """What the owner said belongs in the room."""
        self._room(room)
        return await self._books.kept(room)

    async def keep(self, room: RoomSlug, uris: Sequence[Uri]) -> None:
        """Remember that these belong in the room."""
        self._room(room)
        await self._books.keep(room, uris)

    async def close(self) -> None:
        """End what runs. Idempotent."""
        await self.cancel()

    async def _run(self, job: _Job) -> None:
        try:
            if job.order.kind is JobKind.AUDIT:
                self._ended(job, JobStatus.DONE, await self._audited(job))
                return
            job.finding = await self._work.find(job.order, job.miner, job.rooms, self._teller(job))
            report = await self._work.report(job.finding)
            if job.order.is_held:
                self._ended(job, JobStatus.HELD, report)
                return
            async with self._writing:
                await self._make_true(job, job.finding)
            self._told()
        except asyncio.CancelledError:
            self._ended(job, JobStatus.CANCELLED)
        except Trouble as trouble:
            self._ended(job, JobStatus.FAILED, trouble=trouble)
        except Exception as error:
            known = isinstance(error, MoodroomError)
            log.log(
                logging.WARNING if known else logging.ERROR, "mining failed: %s", reason_of(error), exc_info=not known
            )
            self._ended(job, JobStatus.FAILED, trouble=Trouble(TroubleCode.UNAVAILABLE, reason_of(error)))

    async def _audited(self, job: _Job) -> AuditReport:
        task = await self._task(job.order, job.miner, job.rooms)
        assert isinstance(task, AuditTask)
        tell = self._teller(job)
        job.view = replace(job.view, phase="auditing")
        return await audit_report(
            sound_audited(await job.miner.audit(task, lambda done: tell("auditing", done)), task), task, self._gathering
        )

    async def _make_true(self, job: _Job, finding: Finding) -> None:
        """Reckoned anew, because the pools may have changed since it was shown."""
        report = await self._work.report(finding)
        await self._books.put(report.rooms)
        with contextlib.suppress(MoodroomError):
            await self._after_mining()
        job.finding = None
        self._ended(job, JobStatus.DONE, report)

    async def _task(self, order: MiningOrder, miner: Miner, rooms: Sequence[Room]) -> MiningTask | AuditTask:
        if order.kind is JobKind.MINE:
            return (await self._gathering.for_mining(order, miner, rooms)).task
        room = rooms[0]
        kept = set() if order.is_thorough else await self._books.kept(room.slug)
        all_rooms = [room if each.slug == room.slug else each for each in self._rooms.values()]
        return await self._gathering.for_audit(order, miner, room, all_rooms, kept)

    def _teller(self, job: _Job) -> Callable[[str, MiningProgress], None]:
        def tell(phase: str, progress: MiningProgress) -> None:
            job.view = replace(job.view, phase=phase, progress=progress)

        return tell

    def _ended(
        self,
        job: _Job,
        status: JobStatus,
        report: MiningReport | AuditReport | None = None,
        trouble: Trouble | None = None,
    ) -> None:
        elapsed_ms = DurationMs(self._clock.now_ms() - job.began_ms)
        phase = "waits to be applied" if status is JobStatus.HELD else status.value
        job.view = replace(job.view, status=status, phase=phase, elapsed_ms=elapsed_ms, report=report, trouble=trouble)

    def _refuse_while_busy(self) -> None:
        if self._job is not None and self._job.task is not None and not self._job.task.done():
            raise Trouble(TroubleCode.CONFLICT, "A mining runs already: wait for it, or cancel it.")

    def _held(self) -> tuple[_Job, Finding]:
        job = self._job
        if job is None or job.finding is None or job.view.status is not JobStatus.HELD:
            raise Trouble(TroubleCode.CONFLICT, "No mining waits to be applied.")
        return job, job.finding

    def _room(self, slug: RoomSlug) -> Room:
        if slug not in self._rooms:
            raise Trouble(TroubleCode.NOT_FOUND, "There is no such room.")
        return self._rooms[slug]
