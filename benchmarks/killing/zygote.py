"""The process that has everything imported and forks a hub whenever one is to be born.

Run as ``python -m benchmarks.killing.zygote DESCRIPTOR``; speaks over that socket: a pickled ``Birth`` with the
descriptor of the hub's pipe gives the hub's pid; ``b"reap"`` waits for its end and gives its status.
"""

import asyncio
import logging
import os
import pickle
import socket
import sys
from functools import partial
from multiprocessing.connection import Connection
from random import Random

from benchmarks.killing import spotify
from benchmarks.killing.messages import Ask, Birth, ClockPage, Order
from moodroom_hub.core import hub as hub_module
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.errors import MoodroomError, StartError
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.store import Store
from moodroom_hub.domain.models import EpochMs, RoomSlug
from moodroom_hub.plugins.spotify import wiring  # noqa: F401 -- imported here once, so that no birth has to
from moodroom_hub.simulator.faults import FaultPlan
from moodroom_hub.simulator.virtual_time import VirtualTimeLoop

EPOCH_MS = 1_793_520_000_000
"""2026-11-01T08:00:00Z."""
BUILTINS = (
    "moodroom_hub.plugins.sampling",
    "moodroom_hub.plugins.demotion",
    "moodroom_hub.plugins.top_up",
    "benchmarks.killing.spotify",
)
NO_START = 3
BUFFER = 65_536

log = logging.getLogger(__name__)


class _TellingLoop(VirtualTimeLoop):
    """Shows its time outside the process."""

    def __init__(self, page: ClockPage, start_ms: int) -> None:
        self._page = page
        super().__init__((start_ms - EPOCH_MS) / 1000)

    def _jump(self, seconds: float) -> None:
        super()._jump(seconds)
        self._page.show(round(EPOCH_MS + self.time() * 1000))


async def _live(birth: Birth, connection: Connection, notes: list[str]) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    line = spotify.Line(connection, loop, EPOCH_MS, FaultPlan.everyday(birth.seed), notes)
    spotify.connect(line)
    # The store waits for a locked database in real time, while virtual time stands still: not for whole seconds.
    setattr(hub_module, "Store", partial(Store, busy_timeout_ms=birth.busy_timeout_ms))  # noqa: B010 -- see above
    loaded = load_config(birth.folder / "config.yaml", {})
    clock = LoopClock(EpochMs(EPOCH_MS))
    hub = Hub(loaded, clock=clock, rng=Random(birth.seed), builtins=BUILTINS, with_foreign=False)
    is_over = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    def obey(order: Order) -> None:
        if order.name == "stop":
            is_over.set()
            return
        task = loop.create_task(_obey(hub, order, line))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async with hub:
        line.waiting = lambda: hub.commands._journal.waiting
        line.obey = obey
        await is_over.wait()
        await asyncio.gather(*tasks)


async def _obey(hub: Hub, order: Order, line: spotify.Line) -> None:
    commands = hub.commands
    try:
        match order.name:
            case "activate":
                await commands.activate(RoomSlug(order.detail))
            case "next":
                await commands.next()
            case "undo":
                newest = await commands.receipts(12)
                live = [view.receipt.id for view in newest if view.undone_by is None]
                if live:
                    await commands.undo(live[int(order.detail) % len(live)])
            case "sync":
                await commands.sync_library()
            case _:
                raise ValueError(order.name)
    except MoodroomError as trouble:
        line.notes.append(f"{order.name}: {type(trouble).__name__}: {trouble}")
    else:
        line.notes.append(f"{order.name}: done")


class _Notes(logging.Handler):
    """What is logged goes to the house with the next request: no file, for the disk may be what is broken."""

    def __init__(self, notes: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._notes = notes

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self._notes.append(self.format(record))


def _be_hub(birth: Birth, connection: Connection) -> int:
    notes: list[str] = []
    handler = _Notes(notes)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    page = ClockPage(birth.clock_page)
    page.show(birth.start_ms)
    status = 1
    try:
        with asyncio.Runner(loop_factory=lambda: _TellingLoop(page, birth.start_ms)) as runner:
            runner.run(_live(birth, connection, notes))
        status = 0
    except StartError as error:
        notes.append(f"no start: {error}")
        status = NO_START
    except Exception:  # whatever it was is told to the house
        log.exception("the hub came to its end")
    connection.send(Ask(page.now_ms, "", "", {}, {}, b"", 0.0, 0, tuple(notes)))
    return status


def main(control: socket.socket) -> None:
    """Serve until the house is gone."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, BUFFER, 1)
        if not message:
            return
        birth: Birth = pickle.loads(message)
        pid = os.fork()
        if pid == 0:
            control.close()
            status = 1
            try:
                with Connection(descriptors[0]) as connection:
                    status = _be_hub(birth, connection)
            finally:
                logging.shutdown()
                os._exit(status)
        os.close(descriptors[0])
        control.send(str(pid).encode())
        if control.recv(BUFFER) != b"reap":
            return
        _, status = os.waitpid(pid, 0)
        control.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as given:
        main(given)
