"""Houses for tests. Each leaves nothing behind, which is looked at when it is closed."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import open_sockets
from tests.e2e.house import House, eventually

MakeHouse = Callable[..., House]


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """No thread and no socket outlives a module."""
    threads, sockets = set(threading.enumerate()), open_sockets()
    yield
    eventually(lambda: set(threading.enumerate()) <= threads and open_sockets() <= sockets, "all is let go of", 3)


@pytest.fixture(autouse=True)
def no_thread_or_socket_left() -> None:
    """Instead of the check after each test: a house that several tests share keeps its own while it stands."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[MakeHouse]:
    """Makes houses that are closed after the test."""
    made: list[House] = []

    def make(*given: Any, **named: Any) -> House:
        folder = tmp_path / f"house{len(made)}"
        folder.mkdir()
        built = House(folder, *given, **named)
        made.append(built.__enter__())
        return built

    yield make
    for each in made:
        each.__exit__(None, None, None)
