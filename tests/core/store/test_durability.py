"""What was acknowledged is there after a kill, whole."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from moodroom_hub.domain.models import HOME
from tests.core.store.builders import Spot

_WRITER = """
import asyncio, sys
from pathlib import Path
from tests.core.store.builders import Spot, full_change

async def write(folder):
    store = Spot(f"sqlite:///{folder}/moodroom.db", Path(folder)).store()
    await store.open()
    number = (await store.last_ids()).ledger
    while True:
        number += 1
        await store.commit(full_change(number))
        print(number, flush=True)

asyncio.run(write(sys.argv[1]))
"""


def write_until_killed(folder: Path, acknowledgements: int) -> int:
    """The last acknowledged number of a writer that is killed after so many."""
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(acknowledgements)]
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.read().splitlines(keepends=True)
    assert writer.returncode == -signal.SIGKILL
    return max(int(line) for line in lines if line.endswith("\n"))


@pytest.mark.parametrize("seed", range(3))
async def test_every_acknowledged_change_survives_a_kill(sqlite_spot: Spot, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(2):
        acknowledged = write_until_killed(sqlite_spot.data_dir, chance.randint(1, 400))
        store = sqlite_spot.store()
        await store.open()
        try:
            last = (await store.last_ids()).ledger
            assert acknowledged <= last <= acknowledged + 1, "at most the one that was not acknowledged yet"
            numbers = list(range(1, last + 1))
            assert [entry.id for entry in await store.ledger(HOME, last + 9)] == numbers
            expected = [event_id for number in numbers for event_id in (2 * number, 2 * number + 1)]
            assert [event.id for event in await store.pending_events()] == expected
            assert [row[0] for row in await store.history(last + 9, None)] == [2 * n for n in numbers[::-1]]
            assert [one.id for one, _ in await store.receipts(last + 9, None)] == numbers[::-1]
            assert await store.zone_states() == {HOME: f'{{"step": {last}}}'}
            assert await store.fact("last") == str(last)
        finally:
            await store.close()
