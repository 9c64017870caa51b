"""What the services have in common: a line of their own, and an answer for each track."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.lookups import ServiceAway, Turns, asked_wait
from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.domain.plays.models import Artwork
from moodroom_hub.plugins.artwork.client import Client, NoAnswer, Reply

ReadT = TypeVar("ReadT")


class OddAnswer(Exception):
    """The answer is not what was asked for at all."""


class Busy(Exception):
    """The service says that it was asked too often."""


class ArtSource(Protocol):
    """One service that knows pictures."""

    async def find(self, track: Track, within_s: float | None) -> Artwork | None:
        """Its picture, if it is known or can be found out in time; never raises for the service."""
        ...

    async def close(self) -> None:
        """End what is under way."""
        ...


class Line:
    """Requests to one service, in turns."""

    def __init__(self, name: str, client: Client, clock: Clock, every_ms: DurationMs) -> None:
        self._client = client
        self._clock = clock
        self._turns = Turns(name, clock, every_ms)

    async def get(self, url: str, parameters: Mapping[str, str] | None, read: Callable[[Reply], ReadT]) -> ReadT:
        """``read`` makes of the reply what it says, or raises ``OddAnswer`` or ``Busy``. Raises ``ServiceAway``."""
        async with self._turns.turn():
            try:
                reply = await self._client.get(url, parameters)
                if reply.status == 429 or reply.status >= 500:
                    raise self._away(reply)
                found = read(reply)
            except Busy:
                raise self._turns.failed("it was asked too often", DurationMs(10_000)) from None
            except (NoAnswer, OddAnswer) as failure:
                raise self._turns.failed(str(failure)) from None
            self._turns.worked()
            return found

    def _away(self, reply: Reply) -> ServiceAway:
        return self._turns.failed(f"it answers {reply.status}", asked_wait(reply.retry_after, self._clock.now_ms()))


def digest(*words: str) -> str:
    """A key of bounded length for words of any kind."""
    return hashlib.sha256("\x1f".join(words).encode("utf-8", "replace")).hexdigest()[:40]


def parsed(body: bytes) -> dict[str, object]:
    """A JSON object. Raises ``OddAnswer``."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise OddAnswer("no JSON") from None
    if not isinstance(found, dict):
        raise OddAnswer("JSON of another shape")
    return found
