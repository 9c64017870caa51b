"""Endpoints with wishes of their own: no temperature, another name for the bound of the answer, limits told in time."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.domain.mining.models import MiningTask
from moodroom_hub.plugins.llm_mining.config import LlmMiningConfig
from moodroom_hub.plugins.llm_mining.gate import Gate
from moodroom_hub.plugins.llm_mining.miner import ModelMiner
from moodroom_hub.simulator.model_api import MODEL_ID, FakeModel
from tests.plugins.llm_mining.lab import EPOCH_MS, Rounds, placed, right, rooms, tracks, virtually

TASK = MiningTask(rooms(), tracks(48))
Wish = Callable[[Mapping[str, Any]], str | None]


@asynccontextmanager
async def endpoint(
    wish: Wish, folder: Path, **headers: str
) -> AsyncIterator[tuple[ModelMiner, list[tuple[float, int]]]]:
    """A miner at an endpoint that refuses what ``wish`` complains of; with the moments and statuses of its calls."""
    clock = LoopClock(EPOCH_MS)
    fake = FakeModel(knowledge=Rounds(), now_s=lambda: clock.now_ms() / 1000)
    calls: list[tuple[float, int]] = []

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        complaint = wish(json.loads(body))
        calls.append((clock.now_ms() / 1000, 200 if complaint is None else 400))
        if complaint is not None:
            return web.json_response({"error": {"message": complaint, "type": "invalid_request_error"}}, status=400)
        given = fake.handle(request.method, request.path, request.headers, body)
        return web.Response(status=given.status, headers={**given.headers, **headers}, body=given.body)

    application = web.Application()
    application.router.add_route("POST", "/v1/chat/completions", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        config = LlmMiningConfig(base_url=base_url, model=MODEL_ID, batch_size=8, in_flight=3)
        yield ModelMiner(config, folder, clock, Random(1)), calls
    finally:
        await runner.cleanup()


def no_temperature(body: Mapping[str, Any]) -> str | None:
    """As OpenAI's reasoning models say it."""
    return "Unsupported value: 'temperature' does not support 0 with this model." if "temperature" in body else None


def other_bound(body: Mapping[str, Any]) -> str | None:
    """The same, of the answer's length."""
    if "max_tokens" in body:
        return "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    return None


def no_bound(body: Mapping[str, Any]) -> str | None:
    """As vLLM says it where the context is small."""
    if {"max_tokens", "max_completion_tokens"} & body.keys():
        return "'max_tokens' or 'max_completion_tokens' is too large: 16000. The maximum context length is 8192 tokens."
    return None


def everything(body: Mapping[str, Any]) -> str | None:
    """All of that, and no form of answer either."""
    form = "response_format is not supported" if "response_format" in body else None
    return no_temperature(body) or no_bound(body) or form


@pytest.mark.parametrize(("wish", "refusals"), [(no_temperature, 3), (other_bound, 3), (no_bound, 6), (everything, 15)])
def test_what_an_endpoint_does_not_take_is_left_out(tmp_path: Path, wish: Wish, refusals: int) -> None:
    async def work() -> None:
        async with endpoint(wish, tmp_path) as (miner, calls):
            assert placed(await miner.mine(TASK, lambda told: None)) == right(TASK.tracks)
            assert sum(status == 400 for _, status in calls) <= refusals, "each call in flight learns at most once"
            assert sum(status == 200 for _, status in calls) == 6

    virtually(work)


def test_where_all_that_is_allowed_was_used_nobody_asks_until_there_is_more(tmp_path: Path) -> None:
    async def work() -> None:
        used_up = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "5s"}
        async with endpoint(lambda body: None, tmp_path, **used_up) as (miner, calls):
            assert placed(await miner.mine(TASK, lambda told: None)) == right(TASK.tracks)
            moments = [moment for moment, _ in calls]
            assert moments[3] - moments[2] >= 5.0
            assert moments[-1] - moments[0] < 60

    virtually(work)


def test_back_off_doubles_and_is_bounded() -> None:
    async def work() -> None:
        gate = Gate(4, LoopClock(EPOCH_MS), Random(1))
        waits = [gate.back_off_s(attempt) for attempt in range(1, 12)]
        assert all(0.5 * 2 ** min(place, 6) * 0.93 <= wait <= 60 for place, wait in enumerate(waits))
        assert len(set(waits)) == len(waits)

    virtually(work)
