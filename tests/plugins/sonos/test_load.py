"""Thirty-two speakers: a slow one delays nobody."""

import asyncio
import sys
from pathlib import Path

import pytest

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.plugins.sonos.config import SonosConfig
from tests.plugins.sonos.lab import Lab

COUNT = 32
WATCHED_S = 4.0
PATIENCE_S = 0.5
"""A tenth of what the slow one takes: whoever waited for it would be far beyond."""


@pytest.mark.alone
async def test_thirty_two_speakers_wait_for_nobody(tmp_path: Path) -> None:
    """Without events, because those only make it cheaper."""
    home = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.plugins.sonos.household_process",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert home.stdout is not None
        addresses = (await home.stdout.readline()).decode().split()
        config = {"addresses": addresses[1:3], "events": False}
        here = Lab(tmp_path, SonosConfig.model_validate(config), SystemClock())
        await here.start()
        try:
            await here.until(lambda: len(here.zones) == COUNT, 10)
            await nobody_waits(here)
        finally:
            await here.stop()
    finally:
        assert home.stdin is not None
        home.stdin.close()
        await home.wait()


async def nobody_waits(here: Lab) -> None:
    """Look as the core does. What that costs, and for how long the loop is blocked, is the benchmark's to say."""
    loop = asyncio.get_running_loop()
    loop.set_debug(False)
    zones = [zone for zone in here.zones if zone != "room-00"]
    await asyncio.gather(*(here.look(zone) for zone in zones))
    slow = asyncio.create_task(is_silent(here, "room-00"))
    waits_s: list[float] = []
    began_s = loop.time()
    while loop.time() - began_s < WATCHED_S:
        for zone in zones[::4]:
            asked_s = loop.time()
            assert (await here.look(zone)).is_playing
            waits_s.append(loop.time() - asked_s)
        await asyncio.sleep(1.0)
    assert await slow, "the slow one is a trouble of its own zone"
    assert max(waits_s) < PATIENCE_S


async def is_silent(here: Lab, zone: str) -> bool:
    try:
        await here.look(zone)
    except Trouble:
        return True
    return False
