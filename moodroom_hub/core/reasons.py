"""Failures in a person's words: one short line, and the status that it gives a plugin."""

from collections.abc import Iterable

from moodroom_hub.core.errors import MoodroomError, NeedsLogin, NotReady, Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus

LONGEST_REASON = 300
"""Characters; a reason is shown on the page and published."""

_PASSING_TROUBLES = frozenset({TroubleCode.UNAVAILABLE, TroubleCode.RATE_LIMITED, TroubleCode.NO_DEVICE})


def one_line(text: str, longest: int = LONGEST_REASON) -> str:
    """``text`` without line breaks and control characters, cut to ``longest`` characters."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def reason_of(error: BaseException) -> str:
    """One line that says what happened. Our own errors speak for themselves, others with their type's name."""
    try:
        text = one_line(str(error))
    except Exception:  # noqa: BLE001 -- a foreign error whose text cannot be had is still an error to tell of
        text = ""
    if text and isinstance(error, MoodroomError):
        return text
    kind = type(error).__name__
    return one_line(f"{kind}: {text}") if text else kind


def status_of(error: BaseException) -> PluginStatus:
    """What a failure says of its plugin: it waits for the world, for its owner, or it is broken."""
    if isinstance(error, NotReady):
        return PluginStatus.WAITING
    if isinstance(error, NeedsLogin):
        return PluginStatus.NEEDS_LOGIN
    if isinstance(error, Trouble):
        if error.code is TroubleCode.LOGIN_NEEDED:
            return PluginStatus.NEEDS_LOGIN
        if error.code in _PASSING_TROUBLES:
            return PluginStatus.WAITING
    return PluginStatus.FAILED


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """``" (did you mean 'x'?)"`` where one of ``choices`` is near to ``word``, else an empty text."""
    from difflib import get_close_matches  # late: only mistakes need it

    near = get_close_matches(word, list(choices), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
