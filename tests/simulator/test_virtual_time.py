"""The jumping clock: timers in order, real sockets, real threads."""

import asyncio
import threading
import time

import pytest
import requests
from aiohttp import ClientSession, ClientTimeout, web

from moodroom_hub.simulator.virtual_time import VirtualTimeLoop, run_virtual

DAY_S = 86_400


def test_a_month_of_polling_takes_a_moment() -> None:
    async def month() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        polls = 0
        while loop.time() < 30 * DAY_S:
            await asyncio.sleep(60)
            polls += 1
        return polls, loop.time()

    began = time.monotonic()
    polls, ended_s = run_virtual(month)
    assert polls == 30 * DAY_S / 60
    assert ended_s == pytest.approx(30 * DAY_S)
    assert time.monotonic() - began < 30


def test_timers_fire_in_order_and_at_their_times() -> None:
    async def work() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        seen: list[tuple[str, float]] = []

        async def wait(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, loop.time()))

        await asyncio.gather(wait("week", 7 * DAY_S), wait("second", 1), wait("hour", 3600))
        return seen

    seen = run_virtual(work, start_s=100.0)
    assert [name for name, _ in seen] == ["second", "hour", "week"]
    assert [when for _, when in seen] == pytest.approx([101, 3700, 100 + 7 * DAY_S])


def test_a_timeout_runs_off_in_virtual_time() -> None:
    async def work() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run_virtual(work) == pytest.approx(3600)


def test_the_clock_stands_still_while_a_thread_works() -> None:
    async def work() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        started = threading.Event()
        release = threading.Event()

        def slow() -> str:
            started.set()
            assert release.wait(10)
            return "done"

        alarm = asyncio.create_task(asyncio.sleep(5))
        running = loop.run_in_executor(None, slow)
        threading.Timer(0.05, release.set).start()
        assert await running == "done"
        after_thread = loop.time()
        await alarm
        return after_thread, loop.time()

    assert list(run_virtual(work)) == pytest.approx([0, 5])


def test_work_whose_waiter_left_still_holds_the_clock() -> None:
    async def work() -> tuple[bool, float]:
        loop = asyncio.get_running_loop()
        started, release, finished = threading.Event(), threading.Event(), threading.Event()

        def slow() -> None:
            started.set()
            assert release.wait(10)
            finished.set()

        task = asyncio.ensure_future(loop.run_in_executor(None, slow))
        assert started.wait(10)
        task.cancel()
        threading.Timer(0.05, release.set).start()
        await asyncio.sleep(3600)
        return finished.is_set(), loop.time()

    has_finished, ended_s = run_virtual(work)
    assert has_finished
    assert ended_s == pytest.approx(3600)


def test_a_thread_can_sleep_in_virtual_time() -> None:
    async def work() -> list[str]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        seen: list[str] = []

        def nap() -> None:
            loop.sleep_from_thread(3600)
            seen.append(f"thread {loop.time():.0f}")

        async def tick() -> None:
            await asyncio.sleep(1800)
            seen.append(f"task {loop.time():.0f}")

        await asyncio.gather(asyncio.to_thread(nap), tick())
        return seen

    assert run_virtual(work) == ["task 1800", "thread 3600"]


def test_a_thread_asleep_at_the_end_is_joined() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        nap = loop.run_in_executor(None, loop.sleep_from_thread, 5000.0)
        await asyncio.sleep(1)
        nap.cancel()
        return loop.time()

    assert run_virtual(work) == pytest.approx(1)


def test_the_loops_own_thread_may_not_block() -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        with pytest.raises(RuntimeError, match="must not block"):
            loop.sleep_from_thread(1)

    run_virtual(work)


async def _serve(handler: web.RequestHandler | object) -> tuple[web.AppRunner, str]:
    application = web.Application()
    application.router.add_get("/", handler)  # type: ignore[arg-type]  # any aiohttp handler will do
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    return runner, f"http://{host}:{port}/"


def test_sockets_on_loopback_are_real_and_waits_are_not() -> None:
    async def work() -> tuple[list[str], float]:
        async def answer(_request: web.Request) -> web.Response:
            await asyncio.sleep(30)
            return web.Response(text=f"{asyncio.get_running_loop().time():.0f}")

        runner, address = await _serve(answer)
        bodies = []
        async with ClientSession(timeout=ClientTimeout(total=60)) as session:
            for _ in range(3):
                async with session.get(address) as response:
                    bodies.append(await response.text())
                await asyncio.sleep(3600)
        await runner.cleanup()
        return bodies, asyncio.get_running_loop().time()

    bodies, ended_s = run_virtual(work)
    assert bodies == ["30", "3660", "7290"]
    assert ended_s == pytest.approx(3 * 3630, abs=1)


def test_a_blocking_client_in_a_thread_waits_for_a_server_in_the_loop() -> None:
    async def work() -> tuple[str, float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)

        async def answer(_request: web.Request) -> web.Response:
            await loop.sleep_for_thread(0.4)
            return web.Response(text="late")

        runner, address = await _serve(answer)
        with requests.Session() as session:
            response = await asyncio.to_thread(session.get, address, timeout=10)
        elapsed = loop.time()
        await runner.cleanup()
        return response.text, elapsed

    text, elapsed_s = run_virtual(work)
    assert text == "late"
    assert elapsed_s == pytest.approx(0.4)
