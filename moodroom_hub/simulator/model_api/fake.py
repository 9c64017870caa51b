"""The make-believe model behind its HTTP interface, without a socket: a request in, an answer out."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from moodroom_hub.simulator.model_api.answers import (
    Drop,
    ModelAnswer,
    ModelApiError,
    html_answer,
    json_answer,
)
from moodroom_hub.simulator.model_api.behaviour import Behaviour, ModelFault, ModelRule, RuleBook
from moodroom_hub.simulator.model_api.knowledge import DemoKnowledge, Knowledge
from moodroom_hub.simulator.model_api.limits import Limiter
from moodroom_hub.simulator.model_api.log import CallLog, CallRecord
from moodroom_hub.simulator.model_api.protocol import Task, UnreadableTaskError, read_task, song_key
from moodroom_hub.simulator.model_api.refusals import UNPAID, refused
from moodroom_hub.simulator.model_api.requests import ChatRequest, read_chat, tokens_of
from moodroom_hub.simulator.model_api.right import right_answer
from moodroom_hub.simulator.model_api.wrong import concerns_answers, spoiled, spoiled_text

_ONLY_WITHOUT_SCHEMA = frozenset({ModelFault.FENCED, ModelFault.PROSE_AROUND, ModelFault.THINKING})
_HARMLESS = _ONLY_WITHOUT_SCHEMA | {ModelFault.NO_USAGE, ModelFault.SLOW}
_BOUNDLESS = frozenset({ModelFault.HUGE, ModelFault.DEEP})
_CUTTING = {ModelFault.CUT_OFF: "length", ModelFault.CONTENT_FILTER: "content_filter"}
_CREATED_S = 1_793_520_000


@dataclass(frozen=True, slots=True)
class Call:
    """A request under way: what will be answered, and its line in the log."""

    answer: ModelAnswer
    record: CallRecord


class FakeModel:
    """An OpenAI-compatible service that places tracks, suggests songs and audits rooms.

    ``behaviour`` may be exchanged at any time. ``now_s`` is a clock in seconds since the epoch (default: the wall's at
    the start, running evenly from there). What befalls a request by chance is decided by ``seed``, its content and how
    often that content came before, never by the order of arrival.
    """

    def __init__(
        self,
        behaviour: Behaviour | None = None,
        knowledge: Knowledge | None = None,
        *,
        seed: int = 0,
        now_s: Callable[[], float] | None = None,
        log_path: Path | None = None,
    ) -> None:
        self.behaviour = behaviour or Behaviour()
        self.knowledge = knowledge or DemoKnowledge()
        self.log = CallLog(log_path)
        self._seed = seed
        self._now_s = now_s or _even_clock()
        self._limiter = Limiter()
        self._rules = RuleBook()
        self._times_asked: dict[str, int] = {}

    @property
    def requests(self) -> list[CallRecord]:
        """Every request, in the order of arrival."""
        return self.log.records

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> ModelAnswer:
        """Answer at once; ``delay_ms`` and ``drop`` of the answer are the caller's to live out."""
        call = self.receive(method, path, headers, body)
        self.finish(call, was_delivered=call.answer.drop is None)
        return call.answer

    def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Call:
        """Take a request in; it is in flight until :meth:`finish`."""
        record = self.log.begin(f"{method} {path}", self._now_s())
        try:
            answer = self._answer(record, method, path, headers, body)
        except ModelApiError as refusal:
            answer = refusal.answer()
            record.error = refusal.code or refusal.message
        record.status = 0 if answer.drop in ("hang", "reset") else answer.status
        return Call(answer, record)

    def finish(self, call: Call, was_delivered: bool) -> None:
        """The answer went out whole, or not."""
        self.log.end(call.record, self._now_s(), was_delivered)

    def _answer(
        self, record: CallRecord, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> ModelAnswer:
        endpoint = f"{method} {path}"
        if endpoint not in ("GET /v1/models", "POST /v1/chat/completions"):
            raise ModelApiError(404, f"Invalid URL ({endpoint})", code="unknown_url")
        self._check_key(headers)
        if endpoint == "GET /v1/models":
            return json_answer(200, {"object": "list", "data": [*map(_model_entry, self.behaviour.models)]})
        kind = next((value for name, value in headers.items() if name.casefold() == "content-type"), "")
        if kind.partition(";")[0].strip().casefold() != "application/json":
            raise ModelApiError(400, f"Invalid Content-Type header ({kind}), expected application/json.")
        return self._chat(record, body)

    def _check_key(self, headers: Mapping[str, str]) -> None:
        wanted = self.behaviour.api_key
        if wanted is None:
            return
        given = next((value for name, value in headers.items() if name.casefold() == "authorization"), "")
        if not given:
            raise ModelApiError(401, "You didn't provide an API key.")
        if given != f"Bearer {wanted}":
            raise ModelApiError(401, "Incorrect API key provided.", code="invalid_api_key")

    def _chat(self, record: CallRecord, body: bytes) -> ModelAnswer:
        record.came_too_early = self._limiter.is_too_early(record.at_s)
        limited = self._limiter.refusal(self.behaviour, self.log.in_flight, record.at_s)
        if limited is not None:
            record.error = "rate_limit_exceeded"
            return limited
        chat = read_chat(body, self.behaviour)
        try:
            task, record.is_repair = read_task(chat.messages)
        except UnreadableTaskError as unreadable:
            raise ModelApiError(400, f"The task cannot be read: {unreadable}", code="unreadable_task") from None
        _note(record, chat, task)
        times_asked = self._times_asked[task.digest] = self._times_asked.get(task.digest, 0) + 1
        chance = Random(f"{self._seed}:{task.digest}:{times_asked}")
        rules = self._rules.strikes(self.behaviour.rules, self.log.chats, task, record.is_repair, chance)
        if chat.format == "json_schema":
            rules = [one for one in rules if one.even_with_schema or one.fault not in _ONLY_WITHOUT_SCHEMA]
        record.faults = tuple(rule.fault.value for rule in rules)
        slow_ms = sum(rule.delay_ms for rule in rules if rule.fault is ModelFault.SLOW)
        delay_ms = self.behaviour.latency.draw(chance) + slow_ms
        unpaid = next((rule for rule in rules if rule.fault in UNPAID), None)
        if unpaid is not None:
            record.error = unpaid.fault.value
            return refused(unpaid, chat, self._limiter, record.at_s, delay_ms)
        return self._completion(record, chat, task, rules, delay_ms)

    def _completion(
        self, record: CallRecord, chat: ChatRequest, task: Task, rules: list[ModelRule], delay_ms: float
    ) -> ModelAnswer:
        faults = [rule.fault for rule in rules]
        answer: Any = right_answer(task, self.knowledge)
        complaint = chat.check(answer) if chat.check is not None else None
        if complaint is not None:
            text = f"A right answer does not fit the schema that was sent: {complaint}"
            raise ModelApiError(400, text, code="schema_misfit", param="response_format")
        text = best = json.dumps(answer, ensure_ascii=False)
        if any(concerns_answers(fault) for fault in faults):
            for fault in faults:
                answer = spoiled(fault, task, answer)
            text = json.dumps(answer, ensure_ascii=False)
        is_best = text == best
        for fault in faults:
            text = spoiled_text(fault, text)
        reason = next((_CUTTING[fault] for fault in faults if fault in _CUTTING), "stop")
        if tokens_of(text) > chat.max_tokens and not _BOUNDLESS & set(faults):
            text, reason = _first_tokens(text, chat.max_tokens), "length"
        is_well_sent = all(fault in _HARMLESS or concerns_answers(fault) for fault in faults)
        record.was_right = is_best and is_well_sent and reason == "stop"
        record.was_paid = True
        record.completion_tokens = tokens_of(text)
        record.cost_usd = _cost_usd(record, chat)
        return _delivered(faults, self._body(record, faults, text, reason), delay_ms)

    def _body(self, record: CallRecord, faults: list[ModelFault], text: str, reason: str) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
        if ModelFault.REFUSAL in faults:
            message.update(content=None, refusal="I'm sorry, I can't assist with that.")
        if ModelFault.NULL_CONTENT in faults:
            message["content"] = None
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        body: dict[str, Any] = {
            "id": f"chatcmpl-{self._seed}-{record.number}",
            "object": "chat.completion",
            "created": _CREATED_S,
            "model": record.model,
            "choices": [] if ModelFault.NO_CHOICES in faults else [choice],
        }
        if ModelFault.NO_USAGE not in faults:
            body["usage"] = {
                "prompt_tokens": record.prompt_tokens,
                "completion_tokens": record.completion_tokens,
                "total_tokens": record.prompt_tokens + record.completion_tokens,
            }
            if self.behaviour.reports_cost:
                body["usage"]["cost"] = record.cost_usd
        return body


def _note(record: CallRecord, chat: ChatRequest, task: Task) -> None:
    record.task = task.kind
    record.rooms = tuple(room.slug for room in task.rooms)
    record.track_ids = tuple(track.id for track in task.tracks)
    record.songs = tuple(song_key(track.name, ", ".join(track.artists)) for track in task.tracks)
    record.digest, record.rooms_digest = task.digest, task.rooms_digest
    record.model, record.format = chat.model.id, chat.format
    record.prompt_tokens = chat.prompt_tokens


def _delivered(faults: list[ModelFault], body: dict[str, Any], delay_ms: float) -> ModelAnswer:
    answer = html_answer(200, "Just a moment...") if ModelFault.HTML in faults else json_answer(200, body)
    drop: Drop | None = None
    if ModelFault.CUT_BODY in faults:
        drop = "cut"
    if ModelFault.RESET_AFTER in faults:
        drop = "reset"
    return ModelAnswer(answer.status, answer.headers, answer.body, delay_ms, drop)


def _model_entry(model: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": model.id, "object": "model", "created": _CREATED_S, "owned_by": "make-believe"}
    if model.shows_context:
        entry["context_length"] = model.context_length
    if model.prompt_price is not None:
        entry["pricing"] = {"prompt": model.prompt_price, "completion": model.completion_price or "0"}
    return entry


def _cost_usd(record: CallRecord, chat: ChatRequest) -> float:
    prompt, completion = float(chat.model.prompt_price or 0), float(chat.model.completion_price or 0)
    return record.prompt_tokens * prompt + record.completion_tokens * completion


def _first_tokens(text: str, count: int) -> str:
    return text.encode("utf-8", "surrogatepass")[: count * 4].decode("utf-8", "ignore")


def _even_clock() -> Callable[[], float]:
    origin_s = time.time() - time.monotonic()
    return lambda: origin_s + time.monotonic()
