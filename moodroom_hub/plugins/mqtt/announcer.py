"""Announces the hub and its rooms to Home Assistant: in order, politely apart, and again when it was born."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from random import Random

from moodroom_hub.plugins.mqtt.announced import Announced, Step
from moodroom_hub.plugins.mqtt.client import Connection
from moodroom_hub.plugins.mqtt.discovery import Announcement
from moodroom_hub.plugins.mqtt.messages import Outgoing
from moodroom_hub.plugins.mqtt.timings import Timings
from moodroom_hub.plugins.mqtt.topics import Topics
from moodroom_hub.plugins.mqtt.validator import problems

_log = logging.getLogger(__name__)


class Announcer:
    """``wanted()`` gives all devices; ``announced_again()`` is called after a birth was answered,
    and after a change."""

    def __init__(
        self,
        announced: Announced,
        wanted: Callable[[], Sequence[Announcement]],
        topics: Topics,
        timings: Timings,
        rng: Random,
        announced_again: Callable[[], None],
    ) -> None:
        self._announced = announced
        self._wanted = wanted
        self._topics = topics
        self._timings = timings
        self._rng = rng
        self._announced_again = announced_again
        self._is_born = self._is_changed = False
        self._called = asyncio.Event()
        self._last_s: dict[str, float] = {}

    def birth(self) -> None:
        """Home Assistant has started, or reads its devices anew."""
        self._is_born = True
        self._called.set()

    def changed(self) -> None:
        """Other devices are wanted than before."""
        self._is_changed = True
        self._called.set()

    async def run(self, connection: Connection) -> None:
        """Announce, and once more after a while, and at every birth; never returns. Raises ``BrokerAway``."""
        self._called.clear()
        self._is_born = self._is_changed = False
        is_owed = True
        await self._announce(connection)
        while True:
            # One announcement that comes while a device is being set up can be lost: a last one comes afterwards.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2 * self._timings.device_gap if is_owed else None):
                    await self._called.wait()
            if self._is_born:
                await asyncio.sleep(self._rng.uniform(0, self._timings.birth_delay))
            elif self._is_changed:
                await asyncio.sleep(self._timings.device_gap)  # where one speaker is found, there are more
            self._called.clear()
            is_birth, is_owed = self._is_born, self._is_born or self._is_changed
            self._is_born = self._is_changed = False
            await self._announce(connection, is_birth=is_birth)
            if is_owed:
                self._announced_again()  # a state may have come before the select knew it

    async def _announce(self, connection: Connection, *, is_birth: bool = False) -> None:
        wanted = [each for each in self._wanted() if _is_sound(each)]
        waiting = self._announced.changes(wanted, self._topics, is_birth=is_birth)
        while waiting:
            now, waiting = _first_of_each(waiting)
            await self._keep_apart(now)
            await connection.publish([Outgoing(step.topic, step.payload, step.is_retained) for step in now])
            sent_s = asyncio.get_running_loop().time()
            self._last_s.update({step.device_id: sent_s for step in now if not step.is_removal})
        await asyncio.to_thread(self._announced.remember, wanted, is_birth=is_birth)

    async def _keep_apart(self, steps: Sequence[Step]) -> None:
        now_s = asyncio.get_running_loop().time()
        times_s = [self._last_s[step.device_id] for step in steps if step.device_id in self._last_s]
        await asyncio.sleep(max(0.0, max(times_s, default=0.0) + self._timings.device_gap - now_s) if times_s else 0)


def _first_of_each(steps: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    """Removals, and the first announcement of each device; and those that come after it."""
    now: list[Step] = []
    later: list[Step] = []
    announced: set[str] = set()
    for step in steps:
        if step.device_id in announced:
            later.append(step)
            continue
        now.append(step)
        if not step.is_removal:
            announced.add(step.device_id)
    return now, later


def _is_sound(announcement: Announcement) -> bool:
    """Home Assistant would refuse the whole device, with a line in a log that nobody reads here."""
    found = problems(announcement.device_id, announcement.payload)
    if found:
        _log.error("%s is not announced to Home Assistant: %s", announcement.device_id, "; ".join(found))
    return not found
