"""Attacks in the log: each kind from each address once, then at most every ten minutes, with how often it came."""

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

QUIET_MS: Final = 600_000
_MOST_KINDS: Final = 256
TOLD: Final = frozenset(
    {
        "host_not_allowed",
        "origin_not_allowed",
        "unauthorized",
        "too_many_tries",
        "too_large",
        "timeout",
        "unsupported_media_type",
        "wrong_password",
    }
)
"""The codes of refusals that are worth a line; a wrong number in an address is not."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Told:
    at_ms: int
    more: int = 0


@dataclass(slots=True)
class Refusals:
    """What was refused lately. Bounded, whoever attacks."""

    _told: OrderedDict[tuple[str, str], _Told] = field(default_factory=OrderedDict)
    _crowded_at_ms: int | None = None

    def note(self, code: str, address: str, now_ms: int) -> None:
        """A request from ``address`` was refused as ``code``. Nothing of the request itself reaches the log."""
        if code not in TOLD:
            return
        key = (code, address)
        known = self._told.get(key)
        if known is not None and now_ms - known.at_ms < QUIET_MS:
            known.more += 1
            return
        if known is None and len(self._told) >= _MOST_KINDS and not self._make_room(now_ms):
            return
        more = f" ({known.more} more since the last line)" if known is not None and known.more else ""
        _log.warning("refused: %s from %s%s; more of it is told in ten minutes", code, address, more)
        self._told[key] = _Told(now_ms)
        self._told.move_to_end(key)

    def _make_room(self, now_ms: int) -> bool:
        """From a crowd of addresses nobody needs a line each."""
        oldest = next(iter(self._told.values()))
        if now_ms - oldest.at_ms >= QUIET_MS:
            self._told.popitem(last=False)
            return True
        if self._crowded_at_ms is None or now_ms - self._crowded_at_ms >= QUIET_MS:
            self._crowded_at_ms = now_ms
            _log.warning("refused: requests from more addresses than are told one by one")
        return False
