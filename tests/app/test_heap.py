"""One heap for all threads. In fresh processes: how memory is had is settled once."""

import platform
import subprocess
import sys

import pytest

_THREADS = """
import ctypes, threading
from moodroom_hub.app.heap import share_one_heap
{begin}
def work(begun):
    kept = [bytes(5_000) for _ in range(20)]
    begun.wait()
begun = threading.Barrier(4)
threads = [threading.Thread(target=work, args=[begun]) for _ in range(3)]
for thread in threads:
    thread.start()
begun.wait()
for thread in threads:
    thread.join()
ctypes.CDLL(None).malloc_stats()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives each thread a heap of its own")
@pytest.mark.parametrize(("begin", "is_shared"), [("share_one_heap()", True), ("", False)])
def test_threads_share_one_heap(begin: str, is_shared: bool) -> None:
    program = _THREADS.format(begin=begin)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (ran.stderr.count("Arena ") == 1) == is_shared
