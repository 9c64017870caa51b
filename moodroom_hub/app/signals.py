"""Ending on Ctrl-C and its like: first in peace, then at once, then hard."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HARD_EXIT = 130


class Ending:
    """Waits for a signal. A second one cancels whatever still tidies up; a third ends the process."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._count = 0

    async def wait(self) -> None:
        """Return when somebody wants the end."""
        await self._asked.wait()

    @property
    def is_asked(self) -> bool:
        """Whether somebody wants the end."""
        return self._asked.is_set()

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Signals count inside. One that comes before ``ready`` cancels the start."""
        loop, main = asyncio.get_running_loop(), asyncio.current_task()
        assert main is not None
        self._main, self._is_ready = main, False
        for number in SIGNALS:
            loop.add_signal_handler(number, self._heed, number)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    def ready(self) -> None:
        """The start is over: the next signal asks for the end in peace."""
        self._is_ready = True

    def _heed(self, number: int) -> None:
        self._count += 1
        if self._count >= 3:
            os._exit(HARD_EXIT)
        log.info("%s: stopping%s", signal.Signals(number).name, "" if self._count == 1 else " at once")
        self._asked.set()
        if self._count == 2 or not self._is_ready:
            self._main.cancel()
