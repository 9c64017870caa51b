"""What a chat request must look like. Whatever is unknown, mistyped or not offered is refused with its name."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from moodroom_hub.simulator.model_api.answers import ModelApiError
from moodroom_hub.simulator.model_api.behaviour import Behaviour, OfferedModel
from moodroom_hub.simulator.model_api.schemas import answer_check, strict_complaint

Format = Literal["text", "json_object", "json_schema"]

_NUMBERS: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
}
_WHOLE_NUMBERS = {"max_tokens": 1, "max_completion_tokens": 1, "n": 1, "seed": -(2**63)}
_TEXTS = ("user", "service_tier", "reasoning_effort", "verbosity", "safety_identifier", "prompt_cache_key")
_TOLERATED = ("stop", "stream", "store", "metadata", "logit_bias", "logprobs", "top_logprobs")
_KEYS = {"model", "messages", "response_format", *_NUMBERS, *_WHOLE_NUMBERS, *_TEXTS, *_TOLERATED}
_ROLES = ("system", "developer", "user", "assistant")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_TOKENS_PER_MESSAGE = 4


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request that may be answered. ``check`` gives the complaint about an answer under the client's schema."""

    model: OfferedModel
    messages: tuple[tuple[str, str], ...]
    format: Format
    check: Callable[[Any], str | None] | None
    max_tokens: int
    """What the answer may take at most, in tokens: the client's own bound or what the context leaves."""
    prompt_tokens: int


def tokens_of(text: str) -> int:
    """About one token for four bytes of UTF-8."""
    return (len(text.encode("utf-8", "surrogatepass")) + 3) // 4


def read_chat(body: bytes, behaviour: Behaviour) -> ChatRequest:
    """The request in this body; ``ModelApiError`` where OpenAI would refuse it."""
    request = _parsed(body)
    strangers = sorted(request.keys() - _KEYS - set(behaviour.extra_keys))
    if strangers:
        raise ModelApiError(400, f"Unrecognized request argument supplied: {strangers[0]}")
    model = _model(request, behaviour)
    _check_numbers(request)
    for key in _TEXTS:
        if key in request and not isinstance(request[key], str):
            raise _mistyped(key, "a string", request[key])
    if request.get("stream") not in (None, False):
        raise ModelApiError(400, "Streaming is not offered here.", param="stream", code="unsupported_value")
    messages = _messages(request.get("messages"))
    form, schema = _format(request.get("response_format"), behaviour, messages)
    prompt_tokens = sum(tokens_of(text) + _TOKENS_PER_MESSAGE for _, text in messages)
    if schema is not None:
        prompt_tokens += tokens_of(json.dumps(schema))
    return ChatRequest(
        model=model,
        messages=messages,
        format=form,
        check=None if schema is None else answer_check(schema),
        max_tokens=_max_tokens(request, model, prompt_tokens),
        prompt_tokens=prompt_tokens,
    )


def context_error(model: OfferedModel, prompt_tokens: int, wanted_tokens: int) -> ModelApiError:
    """The refusal of a prompt that is too long."""
    return ModelApiError(
        400,
        f"This model's maximum context length is {model.context_length} tokens. However, you requested "
        f"{prompt_tokens + wanted_tokens} tokens ({prompt_tokens} in the messages, {wanted_tokens} in the completion).",
        param="messages",
        code="context_length_exceeded",
    )


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ModelApiError(400, "We could not parse the JSON body of your request.") from None
    if not isinstance(request, dict):
        raise ModelApiError(400, "The body of your request must be a JSON object.")
    return request


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _model(request: Mapping[str, Any], behaviour: Behaviour) -> OfferedModel:
    name = request.get("model")
    if not isinstance(name, str) or not name:
        raise ModelApiError(400, "you must provide a model parameter")
    model = behaviour.model(name)
    if model is None:
        text = f"The model `{name}` does not exist or you do not have access to it."
        raise ModelApiError(404, text, code="model_not_found")
    return model


def _check_numbers(request: Mapping[str, Any]) -> None:
    for key, (lowest, highest) in _NUMBERS.items():
        value = request.get(key)
        if value is None:
            continue
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise _mistyped(key, "a decimal", value)
        if not lowest <= value <= highest:
            raise ModelApiError(400, f"Invalid '{key}': not between {lowest} and {highest}.", param=key)
    for key, fewest in _WHOLE_NUMBERS.items():
        value = request.get(key)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool):
            raise _mistyped(key, "an integer", value)
        if value < fewest:
            raise ModelApiError(400, f"Invalid '{key}': below {fewest}.", param=key, code="integer_below_min_value")
    if request.get("n", 1) not in (None, 1):
        raise ModelApiError(400, "More than one choice is not offered here.", param="n", code="unsupported_value")


def _messages(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise _mistyped("messages", "an array of objects", value)
    if not value:
        raise ModelApiError(400, "Invalid 'messages': empty array.", param="messages", code="empty_array")
    return tuple(_message(place, one) for place, one in enumerate(value))


def _message(place: int, value: Any) -> tuple[str, str]:
    path = f"messages[{place}]"
    if not isinstance(value, dict):
        raise _mistyped(path, "an object", value)
    strangers = sorted(value.keys() - {"role", "content", "name", "refusal"})
    if strangers:
        raise ModelApiError(400, f"Unrecognized key in {path}: {strangers[0]}", param=f"{path}.{strangers[0]}")
    if value.get("role") not in _ROLES:
        text = f"Invalid value: {value.get('role')!r}. Supported values are: {', '.join(map(repr, _ROLES))}."
        raise ModelApiError(400, text, param=f"{path}.role", code="invalid_value")
    content = value.get("content")
    if isinstance(content, list):
        return value["role"], "".join(_part(f"{path}.content[{number}]", part) for number, part in enumerate(content))
    if not isinstance(content, str):
        raise _mistyped(f"{path}.content", "a string or an array of parts", content)
    return value["role"], content


def _part(path: str, value: Any) -> str:
    if isinstance(value, dict) and value.get("type") == "text" and isinstance(value.get("text"), str):
        return str(value["text"])
    raise ModelApiError(400, f"Invalid content part at {path}: only text is read.", param=path)


def _format(
    value: Any, behaviour: Behaviour, messages: tuple[tuple[str, str], ...]
) -> tuple[Format, dict[str, Any] | None]:
    if value is None:
        return "text", None
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "text":
        return "text", None
    if kind == "json_object":
        if not behaviour.offers_json_object:
            raise ModelApiError(400, "response_format json_object is not supported", param="response_format")
        if not any("json" in text.casefold() for _, text in messages):
            text = "'messages' must contain the word 'json' to use 'response_format' of type 'json_object'."
            raise ModelApiError(400, text, param="messages")
        return "json_object", None
    if kind == "json_schema":
        if not behaviour.offers_json_schema:
            raise ModelApiError(400, "response_format json_schema is not supported", param="response_format")
        return "json_schema", _schema(value.get("json_schema"))
    raise ModelApiError(400, f"Invalid value: {kind!r}.", param="response_format.type", code="invalid_value")


def _schema(value: Any) -> dict[str, Any]:
    path = "response_format.json_schema"
    if not isinstance(value, dict):
        raise _mistyped(path, "an object", value)
    strangers = sorted(value.keys() - {"name", "description", "strict", "schema"})
    if strangers:
        raise ModelApiError(400, f"Unknown parameter: '{path}.{strangers[0]}'.", param=f"{path}.{strangers[0]}")
    name, schema = value.get("name"), value.get("schema")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ModelApiError(400, f"Invalid '{path}.name': letters, digits, _ and - only, 64 at most.", param=path)
    if value.get("strict") not in (None, True, False):
        raise _mistyped(f"{path}.strict", "a boolean", value["strict"])
    if not isinstance(schema, dict):
        raise _mistyped(f"{path}.schema", "an object", schema)
    complaint = strict_complaint(schema) if value.get("strict") else None
    if complaint is not None:
        text = f"Invalid schema for response_format '{name}': {complaint}"
        raise ModelApiError(400, text, param="response_format")
    return schema


def _max_tokens(request: Mapping[str, Any], model: OfferedModel, prompt_tokens: int) -> int:
    given = [request[key] for key in ("max_tokens", "max_completion_tokens") if request.get(key) is not None]
    if len(given) == 2:
        text = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        raise ModelApiError(400, text, param="max_tokens", code="invalid_parameter_combination")
    wanted = given[0] if given else 1
    if prompt_tokens + wanted > model.context_length:
        raise context_error(model, prompt_tokens, given[0] if given else 0)
    return int(given[0]) if given else model.context_length - prompt_tokens


def _mistyped(path: str, expected: str, value: Any) -> ModelApiError:
    text = f"Invalid type for '{path}': expected {expected}, but got {type(value).__name__} instead."
    return ModelApiError(400, text, param=path, code="invalid_type")
