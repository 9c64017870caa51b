"""Processes that write playlists, to be killed: ``python -m ... FOLDER CLIENT_ID API_URL ACCOUNTS_URL``.

For each line on stdin (``apply`` or ``back``) one is born; its id is told, and in the end how it ended. They are forked
from one that has imported everything and done nothing, as imports are all that would take time.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.plugins.sorter.writing.writer import PlaylistWriter
from tests.plugins.sorter.writing.lab import HOUSE, LATE, MUTUAL, POP, SONGS, books, spotify_parts

BEFORE = {LATE: SONGS[:120], POP: SONGS[120:130]}
TARGETS = {LATE: SONGS[10:130], POP: SONGS[130:135], HOUSE: SONGS[140:260]}
SPEED = 40.0


async def write(folder: Path, client_id: str, api_url: str, accounts_url: str, what: str) -> None:
    """Apply, or take the last writing back, after going on with what was begun."""
    clock = SystemClock(SPEED)
    parts = spotify_parts(folder, clock, client_id, api_url, accounts_url)
    try:
        async with books(folder, clock) as (_, book):
            writer = PlaylistWriter(parts.account, book, clock)
            if what == "back":
                await writer.rollback()
            else:
                await writer.apply(MUTUAL, TARGETS)
    finally:
        await parts.close()


async def warm_up() -> None:
    """Let everything be imported that is imported late; nothing of it runs on."""
    with tempfile.TemporaryDirectory() as folder:
        async with books(Path(folder), SystemClock()):
            await spotify_parts(Path(folder), SystemClock(), "", "http://127.0.0.1/v1/", "http://127.0.0.1/").close()


def main(folder: str, *addresses: str) -> None:
    """Serve stdin."""
    asyncio.run(warm_up())
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(write(Path(folder), *addresses, line.strip()))  # type: ignore[call-arg]  # three addresses
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
