"""Requests that come to nothing: refused, sent away or left waiting, and never paid."""

from dataclasses import replace

from moodroom_hub.simulator.model_api.answers import ModelAnswer, ModelApiError, json_answer, openrouter_error
from moodroom_hub.simulator.model_api.behaviour import ModelFault, ModelRule
from moodroom_hub.simulator.model_api.limits import Limiter, wait_headers
from moodroom_hub.simulator.model_api.requests import ChatRequest, context_error

UNPAID = frozenset(
    {
        ModelFault.SERVER_ERROR,
        ModelFault.UNAVAILABLE,
        ModelFault.NO_CREDIT,
        ModelFault.LIMITED,
        ModelFault.QUOTA,
        ModelFault.FALSE_401,
        ModelFault.MODERATED,
        ModelFault.RESET_BEFORE,
        ModelFault.HANG,
        ModelFault.CONTEXT_LENGTH,
        ModelFault.ERROR_IN_200,
    }
)
_QUOTA_TEXT = "You exceeded your current quota, please check your plan and billing details."


def refused(rule: ModelRule, chat: ChatRequest, limiter: Limiter, now_s: float, delay_ms: float) -> ModelAnswer:
    """What the client gets in place of an answer."""
    return replace(_answer(rule, chat, limiter, now_s + delay_ms / 1000), delay_ms=delay_ms)


def _answer(rule: ModelRule, chat: ChatRequest, limiter: Limiter, now_s: float) -> ModelAnswer:
    match rule.fault:
        case ModelFault.LIMITED:
            return limiter.told_to_wait(rule.limit_style, rule.retry_after_s, now_s)
        case ModelFault.RESET_BEFORE:
            return ModelAnswer(500, drop="reset")
        case ModelFault.HANG:
            return ModelAnswer(500, drop="hang")
        case ModelFault.NO_CREDIT:
            return json_answer(402, openrouter_error(402, "Insufficient credits. Add more to go on."))
        case ModelFault.MODERATED:
            return json_answer(403, openrouter_error(403, "Your input was flagged."))
        case ModelFault.ERROR_IN_200:
            return json_answer(200, openrouter_error(502, "Provider returned error", "error code: 1015"))
        case _:
            return _refusal(rule, chat, now_s).answer()


def _refusal(rule: ModelRule, chat: ChatRequest, now_s: float) -> ModelApiError:
    match rule.fault:
        case ModelFault.UNAVAILABLE:
            headers = wait_headers(rule.limit_style, rule.retry_after_s, now_s)
            return ModelApiError(503, "The server is overloaded.", kind="server_error", headers=headers)
        case ModelFault.QUOTA:
            return ModelApiError(429, _QUOTA_TEXT, code="insufficient_quota", kind="insufficient_quota")
        case ModelFault.FALSE_401:
            return ModelApiError(401, "Incorrect API key provided.", code="invalid_api_key")
        case ModelFault.CONTEXT_LENGTH:
            return context_error(chat.model, chat.prompt_tokens, chat.model.context_length)
        case _:
            text = "The server had an error while processing your request."
            return ModelApiError(rule.status, text, kind="server_error")
