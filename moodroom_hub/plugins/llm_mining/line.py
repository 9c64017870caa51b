"""One question and its answer, through all that may come between: limits, faults, forms that are not offered."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.llm_mining.client import Client, LineError, Reply
from moodroom_hub.plugins.llm_mining.envelopes import AnswerError, Completion, read_completion
from moodroom_hub.plugins.llm_mining.failures import LONGEST_PATIENCE_S, Cure, Failure, failure_of
from moodroom_hub.plugins.llm_mining.gate import Gate
from moodroom_hub.plugins.llm_mining.prompts import Question, compact, repair_words
from moodroom_hub.plugins.llm_mining.spending import Spent
from moodroom_hub.plugins.llm_mining.waits import used_up_s

log = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 4
"""Of a call that breaks off or meets a fault of the endpoint's."""
MOST_TIMEOUTS: Final = 2
MOST_PAUSES: Final = 10
"""In a row, without one good answer in between."""
MOST_USELESS: Final = 24
"""Questions in a row that came to nothing: then it is not the tracks."""
_TIMED_OUT = 2
_BROKE_OFF = 6
_MOST_SHOWN = 6_000


class Form(IntEnum):
    """How the shape of the answer is asked for."""

    SCHEMA = 0
    JSON_OBJECT = 1
    TEXT = 2


class Tokens(IntEnum):
    """How the answer's length is bounded."""

    MAX_TOKENS = 0
    MAX_COMPLETION_TOKENS = 1
    NOT = 2


class QuestionError(Exception):
    """This question came to nothing, others may not. ``reason`` is for people."""

    def __init__(self, reason: str, *, is_refusal: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_refusal = is_refusal


@dataclass(frozen=True, slots=True)
class Repair:
    """An answer that was of no use, and what is wrong with it."""

    text: str
    complaint: str


@dataclass(slots=True)
class Manners:
    """What the endpoint turned out to want; remembered for the run."""

    form: Form = Form.SCHEMA
    tokens: Tokens = Tokens.MAX_TOKENS
    has_temperature: bool = True


@dataclass(slots=True)
class Line:
    """Asks one endpoint. ``model`` and ``max_tokens_out`` go with every call; ``tells_cost``: it is OpenRouter."""

    client: Client
    gate: Gate
    clock: Clock
    spent: Spent
    model: str
    max_tokens_out: int | None
    manners: Manners = field(default_factory=Manners)
    trouble: Trouble | None = None
    _useless: int = 0

    async def ask(self, question: Question, repair: Repair | None = None) -> Completion:
        """The model's answer, unread. Raises ``QuestionError``, and ``Trouble`` where nothing works any more."""
        attempt = timeouts = 0
        while True:
            manners = replace(self.manners)
            outcome = await self._try(question, repair, manners)
            if isinstance(outcome, Reply):
                return self._taken(question, outcome)
            failure = outcome
            if failure.may_be_paid:
                self.spent.unclear += 1
            match failure.cure:
                case Cure.END:
                    raise self.end(failure.trouble)
                case Cure.WAIT:
                    self.gate.pause(failure.wait_s)
                    if self.gate.rounds > MOST_PAUSES:
                        raise self.end(Trouble(TroubleCode.RATE_LIMITED, f"{failure.reason}, again and again: "
                                               "try later, or set a smaller plugins.llm_mining.in_flight"))  # fmt: skip
                case Cure.PLAINER | Cure.OTHER_TOKENS | Cure.NO_TEMPERATURE:
                    if not self._give_way(failure.cure, manners):
                        raise self.useless(failure.reason)
                case Cure.SMALLER:
                    raise self.useless(failure.reason)
                case Cure.NONE:
                    raise self.useless(failure.reason, is_refusal=True)
                case Cure.AGAIN:
                    attempt += 1
                    timeouts += failure.is_timeout
                    if attempt >= MOST_ATTEMPTS or timeouts >= MOST_TIMEOUTS:
                        if failure.is_unreachable:
                            raise self.end(Trouble(TroubleCode.UNAVAILABLE, f"{failure.reason}: is it running, and is "
                                                   "plugins.llm_mining.base_url right?"))  # fmt: skip
                        raise self.useless(failure.reason, weight=_TIMED_OUT if failure.is_timeout else _BROKE_OFF)
                    await self.clock.sleep_ms(self.gate.back_off_s(attempt) * 1000)

    def end(self, trouble: Trouble | None) -> Trouble:
        """Nothing works any more: no further call goes out. Gives the first trouble."""
        if self.trouble is None:
            self.trouble = trouble or Trouble(TroubleCode.UNAVAILABLE, "the model's endpoint does not work")
        return self.trouble

    def useful(self) -> None:
        """An answer could be used."""
        self._useless = 0

    def useless(self, reason: str, *, is_refusal: bool = False, weight: int = 1) -> QuestionError | Trouble:
        """A question came to nothing; too many in a row are a trouble."""
        self._useless += weight
        if self._useless >= MOST_USELESS:
            return self.end(Trouble(TroubleCode.UNAVAILABLE, f"the model gives no usable answer any more ({reason}): "
                                    "choose another plugins.llm_mining.model, or a smaller batch_size"))  # fmt: skip
        return QuestionError(reason, is_refusal=is_refusal)

    async def _try(self, question: Question, repair: Repair | None, manners: Manners) -> Reply | Failure:
        body = request_body(question, self.model, manners, self.max_tokens_out, repair)
        async with self.gate.turn():
            if self.trouble is not None:
                raise self.trouble
            if manners != self.manners:  # somebody found a better way while this one waited
                return Failure(Cure.PLAINER, "asked in another way")
            try:
                reply = await self.client.ask(body)
            except LineError as error:
                return Failure(
                    Cure.AGAIN,
                    error.reason,
                    may_be_paid=error.was_sent,
                    is_timeout=error.is_timeout,
                    is_unreachable=not error.was_sent,
                )
        if reply.is_too_large:
            self.spent.called(question.content, None)
            return Failure(Cure.SMALLER, "the answer was far too long")
        now_s = self.clock.now_ms() / 1000
        failure = failure_of(reply.status, reply.headers, reply.body, now_s)
        if failure is not None:
            return failure
        wait = used_up_s(reply.headers, now_s)
        if wait is not None and wait <= LONGEST_PATIENCE_S:
            self.gate.rest(wait)
        await asyncio.sleep(0)  # whoever waited for this turn sends first: to read an answer takes a while
        return reply

    def _taken(self, question: Question, reply: Reply) -> Completion:
        try:
            completion = read_completion(reply.body)
        except AnswerError as error:
            self.spent.called(question.content, None)
            raise self.useless(str(error)) from None
        self.spent.called(question.content, completion)
        self.gate.worked()
        if completion.is_refused:
            raise self.useless("the model refused", is_refusal=True)
        if completion.is_cut:
            raise self.useless("the answer was cut off")
        return completion

    def _give_way(self, cure: Cure, asked_with: Manners) -> bool:
        """Whether there is another way to ask. Where another call has found one meanwhile, that is taken."""
        manners = self.manners
        if manners != asked_with:
            return True
        if cure is Cure.NO_TEMPERATURE:
            had, manners.has_temperature = manners.has_temperature, False
            return had
        if cure is Cure.OTHER_TOKENS:
            if self.max_tokens_out is None or manners.tokens is Tokens.NOT:
                return False
            manners.tokens = Tokens(manners.tokens + 1)
            return True
        if manners.form is Form.TEXT:
            return False
        log.info("the model's endpoint does not offer %s: asking for plainer answers", manners.form.name)
        manners.form = Form(manners.form + 1)
        return True


def request_body(
    question: Question, model: str, manners: Manners, max_tokens_out: int | None, repair: Repair | None = None
) -> bytes:
    """The body of the call, byte for byte."""
    messages = [{"role": "system", "content": question.rules}, {"role": "user", "content": question.content}]
    if repair is not None:
        messages.append({"role": "assistant", "content": repair.text[:_MOST_SHOWN]})
        messages.append({"role": "user", "content": repair_words(repair.complaint)})
    body: dict[str, Any] = {"model": model, "messages": messages}
    if manners.has_temperature:
        body["temperature"] = 0
    if max_tokens_out is not None and manners.tokens is not Tokens.NOT:
        key = "max_tokens" if manners.tokens is Tokens.MAX_TOKENS else "max_completion_tokens"
        body[key] = max_tokens_out
    if manners.form is Form.SCHEMA:
        schema = {"name": question.schema_name, "strict": True, "schema": question.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif manners.form is Form.JSON_OBJECT:
        body["response_format"] = {"type": "json_object"}
    return compact(body).encode("utf-8", "replace")
