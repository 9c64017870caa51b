"""How the make-believe model server is set up, and how it misbehaves: by number, track, task, size and chance."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from random import Random
from typing import Any

from moodroom_hub.simulator.faults import Latency
from moodroom_hub.simulator.model_api.protocol import Task

MODEL_ID = "make-believe/placer-1"
_AT_ONCE = Latency()


class LimitStyle(StrEnum):
    """How a 429 tells when to come again."""

    SECONDS = "seconds"
    """``Retry-After`` in whole seconds."""
    DATE = "date"
    """``Retry-After`` as an HTTP date."""
    MILLISECONDS = "milliseconds"
    """``retry-after-ms`` alone."""
    RESET = "reset"
    """``x-ratelimit-reset-requests`` alone, such as ``1.5s`` or ``1m2s``."""
    BARE = "bare"
    """Not at all."""
    OPENROUTER = "openrouter"
    """``Retry-After`` with OpenRouter's error body (the provider's limit)."""


class ModelFault(StrEnum):
    """One way to misbehave. Up to ``ERROR_IN_200`` there is no answer and nothing is paid, the others are paid."""

    SERVER_ERROR = "server_error"
    """``status`` of the rule (default 500)."""
    UNAVAILABLE = "unavailable"
    """503 with ``Retry-After``."""
    NO_CREDIT = "no_credit"
    """402."""
    LIMITED = "limited"
    """429 in the rule's ``limit_style``."""
    QUOTA = "quota"
    """429 ``insufficient_quota``: waiting never helps."""
    FALSE_401 = "false_401"
    MODERATED = "moderated"
    """403: the provider's filter took offence at the input."""
    RESET_BEFORE = "reset_before"
    HANG = "hang"
    CONTEXT_LENGTH = "context_length"
    """400, although by the numbers it would fit."""
    ERROR_IN_200 = "error_in_200"
    """200 with OpenRouter's error object and no choices."""

    RESET_AFTER = "reset_after"
    """The answer was made and paid, and is lost."""
    CUT_BODY = "cut_body"
    """The connection breaks in the middle of the HTTP body."""
    HTML = "html"
    """200 with a page."""
    NO_CHOICES = "no_choices"
    NULL_CONTENT = "null_content"
    EMPTY_CONTENT = "empty_content"
    NO_USAGE = "no_usage"
    SLOW = "slow"
    """The rule's ``delay_ms`` more than the others take; the answer itself is sound."""
    REFUSAL = "refusal"
    """``message.refusal`` set, no content."""
    APOLOGY = "apology"
    """A refusal as plain prose."""
    CONTENT_FILTER = "content_filter"
    """Cut off with ``finish_reason`` ``content_filter``."""
    CUT_OFF = "cut_off"
    """The JSON breaks off in the middle, ``finish_reason`` ``length``."""
    BROKEN_JSON = "broken_json"
    """The same, with ``finish_reason`` ``stop``."""
    FENCED = "fenced"
    """In a Markdown fence. This, ``PROSE_AROUND`` and ``THINKING`` only where no schema is asked for."""
    PROSE_AROUND = "prose_around"
    THINKING = "thinking"
    """``<think>...</think>`` before it, with a brace in it."""
    HUGE = "huge"
    """5 MB, whatever ``max_tokens`` says; so with ``DEEP``."""
    DEEP = "deep"
    """JSON nested 100,000 deep."""
    HUGE_NUMBER = "huge_number"
    """A confidence of 5,000 digits."""
    SURROGATE = "surrogate"
    """A lone surrogate in each why, which no UTF-8 can hold."""
    NAN = "nan"

    WRONG_SHAPE = "wrong_shape"
    """Valid JSON of another shape."""
    TOP_LIST = "top_list"
    """The inner list without the object around it."""
    WRONG_TYPES = "wrong_types"
    MISSING_KEYS = "missing_keys"
    """No confidence, no why."""
    EXTRA_KEYS = "extra_keys"
    """Keys that nobody asked for, beside a right answer."""
    CONFIDENCE_7 = "confidence_7"
    CONFIDENCE_NEGATIVE = "confidence_negative"
    CONFIDENCE_WORD = "confidence_word"
    CONFIDENCE_BOOL = "confidence_bool"
    UNKNOWN_ROOM = "unknown_room"
    """A room that does not exist in place of each right one."""
    INVENTED_ROOM = "invented_room"
    """A room that does not exist beside each right one."""
    SAME_ROOM_TWICE = "same_room_twice"
    PARTIAL = "partial"
    """The first track is left out, and every third from there."""
    DUPLICATES = "duplicates"
    """Some tracks come twice, with different rooms."""
    INVENTED_IDS = "invented_ids"
    """Ids that nobody asked about, beside the right ones."""
    SWAPPED_IDS = "swapped_ids"
    """Ids in another case and with a blank."""
    INVENTED_SONGS = "invented_songs"
    """Suggestions of songs that do not exist."""
    KNOWN_SONGS = "known_songs"
    """Suggestions of what is proven and known already."""
    TOO_MANY_SONGS = "too_many_songs"
    """Ten times as many suggestions as were asked for."""
    NASTY_TEXT = "nasty_text"
    """Whys and reasons with markup, control characters, escapes, line breaks and bidi marks."""
    LONG_TEXT = "long_text"
    """Whys and reasons of 3,000 characters."""
    OBEDIENT = "obedient"
    """Where a title gives an order, the whole batch is answered as ordered."""


@dataclass(frozen=True, slots=True)
class ModelRule:
    """When ``fault`` strikes: where all that is given applies.

    ``numbers`` counts chat requests from 1. ``tracks``: one of these ids or names is asked about. ``tasks``: only
    these.
    ``min_tracks`` / ``max_tracks`` bound the batch. ``repairs``: only requests that are (not) a repair attempt.
    ``rate`` is drawn by seed from the request's own content, so that order of arrival changes nothing.
    ``at_most`` strikes in all, ``at_most_each`` for the same batch.
    """

    fault: ModelFault
    numbers: tuple[int, ...] = ()
    tracks: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    min_tracks: int = 0
    max_tracks: int | None = None
    repairs: bool | None = None
    rate: float = 1.0
    at_most: int | None = None
    at_most_each: int | None = None
    status: int = 500
    delay_ms: float = 5_000.0
    retry_after_s: float = 1.0
    limit_style: LimitStyle = LimitStyle.SECONDS
    even_with_schema: bool = False

    def fits(self, number: int, task: Task, is_repair: bool) -> bool:
        """Whether it may strike this request."""
        if self.numbers and number not in self.numbers:
            return False
        if self.tasks and task.kind not in self.tasks:
            return False
        if self.repairs is not None and self.repairs != is_repair:
            return False
        count = len(task.tracks)
        if count < self.min_tracks or (self.max_tracks is not None and count > self.max_tracks):
            return False
        return not self.tracks or any(track.id in self.tracks or track.name in self.tracks for track in task.tracks)


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """One model of the list. Prices are US dollars per token as text; ``None``: not shown (as local servers do)."""

    id: str = MODEL_ID
    context_length: int = 32_768
    prompt_price: str | None = None
    completion_price: str | None = None
    shows_context: bool = True


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the server offers and how it behaves; may be exchanged while it runs.

    ``requests_per_minute`` counts what was let through in the last ``minute_s`` seconds (tests make the minute short).
    ``extra_keys``: top-level keys taken beyond OpenAI's own (``provider``, ``usage``...). Latency is in milliseconds.
    """

    api_key: str | None = None
    models: tuple[OfferedModel, ...] = (OfferedModel(),)
    offers_json_schema: bool = True
    offers_json_object: bool = True
    extra_keys: tuple[str, ...] = ()
    reports_cost: bool = False
    latency: Latency = _AT_ONCE
    requests_per_minute: int | None = None
    minute_s: float = 60.0
    max_in_flight: int | None = None
    limit_style: LimitStyle = LimitStyle.SECONDS
    rules: tuple[ModelRule, ...] = ()

    def model(self, name: str) -> OfferedModel | None:
        """The offered model of this id."""
        return next((one for one in self.models if one.id == name), None)


PRICED = OfferedModel(prompt_price="0.00000015", completion_price="0.0000006", context_length=128_000)
"""A model whose price the endpoint tells, as OpenRouter does."""


class RuleBook:
    """Remembers how often each rule struck; an equal rule in a later behaviour counts on."""

    def __init__(self) -> None:
        self._struck: dict[ModelRule, int] = {}
        self._struck_each: dict[tuple[ModelRule, str], int] = {}

    def strikes(
        self, rules: tuple[ModelRule, ...], number: int, task: Task, is_repair: bool, chance: Random
    ) -> list[ModelRule]:
        """The rules that strike this request, in their order."""
        found = []
        for rule in rules:
            draw = chance.random()
            if not rule.fits(number, task, is_repair) or draw >= rule.rate:
                continue
            each = (rule, task.digest)
            if rule.at_most is not None and self._struck.get(rule, 0) >= rule.at_most:
                continue
            if rule.at_most_each is not None and self._struck_each.get(each, 0) >= rule.at_most_each:
                continue
            self._struck[rule] = self._struck.get(rule, 0) + 1
            if rule.at_most_each is not None:
                self._struck_each[each] = self._struck_each.get(each, 0) + 1
            found.append(rule)
        return found


def behaviour_from_json(settings: Mapping[str, Any]) -> Behaviour:
    """A behaviour from plain JSON values: keys as the fields', ``rules``, ``models`` and ``latency`` as objects.

    ``ValueError`` or ``TypeError`` say what does not fit.
    """
    known = {one.name for one in fields(Behaviour)}
    strangers = sorted(set(settings) - known)
    if strangers:
        raise ValueError(f"unknown settings: {', '.join(strangers)}; there are {', '.join(sorted(known))}")
    values = dict(settings)
    if "models" in values:
        values["models"] = tuple(OfferedModel(**one) for one in values["models"])
    if "latency" in values:
        values["latency"] = Latency(**values["latency"])
    if "limit_style" in values:
        values["limit_style"] = LimitStyle(values["limit_style"])
    if "extra_keys" in values:
        values["extra_keys"] = tuple(values["extra_keys"])
    values["rules"] = tuple(_rule(one) for one in values.get("rules", ()))
    return Behaviour(**values)


def _rule(settings: Mapping[str, Any]) -> ModelRule:
    values: dict[str, Any] = {key: tuple(one) if isinstance(one, list) else one for key, one in settings.items()}
    values["fault"] = ModelFault(values["fault"])
    if "limit_style" in values:
        values["limit_style"] = LimitStyle(values["limit_style"])
    return ModelRule(**values)
