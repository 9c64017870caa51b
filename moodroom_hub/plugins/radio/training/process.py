"""A training in another process, for a loop that must not wait: started, followed, and ended with whoever wanted it."""

import asyncio
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from moodroom_hub.plugins.radio.training.order import Order
from moodroom_hub.plugins.radio.training.reading import Faults, RawList
from moodroom_hub.plugins.radio.training.wire import Answer, take, write_order

logger = logging.getLogger(__name__)
LINE_LIMIT = 1 << 20
END_S = 10.0
"""A process that was told to end has so long to clear up. A little more than it takes itself."""
LAST_WORDS = 2_000
START = Path(__file__).with_name("start.py")


class TrainingFailed(Exception):
    """``why``: one of ``wire.FAILURES``, or ``process`` where it ended without a word. The text is for people."""

    def __init__(self, why: str, text: str) -> None:
        super().__init__(text)
        self.why = why


async def train_apart(
    order: Order,
    extra: Iterable[RawList] = (),
    tell: Callable[[str, int, int], None] = lambda doing, done, whole: None,
    hear_faults: Callable[[Faults], None] = lambda faults: None,
) -> dict[str, object]:
    """Carry it out in a process of its own and give the new model's manifest.

    Raises ``TrainingFailed``. Cancelled, it ends the process first: the old model stays, nothing is left behind.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(START), stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=LINE_LIMIT
    )
    try:
        return await _follow(process, order, extra, tell, hear_faults)
    finally:
        await _end(process)


async def _follow(
    process: Process,
    order: Order,
    extra: Iterable[RawList],
    tell: Callable[[str, int, int], None],
    hear_faults: Callable[[Faults], None],
) -> dict[str, object]:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise TrainingFailed("process", "the training's process has no pipes")
    last_words = asyncio.create_task(_tail(process.stderr))
    answer = Answer()
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            for line in write_order(order, extra):
                process.stdin.write(line)
                await process.stdin.drain()
        while line := await process.stdout.readline():
            progress = take(answer, line)
            if progress is not None:
                tell(*progress)
            elif "faults" in line.decode(errors="replace")[:12]:
                hear_faults(answer.faults)
        if answer.manifest is not None:
            return answer.manifest
        if answer.failed:
            raise TrainingFailed(answer.failed, answer.text)
        words = await last_words
        logger.warning("The training's process ended without a word: %s", words)
        raise TrainingFailed("process", "the training's process ended before it was done")
    except (ValueError, TypeError, KeyError) as error:
        raise TrainingFailed("process", f"the training's process speaks gibberish ({error})") from None
    finally:
        last_words.cancel()
        with suppress(asyncio.CancelledError):
            await last_words


async def _tail(stream: asyncio.StreamReader) -> str:
    words = b""
    while block := await stream.read(4096):
        words = (words + block)[-LAST_WORDS:]
    return words.decode(errors="replace").strip()


async def _end(process: Process) -> None:
    """Its input's end tells it to go."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(END_S):
            await process.wait()
    except (TimeoutError, asyncio.CancelledError) as error:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, asyncio.CancelledError):
            raise
