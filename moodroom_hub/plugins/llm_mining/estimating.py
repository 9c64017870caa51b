"""What a run would take, before anything is spent; and the prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moodroom_hub.domain.mining.models import AuditTask, Estimate, MiningTask, Prompt, Unplaced
from moodroom_hub.plugins.llm_mining.asked import asked_room, asked_tracks
from moodroom_hub.plugins.llm_mining.cache import Cache
from moodroom_hub.plugins.llm_mining.client import LineError
from moodroom_hub.plugins.llm_mining.envelopes import AnswerError, read_models
from moodroom_hub.plugins.llm_mining.inquiries import Auditing, Placing
from moodroom_hub.plugins.llm_mining.judging import Batch, Inquiry
from moodroom_hub.plugins.llm_mining.places import stays_at_home
from moodroom_hub.plugins.llm_mining.pool import in_thread
from moodroom_hub.plugins.llm_mining.prompts import Question, compact
from moodroom_hub.plugins.llm_mining.register import Register
from moodroom_hub.plugins.llm_mining.run import Setting, placed
from moodroom_hub.plugins.llm_mining.spending import Prices, cost_of, tokens_of
from moodroom_hub.plugins.llm_mining.suggesting import wishes

OUT_PER_CALL: Final = 12
OUT_PER_TRACK: Final = 42
"""Of a placement: an id, one room on the average, a why of a dozen words."""
OUT_PER_AUDITED: Final = 6
"""One in eight is a misfit, with a reason."""
OUT_PER_SONG: Final = 40
_PER_MESSAGE = 8


@dataclass(frozen=True, slots=True)
class Price:
    """What is known of the price. ``note``: where it is from, or why it is not known."""

    prices: Prices | None
    note: str = ""


async def find_price(setting: Setting) -> Price:
    """From the configuration, else from the endpoint's list of models, where it tells. Spends nothing."""
    known = setting.known_prices
    if known is not None:
        if setting.config.price_in is None:
            return Price(known, "the model runs in this house: nothing is charged, and no name leaves it")
        return Price(known, _at(known, "from the configuration"))
    unknown = "the price is not known: set plugins.llm_mining.price_in and price_out"
    try:
        async with setting.client as client:
            reply = await client.models()
        listed = read_models(reply.body) if reply.status == 200 else {}
    except (LineError, AnswerError):
        return Price(None, f"the endpoint did not tell its models; {unknown}")
    if setting.model not in listed:
        return Price(None, f"the endpoint does not list this model; {unknown}" if listed else unknown)
    prices = listed[setting.model]
    return Price(None, unknown) if prices is None else Price(prices, _at(prices, "from the endpoint"))


async def estimate(setting: Setting, task: MiningTask | AuditTask) -> Estimate:
    """Calls, tokens and money of what is not paid yet."""
    price = await find_price(setting)
    async with Cache(setting.data_dir, setting.clock) as cache:
        if isinstance(task, MiningTask):
            planned = await _plan_mining(setting, cache, task)
        else:
            planned = await _plan_audit(setting, cache, task)
    tokens_in = sum(_tokens_in(question) for question in planned.questions)
    notes = [price.note, *planned.notes]
    if planned.hostile:
        titles = "1 title reads" if planned.hostile == 1 else f"{planned.hostile} titles read"
        notes.append(f"{titles} like an order to a model and will not be sent")
    return Estimate(
        calls=len(planned.questions),
        paid_before=planned.paid_before,
        tokens_in=tokens_in,
        tokens_out=planned.tokens_out,
        cost_usd=cost_of(tokens_in, planned.tokens_out, price.prices),
        is_at_home=stays_at_home(setting.config.base_url, setting.model),
        prompts=_prompts(setting, planned.questions),
        notes=tuple(note for note in notes if note),
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    questions: Sequence[Question]
    tokens_out: int
    paid_before: int
    hostile: int
    notes: tuple[str, ...] = ()


async def _plan_mining(setting: Setting, cache: Cache, task: MiningTask) -> _Plan:
    tracks, hostile = await in_thread(asked_tracks, task.tracks)
    rooms = [asked_room(room, task.examples, setting.scope, "place") for room in task.rooms]
    register = Register(cache, rooms, tracks)
    await register.load()
    batches = register.batches(setting.config.batch_size)
    questions = _questions(Placing(), batches)
    paid_before = _calls(len(tracks), setting) - len(batches)
    tokens_out = OUT_PER_CALL * len(batches) + OUT_PER_TRACK * sum(len(batch.tracks) for batch in batches)
    placements, unplaced = placed(setting.config.min_confidence, rooms, tracks, register, {})
    unplaced += [Unplaced(track.uri, "", is_judged=False) for track in hostile]
    for wish in wishes(task, rooms, placements, unplaced):
        # While tracks are left to be placed, it is open which songs will be proven: the call counts as a new one.
        if not batches and await cache.answer(wish.request(setting.scope)) is not None:
            paid_before += 1
            continue
        questions.append(wish.question)
        tokens_out += OUT_PER_CALL + OUT_PER_SONG * (task.safe_side + task.discovery)
    notes = () if not batches else ("wrong answers are asked for again, which may take some calls more",)
    return _Plan(questions, tokens_out, max(0, paid_before), len(hostile), notes)


async def _plan_audit(setting: Setting, cache: Cache, task: AuditTask) -> _Plan:
    tracks, hostile = await in_thread(asked_tracks, task.audited)
    room = asked_room(task.room, task.examples, setting.scope, "audit")
    register = Register(cache, [room], tracks)
    await register.load()
    batches = register.batches(setting.config.batch_size)
    asked = sum(len(batch.tracks) for batch in batches)
    paid_before = max(0, _calls(len(tracks), setting) - len(batches))
    tokens_out = OUT_PER_CALL * len(batches) + OUT_PER_AUDITED * asked
    return _Plan(_questions(Auditing(), batches), tokens_out, paid_before, len(hostile))


def _questions(inquiry: Inquiry, batches: Sequence[Batch]) -> list[Question]:
    return [inquiry.question(batch.rooms, batch.tracks) for batch in batches]


def _calls(tracks: int, setting: Setting) -> int:
    return -(-tracks // setting.config.batch_size)


def _tokens_in(question: Question) -> int:
    return tokens_of(question.rules) + tokens_of(question.content) + tokens_of(compact(question.schema)) + _PER_MESSAGE


def _prompts(setting: Setting, questions: Sequence[Question]) -> tuple[Prompt, ...]:
    """The first of each kind."""
    first: dict[str, Question] = {}
    for question in questions:
        first.setdefault(question.schema_name, question)
    head = f"POST {setting.config.base_url}/chat/completions\nmodel: {setting.model}"
    return tuple(
        Prompt(
            f"first call for {name}",
            f"{head}\n\n--- system ---\n{question.rules}\n--- user ---\n{question.content}\n"
            f"\n--- JSON Schema of the answer ---\n{compact(question.schema)}\n",
        )
        for name, question in first.items()
    )


def _at(prices: Prices, where: str) -> str:
    return f"prices: {prices[0]:g} and {prices[1]:g} US dollars per million tokens in and out, {where}"
