"""Rules for every test: nothing is left behind, and where nothing may be skipped, nothing is."""

import asyncio
import asyncio.constants
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

MAY_SKIP = os.environ.get("MOODROOM_NO_SKIPS", "") != "1"
NOT_TO_BE_HAD = ("MOODROOM_DATA", "root may write everywhere")
"""What no installation brings: data that is not ours to pass on, and not being root. Skips that say so are allowed."""
GRACE_S = 2.0

# Where a callback was made is noted for every one of them: ten frames each were a tenth of the tests' time.
vars(asyncio.constants)["DEBUG_STACK_DEPTH"] = 1

# A shared machine says nothing about deadlines. CI draws the same examples every time, a developer fresh ones.
_ALWAYS: dict[str, Any] = {
    "deadline": None,
    "print_blob": True,
    "suppress_health_check": [HealthCheck.too_slow],
}
settings.register_profile("developer", max_examples=40, **_ALWAYS)
settings.register_profile("ci", max_examples=40, derandomize=True, **_ALWAYS)
settings.register_profile("deep", max_examples=2000, **_ALWAYS)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "developer"))


def pytest_configure() -> None:
    """A shell without job control starts what runs behind with Ctrl-C ignored, and programs hand that down: those that
    the tests start must hear it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where ``MOODROOM_NO_SKIPS=1`` (CI has everything that a test may need)."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and not may_skip(report):
        report.outcome = "failed"
        report.longrepr = f"skipped, where MOODROOM_NO_SKIPS=1 allows none: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself as a whole."""
    report = yield
    if report.skipped and not may_skip(report):
        report.outcome = "failed"
        report.longrepr = f"skipped as a whole, where MOODROOM_NO_SKIPS=1 allows none: {report.longrepr}"
    return report


def may_skip(report: pytest.TestReport | pytest.CollectReport) -> bool:
    """Whether this skip is no failure."""
    return MAY_SKIP or any(reason in str(report.longrepr) for reason in NOT_TO_BE_HAD)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every ``async def`` test runs inside ``no_task_left``, the first fixture in and the last one out."""
    for item in items:
        if not isinstance(item, pytest.Function) or not asyncio.iscoroutinefunction(item.function):
            continue
        if "no_task_left" not in item.fixturenames:
            item.fixturenames.insert(0, "no_task_left")


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fail a test that ends with a task of its own still at work; asyncio's debug mode is on meanwhile."""
    asyncio.get_running_loop().set_debug(True)
    before = asyncio.all_tasks()
    yield
    here = asyncio.current_task()
    for _ in range(20):  # what was just cancelled needs a few turns of the loop to end
        left = {task for task in asyncio.all_tasks() if task not in before and task is not here}
        if not left:
            return
        await asyncio.sleep(0)
    names = sorted(f"{task.get_name()} {task.get_coro()!r}" for task in left)
    pytest.fail("tasks left behind: " + "; ".join(names), pytrace=False)


@pytest.fixture(autouse=True)
def no_thread_or_socket_left() -> Iterator[None]:
    """Fail a test that leaves a thread or an open socket."""
    threads, sockets = set(threading.enumerate()), open_sockets()
    yield
    deadline_s = time.monotonic() + GRACE_S
    while True:
        new_threads = [thread for thread in threading.enumerate() if thread not in threads]
        new_sockets = open_sockets() - sockets
        if not new_threads and not new_sockets:
            return
        if time.monotonic() > deadline_s:
            pytest.fail(f"left behind: threads {new_threads}, sockets {sorted(new_sockets)}", pytrace=False)
        time.sleep(0.01)


def open_sockets() -> set[str]:
    """This process' sockets by inode; empty where the system does not tell."""
    folder = Path("/proc/self/fd")
    found = set()
    if folder.is_dir():
        for entry in folder.iterdir():
            try:
                target = str(entry.readlink())
            except OSError:  # the descriptor of this very listing
                continue
            if target.startswith("socket:"):
                found.add(target)
    return found
