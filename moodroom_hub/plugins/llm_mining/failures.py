"""What is to be done about a call that came to nothing. Pure. Words of the service are matched, never passed on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.llm_mining.envelopes import ErrorWords, read_error
from moodroom_hub.plugins.llm_mining.waits import wait_s

LONGEST_PATIENCE_S: Final = 900.0
"""A service that asks to wait longer has a quota that is used up for today."""

_FORMAT_WORDS = ("response_format", "json_schema", "json_object", "json schema", "structured output", "json mode",
                 "guided", "grammar")  # fmt: skip
_TOKEN_WORDS = ("max_tokens", "max_completion_tokens")
_LENGTH_WORDS = ("context length", "context_length", "context window", "maximum context", "too many tokens",
                 "prompt is too long", "input is too long", "exceeds the available context")  # fmt: skip
_QUOTA_WORDS = ("insufficient_quota", "insufficient quota", "exceeded your current quota", "billing", ("insufficient "
                "credit"), "insufficient balance", "out of credits", "payment required")  # fmt: skip
_MODERATION_WORDS = ("moderation", "flagged", "content policy", "content_policy", "content_filter", "safety")
_MODEL_WORDS = ("model_not_found", "model not found", "does not exist", "no such model", "unknown model",
                "not a valid model", "no endpoints found", "not found, try pulling")  # fmt: skip


class Cure(Enum):
    """What helps."""

    WAIT = auto()
    """Everybody waits: ``wait_s``, or as long as the back-off says."""
    AGAIN = auto()
    """The same once more after a while; it may have been paid."""
    PLAINER = auto()
    """Another ``response_format``."""
    OTHER_TOKENS = auto()
    """Another way to bound the answer's length."""
    NO_TEMPERATURE = auto()
    SMALLER = auto()
    """Fewer tracks at once."""
    NONE = auto()
    """The model, or a filter before it, refuses this very content."""
    END = auto()
    """Nothing works until the owner does something: ``trouble``."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed call. ``reason`` is ours, for people."""

    cure: Cure
    reason: str
    wait_s: float | None = None
    trouble: Trouble | None = None
    may_be_paid: bool = False
    is_timeout: bool = False
    is_unreachable: bool = False


def failure_of(status: int, headers: Mapping[str, str], body: bytes, now_s: float) -> Failure | None:
    """What an answer means; ``None`` where it is a good one. Header names are in lower case."""
    if status == 200 and b'"error"' not in body:
        return None
    error = read_error(body)
    if status == 200 and error is None:
        return None
    error = error or ErrorWords(None, "", "")
    if status == 200:
        status = error.status or 502
    if 300 <= status < 400:
        return _end(TroubleCode.REFUSED, "the model's endpoint sends us elsewhere (a redirect): set "
                    "plugins.llm_mining.base_url to the address where it really is")  # fmt: skip
    if status == 402 or _speaks(error, _QUOTA_WORDS):
        return _end(TroubleCode.REFUSED, "the model's endpoint says that its credit or quota is used up: "
                    "add credit there, or choose another model")  # fmt: skip
    if status == 429:
        return _limited(headers, now_s)
    if status in (401, 403, 407):
        return _denied(status, error)
    if status in (400, 404, 405, 413, 415, 422):
        return _misunderstood(status, error)
    if status in (503, 529) and (wait := wait_s(headers, now_s)) is not None:
        return Failure(Cure.WAIT, f"the endpoint is overloaded ({status})", min(wait, LONGEST_PATIENCE_S))
    if status >= 500 or status in (408, 409, 425):
        return Failure(Cure.AGAIN, f"the endpoint failed ({status})", may_be_paid=status >= 500)
    return _end(TroubleCode.REFUSED, f"the model's endpoint answered with {status}, which makes no sense here: "
                "is plugins.llm_mining.base_url an OpenAI-compatible one, up to its /v1?")  # fmt: skip


def _limited(headers: Mapping[str, str], now_s: float) -> Failure:
    wait = wait_s(headers, now_s)
    if wait is not None and wait > LONGEST_PATIENCE_S:
        text = f"the model's endpoint asks us to wait {wait / 60:.0f} min: try again then"
        return Failure(Cure.END, text, wait, Trouble(TroubleCode.RATE_LIMITED, text, retry_after_s=wait))
    return Failure(Cure.WAIT, "the endpoint's limit is reached", wait)


def _denied(status: int, error: ErrorWords) -> Failure:
    if status == 403 and _speaks(error, _MODERATION_WORDS):
        return Failure(Cure.NONE, "a filter before the model refused it")
    return _end(TroubleCode.REFUSED, f"the model's endpoint does not accept the key ({status}): "
                "check plugins.llm_mining.api_key")  # fmt: skip


def _misunderstood(status: int, error: ErrorWords) -> Failure:
    if _speaks(error, _FORMAT_WORDS):
        return Failure(Cure.PLAINER, "the endpoint does not offer this form of answer")
    if _speaks(error, _TOKEN_WORDS):
        return Failure(Cure.OTHER_TOKENS, "the endpoint wants the answer's length bounded otherwise")
    if _speaks(error, _LENGTH_WORDS) or status == 413:
        return Failure(Cure.SMALLER, "the question is too long for the model")
    if _speaks(error, _MODEL_WORDS):
        return _end(TroubleCode.NOT_FOUND, "the endpoint does not know this model: check plugins.llm_mining.model")
    if "temperature" in error.words:
        return Failure(Cure.NO_TEMPERATURE, "the model takes no temperature")
    if _speaks(error, _MODERATION_WORDS):
        return Failure(Cure.NONE, "a filter before the model refused it")
    if status in (404, 405):
        return _end(TroubleCode.NOT_FOUND, f"there is no chat endpoint at plugins.llm_mining.base_url ({status}): "
                    "it mostly ends with /v1")  # fmt: skip
    return Failure(Cure.SMALLER, f"the endpoint refused the question ({status})")


def _speaks(error: ErrorWords, words: tuple[str, ...]) -> bool:
    return any(word in error.words or word == error.code for word in words)


def _end(code: TroubleCode, text: str) -> Failure:
    return Failure(Cure.END, text, trouble=Trouble(code, text))
