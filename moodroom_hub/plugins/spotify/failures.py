"""Spotify's refusals as the hub's troubles. Pure. Spotify's own words are only matched, never passed on."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from moodroom_hub.core.errors import Trouble, TroubleCode

LONGEST_WAIT_S = 7 * 86_400.0
"""No wait is believed beyond this: a broken header must not silence the hub for ever."""

LOGIN_MEND = "log in again: open /login on the hub's page, or run `moodroom-hub login`"

_RESTRICTED_REASONS = frozenset({"DEVICE_NOT_CONTROLLABLE", "REMOTE_CONTROL_DISALLOW", "CONTEXT_DISALLOW"})
_REASON = re.compile(r"[A-Z][A-Z_]{1,39}")


@dataclass(frozen=True, slots=True)
class Failure:
    """A refusal as it came: ``words`` is Spotify's message in lower case, for matching alone."""

    status: int
    reason: str | None = None
    words: str = ""
    retry_after_s: float | None = None

    @property
    def is_quota(self) -> bool:
        """The account's quota for a group of calls is used up (not the rolling rate limit)."""
        return self.status == 429 and (self.reason == "QUOTA_EXCEEDED" or "quota" in self.words)

    @property
    def is_owner_without_premium(self) -> bool:
        """The app's owner let Premium lapse: every call fails until that is mended."""
        return "owner" in self.words and "premium" in self.words

    @property
    def may_pass(self) -> bool:
        """Known to come falsely and to pass within moments: ``Premium required``, and a lone 404."""
        if self.status == 404:
            return self.reason != "NO_ACTIVE_DEVICE" and "device" not in self.words
        return self.status == 403 and self._says_premium and not self.is_owner_without_premium

    @property
    def _says_premium(self) -> bool:
        return self.reason == "PREMIUM_REQUIRED" or "premium required" in self.words


@dataclass(frozen=True, slots=True)
class Action:
    """What was asked of Spotify, for the words of a trouble. ``is_command``: it changes something.

    ``wants_answer``: what a command is answered with tells something; else it is judged by its status alone.
    """

    words: str
    is_command: bool = False
    is_player: bool = True
    wants_answer: bool = False


class SpotifyTrouble(Trouble):
    """A ``Trouble`` that still knows the status of Spotify's answer; ``None`` where no answer came."""

    def __init__(
        self,
        code: TroubleCode,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(code, message, retry_after_s=retry_after_s, outcome_unknown=outcome_unknown)
        self.status = status


def read_failure(status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    """Read a refusal, whatever shape its body has."""
    text = body[:4000].decode("utf-8", "replace")
    reason, words = None, text
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict):
        error = content.get("error")
        if isinstance(error, dict):
            words = str(error.get("message", ""))
            said = error.get("reason")
            reason = said if isinstance(said, str) and _REASON.fullmatch(said) else None
        else:
            words = f"{error} {content.get('error_description', '')}"
    return Failure(status, reason, words.casefold(), read_retry_after(headers))


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a number or an HTTP date; ``None`` where the headers say nothing usable."""
    value = headers.get("Retry-After", "")
    try:
        seconds = float(value)
    except ValueError:
        try:  # against the server's own clock: this machine's may be wrong
            wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
            seconds = wait.total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return min(max(seconds, 1.0), LONGEST_WAIT_S)


def rate_limited(wait_s: float, status: int | None = None) -> SpotifyTrouble:
    """The trouble of having to wait."""
    message = f"Spotify asks us to wait {_span(wait_s)}; the hub goes on by itself after that."
    return SpotifyTrouble(TroubleCode.RATE_LIMITED, message, status=status, retry_after_s=wait_s)


def unreachable(action: Action, *, was_sent: bool, why: str) -> SpotifyTrouble:
    """No answer came. ``was_sent``: the request may have arrived."""
    return SpotifyTrouble(
        TroubleCode.UNAVAILABLE,
        f"Spotify could not {action.words}: {why}. Check this machine's network; the hub tries again by itself.",
        outcome_unknown=action.is_command and was_sent,
    )


def trouble_for(failure: Failure, action: Action) -> SpotifyTrouble:
    """Say a refusal (not a 429) as a trouble with its mend."""
    code, message = _classify(failure, action)
    return SpotifyTrouble(
        code,
        message,
        status=failure.status,
        outcome_unknown=action.is_command and (failure.status >= 500 or failure.status == 408),
    )


def _classify(failure: Failure, action: Action) -> tuple[TroubleCode, str]:
    if failure.status == 401:
        return TroubleCode.UNAVAILABLE, "Spotify refused a fresh token of its own; the hub tries again by itself."
    if failure.status == 403:
        return _classify_forbidden(failure, action)
    if failure.status == 404 and action.is_player and _is_about_the_track(failure):
        return TroubleCode.REFUSED, f"Spotify could not {action.words}: it does not know that track (404)."
    if failure.status == 404 and action.is_player:
        return TroubleCode.NO_DEVICE, "No Spotify device is active. Open Spotify on a device and try again."
    if failure.status == 404:
        return TroubleCode.NOT_FOUND, f"Spotify could not {action.words}: it does not have that (404)."
    if failure.status >= 500 or failure.status in {408, 425} or failure.status < 400:
        return (
            TroubleCode.UNAVAILABLE,
            f"Spotify could not {action.words} (status {failure.status}); the fault is on their side.",
        )
    return TroubleCode.REFUSED, f"Spotify refused to {action.words} (status {failure.status})."


def _is_about_the_track(failure: Failure) -> bool:
    words = set(re.findall("[a-z]+", failure.words))
    return failure.reason != "NO_ACTIVE_DEVICE" and "device" not in words and bool(words & {"id", "uri", "track"})


def _classify_forbidden(failure: Failure, action: Action) -> tuple[TroubleCode, str]:
    if failure.is_owner_without_premium:
        return (
            TroubleCode.PREMIUM_REQUIRED,
            "The owner of the Spotify app has no Premium at present; Spotify answers again once it is renewed.",
        )
    if failure.reason == "PREMIUM_REQUIRED" or "premium required" in failure.words:
        return (
            TroubleCode.PREMIUM_REQUIRED,
            "Spotify says that this needs Premium (it sometimes says so by mistake: try again in a moment).",
        )
    if "not registered" in failure.words:
        return (
            TroubleCode.REFUSED,
            "This Spotify account is not on the app's list: add it under User Management in the developer dashboard.",
        )
    if "scope" in failure.words:
        return TroubleCode.LOGIN_NEEDED, f"The login lacks a permission; {LOGIN_MEND}."
    if action.is_player and (
        failure.reason in _RESTRICTED_REASONS or "restricted device" in failure.words or "restriction" in failure.words
    ):
        return (
            TroubleCode.RESTRICTED_DEVICE,
            f"Spotify may not {action.words} on this device now. Play from the Spotify app on another device.",
        )
    return TroubleCode.REFUSED, f"Spotify refused to {action.words} (status {failure.status})."


def _span(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 120:
        return f"{whole} s"
    return f"{round(whole / 60)} min" if whole < 7200 else f"{round(whole / 3600)} h"
