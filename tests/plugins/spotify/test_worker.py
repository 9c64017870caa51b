"""Letting go of the threads is bounded, whatever hangs in them."""

import asyncio
import threading
import time

import pytest

from moodroom_hub.plugins.spotify.worker import Worker


async def test_a_job_whose_waiter_left_does_not_hold_up_the_end() -> None:
    worker, may_end = Worker(), threading.Event()
    waiter = asyncio.create_task(worker.run(lambda: may_end.wait(5)))
    await asyncio.sleep(0.01)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    began_s = time.monotonic()
    await worker.close(0.05)
    took_s = time.monotonic() - began_s
    may_end.set()
    assert took_s < 2
