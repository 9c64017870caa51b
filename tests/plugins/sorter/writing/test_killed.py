"""Killed in the middle, again and again, and started again: no double, no loss, the order as planned."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.sorting import WriteStatus
from moodroom_hub.plugins.sorter.writing.writer import PlaylistWriter
from moodroom_hub.simulator.faults import Fault
from moodroom_hub.simulator.home import SimulatedHome
from tests.plugins.sorter.writing.apply_process import BEFORE, SPEED, TARGETS
from tests.plugins.sorter.writing.lab import (
    ADD,
    CREATE,
    ITEMS,
    LATE,
    MUTUAL,
    POP,
    REMOVE,
    SONGS,
    House,
    books,
    log_in,
    spotify_parts,
)

ROOT = Path(__file__).parents[4]


@contextlib.asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    """A house in real time, forty times as fast as life."""
    async with SimulatedHome(3, listener=None, items=ITEMS, liked=[], speed=SPEED) as home:
        clock = SystemClock(SPEED)
        parts = spotify_parts(folder, clock, home.client_id, home.api_url, home.accounts_url)
        try:
            await log_in(home, parts)
            async with books(folder, clock) as (store, book):
                yield House(home, parts, store, book, PlaylistWriter(parts.account, book, clock))
        finally:
            await parts.close()


class Mother:
    """Gives birth to processes that write, and kills them."""

    def __init__(self, one: House, process: asyncio.subprocess.Process) -> None:
        self._one = one
        self._process = process

    async def run(self, what: str, until: int | None = None) -> None:
        """Let one run to its end; or until so many requests have been left hanging, and kill it."""
        answers, orders = self._process.stdout, self._process.stdin
        assert answers is not None
        assert orders is not None
        async with asyncio.timeout(60):
            orders.write(f"{what}\n".encode())
            child = int(await answers.readline())
            if until is not None:
                while len(self._one.struck()) < until:  # noqa: ASYNC110 -- the simulator knows no waiters
                    await asyncio.sleep(0.02)
                os.kill(child, signal.SIGKILL)
            assert int(await answers.readline()) == (0 if until is None else -signal.SIGKILL)


@contextlib.asynccontextmanager
async def mother(one: House, folder: Path) -> AsyncIterator[Mother]:
    """One, for as long as she is needed."""
    home = one.home
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.plugins.sorter.writing.apply_process",
        *(str(folder), home.client_id, home.api_url, home.accounts_url),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Mother(one, process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def test_killed_in_the_middle(tmp_path: Path) -> None:
    async with house(tmp_path) as one, mother(one, tmp_path) as processes:
        await one.writer.apply(MUTUAL, BEFORE)
        former = {name: one.rows(name) for name in ("Late Night", "Pop!")}
        for number, endpoint in enumerate((REMOVE, CREATE, ADD), start=1):
            one.spoil(Fault.HANG_AFTER, endpoint)
            await processes.run("apply", until=number)
        assert len(one.rows("House")) == 100
        await processes.run("apply")
        assert one.rows("Late Night") == TARGETS[LATE]
        assert one.rows("Pop!") == TARGETS[POP]
        assert one.rows("House") == SONGS[140:260]
        assert [each.uris for each in one.playlist("House").changes if each.what == "add"] == [
            tuple(SONGS[140:240]),
            tuple(SONGS[240:260]),
        ]
        one.spoil(Fault.HANG_AFTER, ADD)
        await processes.run("back", until=4)
        await processes.run("back")
        assert {name: one.rows(name) for name in former} == former
        assert one.rows("House") == []
        assert WriteStatus.BEGUN not in [each.status for each in await one.book.writes()]
