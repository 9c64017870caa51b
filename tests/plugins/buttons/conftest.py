"""A plugin in its lab, ended after each test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.plugins.buttons.lab import Lab, make_lab

MakeLab = Callable[..., Awaitable[Lab]]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[MakeLab]:
    """``await lab(mappings)`` gives the plugin with these mappings."""
    made: list[Lab] = []

    async def make(mappings: str, *, up_for_ms: int = 60_000) -> Lab:
        made.append(await make_lab(tmp_path, mappings, up_for_ms=up_for_ms))
        return made[-1]

    yield make
    for each in made:
        await each.close()
