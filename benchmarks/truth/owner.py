"""The owner of a home: chooses rooms, and does what people do when it stays quiet. The same for every system."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from benchmarks.truth.homes import SPEAKER, Home
from benchmarks.truth.record import Order
from moodroom_hub.simulator.commands import Refused
from moodroom_hub.simulator.truth import Actor

Activate = Callable[[str], Awaitable[bool]]

TRIES = 5
BETWEEN_TRIES_S = 20.0
GLANCE_S = 60.0
PATIENCE_GLANCES = 3
AFTER_RETURN_S = 45.0


class Owner:
    """Acts by the home's plan, in loop time. ``activate`` asks the system for a room: did it start to play?"""

    def __init__(self, activate: Activate) -> None:
        self._activate = activate
        self._room: str | None = None
        self._busy = asyncio.Lock()
        self._home: Home | None = None
        self._loop = asyncio.get_running_loop()
        self._wishes: asyncio.Queue[str] = asyncio.Queue()
        self.orders: list[Order] = []

    def come_back(self, _mood: str | None) -> None:
        """The listener wants the room again. May be called from any thread."""
        if self._room is not None:
            self._loop.call_soon_threadsafe(self._wishes.put_nowait, self._room)

    async def live(self, home: Home) -> None:
        """Live there until the plan's end; nothing of it goes on afterwards."""
        self._home = home
        plan = home.plan
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(home.listener.drive(home.world, self._sleep_ms)),
                group.create_task(self._follow_wishes()),
                group.create_task(self._mind_the_silence()),
                *(group.create_task(self._order_at(at_ms, room)) for at_ms, room in plan.orders),
                *(group.create_task(self._lose(*loss)) for loss in plan.losses),
            ]
            await asyncio.sleep(plan.length_ms / 1000)
            for task in tasks:
                task.cancel()

    async def _sleep_ms(self, duration_ms: float) -> None:
        await asyncio.sleep(duration_ms / 1000)

    async def _order_at(self, at_ms: int, room: str) -> None:
        await asyncio.sleep(at_ms / 1000)
        self._room = room
        await self._order(room)

    async def _order(self, room: str) -> None:
        """Choose the room; where nothing happens, press play at the speaker and choose it again."""
        home = self._home
        if home is None:
            return
        async with self._busy:
            for _ in range(TRIES):
                if room != self._room:
                    return
                home.listener.mood = room
                home.world.advance()
                at_ms = home.world.at_ms
                is_met = await self._activate(room)
                self.orders.append(Order(at_ms, room, is_met))
                if is_met:
                    return
                await asyncio.sleep(BETWEEN_TRIES_S)
                with contextlib.suppress(Refused):
                    home.world.resume(Actor.LISTENER)

    async def _follow_wishes(self) -> None:
        while True:
            room = await self._wishes.get()
            if room == self._room:
                await self._order(room)

    async def _lose(self, lost_ms: int, back_ms: int) -> None:
        """The speaker goes, comes back, and the room is chosen again."""
        if self._home is None:
            return
        await asyncio.sleep(lost_ms / 1000)
        self._home.world.lose_device(SPEAKER)
        await asyncio.sleep((back_ms - lost_ms) / 1000)
        self._home.world.return_device(SPEAKER)
        await asyncio.sleep(AFTER_RETURN_S)
        if not self._home.world.is_sounding and self._room is not None:
            await self._order(self._room)

    async def _mind_the_silence(self) -> None:
        """A person notices after some minutes that the music stopped by itself, and chooses the room again."""
        quiet = 0
        while True:
            await asyncio.sleep(GLANCE_S)
            home = self._home
            if home is None or self._room is None:
                continue
            quiet = 0 if home.world.is_sounding or self._is_own_pause(home) else quiet + 1
            if quiet >= PATIENCE_GLANCES:
                quiet = 0
                await self._order(self._room)

    @staticmethod
    def _is_own_pause(home: Home) -> bool:
        last = next((one for one in reversed(home.world.truth.commands) if one.refusal is None), None)
        return last is not None and last.by is Actor.LISTENER and last.name == "pause"
