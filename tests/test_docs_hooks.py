"""``docs/hooks.md`` says what the hooks are, and its example is a plugin that works."""

import ast
import inspect
import logging
import re
import textwrap
from pathlib import Path

import pluggy
import pytest

from moodroom_hub.core.events import Completed, Listen
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import PROJECT, Hooks
from moodroom_hub.core.registry import Registry
from moodroom_hub.core.registry import lifecycle as times
from moodroom_hub.domain.models import (
    HOME,
    Cause,
    DurationMs,
    EndInterval,
    EpochMs,
    Track,
    Uri,
    Verdict,
    VerdictKind,
)
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.plugin_lab import Lab, status_by_name
from tests.core.plugin_lab import lab as lab

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "hooks.md").read_text(encoding="utf-8")


def hooks_in_code() -> dict[str, str]:
    """Every hook's signature and docstring, as the source has them."""
    source = ast.parse(textwrap.dedent(inspect.getsource(Hooks)))
    found = {}
    for node in ast.walk(source):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
            assert node.returns is not None
            signature = f"{kind} {node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}"
            found[signature] = (ast.get_docstring(node) or "").replace("``", "`")
    return found


def hooks_in_docs() -> dict[str, str]:
    """Every hook's heading, and the text under it."""
    parts = re.split(r"^### `(.+)`$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))


def test_every_hook_has_a_heading_equal_to_its_signature() -> None:
    assert list(hooks_in_docs()) == list(hooks_in_code())


def test_the_hooks_are_those_that_pluggy_knows() -> None:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    known = {name: spec.spec.argnames for name, spec in vars(manager.hook).items() if not name.startswith("_")}
    documented = {}
    for heading in hooks_in_docs():
        name, arguments = re.fullmatch(r"(?:async )?def (\w+)\(self(.*)\) -> .+", heading).groups()  # type: ignore[union-attr]  # the headings are equal to signatures
        documented[name] = tuple(re.findall(r"(\w+):", arguments))
    assert documented == known


@pytest.mark.parametrize("heading", hooks_in_code())
def test_every_hook_is_told_of_in_its_own_words(heading: str) -> None:
    assert hooks_in_docs()[heading].startswith(hooks_in_code()[heading])


def test_the_times_in_the_text_are_those_of_the_code() -> None:
    assert times.START_LIMIT_MS == 30_000
    assert times.PATIENCE_MS == times.STOP_LIMIT_MS == 5_000
    assert "It has 30 seconds; plugins of the next role wait at most 5 of them" in PAGE
    assert "The seconds are 5." in PAGE


def completed() -> Completed:
    """A track was heard to its end."""
    where = DurationMs(200_000)
    verdict = Verdict(VerdictKind.COMPLETED, Cause.NATURAL, EndInterval(where, where, where), is_sure=True)
    track = Track(Uri("spotify:track:1"), "A Song")
    listen = Listen(track=track, started_at_ms=EpochMs(0), ended_at_ms=EpochMs(200_000), verdict=verdict)
    return Completed(id=1, zone=HOME, at_ms=EpochMs(200_000), listen=listen)


def test_the_example_works(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    example = re.search(r"^```python\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    announced = re.search(r'^(\w+) = "(\w+)"$', PAGE, re.MULTILINE)
    assert example is not None
    assert announced is not None
    name, module = announced.groups()
    (lab.site / f"{module}.py").write_text(example[1], encoding="utf-8")
    lab.installed.append(module)
    lab.announce("moodroom-applause", {name: module})

    async def work() -> Registry:
        registry = lab.registry(config="plugins: {applause: {loudness: 2}}")
        registry.load()
        await registry.start_all()
        assert status_by_name(registry) == {"applause": (PluginStatus.RUNNING, "")}
        await registry.dispatcher.call("on_completed", event=completed())
        await registry.stop_all()
        return registry

    with caplog.at_level(logging.INFO):
        run_virtual(work)
    assert "clap clap for 'A Song'" in caplog.text
