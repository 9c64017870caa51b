"""A process of its own for the learning, so that the hub's loop never waits.

Reads one question from its input, writes progress and the answer as lines, and ends. It opens nothing else; whoever
wants it to stop kills it.
"""

import time
from collections.abc import Callable, Iterable
from typing import TextIO

from moodroom_hub.plugins.local_mining.features import Library
from moodroom_hub.plugins.local_mining.sorting import audit, sort
from moodroom_hub.plugins.local_mining.wire import (
    WHOLE,
    read_question,
    write_misfits,
    write_progress,
    write_verdicts,
)

BETWEEN_NEWS_S = 0.2


def work(lines: Iterable[bytes], out: TextIO, clock_s: Callable[[], float] = time.monotonic) -> None:
    """Answer the question of these lines on ``out``."""
    question = read_question(lines)
    last_s = clock_s()

    def tell(done: int, total: int) -> None:
        nonlocal last_s
        if clock_s() - last_s >= BETWEEN_NEWS_S:
            last_s = clock_s()
            out.write(write_progress(min(done, question.asked), question.asked) + "\n")
            out.flush()

    library = Library(question.songs, question.lists)
    if question.room is not None:
        misfits = audit(library, question.labels, question.rooms, question.room, question.audited)
        out.write(write_misfits(misfits) + "\n")
    else:
        verdicts = sort(library, question.labels, len(question.rooms), on_step=tell)[: question.asked]
        for line in write_verdicts(verdicts):
            out.write(line + "\n")
    out.write(WHOLE + "\n")
    out.flush()
