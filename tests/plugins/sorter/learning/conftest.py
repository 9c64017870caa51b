"""The learning runs in this process here: on one thread, as in its own."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Several only get in each other's way on a busy machine."""
    with threadpool_limits(1):
        yield
