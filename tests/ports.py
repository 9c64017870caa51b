"""Ports for servers that a test starts as processes of their own."""

import itertools
import os
import socket

_FIRST, _COUNT = 12_000, 18_000
"""Below those that systems hand out by themselves: what is free here no connection takes a moment later."""
_steps = itertools.count()


def free_port() -> int:
    """A loopback port that nobody uses, and no other test process will be given soon."""
    while True:
        port = _FIRST + (os.getpid() * 613 + next(_steps)) % _COUNT
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                door.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
