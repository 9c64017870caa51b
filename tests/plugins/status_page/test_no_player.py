"""The pages of a hub whose players were not found yet: shown all the same, and they say plainly why it is quiet."""

from pathlib import Path
from random import Random

import aiohttp

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.lock import running
from tests.core.hub_lab import POLICIES
from tests.plugins.status_page.conftest import HTML
from tests.plugins.status_page.test_pages import Page

BUILTINS = (*POLICIES, "moodroom_hub.plugins.sonos", "moodroom_hub.plugins.status_page")
CONFIG = (
    "web: {{port: 0}}\nhub: {{data_dir: {data}}}\nplugins: {{sonos: {{addresses: ['127.0.0.1:9'], timeout: 200ms}}}}\n"
)


async def test_every_page_is_shown_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.format(data=tmp_path / "data"))
    loaded = load_config(tmp_path / "config.yaml", {})
    hub = Hub(loaded, clock=SystemClock(), rng=Random(1), builtins=BUILTINS, with_foreign=False)
    async with hub, aiohttp.ClientSession() as client:
        found = running(loaded.settings.hub.data_dir)
        assert found is not None
        address = str(found.url)
        texts = {}
        for path in ("/", "/quiet", "/welcome", "/history", "/plays", "/receipts", "/rooms/house"):
            async with client.get(f"{address}{path}", headers=HTML) as answer:
                assert (answer.status, answer.url.path) == (200, path)
                texts[path] = Page(await answer.text()).text
        for path in ("/api/state", "/api/zones", "/api/quiet", "/api/batch", "/api/devices", "/metrics"):
            async with client.get(f"{address}{path}") as answer:
                assert answer.status == 200, path
        async with client.post(f"{address}/player/play", headers={"Origin": address, **HTML}) as answer:
            assert (answer.status, answer.url.path) == (200, "/"), "what went wrong is told on the page"
            assert "There is no player yet." in await answer.text()
    for path in ("/", "/quiet"):
        assert "There is no player yet. sonos: " in texts[path]
    assert "House" in texts["/"]
    assert "Nothing plays" in texts["/"]
