"""Who is signed in, and how often somebody may guess. All in memory: a restart asks for the password again."""

import hashlib
import hmac
import ipaddress
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from moodroom_hub.core.clock import Clock

SESSION_S: Final = 30 * 86_400
IDLE_S: Final = 7 * 86_400
"""A session that nobody uses for so long ends earlier."""
_MOST_SESSIONS: Final = 64
_MOST_ADDRESSES: Final = 1_024
_FREE_TRIES: Final = 5
_FREE_TRIES_OF_ALL: Final = 50
_FORGET_MS: Final = 86_400_000


def same_secret(given: str, expected: str) -> bool:
    """Compare in a time that tells neither content nor length."""
    return hmac.compare_digest(_hash(given), _hash(expected))


class Sessions:
    """Signed-in browsers by the hash of their token: for 30 days, and no longer than 7 days unused."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends_ms: OrderedDict[bytes, int] = OrderedDict()
        self._used_ms: dict[bytes, int] = {}

    def open(self) -> str:
        """Sign somebody in; gives the token for the cookie. The oldest session ends where there are too many."""
        token = secrets.token_urlsafe(32)
        key, now_ms = _hash(token), self._clock.now_ms()
        self._ends_ms[key] = now_ms + SESSION_S * 1000
        self._used_ms[key] = now_ms
        while len(self._ends_ms) > _MOST_SESSIONS:
            oldest, _ends_ms = self._ends_ms.popitem(last=False)
            del self._used_ms[oldest]
        return token

    def is_open(self, token: str) -> bool:
        """Is this token's session alive? That somebody asks is no use of it."""
        key, now_ms = _hash(token), self._clock.now_ms()
        ends_ms = self._ends_ms.get(key)
        if ends_ms is None:
            return False
        if min(ends_ms, self._used_ms[key] + IDLE_S * 1000) <= now_ms:
            self.close(token)
            return False
        return True

    def use(self, token: str) -> bool:
        """As ``is_open``, by the browser itself: the session is not idle."""
        if not self.is_open(token):
            return False
        self._used_ms[_hash(token)] = self._clock.now_ms()
        return True

    def close(self, token: str) -> None:
        """Sign out."""
        self._ends_ms.pop(_hash(token), None)
        self._used_ms.pop(_hash(token), None)


@dataclass(slots=True)
class _Tries:
    failed: int = 0
    last_ms: int = 0
    free_at_ms: int = 0


class Throttle:
    """Slows guessing: five wrong passwords are free, then each one doubles the wait.

    Per address (IPv6: per /64) from 2 s up to 15 minutes; over all addresses together from the fiftieth on, up to
    one minute, so that neither one guesser nor a crowd gets far, and the owner is never shut out for long.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_address: OrderedDict[str, _Tries] = OrderedDict()
        self._all = _Tries()

    def wait_s(self, address: str) -> float:
        """Seconds until the next try is heard; 0: now."""
        now_ms = self._clock.now_ms()
        own = self._by_address.get(_network(address))
        free_at_ms = max(self._all.free_at_ms, own.free_at_ms if own else 0)
        return max(0, free_at_ms - now_ms) / 1000

    def failed(self, address: str) -> None:
        """A wrong password came from there."""
        key = _network(address)
        own = self._by_address.setdefault(key, _Tries())
        self._by_address.move_to_end(key)
        while len(self._by_address) > _MOST_ADDRESSES:
            self._by_address.popitem(last=False)
        self._count(own, _FREE_TRIES, longest_s=900)
        self._count(self._all, _FREE_TRIES_OF_ALL, longest_s=60)

    def succeeded(self, address: str) -> None:
        """The right password came from there: its slate is clean."""
        self._by_address.pop(_network(address), None)

    def _count(self, tries: _Tries, free: int, longest_s: int) -> None:
        now_ms = self._clock.now_ms()
        if now_ms - tries.last_ms > _FORGET_MS:
            tries.failed = 0
        tries.failed += 1
        tries.last_ms = now_ms
        over = tries.failed - free
        if over >= 0:
            tries.free_at_ms = now_ms + min(longest_s, 2 ** min(over + 1, 20)) * 1000


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address) and not ip.ipv4_mapped:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _hash(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()
