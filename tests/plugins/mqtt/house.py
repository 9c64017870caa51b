"""The plugin on a hub in memory, and a foreign client that hears and says what a home would."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import aiomqtt

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import Settings
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.events import PlayerBack
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import Check, Message
from moodroom_hub.core.topics import is_match
from moodroom_hub.domain.models import HOME, EpochMs, RoomSlug
from moodroom_hub.plugins.mqtt import Plugin
from moodroom_hub.plugins.mqtt.config import MqttConfig
from moodroom_hub.plugins.mqtt.timings import Timings
from tests.plugins.status_page.fake_hub import FakeHub

WAIT_S = 30.0
QUICK = Timings(
    answer=2.0,
    first_pause=0.02,
    longest_pause=0.1,
    longest_unsteady_pause=0.2,
    steady=0.3,
    first_refused_pause=0.05,
    longest_refused_pause=0.1,
    refresh=0.2,
    settle=0.005,
    device_gap=0.05,
    birth_delay=0.01,
    lost=0.1,
    scrobbles=0.2,
    sorter=0.2,
)


class QuickPlugin(Plugin):
    """The plugin, in a hurry."""

    timings: ClassVar[Timings] = QUICK


@dataclass
class House:
    """A hub in memory, and what the plugin told it."""

    hub: FakeHub
    plugin: Plugin = field(init=False)
    statuses: list[tuple[PluginStatus, str]] = field(default_factory=list)
    health: Check | None = None
    delivered: list[Message] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def status(self) -> PluginStatus | None:
        return self.statuses[-1][0] if self.statuses else None

    @property
    def reason(self) -> str:
        return self.statuses[-1][1] if self.statuses else ""

    async def event(self, number: int = 1) -> None:
        """Something happens."""
        await self.plugin.on_event(PlayerBack(id=number, zone=HOME, at_ms=EpochMs(1_763_700_000_000)))

    async def turn_on(self, room: RoomSlug) -> None:
        """As from the page."""
        await self.hub.activate(room)
        await self.event()

    async def until(self, status: PluginStatus, says: str = "") -> None:
        """Wait until the plugin says so of itself."""
        await until(lambda: self.status is status and says in self.reason)


async def until(is_so: Callable[[], object], limit_s: float = WAIT_S) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(limit_s):
        while not is_so():  # noqa: ASYNC110 -- what is waited for is said by nobody in this process
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def house(
    data_dir: Path,
    section: dict[str, Any],
    *,
    hub: FakeHub | None = None,
    topics: Sequence[str] = (),
    web: dict[str, Any] | None = None,
) -> AsyncIterator[House]:
    """The plugin at work; it is stopped as the hub does it: first its loops, then itself."""
    clock = SystemClock()
    made = House(hub or FakeHub(clock))

    async def deliver(message: Message) -> None:
        if any(is_match(one, message.topic) for one in topics):
            made.delivered.append(message)

    def spawn(name: str, work: Callable[[], Awaitable[None]]) -> None:
        made.tasks.append(asyncio.ensure_future(work()))

    def set_health(check: Check | None) -> None:
        made.health = check

    context = PluginContext(
        name="mqtt",
        config=MqttConfig(**section),
        settings=Settings(web=web or {}),  # type: ignore[arg-type]  # as from the file
        data_dir=data_dir,
        clock=clock,
        rng=Random(1),
        hub=made.hub,
        policy=None,  # type: ignore[arg-type]  # no face has a use for it
        spawn=spawn,
        set_status=lambda status, reason: made.statuses.append((status, reason)),
        publish=lambda make: asyncio.sleep(0),
        set_health=set_health,
        topics=lambda: topics,
        deliver=deliver,
    )
    made.plugin = QuickPlugin(context)
    await made.plugin.start()
    try:
        yield made
    finally:
        for task in made.tasks:
            task.cancel()
        for result in await asyncio.gather(*made.tasks, return_exceptions=True):
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise result
        await made.plugin.stop()


class Home:
    """Everything that a foreign client heard, and what the broker keeps."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self.heard: list[tuple[str, str]] = []
        self.retained: dict[str, str] = {}

    def said(self, topic: str) -> list[str]:
        """What was said on this topic so far."""
        return [payload for where, payload in self.heard if where == topic]

    def json(self, topic: str) -> Any:
        """The last word on this topic, read as JSON."""
        return json.loads(self.said(topic)[-1])

    async def say(self, topic: str, payload: str | bytes = "", *, retain: bool = False, **more: Any) -> None:
        """Publish."""
        await self._client.publish(topic, payload, qos=1, retain=retain, **more)

    async def hears(self, topic: str, payload: str, limit_s: float = WAIT_S) -> None:
        """Wait until this is the last word on the topic."""
        await until(lambda: self.said(topic)[-1:] == [payload], limit_s)

    async def listen(self) -> None:
        """Hear until cancelled."""
        async for message in self._client.messages:
            payload = bytes(message.payload).decode()
            self.heard.append((str(message.topic), payload))


@contextlib.asynccontextmanager
async def home(
    port: int,
    *,
    username: str | None = None,
    password: str | None = None,
    tls: ssl.SSLContext | None = None,
    filters: Sequence[str] = ("#",),
    protocol: aiomqtt.ProtocolVersion = aiomqtt.ProtocolVersion.V5,
) -> AsyncIterator[Home]:
    """A foreign client that hears everything."""
    async with aiomqtt.Client(
        "localhost" if tls else "127.0.0.1",
        port,
        username=username,
        password=password,
        tls_context=tls,
        protocol=protocol,
    ) as client:
        made = Home(client)
        for one in filters:
            await client.subscribe(one, qos=1)
        listening = asyncio.ensure_future(made.listen())
        try:
            yield made
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
                await listening


async def kept(port: int, **more: Any) -> dict[str, str]:
    """All that the broker has retained."""
    async with home(port, **more) as client:
        await client.say("test/end", "x")
        await until(lambda: client.said("test/end"))
        return dict(client.heard[: [topic for topic, _ in client.heard].index("test/end")])
