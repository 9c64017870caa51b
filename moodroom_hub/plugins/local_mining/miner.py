"""The miner that the hub knows: it asks a process of its own, and kills it when the hub has changed its mind."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.miners import MinerStanding, OnProgress
from moodroom_hub.domain.mining.models import (
    Ability,
    Audited,
    AuditTask,
    Estimate,
    Mined,
    MiningProgress,
    MiningTask,
)
from moodroom_hub.plugins.local_mining.asking import (
    Asked,
    ask_to_audit,
    ask_to_mine,
    in_breaths,
    read_audited,
    read_mined,
)
from moodroom_hub.plugins.local_mining.config import LocalMiningConfig
from moodroom_hub.plugins.local_mining.wire import Answer, Question, write_question

WORKER = Path(__file__).with_name("start.py")
RANK = 1
LONGEST_LINE = 1 << 24


class LocalMiner:
    """Learns from the owner's own labels and lists; nothing leaves this machine."""

    def __init__(self, config: LocalMiningConfig) -> None:
        self._config = config

    @property
    def name(self) -> str:
        """As in ``--miner local``."""
        return "local"

    @property
    def abilities(self) -> frozenset[Ability]:
        """It knows no songs but the owner's, so it suggests none."""
        return frozenset({Ability.PLACE, Ability.AUDIT})

    def standing(self) -> MinerStanding:
        """Always ready, free, and behind any model that is ready."""
        return MinerStanding(True, rank=RANK)

    async def estimate(self, task: MiningTask | AuditTask) -> Estimate:
        """No call, no money; about how long it takes."""
        minutes = 1 + len(task.tracks) // 20_000
        return Estimate(cost_usd=0.0, notes=(f"takes up to {minutes} min of one core",))

    async def mine(self, task: MiningTask, on_progress: OnProgress) -> Mined:
        """Place every track. Raises ``Trouble`` where the worker died."""
        asked = await in_breaths(ask_to_mine(task))
        answer = await _ask(asked, on_progress)
        config = self._config
        return await in_breaths(read_mined(asked, answer, config.min_confidence, config.sure_confidence))

    async def audit(self, task: AuditTask, on_progress: OnProgress) -> Audited:
        """Look through one room's tracks. Raises ``Trouble`` where the worker died."""
        asked = await in_breaths(ask_to_audit(task))
        answer = await _ask(asked, on_progress)
        return read_audited(asked, answer, self._config.misfit_confidence)


async def _ask(asked: Asked, on_progress: OnProgress) -> Answer:
    answer = Answer([], [])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        WORKER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=LONGEST_LINE,
    )
    try:
        await _talk(process, asked.question, answer, lambda done, total: on_progress(MiningProgress(done, total)))
        code = await process.wait()
    except (OSError, ValueError, TypeError, KeyError):
        raise Trouble(TroubleCode.UNAVAILABLE, "the local miner's process broke off; try again") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code != 0 or not answer.is_whole:
        raise Trouble(TroubleCode.UNAVAILABLE, f"the local miner's process ended early (code {code}); is memory short?")
    return answer


async def _talk(
    process: asyncio.subprocess.Process, question: Question, answer: Answer, tell: Callable[[int, int], None]
) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    # The worker reads its whole input before it writes a word: one after the other can't block.
    for line in write_question(question):
        process.stdin.write(line)
        await process.stdin.drain()
        await asyncio.sleep(0)
    process.stdin.close()
    async for line in process.stdout:
        answer.take(line)
        if answer.progress[1]:
            tell(*answer.progress)
        await asyncio.sleep(0)
