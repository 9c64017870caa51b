"""Long-lived loops are kept alive, parked or given up, and never lost."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.errors import NeedsLogin, NotReady, Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.supervise import Supervisor
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.simulator.virtual_time import run_virtual

Work = Callable[[], Awaitable[None]]


class House:
    """A supervisor and what it told."""

    def __init__(self) -> None:
        self.troubles: list[tuple[str, str, PluginStatus, str]] = []
        self.well: list[tuple[str, str]] = []
        self.began_s: list[float] = []
        self.supervisor = Supervisor(
            LoopClock(EpochMs(0)),
            lambda *told: self.troubles.append(told),
            lambda *told: self.well.append(told),
        )

    def raising(self, *errors: BaseException | None, run_s: float = 0.0) -> Work:
        """Work that runs ``run_s``, then raises the next error, the last one for ever; ``None``: ends well."""

        async def work() -> None:
            self.began_s.append(asyncio.get_running_loop().time())
            error = errors[min(len(self.began_s), len(errors)) - 1]
            if run_s:
                await asyncio.sleep(run_s)
            if error is not None:
                raise error

        return work

    def gaps(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.began_s, self.began_s[1:], strict=False)]

    async def finish(self) -> None:
        assert await self.supervisor.stop() == ()
        assert self.supervisor.names() == ()
        assert asyncio.all_tasks() == {asyncio.current_task()}


def test_not_ready_backs_off_up_to_two_minutes_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        house = House()
        house.supervisor.spawn("poll", house.raising(NotReady("no broker at nas:1883")), "mqtt")
        await asyncio.sleep(600)
        assert house.gaps()[:9] == pytest.approx([1, 2, 4, 8, 16, 32, 64, 120, 120])
        assert set(house.troubles) == {("mqtt", "poll", PluginStatus.WAITING, "no broker at nas:1883")}
        assert house.well == []
        await house.finish()

    with caplog.at_level(logging.INFO):
        run_virtual(work)
    assert caplog.text.count("no broker at nas:1883") == 1


def test_a_loop_that_runs_steadily_again_is_well_and_its_next_pause_is_short() -> None:
    async def work() -> None:
        house = House()
        house.supervisor.spawn("poll", house.raising(NotReady("away"), NotReady("away"), NotReady("lost")), "mqtt")
        await asyncio.sleep(2)
        assert house.well == []
        await house.supervisor.cancel("mqtt")
        house.began_s.clear()
        house.supervisor.spawn("poll", house.raising(NotReady("lost"), run_s=40), "mqtt")
        await asyncio.sleep(35)
        assert house.well == [("mqtt", "poll")]
        await asyncio.sleep(300)
        assert house.gaps() == pytest.approx([41] * len(house.gaps()))
        await house.finish()

    run_virtual(work)


def test_a_login_parks_until_woken() -> None:
    async def work() -> None:
        house = House()
        house.supervisor.spawn("poll", house.raising(NeedsLogin("log in to Spotify"), None), "spotify")
        await asyncio.sleep(86_400)
        assert house.began_s == [0.0]
        assert house.troubles == [("spotify", "poll", PluginStatus.NEEDS_LOGIN, "log in to Spotify")]
        assert house.supervisor.names("spotify") == ("spotify: poll",)
        house.supervisor.wake("somebody else")
        await asyncio.sleep(1)
        assert len(house.began_s) == 1
        house.supervisor.wake("spotify")
        await asyncio.sleep(1)
        assert len(house.began_s) == 2
        assert house.well == [("spotify", "poll")]
        assert house.supervisor.names() == ()
        await house.finish()

    run_virtual(work)


def test_a_wake_that_comes_during_the_attempt_is_not_lost() -> None:
    async def work() -> None:
        house = House()
        house.supervisor.spawn("poll", house.raising(NeedsLogin("log in"), None, run_s=2), "spotify")
        await asyncio.sleep(1)
        house.supervisor.wake("spotify")
        await asyncio.sleep(5)
        assert house.began_s == pytest.approx([0, 2])
        assert house.supervisor.names() == ()

    run_virtual(work)


def test_a_told_wait_is_kept_whatever_wakes() -> None:
    async def work() -> None:
        house = House()
        wait = Trouble(TroubleCode.RATE_LIMITED, "Spotify asks us to wait", retry_after_s=300)
        house.supervisor.spawn("poll", house.raising(wait, None), "spotify")
        await asyncio.sleep(10)
        house.supervisor.wake("spotify")
        await asyncio.sleep(400)
        assert house.began_s == pytest.approx([0, 300])
        assert house.troubles[0][2] is PluginStatus.WAITING

    run_virtual(work)


@pytest.mark.parametrize(
    "error", [ValueError("bug"), SystemExit(1), KeyboardInterrupt(), asyncio.CancelledError()], ids=repr
)
def test_a_bug_is_tried_three_times_more_and_then_given_up(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        house = House()
        house.supervisor.spawn("poll", house.raising(error), "buggy")
        await asyncio.sleep(3600)
        assert house.gaps() == pytest.approx([1, 2, 4])
        assert {status for _, _, status, _ in house.troubles} == {PluginStatus.FAILED}
        assert house.supervisor.names() == ()
        await house.finish()

    run_virtual(work)
    assert "buggy: poll failed and is given up" in caplog.text
    assert "Traceback" in caplog.text


def test_a_rare_crash_is_forgiven_for_ever() -> None:
    async def work() -> None:
        house = House()
        house.supervisor.spawn("poll", house.raising(ValueError("bug"), run_s=300), "buggy")
        await asyncio.sleep(86_400)
        assert len(house.began_s) == pytest.approx(86_400 / 301, abs=1)
        await house.finish()

    run_virtual(work)


def test_work_that_gives_nothing_to_await_is_a_bug_too() -> None:
    async def work() -> None:
        house = House()
        house.supervisor.spawn("odd", lambda: None, "buggy")  # type: ignore[arg-type,return-value]  # the bug
        await asyncio.sleep(3600)
        assert "TypeError" in house.troubles[0][3]
        assert house.supervisor.names() == ()

    run_virtual(work)


def test_stop_is_bounded_idempotent_and_names_who_refuses(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        house = House()
        released = asyncio.Event()

        async def stubborn() -> None:
            while not released.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await released.wait()

        async def endless() -> None:
            await asyncio.Event().wait()

        house.supervisor.spawn("deaf", stubborn, "bad")
        house.supervisor.spawn("loop", endless, "good")
        await asyncio.sleep(1)
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        assert await house.supervisor.stop() == ("bad: deaf",)
        assert loop.time() - began_s <= 4.1
        assert house.supervisor.names() == ("bad: deaf",)
        assert await house.supervisor.stop() == ("bad: deaf",)
        with pytest.raises(RuntimeError, match="being stopped"):
            house.supervisor.spawn("late", endless, "good")
        released.set()
        await asyncio.sleep(1)
        await house.finish()
        assert house.troubles == []

    run_virtual(work)
    assert "bad: deaf does not end" in caplog.text


def test_a_loop_that_fails_while_it_is_stopped_troubles_nobody() -> None:
    async def work() -> None:
        house = House()

        async def clumsy() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                raise ValueError("session is closed")

        house.supervisor.spawn("clumsy", clumsy, "good")
        await asyncio.sleep(1)
        await house.finish()
        assert house.troubles == []

    run_virtual(work)


def test_owners_are_ended_one_by_one() -> None:
    async def work() -> None:
        house = House()

        async def endless() -> None:
            await asyncio.Event().wait()

        for owner in ("one", "two"):
            for name in ("a", "b"):
                house.supervisor.spawn(name, endless, owner)
        with pytest.raises(ValueError, match="already runs a loop called 'a'"):
            house.supervisor.spawn("a", endless, "one")
        await house.supervisor.cancel("one", spare="a")
        assert house.supervisor.names() == ("one: a", "two: a", "two: b")
        house.supervisor.spawn("b", endless, "one")
        await house.supervisor.close("one")
        assert house.supervisor.names() == ("two: a", "two: b")
        with pytest.raises(RuntimeError, match="one is being stopped"):
            house.supervisor.spawn("a", endless, "one")
        await house.finish()

    run_virtual(work)


def test_a_loop_that_cancels_itself_is_told_of() -> None:
    async def work() -> None:
        house = House()

        async def suicidal() -> None:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(1)

        house.supervisor.spawn("poll", suicidal, "odd")
        await asyncio.sleep(1)
        assert house.troubles == [("odd", "poll", PluginStatus.FAILED, "was cancelled, and not by the hub")]

    run_virtual(work)


ERRORS = st.sampled_from(["ready", "login", "bug", "wait", "fine"])


@given(st.lists(st.tuples(ERRORS, st.integers(0, 60)), min_size=1, max_size=8), st.integers(0, 4_000))
def test_whatever_loops_do_a_stop_leaves_no_task(script: list[tuple[str, int]], stop_after_s: int) -> None:
    errors: dict[str, BaseException | None] = {
        "ready": NotReady("away"),
        "login": NeedsLogin("log in"),
        "bug": ValueError("bug"),
        "wait": Trouble(TroubleCode.UNAVAILABLE, "fault", retry_after_s=7),
        "fine": None,
    }

    async def work() -> None:
        house = House()
        for number, (kind, run_s) in enumerate(script):
            house.supervisor.spawn(f"loop {number}", house.raising(errors[kind], run_s=run_s), "any")
        await asyncio.sleep(stop_after_s)
        house.supervisor.wake("any")
        await house.finish()

    run_virtual(work)
