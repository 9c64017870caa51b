"""What the parts of the writing share: the account, the store, the clock, and how long troubles are waited for."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import Account, PlaylistKeeper
from moodroom_hub.core.sorting import SortingFace, Write
from moodroom_hub.domain.sorting.models import Label

T = TypeVar("T")

LONGEST_WAIT_S = 900.0
"""A service that asks for more is asked again another day: what was begun is gone on with then."""
MOST_WAITS = 7
"""In a row, without one good answer in between."""
_FIRST_WAIT_S = 2.0
_LONGEST_BACK_OFF_S = 60.0
_MARGIN_S = 0.5


class Keeper(Account, PlaylistKeeper, Protocol):
    """An account whose playlists may be written."""


def keeper_of(accounts: Sequence[Account]) -> Keeper:
    """The first of the accounts whose playlists may be written. Raises ``Trouble(UNAVAILABLE)``."""
    for account in accounts:
        if isinstance(account, PlaylistKeeper):
            return account
    raise Trouble(
        TroubleCode.UNAVAILABLE, "No account here has playlists that can be written; turn the spotify plugin on."
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """The account whose playlists they are, what the hub remembers of them, and the time.

    ``listed``: the ids of all playlists that were ever listed; one that is not any more was deleted.
    """

    account: Keeper
    store: SortingFace
    clock: Clock
    listed: set[str] = field(default_factory=set)

    async def politely(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer; only for what changes nothing. Raises ``Trouble`` where waiting is no use."""
        patience = Patience(self.clock)
        while True:
            try:
                return await ask()
            except Trouble as trouble:
                await patience.wait(trouble)


class Patience:
    """Waits for what passes: a service that asks for it, or one that has a fault of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waits = 0

    def calm(self) -> None:
        """There was a good answer."""
        self._waits = 0

    async def wait(self, trouble: Trouble) -> None:
        """Let the time pass that it takes. Raises the trouble where it does not pass, or not soon."""
        self._waits += 1
        match trouble.code:
            case TroubleCode.RATE_LIMITED:
                wait_s = trouble.retry_after_s or _LONGEST_BACK_OFF_S
            case TroubleCode.UNAVAILABLE:
                wait_s = min(_FIRST_WAIT_S * 2.0 ** (self._waits - 1), _LONGEST_BACK_OFF_S)
            case _:
                raise trouble
        if wait_s > LONGEST_WAIT_S or self._waits > MOST_WAITS:
            raise trouble
        await self._clock.sleep_ms((wait_s + _MARGIN_S) * 1000)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the playlists. ``writes``: the changes, finished; ``batch``: their number, 0 where there are none.

    ``labels``: corrections that were found on the way, remembered already. ``notes``: lines for a person.
    """

    batch: int = 0
    writes: tuple[Write, ...] = ()
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()


class Progress:
    """Counts songs for ``on_progress``."""

    def __init__(self, total: int, on_progress: Callable[[int, int], None]) -> None:
        self._total = total
        self._done = 0
        self._on_progress = on_progress
        on_progress(0, total)

    def more(self, count: int) -> None:
        """So many more are done. What had to be done twice counts once."""
        self._done = min(self._done + count, self._total)
        self._on_progress(self._done, self._total)


def no_progress(done: int, total: int) -> None:
    """For whoever does not watch."""


def is_reading(write: Write) -> bool:
    """Whether it changed nothing: it only remembers what was found in a playlist when corrections were read."""
    return write.former == write.wanted and not write.is_back
