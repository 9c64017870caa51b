"""How many requests the make-believe model server takes, and how it tells those above to come again."""

import math
from collections import deque
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from moodroom_hub.simulator.model_api.answers import ModelAnswer, ModelApiError, json_answer, openrouter_error
from moodroom_hub.simulator.model_api.behaviour import Behaviour, LimitStyle

_GRACE_S = 0.2
_BUSY_RETRY_S = 0.5


class Limiter:
    """Counts what was let through. Times are seconds of one clock that starts at the epoch."""

    def __init__(self) -> None:
        self._let_through: deque[float] = deque()
        self._waits: deque[tuple[float, float]] = deque(maxlen=64)

    def is_too_early(self, now_s: float) -> bool:
        """Whether a client that heard what it was told would still wait; a request on its way by then is no offence."""
        return any(told_s + _GRACE_S < now_s < until_s for told_s, until_s in self._waits)

    def refusal(self, behaviour: Behaviour, in_flight: int, now_s: float) -> ModelAnswer | None:
        """The 429 for this request, or ``None`` and it counts. ``in_flight`` includes the request itself."""
        if behaviour.max_in_flight is not None and in_flight > behaviour.max_in_flight:
            return self.told_to_wait(behaviour.limit_style, _BUSY_RETRY_S, now_s)
        if behaviour.requests_per_minute is None:
            return None
        while self._let_through and self._let_through[0] <= now_s - behaviour.minute_s:
            self._let_through.popleft()
        if len(self._let_through) >= behaviour.requests_per_minute:
            wait_s = self._let_through[0] + behaviour.minute_s - now_s
            return self.told_to_wait(behaviour.limit_style, wait_s, now_s)
        self._let_through.append(now_s)
        return None

    def told_to_wait(self, style: LimitStyle, wait_s: float, now_s: float) -> ModelAnswer:
        """A 429 in this style. What it tells is remembered; a bare one tells nothing."""
        headers = wait_headers(style, wait_s, now_s)
        if style is not LimitStyle.BARE:
            # A client that sees whole seconds rounded up is measured by the wait itself.
            self._waits.append((now_s, now_s + wait_s))
        if style is LimitStyle.OPENROUTER:
            raw = "make-believe/placer-1 is temporarily rate-limited upstream."
            return json_answer(429, openrouter_error(429, "Provider returned error", raw), headers)
        text = f"Rate limit reached for requests. Please try again in {wait_s:.3f}s."
        return ModelApiError(429, text, code="rate_limit_exceeded", kind="requests", headers=headers).answer()


def wait_headers(style: LimitStyle, wait_s: float, now_s: float) -> dict[str, str]:
    """The headers that tell a wait in this style."""
    if style in (LimitStyle.SECONDS, LimitStyle.OPENROUTER):
        return {"Retry-After": str(math.ceil(wait_s))}
    if style is LimitStyle.MILLISECONDS:
        return {"retry-after-ms": str(math.ceil(wait_s * 1000))}
    if style is LimitStyle.RESET:
        return {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": _duration(wait_s)}
    if style is LimitStyle.DATE:
        moment = datetime.fromtimestamp(now_s, UTC) + timedelta(seconds=math.ceil(wait_s))
        return {"Retry-After": format_datetime(moment, usegmt=True)}
    return {}


def _duration(duration_s: float) -> str:
    """``120ms``, ``1.5s``, ``6m0s``."""
    if duration_s < 1:
        return f"{math.ceil(duration_s * 1000)}ms"
    minutes, seconds = divmod(duration_s, 60)
    return f"{int(minutes)}m{math.ceil(seconds)}s" if minutes else f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
