"""What an endpoint answers, as values: completions, refusals, lists of models. Pure; raises ``AnswerError`` alone."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_WORDS: Final = 2_000
_MOST_COST_USD = 1e6


class AnswerError(ValueError):
    """An answer that is of no use; the text says what is wrong with it, in our own words."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call took, as the endpoint counts; ``cost_usd`` where it tells."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer. ``is_cut``: it reached the bound of its length; ``is_refused``: the model said no."""

    text: str
    is_cut: bool = False
    is_refused: bool = False
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """An error body: the code that it names (a number or a word), and its words in lower case, for matching alone."""

    status: int | None
    code: str
    words: str


def load_json(body: bytes | str) -> Any:
    """Any JSON. ``AnswerError`` where it is none, is nested too deep, or names a key twice."""
    try:
        return json.loads(body, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise AnswerError("the answer is not valid JSON") from None


def read_completion(body: bytes) -> Completion:
    """The answer of a chat call with status 200. ``AnswerError`` where there is none in it."""
    document = load_json(body)
    choices = document.get("choices") if isinstance(document, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise AnswerError("the endpoint's answer holds no choice")
    choice = choices[0]
    message = choice.get("message")
    if not isinstance(message, dict):
        raise AnswerError("the endpoint's answer holds no message")
    finish = choice.get("finish_reason")
    refusal = message.get("refusal")
    return Completion(
        text=_content(message.get("content")),
        is_cut=finish == "length",
        is_refused=(isinstance(refusal, str) and bool(refusal.strip())) or finish == "content_filter",
        usage=_usage(document.get("usage")),
    )


def read_error(body: bytes) -> ErrorWords | None:
    """The error that a body tells of (OpenAI's, OpenRouter's, vLLM's, Ollama's shapes); ``None`` where it is none."""
    try:
        document = load_json(body)
    except AnswerError:
        return None
    if not isinstance(document, dict):
        return None
    error = document.get("error")
    if error is None and document.get("object") == "error":
        error = document
    if error is None and "choices" not in document and isinstance(document.get("detail"), str | list):
        error = {"message": json.dumps(document["detail"])[:MOST_WORDS]}
    if isinstance(error, str):
        error = {"message": error}
    if not isinstance(error, dict):
        return None
    code = error.get("code")
    status = code if isinstance(code, int) and not isinstance(code, bool) and 100 <= code <= 599 else None
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    said = (error.get("message"), error.get("type"), code if isinstance(code, str) else "", error.get("param"), raw)
    words = " ".join(part[:MOST_WORDS] for part in said if isinstance(part, str)).lower()
    return ErrorWords(status, code.lower() if isinstance(code, str) else "", words)


def read_models(body: bytes) -> dict[str, tuple[float, float] | None]:
    """The models that ``GET /models`` lists, with prices in US dollars per million tokens where it tells them."""
    document = load_json(body)
    listed = document.get("data") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise AnswerError("the endpoint's list of models cannot be read")
    return dict(_models(listed))


def _models(listed: list[Any]) -> Iterator[tuple[str, tuple[float, float] | None]]:
    for one in listed:
        if not isinstance(one, dict) or not isinstance(one.get("id"), str):
            continue
        pricing = one.get("pricing")
        prices = pricing if isinstance(pricing, dict) else {}
        price_in, price_out = _price(prices.get("prompt")), _price(prices.get("completion"))
        yield one["id"], None if price_in is None or price_out is None else (price_in, price_out)


def _price(value: Any) -> float | None:
    """Per token in, per million out."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        price = float(value) * 1e6
    except (ValueError, OverflowError):
        return None
    return price if math.isfinite(price) and price >= 0 else None


def _content(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def _usage(value: Any) -> Usage:
    if not isinstance(value, dict):
        return Usage()
    return Usage(_count(value.get("prompt_tokens")), _count(value.get("completion_tokens")), _cost(value.get("cost")))


def _cost(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < _MOST_COST_USD else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _no_constant(name: str) -> Any:
    raise ValueError(name)
