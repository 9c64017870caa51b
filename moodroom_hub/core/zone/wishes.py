"""The order of what is wanted of a zone: whoever asks last wins, and who waits behind gives way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import RoomSlug


class Wish:
    """One order to switch a zone to ``room`` (``None``: off): waiting, under way, or overtaken by a newer one."""

    def __init__(self, room: RoomSlug | None) -> None:
        self.room = room
        self._is_overtaken = False
        self._patience: asyncio.Timeout | None = None

    @property
    def is_overtaken(self) -> bool:
        """Whether somebody asked for something else since."""
        return self._is_overtaken

    def check(self) -> None:
        """Raises ``Trouble(SUPERSEDED)`` where a newer order came."""
        if self._is_overtaken:
            raise Trouble(
                TroubleCode.SUPERSEDED, "A newer order came before this one was carried out; that one counts."
            )

    def overtake(self) -> None:
        """A newer order came: stop waiting."""
        self._is_overtaken = True
        if self._patience is not None:
            self._patience.reschedule(asyncio.get_running_loop().time())

    async def wait_for(self, lock: asyncio.Lock) -> None:
        """Acquire ``lock``. Raises ``Trouble(SUPERSEDED)``, without it, as soon as a newer order comes."""
        try:
            async with asyncio.timeout(None) as self._patience:
                await lock.acquire()
        except TimeoutError:
            self.check()
            raise
        finally:
            self._patience = None


class Wishes:
    """A zone's orders. ``lock`` lets one at a time through to the player, in the order in which they came."""

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock = lock
        self._newest: Wish | None = None
        self._open = 0

    @property
    def are_open(self) -> bool:
        """Whether an order waits or is under way: what plays will soon be another thing."""
        return self._open > 0

    @property
    def newest(self) -> Wish | None:
        """The order that counts, while it waits or is under way."""
        return self._newest

    @asynccontextmanager
    async def turn(self, room: RoomSlug | None, *, gives_way: bool) -> AsyncIterator[Wish]:
        """Overtake all that came before, and wait; inside, it is this order's turn.

        With ``gives_way`` it raises ``Trouble(SUPERSEDED)`` where a newer order comes before its turn; inside, the
        holder asks the wish itself.
        """
        wish = Wish(room)
        former, self._newest = self._newest, wish
        if former is not None:
            former.overtake()
        self._open += 1
        try:
            if gives_way:
                await wish.wait_for(self._lock)
            else:
                await self._lock.acquire()
            try:
                yield wish
            finally:
                self._lock.release()
        finally:
            self._open -= 1
            if self._newest is wish:
                self._newest = None
