"""One run of the model: mining or an audit, from opening the line to what is told of every track."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.miners import OnProgress
from moodroom_hub.domain.mining.models import Audited, AuditTask, Mined, MiningTask, Misfit, Placement, Unplaced
from moodroom_hub.domain.models import RoomSlug, Track
from moodroom_hub.plugins.llm_mining.asked import AskedRoom, AskedTrack, Scope, asked_room, asked_tracks
from moodroom_hub.plugins.llm_mining.cache import Cache, SetAside
from moodroom_hub.plugins.llm_mining.client import Client
from moodroom_hub.plugins.llm_mining.config import LlmMiningConfig
from moodroom_hub.plugins.llm_mining.gate import Gate
from moodroom_hub.plugins.llm_mining.inquiries import Auditing, Placing
from moodroom_hub.plugins.llm_mining.judging import Inquiry, Judge
from moodroom_hub.plugins.llm_mining.line import Line
from moodroom_hub.plugins.llm_mining.parsers import Verdict
from moodroom_hub.plugins.llm_mining.places import stays_at_home
from moodroom_hub.plugins.llm_mining.pool import in_thread, work_off
from moodroom_hub.plugins.llm_mining.prompts import PROMPT_VERSION
from moodroom_hub.plugins.llm_mining.register import Register
from moodroom_hub.plugins.llm_mining.spending import Prices, Progress, Spent
from moodroom_hub.plugins.llm_mining.suggesting import Suggestions, Wish, suggest, wishes

READS_LIKE_AN_ORDER = "its title reads like an order to a model; place it by hand"
FITS_EVERYWHERE = "the model put it into every room, which says nothing; place it by hand"
_FEWEST_ROOMS_TO_SAY_SOMETHING = 4


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run needs of the world. ``key`` is the secret itself."""

    config: LlmMiningConfig
    model: str
    key: str | None
    data_dir: Path
    clock: Clock
    rng: Random

    @property
    def scope(self) -> Scope:
        """Who is asked, in which words."""
        return Scope(self.config.base_url, self.model, PROMPT_VERSION)

    @property
    def client(self) -> Client:
        """A line to the endpoint, not opened yet."""
        timeout_s = self.clock.real_seconds(self.config.timeout)
        return Client(self.config.base_url, self.key, timeout_s, self.config.in_flight)

    @property
    def known_prices(self) -> Prices | None:
        """What the configuration says; nothing for what stays at home."""
        if self.config.price_in is not None and self.config.price_out is not None:
            return self.config.price_in, self.config.price_out
        return (0.0, 0.0) if stays_at_home(self.config.base_url, self.model) else None


@dataclass(frozen=True, slots=True)
class Tools:
    """What is open while a run lasts."""

    line: Line
    cache: Cache
    spent: Spent


@asynccontextmanager
async def opened(setting: Setting, prices: Prices | None) -> AsyncIterator[Tools]:
    """Client and cache, closed in any case."""
    spent = Spent(prices)
    async with Cache(setting.data_dir, setting.clock) as cache, setting.client as client:
        gate = Gate(setting.config.in_flight, setting.clock, setting.rng)
        line = Line(client, gate, setting.clock, spent, setting.model, setting.config.max_tokens_out)
        yield Tools(line, cache, spent)


async def mine(setting: Setting, prices: Prices | None, task: MiningTask, on_progress: OnProgress) -> Mined:
    """Place every track, then ask for songs."""
    tracks, hostile = await in_thread(asked_tracks, task.tracks)
    rooms = [asked_room(room, task.examples, setting.scope, "place") for room in task.rooms]
    async with opened(setting, prices) as tools:
        progress = Progress(tools.spent, on_progress, len(tracks))
        register = Register(tools.cache, rooms, tracks)
        judge = await _judged(setting, tools, register, Placing(), progress)
        placements, unplaced = placed(setting.config.min_confidence, rooms, tracks, register, judge.unjudged)
        unplaced += [Unplaced(track.uri, READS_LIKE_AN_ORDER, is_judged=False) for track in hostile]
        wanted = wishes(task, rooms, placements, unplaced)
        came = await _suggested(setting, tools, task, wanted, on_progress)
        notes = (*came.notes, *_notes(tools, judge, hostile))
    return Mined(tuple(placements), tuple(unplaced), tuple(came.found), frozenset(came.rooms), notes)


async def audit(setting: Setting, prices: Prices | None, task: AuditTask, on_progress: OnProgress) -> Audited:
    """Look through one room."""
    tracks, hostile = await in_thread(asked_tracks, task.audited)
    room = asked_room(task.room, task.examples, setting.scope, "audit")
    misfits: list[Misfit] = []
    left = [Unplaced(track.uri, READS_LIKE_AN_ORDER, is_judged=False) for track in hostile]
    async with opened(setting, prices) as tools:
        progress = Progress(tools.spent, on_progress, len(tracks))
        register = Register(tools.cache, [room], tracks)
        judge = await _judged(setting, tools, register, Auditing(), progress)
        for track in tracks:
            verdict = register.verdict(track)
            if isinstance(verdict, tuple):
                misfits += [Misfit(uri, said.why, said.confidence) for said in verdict for uri in track.uris]
            else:
                reason = _why_not(verdict, track, judge.unjudged)
                left += [Unplaced(uri, reason, is_judged=False) for uri in track.uris]
        notes = _notes(tools, judge, hostile)
    return Audited(tuple(misfits), tuple(left), notes)


async def _judged(setting: Setting, tools: Tools, register: Register, inquiry: Inquiry, progress: Progress) -> Judge:
    """Ask what is not known yet. Raises ``Trouble``; what was paid by then is kept."""
    await register.load()
    batches = register.batches(setting.config.batch_size)
    progress.advance(len(register.tracks) - sum(len(batch.tracks) for batch in batches))
    tools.spent.on_change = progress.tell

    async def keep(
        asked: Sequence[AskedTrack], about: Sequence[AskedRoom], verdicts: Mapping[bytes, Verdict | SetAside]
    ) -> None:
        await register.keep(asked, about, verdicts)
        progress.advance(len(asked))

    judge = Judge(tools.line, inquiry, keep, register.keep, setting.config.in_flight)
    register.seed(judge, batches)
    try:
        await judge.work_off(batches)
    except Trouble as trouble:
        raise _with_what_is_kept(trouble, progress.done) from trouble
    return judge


def _with_what_is_kept(trouble: Trouble, done: int) -> Trouble:
    kept = f"; {done} tracks are judged, and are not asked about again" if done else ""
    return Trouble(
        trouble.code,
        trouble.message + kept,
        retry_after_s=trouble.retry_after_s,
        outcome_unknown=trouble.outcome_unknown,
    )


def placed(
    min_confidence: float,
    rooms: Sequence[AskedRoom],
    tracks: Sequence[AskedTrack],
    register: Register,
    unjudged: dict[bytes, str],
) -> tuple[list[Placement], list[Unplaced]]:
    """What the register makes of the tracks."""
    placements: list[Placement] = []
    unplaced: list[Unplaced] = []
    names = {room.slug: str(room.content["name"]) for room in rooms}
    for track in tracks:
        verdict = register.verdict(track)
        if not isinstance(verdict, tuple):
            reason = _why_not(verdict, track, unjudged)
            unplaced += [Unplaced(uri, reason, is_judged=False) for uri in track.uris]
            continue
        if len(verdict) == len(rooms) >= _FEWEST_ROOMS_TO_SAY_SOMETHING:
            unplaced += [Unplaced(uri, FITS_EVERYWHERE, is_judged=False) for uri in track.uris]
            continue
        sure = [said for said in verdict if said.confidence >= min_confidence]
        placements += [
            Placement(RoomSlug(said.room), uri, said.confidence, said.why) for uri in track.uris for said in sure
        ]
        if not sure:
            reason = "the model found no room for it"
            if verdict:
                best = max(verdict, key=lambda said: said.confidence)
                reason = f"not sure enough: {names[best.room]} with {best.confidence:.2f}, below {min_confidence:g}"
            unplaced += [Unplaced(uri, reason) for uri in track.uris]
    return placements, unplaced


def _why_not(verdict: SetAside | None, track: AskedTrack, unjudged: dict[bytes, str]) -> str:
    if verdict is not None:
        return verdict.reason
    return unjudged.get(track.digest, "the model was not asked")


async def _suggested(
    setting: Setting, tools: Tools, task: MiningTask, wanted: Sequence[Wish], on_progress: OnProgress
) -> Suggestions:
    came = Suggestions()
    if not wanted:
        return came
    progress = Progress(tools.spent, on_progress, len(wanted), "rooms")
    tools.spent.on_change = progress.tell

    async def work(wish: Wish) -> list[Wish]:
        await suggest(wish, task, tools.line, tools.cache, setting.scope, came)
        progress.advance()
        return []

    try:
        await work_off(wanted, work, setting.config.in_flight)
    except Trouble as trouble:
        # What is placed is worth having without them.
        came.notes.append(f"suggestions are missing: {trouble.message}")
    order = {room.slug: place for place, room in enumerate(task.rooms)}
    came.found.sort(key=lambda one: order[one.room])
    return came


def _notes(tools: Tools, judge: Judge, hostile: Sequence[Track]) -> tuple[str, ...]:
    notes = list(tools.spent.notes)
    if hostile:
        titles = "1 title reads" if len(hostile) == 1 else f"{len(hostile)} titles read"
        notes.append(f"{titles} like an order to a model and stayed here")
    if judge.checks:
        calls = "1 call" if judge.checks == 1 else f"{judge.checks} calls"
        notes.append(f"{calls} went into checking answers that treated many songs alike")
    if tools.cache.trouble:
        notes.append(f"what was paid could not be remembered: {tools.cache.trouble}")
    return tuple(notes)
