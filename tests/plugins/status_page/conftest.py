"""The plugin itself on a free port of the loopback, over a hub in memory, asked with a real client."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, cast

import aiohttp
import pytest

from moodroom_hub.core.config import Settings
from moodroom_hub.core.context import PluginContext, PolicyFace
from moodroom_hub.core.events import Event
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.plugins.status_page import Plugin, StatusPageConfig
from tests.plugins.status_page.fake_hub import FakeClock, FakeHub

HTML = {"Accept": "text/html"}


def no_spawn(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """The page has no loops of its own."""
    raise AssertionError(f"{name} was spawned")


async def no_publish(make: Callable[[int], Event]) -> None:
    """The page makes no events."""
    raise AssertionError("an event was published")


@dataclass
class Site:
    """A running page: the plugin, the hub behind it, a client before it."""

    plugin: Plugin
    hub: FakeHub
    clock: FakeClock
    client: aiohttp.ClientSession
    data_dir: Path
    statuses: list[tuple[PluginStatus, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The page's address."""
        return self.plugin.address

    @property
    def port(self) -> int:
        """The page's port."""
        return int(self.url.rpartition(":")[2])

    @property
    def token(self) -> str:
        """The scripts' token."""
        return (self.data_dir / "api-token").read_text().strip()

    async def get(self, path: str, **given: Any) -> aiohttp.ClientResponse:
        """GET, read to its end."""
        return await self.ask("GET", path, **given)

    async def post(self, path: str, **given: Any) -> aiohttp.ClientResponse:
        """POST as the page itself would (same origin), read to its end."""
        given["headers"] = {"Origin": self.url, **given.get("headers", {})}
        return await self.ask("POST", path, **given)

    async def ask(self, method: str, path: str, **given: Any) -> aiohttp.ClientResponse:
        """Any request, read to its end, redirects not followed."""
        async with self.client.request(method, self.url + path, allow_redirects=False, **given) as answer:
            await answer.read()
            return answer


def make_context(
    tmp_path: Path, web: dict[str, Any], config: dict[str, Any] | None = None
) -> tuple[PluginContext[StatusPageConfig], FakeHub, FakeClock, list[tuple[PluginStatus, str]]]:
    """A plugin's world over a hub in memory."""
    clock = FakeClock()
    hub = FakeHub(cast("Any", clock))
    statuses: list[tuple[PluginStatus, str]] = []
    settings = Settings.model_validate({"web": {"port": 0, **web}, "hub": {"data_dir": str(tmp_path)}})
    context = PluginContext(
        name="status_page",
        config=StatusPageConfig.model_validate(config or {}),
        settings=settings,
        data_dir=tmp_path,
        clock=cast("Any", clock),
        rng=Random(1),
        hub=hub,
        policy=cast("PolicyFace", None),
        spawn=no_spawn,
        set_status=lambda status, reason: statuses.append((status, reason)),
        publish=no_publish,
    )
    return context, hub, clock, statuses


OpenSite = Callable[..., Awaitable[Site]]


@pytest.fixture
async def open_site(tmp_path: Path) -> AsyncIterator[OpenSite]:
    """Opens pages with a ``web`` section and a plugin section of choice; closes them all."""
    opened: list[Site] = []

    async def open_one(config: dict[str, Any] | None = None, **web: Any) -> Site:
        context, hub, clock, statuses = make_context(tmp_path, web, config)
        plugin = Plugin(context)
        await plugin.start()
        jar = aiohttp.CookieJar(unsafe=True)
        client = aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=20))
        site = Site(plugin, hub, clock, client, tmp_path, statuses)
        opened.append(site)
        return site

    yield open_one
    for site in opened:
        await site.client.close()
        await site.plugin.stop()


@pytest.fixture
async def site(open_site: OpenSite) -> Site:
    """A page without a password."""
    return await open_site()
