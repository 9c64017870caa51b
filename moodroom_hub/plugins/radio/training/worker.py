"""A process of its own for a training. Reads an order from its input, writes progress and the outcome as lines.

The input stays open as long as somebody wants the outcome. Where it ends, be it that the training is cancelled or that
the hub died, the training ends too, and takes what it put aside with it.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread, main_thread
from typing import IO

from moodroom_hub.plugins.radio.model_file import ModelFileError
from moodroom_hub.plugins.radio.training.cluster import ClusterError
from moodroom_hub.plugins.radio.training.fitting import clear_up
from moodroom_hub.plugins.radio.training.order import train_here
from moodroom_hub.plugins.radio.training.reading import Faults, SourceError
from moodroom_hub.plugins.radio.training.wire import (
    read_order,
    write_failure,
    write_faults,
    write_manifest,
    write_progress,
)

BETWEEN_NEWS_S = 0.2
GRACE_S = 1.0
"""To come out of a long computation and clear up; then that is done for it, and the process ends as it is."""
CANCELLED = 75


class Cancelled(BaseException):
    """Nobody waits for the outcome any more. No ``Exception``: nothing on the way may take it for an error."""


def work(lines: IO[bytes], out: IO[bytes], clock_s: Callable[[], float] = time.monotonic) -> None:
    """Carry out the order of these lines. Raises ``Cancelled``."""
    order, extra = read_order(iter(lines))
    _end_with(lines, order.model)
    last_s = clock_s()

    def tell(doing: str, done: int, whole: int) -> None:
        nonlocal last_s
        # The ends of a step are always told, what lies between them now and then.
        if done in (0, whole) or clock_s() - last_s >= BETWEEN_NEWS_S:
            last_s = clock_s()
            say(write_progress(doing, done, whole))

    def say(line: bytes) -> None:
        out.write(line)
        out.flush()

    def hear(faults: Faults) -> None:
        say(write_faults(faults))

    try:
        last = write_manifest(train_here(order, extra, tell, hear).document())
    except ModelFileError as error:
        last = write_failure("model", str(error))
    except ClusterError as error:
        last = write_failure("cluster", str(error))
    except SourceError as error:
        last = write_failure("source", str(error))
    except OSError as error:
        where = f" ({Path(error.filename).name})" if isinstance(error.filename, str) else ""
        last = write_failure("disk", f"{error.strerror or error}{where}")
    except MemoryError:
        last = write_failure("memory", "there is not enough memory for this training; give it fewer artists")
    say(last)


def _end_with(lines: IO[bytes], model: Path) -> None:
    def cancel(number: int, frame: object) -> None:
        raise Cancelled

    signal.signal(signal.SIGTERM, cancel)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        lines.read()
        # Sent to the very thread that works: a call of the system that waits for something is broken off.
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(main_thread().ident or 0, signal.SIGTERM)
        else:
            signal.raise_signal(signal.SIGTERM)
        time.sleep(GRACE_S)
        clear_up(model)
        os._exit(CANCELLED)

    Thread(target=watch, daemon=True).start()
