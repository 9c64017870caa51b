"""How long a service asks to wait, from its headers. Pure."""

import math
import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_WAIT_S: Final = 7 * 86_400.0
"""No wait is believed beyond this."""

_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|us|µs|ns|s|m|h|d)")
_UNITS_S = {"ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DATE_GRAIN_S = 1.0
_EPOCH_S = 1e9
_EPOCH_MS = 1e12


def wait_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Seconds to wait that these headers (lower-case names) ask for; ``None`` where they say nothing of it.

    ``retry-after-ms``, ``retry-after`` (seconds or a date), then the ``x-ratelimit-reset`` family: of several the
    longest whose count is used up, else the shortest.
    """
    found = _number(headers.get("retry-after-ms"))
    if found is not None:
        return _bounded(found / 1000)
    if "retry-after" in headers:
        found = _retry_after(headers["retry-after"], now_s)
        if found is not None:
            return _bounded(found)
    return _reset_s(headers, now_s)


def used_up_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Seconds until more is allowed, where the headers of a good answer say that nothing is left; else ``None``."""
    waits = [
        reset
        for name, remaining in headers.items()
        if name.startswith("x-ratelimit-remaining") and remaining.strip() == "0"
        if (reset := _moment(headers.get(name.replace("remaining", "reset")), now_s)) is not None
    ]
    return _bounded(max(waits)) if waits else None


def _reset_s(headers: Mapping[str, str], now_s: float) -> float | None:
    used_up = used_up_s(headers, now_s)
    if used_up is not None:
        return used_up
    waits = [
        reset
        for name, value in headers.items()
        if name.startswith("x-ratelimit-reset") and (reset := _moment(value, now_s)) is not None
    ]
    return _bounded(min(waits)) if waits else None


def _retry_after(text: str, now_s: float) -> float | None:
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return _duration(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp() + _DATE_GRAIN_S - now_s


def _moment(text: str | None, now_s: float) -> float | None:
    """``1.5s``, ``6m0s``, seconds, or a moment since 1970 in seconds or milliseconds."""
    number = _number(text)
    if number is None:
        return _duration(text or "")
    if number >= _EPOCH_MS:
        return number / 1000 - now_s
    return number - now_s if number >= _EPOCH_S else number


def _duration(text: str) -> float | None:
    text = text.strip()[:60]
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS_S[unit] for number, unit in parts)


def _number(text: str | None) -> float | None:
    try:
        number = float((text or "").strip()[:40])
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT_S)
