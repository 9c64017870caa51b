"""A desk over a hub in memory, and what it said."""

import asyncio
import json
from typing import Any, cast

from moodroom_hub.core.clock import Clock
from moodroom_hub.plugins.mqtt.answering import Desk
from moodroom_hub.plugins.mqtt.messages import Incoming
from moodroom_hub.plugins.mqtt.topics import Topics
from tests.plugins.status_page.fake_hub import FakeClock, FakeHub

TOPICS = Topics("moodroom", "homeassistant")
QUESTIONS = frozenset({"state", "room_views", "pool", "receipts", "history", "health", "events_after"})


class DeskLab:
    """``said``: topic, JSON and correlation of each answer, in order."""

    def __init__(self, hub: FakeHub | None = None) -> None:
        self.clock = FakeClock()
        self.hub = hub or FakeHub(cast(Clock, self.clock))
        self.said: list[tuple[str, dict[str, Any], bytes | None]] = []
        self.changes = 0
        self.desk = Desk(self.hub, TOPICS, cast(Clock, self.clock), changed=self._changed, answer=self._answer)

    async def send(self, topic: str, payload: str | bytes | dict[str, Any], **more: Any) -> dict[str, Any] | None:
        """A message on ``moodroom/<topic>``; gives the answer to it, if there was one."""
        before = len(self.said)
        self.take(topic, payload, **more)
        await self.settle()
        return self.said[-1][1] if len(self.said) > before else None

    def take(self, topic: str, payload: str | bytes | dict[str, Any], **more: Any) -> None:
        """Hand a message over, and don't wait."""
        text = json.dumps(payload) if isinstance(payload, dict) else payload
        raw = text.encode() if isinstance(text, str) else text
        self.desk.take(Incoming(f"moodroom/{topic}", raw, more.pop("is_retained", False), **more))

    async def settle(self) -> None:
        """Until nothing is under way."""
        while self.desk.waiting:  # noqa: ASYNC110 -- turns of the loop, no time
            await asyncio.sleep(0)

    @property
    def deeds(self) -> list[tuple[object, ...]]:
        """What the hub was told to do; questions do not count."""
        return [call for call in self.hub.calls if call[0] not in QUESTIONS]

    def _changed(self) -> None:
        self.changes += 1

    async def _answer(self, topic: str, payload: bytes, correlation: bytes | None) -> None:
        self.said.append((topic, json.loads(payload), correlation))
