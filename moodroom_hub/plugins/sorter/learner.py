"""Asks the learning's own process, and kills it when the hub has changed its mind."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.sorter.learning.task import Judged, Trained, TrainingTask
from moodroom_hub.plugins.sorter.learning.wire import JUDGE, TRAIN, Answer, Question, write_question

WORKER = Path(__file__).parent / "learning" / "start.py"
LONGEST_LINE = 1 << 22
MEND = "the sorter's learning needs scikit-learn: pip install 'moodroom-hub[sorter]'"

OnProgress = Callable[[int, int], None]


def _nobody(done: int, total: int) -> None:
    """Nobody wants to know."""


class Learner:
    """Trains and judges in a process of its own; nothing of it is imported here."""

    def __init__(self, python: str = sys.executable, worker: Path = WORKER) -> None:
        self._command = (python, str(worker))

    async def train(self, task: TrainingTask, path: Path | None = None, on_progress: OnProgress = _nobody) -> Trained:
        """Learn, judge every song, and store the model at ``path``. ``on_progress``: steps done, of all.

        Raises ``Trouble``: ``UNAVAILABLE`` with the mend where scikit-learn is missing, memory is short, the process
        died or the file can't be written.
        """
        answer = await self._ask(Question(TRAIN, task, str(path) if path else ""), on_progress)
        try:
            trained = answer.trained()
        except (KeyError, TypeError, ValueError):
            raise _broke_off() from None
        if (len(trained.chances), len(trained.held_out)) != (len(task.songs), len(task.lessons)):
            raise _broke_off()
        return trained

    async def judge(self, task: TrainingTask, path: Path, on_progress: OnProgress = _nobody) -> Judged:
        """Chances and a line for every song of the task, by the model stored at ``path``.

        Lessons of the task, if any, only serve the lines. Raises ``Trouble``: ``CONFLICT`` where the file is of another
        version, another layer, truncated or tampered with; else as ``train``.
        """
        # What the model knows of artists lies in its file.
        answer = await self._ask(Question(JUDGE, replace(task, vectors={}), str(path)), on_progress)
        if len(answer.chances) != len(task.songs) or len(answer.whys) != len(task.songs):
            raise _broke_off()
        return Judged(tuple(answer.chances), tuple(answer.whys))

    async def _ask(self, question: Question, on_progress: OnProgress) -> Answer:
        answer = Answer()
        async with self._process() as process:
            try:
                await _talk(process, question, answer, on_progress)
                code = await process.wait()
            except (OSError, ValueError, TypeError, KeyError):
                code = await _code(process)
        if answer.failed == "missing":
            raise Trouble(TroubleCode.UNAVAILABLE, f"{MEND} ({answer.text} is missing)")
        if answer.failed == "memory":
            raise Trouble(
                TroubleCode.UNAVAILABLE, "memory is too short for the sorter's learning; free some, try again"
            )
        if answer.failed:
            code_of = TroubleCode.CONFLICT if question.what == JUDGE else TroubleCode.UNAVAILABLE
            raise Trouble(code_of, f"{answer.text}; train the layer anew")
        if code != 0 or not answer.is_whole:
            raise Trouble(
                TroubleCode.UNAVAILABLE, f"the learning's process ended early (code {code}); is memory short?"
            )
        return answer

    @asynccontextmanager
    async def _process(self) -> AsyncIterator[asyncio.subprocess.Process]:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=LONGEST_LINE,
            )
        except OSError as error:
            raise Trouble(
                TroubleCode.UNAVAILABLE, f"the learning's process could not be started ({error.strerror})"
            ) from None
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _code(process: asyncio.subprocess.Process) -> int:
    if process.returncode is None:
        process.kill()
    return await process.wait()


async def _talk(
    process: asyncio.subprocess.Process, question: Question, answer: Answer, on_progress: OnProgress
) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        # The worker reads its whole input before it writes a word: one after the other can't block.
        for line in write_question(question):
            process.stdin.write(line)
            await process.stdin.drain()
            await asyncio.sleep(0)
        process.stdin.close()
    except ConnectionError:
        # It may have said why before it ended.
        process.stdin.close()
    told = answer.progress
    async for line in process.stdout:
        answer.take(line)
        if answer.progress != told:
            told = answer.progress
            on_progress(*told)
        await asyncio.sleep(0)


def _broke_off() -> Trouble:
    return Trouble(TroubleCode.UNAVAILABLE, "the learning's process broke off; try again")
