"""What the hub's database holds after the week, and what a fresh hub makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.killing.zygote import BUILTINS
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.store import Store
from moodroom_hub.domain.models import HOME, LedgerEntry, Listen, PoolEntry, Receipt, RoomSlug, Uri
from moodroom_hub.simulator.catalogue import ROOM_SLUGS

_ALL = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the history."""

    event_id: int
    listen: Listen


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that was written. ``shown`` are the pools as a fresh hub shows them."""

    history: list[Row]
    receipts: list[Receipt]
    base: Mapping[RoomSlug, list[PoolEntry]]
    shown: Mapping[RoomSlug, Mapping[Uri, PoolEntry]]
    ledger: list[LedgerEntry]
    pending: list[str]
    bytes_on_disk: int


async def read_book(data_dir: Path, config: Path) -> Book:
    """Read the database as it was left, then let a hub read it that starts nothing."""
    store = Store(f"sqlite:///{data_dir / 'moodroom.db'}", data_dir)
    await store.open()
    try:
        history = [Row(event_id, listen) for event_id, _, listen in await store.history(_ALL, None)][::-1]
        receipts = [receipt for receipt, _ in await store.receipts(_ALL, None)][::-1]
        base = {RoomSlug(slug): await store.base(RoomSlug(slug)) for slug in ROOM_SLUGS}
        ledger = await store.ledger(HOME, _ALL)
        pending = [event.wire_name for event in await store.pending_events()]
        bytes_on_disk = int((await store.statistics())["bytes"])
    finally:
        await store.close()
    shown = {}
    hub = Hub(
        load_config(config, {}),
        clock=SystemClock(),
        rng=Random(0),
        builtins=BUILTINS[:-1],
        with_foreign=False,
        is_live=False,
    )
    async with hub:
        for slug in base:
            shown[slug] = {entry.track.uri: entry for entry in await hub.commands.pool(slug)}
    return Book(history, receipts, base, shown, ledger, pending, bytes_on_disk)
