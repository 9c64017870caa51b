"""The store is on every poll's way and in every hub's memory: what it may cost."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from moodroom_hub.core.store import Change, Store
from moodroom_hub.core.store.writes import Writes
from moodroom_hub.domain.models import HOME
from tests.core.store.builders import Spot, changed, ledger_entry, skipped

ROOT = Path(__file__).parents[3]


def poll_change(number: int) -> Change:
    """What a poll writes at most: the state, two events, two rows of the ledger."""
    first = 2 * number
    return Change(
        zone_states={HOME: "x" * 4_096},
        ledger=(ledger_entry(first), ledger_entry(first + 1)),
        events=(skipped(first), changed(first + 1)),
    )


async def test_a_polls_change_is_written_in_half_a_millisecond(sqlite_store: Store) -> None:
    """Measured inside the thread; the best of five medians, for a machine that others use as well.

    Jotted: how long the disk takes to say that it has something is the disk's own affair.
    """
    database = sqlite_store._database  # in the thread, without the way there
    assert database is not None
    writes = Writes("sqlite")
    medians = []
    for round_number in range(5):
        taken_ms = []
        for number in range(100):
            change = poll_change(1 + round_number * 100 + number)
            began = time.perf_counter()
            with database.jot() as connection:
                writes.apply(connection, change)
            taken_ms.append((time.perf_counter() - began) * 1_000)
        medians.append(statistics.median(taken_ms))
    assert min(medians) < 0.5
    assert len(await sqlite_store.ledger(HOME, 9_999)) == 1_000


_MEASURE = """
import asyncio, sys
from pathlib import Path

def resident_mb():
    text = Path("/proc/self/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024

import pydantic
before = resident_mb()
from tests.core.store.builders import Spot, full_change

async def run(folder):
    store = Spot(f"sqlite:///{folder}/moodroom.db", Path(folder)).store()
    await store.open()
    for number in range(1, 300):
        await store.commit(full_change(number))
    await store.pending_events()
    await store.close()

asyncio.run(run(sys.argv[1]))
unwanted = [name for name in ("alembic", "psycopg", "sqlalchemy.dialects.postgresql") if name in sys.modules]
print(resident_mb() - before, *unwanted)
"""


def test_a_hub_on_sqlite_loads_neither_alembic_nor_postgresql(sqlite_spot: Spot) -> None:
    """Neither for a new database, nor for one of today's schema; and the whole stays small."""
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", _MEASURE, str(sqlite_spot.data_dir)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
            timeout=60,
        )
        grown_mb, *unwanted = done.stdout.split()
        assert unwanted == []
        assert float(grown_mb) < 45


async def test_starting_with_a_year_of_listening_is_quick(sqlite_spot: Spot) -> None:
    store = sqlite_spot.store()
    await store.open()
    for block in range(20):
        numbers = range(1 + block * 500, 1 + (block + 1) * 500)
        await store.commit(
            Change(
                ledger=tuple(ledger_entry(number) for number in numbers),
                events=tuple(skipped(number) for number in numbers),
                done=tuple(numbers),
            )
        )
    await store.close()
    began = time.monotonic()
    await store.open()
    assert await store.pending_events() == []
    assert time.monotonic() - began < 2
    await store.close()
