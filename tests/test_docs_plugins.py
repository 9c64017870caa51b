"""``docs/plugins.md``: its example is a plugin that installs, loads and works."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.events import Skipped
from moodroom_hub.core.face import PluginStatus, PluginView
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import (
    HOME,
    Cause,
    DurationMs,
    EndInterval,
    EpochMs,
    Listen,
    RoomSlug,
    Track,
    Uri,
    Verdict,
    VerdictKind,
)
from moodroom_hub.plugins import BUILTIN_PLUGINS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "plugins.md"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The page's example as an installed package: its module, and what installing writes beside it."""
    page = PAGE.read_text(encoding="utf-8")
    (code,) = re.findall(r"<!-- a test installs this .*?-->\n```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (entry,) = re.findall(r"^skips = \"(.*)\"$", page, re.MULTILINE)
    (name,) = re.findall(r"`(moodroom_skips)\.py`", page)
    folder = tmp_path / "site"
    about = folder / f"{name}-1.dist-info"
    about.mkdir(parents=True)
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: moodroom-skips\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[moodroom_hub]\nskips = {entry}\n")
    monkeypatch.syspath_prepend(str(folder))
    yield tmp_path
    sys.modules.pop(name, None)


def skip(number: int) -> Skipped:
    """A skip in House."""
    track = Track(Uri("spotify:track:x"), "Around the World", ("Daft Punk",), DurationMs(200_000))
    end = EndInterval(DurationMs(5000), DurationMs(5000), DurationMs(5000))
    verdict = Verdict(VerdictKind.SKIPPED, Cause.LISTENER, end, is_sure=True)
    listen = Listen(
        track=track, started_at_ms=EpochMs(0), ended_at_ms=EpochMs(5000), verdict=verdict, room=RoomSlug("house")
    )
    return Skipped(id=number, zone=HOME, at_ms=EpochMs(5000), listen=listen)


async def test_the_example_works(installed: Path) -> None:
    config = installed / "config.yaml"
    config.write_text(
        f"hub: {{data_dir: {installed / 'data'}}}\nweb: {{port: 0}}\n"
        "plugins: {spotify: {enabled: false}, skips: {worth_telling: 2}}\n"
    )

    def view(hub: Hub) -> PluginView:
        (found,) = (each for each in hub.commands.plugin_views() if each.name == "skips")
        return found

    async with Hub(load_config(config, {}), clock=SystemClock(), rng=Random(1), builtins=BUILTIN_PLUGINS) as hub:
        assert (view(hub).status, view(hub).is_builtin) == (PluginStatus.RUNNING, False)
        for number in (1, 2):
            outcomes = await hub.registry.dispatcher.call("on_skipped", event=skip(number))
            assert [outcome.error for outcome in outcomes] == [None] * len(outcomes)
        assert view(hub).reason == "most skips: house, 2"
