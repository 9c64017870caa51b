"""Installs plugins for tests the way a package manager would, and makes registries for them."""

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any, cast

import pytest

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import PluginConfig, load_config, plugin_config
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.face import HubFace, PluginStatus, PluginView
from moodroom_hub.core.registry import Registry
from moodroom_hub.domain.models import EpochMs

HEADER = """
import asyncio
import time
from moodroom_hub.core.config.models import PluginConfig
from moodroom_hub.core.context import Role
from moodroom_hub.core.errors import MoodroomError, NeedsLogin, NotReady, StartError
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl

calls = []

class Base:
    role = Role.POLICY
    Config = PluginConfig
    def __init__(self, context):
        self.context = context
"""


class Lab:
    """A site folder with installed plugins, and what a registry made of them."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.installed: list[str] = []
        self.changes: list[PluginView] = []
        self.hub: Any = None

    def module(self, name: str, source: str) -> str:
        """Write a module with the usual imports and a ``Base`` class; gives its name."""
        (self.site / f"{name}.py").write_text(HEADER + textwrap.dedent(source), encoding="utf-8")
        self.installed.append(name)
        return name

    def install(self, name: str, source: str, *, entry: str = "", distribution: str = "") -> None:
        """Install a package with one module and one entry point, called ``name``."""
        module = self.module(f"foreign_{name}", source)
        self.announce(distribution or f"moodroom-{name}", {name: entry or module})

    def announce(self, distribution: str, points: Mapping[str, str]) -> None:
        """Write the metadata of an installed distribution."""
        info = self.site / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        lines = "\n".join(f"{name} = {value}" for name, value in points.items())
        (info / "entry_points.txt").write_text(f"[moodroom_hub]\n{lines}\n")

    def module_of(self, name: str) -> ModuleType:
        """The module of the plugin ``name``, which must be loaded."""
        return sys.modules[f"foreign_{name}"]

    def calls(self, name: str) -> list[Any]:
        """What the plugin ``name`` noted in its module's ``calls``."""
        return cast(list[Any], self.module_of(name).__dict__["calls"])

    def registry(
        self,
        builtins: Sequence[str] = (),
        config: str = "{}",
        environ: Mapping[str, str] | None = None,
        *,
        with_foreign: bool = True,
    ) -> Registry:
        """A registry of what is installed, with the given YAML as its configuration; not loaded yet."""
        clock = LoopClock(EpochMs(0))
        file = self.site / "config.yaml"
        file.write_text(textwrap.dedent(config), encoding="utf-8")
        loaded = load_config(file, environ or {})

        def make_context(name: str, config: PluginConfig) -> PluginContext[Any]:
            def set_status(status: PluginStatus, reason: str) -> None:
                registry.set_status(name, status, reason)

            async def publish(_make: object) -> None:
                raise AssertionError("nobody publishes here")

            return PluginContext(
                name=name,
                config=config,
                settings=loaded.settings,
                data_dir=self.site,
                clock=clock,
                rng=Random(1),
                hub=cast(HubFace, self.hub),
                policy=cast(Any, None),
                spawn=lambda loop, work: registry.supervisor.spawn(loop, work, name),
                set_status=set_status,
                publish=publish,
            )

        registry = Registry(
            builtins=builtins,
            clock=clock,
            sections=loaded.settings.plugins,
            read_section=partial(plugin_config, loaded),
            make_context=make_context,
            on_change=self.changes.append,
            with_foreign=with_foreign,
        )
        return registry


def status_by_name(registry: Registry) -> dict[str, tuple[PluginStatus, str]]:
    """Status and reason of every plugin."""
    return {view.name: (view.status, view.reason) for view in registry.views()}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A fresh site folder on ``sys.path``; its modules are forgotten afterwards."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    built = Lab(site)
    yield built
    for name in built.installed:
        sys.modules.pop(name, None)
