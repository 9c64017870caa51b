"""The make-believe model server over real sockets and in a process of its own."""

import asyncio
import json
import signal
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from moodroom_hub.simulator.model_api import (
    Behaviour,
    FakeModel,
    Latency,
    ModelFault,
    ModelRule,
    ModelServer,
    read_log,
)
from tests.simulator.model_prompts import PLACEMENTS, ask, chat, place, schema_format, track, tracks

REQUEST = chat(place(tracks(3)))
ROOT = Path(__file__).resolve().parents[2]


async def post(session: aiohttp.ClientSession, server: ModelServer, request: Any = REQUEST) -> tuple[int, bytes]:
    async with session.post(f"{server.base_url}/chat/completions", json=request) as response:
        return response.status, await response.read()


async def until(holds: Callable[[], object]) -> None:
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


def serving(*rules: ModelRule, **behaviour: Any) -> ModelServer:
    return ModelServer(FakeModel(Behaviour(rules=rules, **behaviour)))


async def test_it_answers_over_http_as_without() -> None:
    async with serving() as server, aiohttp.ClientSession() as session:
        assert server.base_url.endswith("/v1")
        status, body = await post(session, server)
        assert (status, body) == (200, ask(FakeModel(), REQUEST).body)
        async with session.get(f"{server.base_url}/models?limit=3") as response:
            assert (await response.json())["object"] == "list"
        async with session.get(server.base_url) as response:
            assert response.status == 404
        assert [one.was_delivered for one in server.fake.requests] == [True, True, True]


async def test_a_key_is_checked_over_http() -> None:
    async with serving(api_key="right") as server, aiohttp.ClientSession() as session:
        assert (await post(session, server))[0] == 401
        async with session.get(f"{server.base_url}/models", headers={"Authorization": "Bearer right"}) as response:
            assert response.status == 200


@pytest.mark.parametrize("fault", [ModelFault.RESET_BEFORE, ModelFault.RESET_AFTER, ModelFault.CUT_BODY])
async def test_a_broken_connection_breaks(fault: ModelFault) -> None:
    async with serving(ModelRule(fault, numbers=(1,))) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await post(session, server)
        assert (await post(session, server))[0] == 200
        first, second = server.fake.requests
        assert (first.was_delivered, second.was_delivered) == (False, True)
        assert first.was_paid == (fault is not ModelFault.RESET_BEFORE)
        assert server.fake.log.repeated_calls() == []


async def test_a_client_that_gives_up_was_not_served() -> None:
    rules = (ModelRule(ModelFault.HANG, numbers=(1,)),)
    async with serving(*rules) as server, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(0.1)) as session:
        with pytest.raises(TimeoutError):
            await post(session, server)
        await until(lambda: server.fake.log.in_flight == 0)
        assert server.fake.log.in_flight == 0
        assert server.fake.requests[0].was_delivered is False


async def test_waits_are_lived_out_and_counted() -> None:
    waited: list[float] = []

    async def sleep_ms(duration_ms: float) -> None:
        waited.append(duration_ms)

    fake = FakeModel(Behaviour(latency=Latency(70, 70)))
    async with ModelServer(fake, sleep_ms=sleep_ms) as server, aiohttp.ClientSession() as session:
        await post(session, server)
    assert waited == [70]
    async with serving(latency=Latency(30, 30)) as server, aiohttp.ClientSession() as session:
        await asyncio.gather(*(post(session, server) for _ in range(4)))
        log = server.fake.log
        assert log.most_in_flight == 4
        assert log.served_ms >= 4 * 29
        assert log.busy_ms <= log.served_ms


async def test_a_hanging_request_does_not_hold_up_the_end() -> None:
    async with aiohttp.ClientSession() as session:
        server = serving(ModelRule(ModelFault.HANG))
        await server.start()
        pending = asyncio.create_task(post(session, server))
        await until(lambda: server.fake.requests)
        began_s = time.monotonic()
        await server.stop()
        await server.stop()
        assert time.monotonic() - began_s < 5
        with pytest.raises(aiohttp.ClientError):
            await pending


async def test_a_taken_port_is_said_and_nothing_stays_open() -> None:
    async with serving() as server:
        port = int(server.base_url.split(":")[2].split("/")[0])
        other = ModelServer(FakeModel(), port=port)
        with pytest.raises(OSError):
            await other.start()


async def in_its_own_process(*arguments: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "moodroom_hub.simulator.model_api", *arguments)
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, cwd=ROOT)


async def test_a_process_of_its_own_says_where_it_is_and_keeps_its_log(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    rules = json.dumps([{"fault": "server_error", "numbers": [2]}])
    settings = ["--port", "0", "--log", str(path), "--latency-ms", "5", "--api-key", "k", "--rules", rules]
    process = await in_its_own_process(*settings)
    try:
        assert process.stdout is not None
        base_url = (await process.stdout.readline()).decode().strip()
        async with aiohttp.ClientSession(headers={"Authorization": "Bearer k"}) as session:
            for expected in (200, 500, 200):
                async with session.post(f"{base_url}/chat/completions", json=REQUEST) as response:
                    assert response.status == expected
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0
        # Only now: what was answered is noted a moment after the answer has come.
        records = read_log(path)
        assert [one.status for one in records] == [200, 500, 200]
        assert records[0].duration_ms >= 4
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--speed", "3"], "unknown settings: speed"), (["--port"], "in pairs"), (["port", "0"], "begins with --")],
)
async def test_settings_that_make_no_sense_are_said(arguments: list[str], words: str) -> None:
    process = await in_its_own_process(*arguments)
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert words in errors.decode()
    assert "Traceback" not in errors.decode()


def test_it_takes_400_batches_of_50_tracks_a_second() -> None:
    fake = FakeModel()
    form = schema_format(PLACEMENTS)
    batches = [[track(f"t{one}", f"Song {number} {one}") for one in range(50)] for number in range(100)]
    requests = [json.dumps(chat(place(batch), response_format=form)).encode() for batch in batches]
    began_s = time.process_time()
    for request in requests:
        assert ask(fake, request).status == 200
    each_ms = (time.process_time() - began_s) * 1000 / len(requests)
    assert each_ms < 2.5
