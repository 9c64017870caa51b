"""Where the process gets its memory from."""

import ctypes
import sys

_ARENA_MAX = -8
"""``M_ARENA_MAX`` of glibc's <malloc.h>."""


def share_one_heap() -> None:
    """Let all threads share one heap; call it before the first of them begins.

    glibc gives each thread one of its own, where what it let go of serves no other: more than a megabyte in all, for
    threads that mostly wait. Elsewhere nothing happens.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
