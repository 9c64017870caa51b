"""What was acknowledged is there after a kill, whole; and what must be, after a power cut."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from moodroom_hub.core.store import Change, Store
from moodroom_hub.core.store.engine import Database
from moodroom_hub.domain.models import HOME
from tests.core.store.builders import HOUSE, Spot, ledger_entry, liked, pool_entry, receipt, skipped

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


NORMAL, FULL = 1, 2
"""What SQLite calls them: only ``FULL`` waits at each commit until the disk has it."""


def in_force(store: Store) -> int:
    """How the last transaction was committed: the switch stays as it was then, reading leaves it alone."""
    database = store._database  # the very connection of the store: every connection has a switch of its own
    assert database is not None
    with database.read() as connection:
        return int(connection.execute(text("PRAGMA synchronous")).scalar_one())


STATE = Change(zone_states={HOME: "seen at a poll"})
LASTING = {
    "an event": Change(events=(skipped(1),)),
    "a receipt": Change(receipts=(receipt(1),)),
    "a row of the ledger": Change(ledger=(ledger_entry(1),)),
    "a fact": Change(facts={"learning": "off"}),
    "an event with the state": Change(events=(skipped(1),), zone_states={HOME: "after it"}),
}


@pytest.mark.parametrize("change", LASTING.values(), ids=LASTING.keys())
async def test_a_verdict_waits_for_the_disk_and_a_poll_does_not(sqlite_store: Store, change: Change) -> None:
    for _ in range(2):
        await sqlite_store.commit(STATE)
        assert in_force(sqlite_store) == NORMAL
        await sqlite_store.commit(Change(done=(1,)))
        assert in_force(sqlite_store) == NORMAL
        await sqlite_store.commit(change)
        assert in_force(sqlite_store) == FULL


async def test_pools_and_liked_songs_wait_for_the_disk(sqlite_store: Store) -> None:
    await sqlite_store.commit(STATE)
    await sqlite_store.put_base(HOUSE, [pool_entry(1)], replace=False)
    assert in_force(sqlite_store) == FULL
    await sqlite_store.commit(STATE)
    await sqlite_store.put_liked([liked(1)])
    assert in_force(sqlite_store) == FULL


async def test_the_switch_is_thrown_outside_the_transaction(sqlite_store: Store) -> None:
    """Inside one SQLite refuses it."""
    database = sqlite_store._database  # in the thread, without the way there
    assert isinstance(database, Database)
    for begin, expected in ((database.write, FULL), (database.jot, NORMAL), (database.write, FULL)):
        with begin() as connection:
            assert connection.execute(text("PRAGMA synchronous")).scalar_one() == expected
