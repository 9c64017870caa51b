"""A stop that somebody cuts short: the loops whose turn had not come end as well, and nobody complains."""

import asyncio

import pytest

from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.plugin_lab import Lab

FACE = """
class Plugin(Base):
    name = "face"
    role = Role.FACE
    @hookimpl
    async def start(self):
        self.context.spawn("loop", asyncio.Event().wait)
"""

SLOW_SOURCE = """
class Plugin(Base):
    name = "slow"
    role = Role.SOURCE
    @hookimpl
    async def stop(self):
        await asyncio.sleep(3)
"""


def test_a_stop_cut_short_still_ends_every_loop_as_wished(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.install("slow", SLOW_SOURCE)
    lab.install("face", FACE)

    async def work() -> None:
        registry = lab.registry()
        registry.load()
        await registry.start_all()
        assert "face: loop" in registry.supervisor.names()
        stopping = asyncio.ensure_future(registry.stop_all())
        await asyncio.sleep(1)
        stopping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopping
        assert registry.supervisor.names() == (), "else the process's end cancels it, and it complains"
        await registry.supervisor.stop()

    run_virtual(work)
    assert "not by the hub" not in caplog.text
