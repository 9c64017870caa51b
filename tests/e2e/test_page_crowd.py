"""Two hundred open pages: each hears of everything at once, and they cost the hub little."""

import re
import select
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.e2e.house import House, eventually, mixed_pool

PAGES = 200
MOMENT = re.compile(rb'event: TRACK_CHANGED\ndata: .*?"at_ms":(\d+)', re.DOTALL)
MOST_GROWTH = 20 * 1024 * 1024
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here to read memory from")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    """A hub with a filled room, and a page that was opened before."""
    items, rows = mixed_pool("house", "Crowd")
    with House(tmp_path, items) as built:
        built.settle_in(rows)
        built.done("/api/rooms/house/activate")
        built.get("/", accept="text/html")
        yield built


def memory(home: House) -> int:
    """Bytes that the hub's process holds, by itself."""
    assert home.process is not None
    text = Path(f"/proc/{home.process.pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_")) * 1024


def stream(home: House) -> socket.socket:
    """One open page, after its first bytes."""
    line = socket.create_connection(("127.0.0.1", home.port), timeout=10)
    line.sendall(f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{home.port}\r\n\r\n".encode())
    heard = b""
    while b": welcome" not in heard:
        heard += line.recv(4_096)
    return line


def hear(lines: list[socket.socket], patience_s: float) -> tuple[float, int]:
    """Seconds from the event's own moment until the last of them heard it, and how many did."""
    heard = dict.fromkeys(lines, b"")
    waiting, until_s, last_s = set(lines), time.monotonic() + patience_s, 0.0
    while waiting and time.monotonic() < until_s:
        for line in select.select(list(waiting), [], [], 0.05)[0]:
            heard[line] += line.recv(65_536)
            if found := MOMENT.search(heard[line]):
                waiting.discard(line)
                last_s = max(last_s, time.time() - int(found[1]) / 1000)
    return last_s, len(lines) - len(waiting)


@pytest.mark.alone
@pytest.mark.slow
def test_two_hundred_pages(home: House) -> None:
    before = memory(home)
    with ExitStack() as pages:
        lines = [pages.enter_context(stream(home)) for _ in range(PAGES)]
        grown = memory(home) - before
        slowest_s = 0.0
        for _ in range(4):
            for line in lines:  # what came meanwhile
                line.setblocking(False)
                with suppress(BlockingIOError):
                    line.recv(1 << 20)
            with ThreadPoolExecutor(1) as beside:
                skipped = beside.submit(home.done, "/api/player/next")
                took_s, count = hear(lines, 10)
                assert skipped.result()["skipped"] is not False
            assert count == PAGES
            slowest_s = max(slowest_s, took_s)
        grown = max(grown, memory(home) - before)
        assert slowest_s <= 1, slowest_s
        assert grown <= MOST_GROWTH, grown
        print(f"200 pages: {grown / 1e6:.1f} MB, the last heard after {slowest_s * 1000:.0f} ms")  # noqa: T201 -- the figures
    eventually(lambda: b"moodroom_event_streams 0" in home.get("/metrics").body, "all are let go of")
    assert memory(home) - before <= MOST_GROWTH
