"""Plugins start and stop role by role; what goes wrong stays with the one it goes wrong for."""

import asyncio
import logging
import textwrap
import threading
from collections.abc import Callable
from typing import Any

import pytest

from moodroom_hub.core.errors import NotReady, StartError, Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.registry import Registry
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.plugin_lab import Lab, status_by_name

RUNNING = (PluginStatus.RUNNING, "")
WAITING, NEEDS_LOGIN, FAILED = PluginStatus.WAITING, PluginStatus.NEEDS_LOGIN, PluginStatus.FAILED
EVENT = object()

GOOD = """
class Plugin(Base):
    name = "good"
    role = Role.SOURCE
    @hookimpl
    async def start(self):
        calls.append("start")
    @hookimpl
    async def stop(self):
        calls.append("stop")
    @hookimpl
    async def on_event(self, event):
        calls.append("event")
"""


def bad(start: str = "pass", stop: str = "pass", event: str = "pass", name: str = "bad") -> str:
    """The source of a plugin whose hooks do what is given, after noting that they were called."""
    hooks = {"start(self)": start, "stop(self)": stop, "on_event(self, event)": event}
    source = f'class Plugin(Base):\n    name = "{name}"\n'
    for signature, body in hooks.items():
        source += f"    @hookimpl\n    async def {signature}:\n        calls.append({signature.partition('(')[0]!r})\n"
        source += "".join(f"        {line}\n" for line in body.splitlines())
    return source


DEAF = """while not released:
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        pass"""


async def tell(registry: Registry) -> None:
    await registry.dispatcher.call("on_event", event=EVENT)


async def end(registry: Registry) -> None:
    """Stop everything; nothing may be left."""
    await registry.stop_all()
    await registry.supervisor.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def now_s() -> float:
    return asyncio.get_running_loop().time()


def test_policies_start_first_and_stop_last(lab: Lab) -> None:
    for name, role in (("a", "SOURCE"), ("b", "POLICY"), ("c", "FACE")):
        lab.install(
            name,
            f"""
            import builtins
            class Plugin(Base):
                name = "{name}"
                role = Role.{role}
                @hookimpl
                async def start(self):
                    await asyncio.sleep(1)
                    self.context.hub.append("start {role}")
                @hookimpl
                async def stop(self):
                    self.context.hub.append("stop {role}")
            """,
        )
    noted: list[str] = []
    lab.hub = noted

    async def work() -> None:
        registry = lab.registry()
        registry.load()
        await registry.start_all()
        assert now_s() == pytest.approx(3)
        assert set(status_by_name(registry).values()) == {RUNNING}
        await end(registry)

    run_virtual(work)
    assert noted == [
        "start POLICY", "start FACE", "start SOURCE", "stop SOURCE", "stop FACE", "stop POLICY",
    ]  # fmt: skip


def run_with_good(
    lab: Lab, source: str, then: Callable[[Registry], Any] | None = None, *, is_builtin: bool = False
) -> None:
    """Start ``bad`` beside ``good``, tell them an event, do ``then``, stop; ``good`` must notice nothing."""
    builtins = [lab.module("bad", source)] if is_builtin else []
    if not is_builtin:
        lab.install("bad", source)
    lab.install("good", GOOD)

    async def work() -> None:
        registry = lab.registry(builtins)
        registry.load()
        try:
            await registry.start_all()
            assert status_by_name(registry)["good"] == RUNNING
            await tell(registry)
            if then is not None:
                await then(registry)
            assert status_by_name(registry)["good"] == RUNNING
        finally:
            await registry.stop_all()
            assert await registry.supervisor.stop() == ()

    run_virtual(work)
    assert lab.calls("good") == ["start", "event", "stop"]


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("raise ValueError('broken')", "ValueError: broken"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise asyncio.CancelledError", "CancelledError"),
        ("raise StartError('port 7777 is taken')", "port 7777 is taken"),
        ("raise ValueError('a\\nb' + chr(27) + '[31m' + 'x' * 900)", "ValueError: a b [31mx"),
    ],
)
def test_a_start_that_fails_is_not_tried_again(
    start: str, reason: str, lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    async def then(registry: Registry) -> None:
        await asyncio.sleep(3600)
        status, said = status_by_name(registry)["bad"]
        assert status is FAILED
        assert said.startswith(reason)
        assert said.isprintable()
        assert len(said) <= 300

    run_with_good(lab, bad(start), then)
    assert lab.calls("bad") == ["start", "stop"]
    assert "bad cannot start" in caplog.text
    assert ("Traceback" in caplog.text) is ("StartError" not in start)


def test_a_built_in_that_refuses_ends_the_start_of_the_hub(lab: Lab) -> None:
    with pytest.raises(StartError, match=r"^port 7777 is taken$"):
        run_with_good(lab, bad("raise StartError('port 7777 is taken')"), is_builtin=True)


def test_not_ready_is_tried_again_until_it_is(lab: Lab) -> None:
    start = """if len(calls) < 4:
    self.context.spawn("half-made", asyncio.Event().wait)
    raise NotReady(f"no broker, try {len(calls)}")
self.context.spawn("loop", asyncio.Event().wait)"""

    async def then(registry: Registry) -> None:
        assert status_by_name(registry)["bad"] == (WAITING, "no broker, try 1")
        await asyncio.sleep(2)
        assert status_by_name(registry)["bad"] == (WAITING, "no broker, try 2")
        assert lab.calls("bad") == ["start", "start"]
        await asyncio.sleep(10)
        assert status_by_name(registry)["bad"] == RUNNING
        assert registry.supervisor.names("bad") == ("bad: loop",)
        assert [(view.name, view.status) for view in lab.changes] == [
            ("bad", WAITING), ("good", PluginStatus.RUNNING), ("bad", WAITING), ("bad", WAITING),
            ("bad", PluginStatus.RUNNING),
        ]  # fmt: skip

    run_with_good(lab, bad(start), then)
    assert lab.calls("bad") == ["start"] * 4 + ["stop"]


def test_a_login_is_waited_for(lab: Lab) -> None:
    async def then(registry: Registry) -> None:
        assert status_by_name(registry)["bad"] == (NEEDS_LOGIN, "log in at /login")
        await asyncio.sleep(86_400)
        assert lab.calls("bad") == ["start"]
        registry.supervisor.wake("bad")
        await asyncio.sleep(1)
        assert status_by_name(registry)["bad"] == RUNNING

    run_with_good(lab, bad("if len(calls) < 2:\n    raise NeedsLogin('log in at /login')"), then)
    assert lab.calls("bad") == ["start", "start", "stop"]


def test_a_start_that_hangs_holds_up_nobody_for_long_and_is_tried_again(lab: Lab) -> None:
    async def then(registry: Registry) -> None:
        assert now_s() == pytest.approx(5)
        assert status_by_name(registry)["bad"] == (WAITING, "is still starting")
        await asyncio.sleep(25.5)
        assert status_by_name(registry)["bad"] == (WAITING, "did not start within 30 s")
        await asyncio.sleep(5)
        assert status_by_name(registry)["bad"] == RUNNING

    run_with_good(lab, bad("if len(calls) < 2:\n    await asyncio.Event().wait()"), then)


def test_a_slow_start_ends_well(lab: Lab) -> None:
    async def then(registry: Registry) -> None:
        assert status_by_name(registry)["bad"] == (WAITING, "is still starting")
        await asyncio.sleep(20)
        assert status_by_name(registry)["bad"] == RUNNING

    run_with_good(lab, bad("await asyncio.sleep(20)"), then)


def test_a_start_that_ignores_its_cancellation_is_given_up(lab: Lab) -> None:
    source = "released = []\n" + bad(DEAF)

    async def then(registry: Registry) -> None:
        await asyncio.sleep(3600)
        status, reason = status_by_name(registry)["bad"]
        assert status is FAILED
        assert reason == "HookTimeout: did not start within 30 s, and does not let itself be cancelled"
        release(lab)

    run_with_good(lab, source, then)
    assert lab.calls("bad") == ["start", "stop"]


def release(lab: Lab) -> None:
    """Let a deaf plugin go."""
    lab.module_of("bad").__dict__["released"].append(True)


def test_a_plugin_may_say_for_itself_how_it_is(lab: Lab) -> None:
    async def then(registry: Registry) -> None:
        assert status_by_name(registry)["bad"] == (NEEDS_LOGIN, "log in, or go on looking")
        registry.set_status("bad", PluginStatus.RUNNING, "")
        assert status_by_name(registry)["bad"] == RUNNING

    start = 'self.context.set_status(PluginStatus.NEEDS_LOGIN, "log in, or\\ngo on looking")'
    run_with_good(lab, bad(start), then)
    assert lab.calls("bad") == ["start", "on_event", "stop"]


@pytest.mark.parametrize(
    ("stop", "log"),
    [
        ("raise ValueError('broken')", "bad did not stop well: ValueError: broken"),
        ("raise SystemExit", "bad did not stop well: SystemExit"),
        ("await asyncio.Event().wait()", "bad did not stop well: HookTimeout: stop took longer than 5 s"),
        ("self.context.spawn('late', asyncio.Event().wait)", "bad is being stopped: 'late' cannot be begun"),
        ("asyncio.create_task(asyncio.Event().wait(), name='leak')", ""),
    ],
)
def test_a_stop_that_fails_stops_nobody_elses(stop: str, log: str, lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    run_with_good(lab, bad(stop=stop))
    assert log in caplog.text
    assert lab.calls("bad") == ["start", "on_event", "stop"]


def test_stopping_is_bounded_whatever_plugins_do(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    source = "released = []\nasync def deaf():\n" + "\n".join(f"    {line}" for line in DEAF.splitlines()) + "\n"
    lab.install("bad", source + bad("self.context.spawn('deaf', deaf)", stop=DEAF))
    lab.install("good", GOOD)

    async def work() -> None:
        registry = lab.registry()
        registry.load()
        await registry.start_all()
        began_s = now_s()
        await registry.stop_all()
        assert now_s() - began_s < 12
        await registry.stop_all()
        assert await registry.supervisor.stop() == ("bad: deaf",)
        release(lab)
        await asyncio.sleep(3600)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtual(work)
    assert lab.calls("good") == ["start", "stop"]
    assert "bad: deaf does not end" in caplog.text
    assert "bad: stop does not end" in caplog.text


def test_loops_have_ended_when_stop_is_called(lab: Lab) -> None:
    source = """
    async def loop():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.5)
            calls.append("loop ended")
    """
    lab.install("bad", textwrap.dedent(source) + bad("self.context.spawn('loop', loop)"))

    async def work() -> None:
        registry = lab.registry()
        registry.load()
        await registry.start_all()
        await asyncio.sleep(1)
        await end(registry)

    run_virtual(work)
    assert lab.calls("bad") == ["start", "loop ended", "stop"]


def test_a_task_left_behind_is_named_and_ended(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    source = "async def poll():\n    await asyncio.Event().wait()\n"
    source += bad("asyncio.create_task(poll(), name='my poll')", event="asyncio.create_task(poll(), name='other')")

    async def then(registry: Registry) -> None:
        await end(registry)

    run_with_good(lab, source, then)
    assert "bad: my poll was left running by its plugin" in caplog.text
    assert "bad: other was left running by its plugin" in caplog.text


def test_a_hook_that_fails_is_told_once_and_forgotten_after_a_good_minute(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    source = "modes = ['fail']\n" + bad(event="if modes[-1] == 'fail':\n    raise ValueError(f'number {len(calls)}')")
    lab.install("bad", source)

    async def work() -> None:
        registry = lab.registry()
        registry.load()
        await registry.start_all()
        lab.changes.clear()
        for _ in range(50):
            await tell(registry)
        assert status_by_name(registry)["bad"] == (FAILED, "on_event failed: ValueError: number 2")
        lab.module_of("bad").__dict__["modes"].append("work")
        await tell(registry)
        assert status_by_name(registry)["bad"][0] is FAILED
        await asyncio.sleep(61)
        await tell(registry)
        assert status_by_name(registry)["bad"] == RUNNING
        assert [view.status for view in lab.changes] == [FAILED, PluginStatus.RUNNING]
        await end(registry)

    with caplog.at_level(logging.INFO):
        run_virtual(work)
    assert caplog.text.count("on_event failed") == 1
    assert caplog.text.count("Traceback") == 1
    assert "bad: on_event works again" in caplog.text


@pytest.mark.parametrize(
    "event",
    [
        "raise ValueError(len(calls))",
        "if len(calls) % 2:\n    raise ValueError(len(calls))",
        "raise [ValueError, KeyError, OSError][len(calls) % 3](len(calls))",
        "self.context.set_status(PluginStatus.RUNNING, f'busy {len(calls)}')",
        "self.context.set_status(PluginStatus.RUNNING, '')\nraise ValueError(len(calls))",
    ],
)
def test_news_of_a_plugins_state_cannot_go_round_for_ever(event: str, lab: Lab) -> None:
    lab.install("bad", bad(event=event))

    async def work() -> int:
        registry = lab.registry()
        registry.load()
        await registry.start_all()
        told = 0
        began_s = now_s()
        lab.changes[:] = lab.changes[:1]
        while lab.changes and now_s() - began_s < 3600:
            lab.changes.pop(0)  # the hub publishes each change as an event, which every plugin hears
            told += 1
            await tell(registry)
            await asyncio.sleep(0.1)
        await end(registry)
        return told

    assert run_virtual(work) <= 60


def test_loops_and_jobs_show_in_the_status_of_their_plugin(lab: Lab) -> None:
    loop = (
        "async def loop():\n    calls.append('loop')\n    if len(calls) < 5:\n        raise NotReady('broker lost')\n"
    )
    loop += "    await asyncio.Event().wait()\n"

    async def then(registry: Registry) -> None:
        assert status_by_name(registry)["bad"] == (WAITING, "broker lost")
        await asyncio.sleep(60)
        assert status_by_name(registry)["bad"] == RUNNING
        registry.note_failure("bad", "library sync", NotReady("Spotify is away"))
        assert status_by_name(registry)["bad"] == (WAITING, "library sync failed: Spotify is away")
        registry.note_failure("bad", "backup", ValueError("bug"))
        assert status_by_name(registry)["bad"] == (FAILED, "backup failed: ValueError: bug")
        registry.note_success("bad", "backup")
        assert status_by_name(registry)["bad"][0] is WAITING
        registry.note_failure("bad", "library sync", Trouble(TroubleCode.LOGIN_NEEDED, "log in"))
        assert status_by_name(registry)["bad"][0] is NEEDS_LOGIN
        registry.note_success("bad", "library sync")
        assert status_by_name(registry)["bad"] == RUNNING
        registry.note_failure("hub", "backup", ValueError("the hub's own affair"))
        registry.note_success("hub", "backup")

    run_with_good(lab, loop + bad("self.context.spawn('loop', loop)"), then)


def test_who_has_not_started_hears_no_events_but_is_checked(lab: Lab) -> None:
    source = (
        bad("raise NeedsLogin('log in')") + "    @hookimpl\n    async def check(self):\n        return ['checked']\n"
    )
    lab.install("bad", source)

    async def work() -> None:
        registry = lab.registry()
        registry.load()
        assert [outcome.value for outcome in await registry.dispatcher.call("check")] == [["checked"]]
        await tell(registry)
        await registry.start_all()
        await tell(registry)
        assert [outcome.value for outcome in await registry.dispatcher.call("check")] == [["checked"]]
        await end(registry)

    run_virtual(work)
    assert lab.calls("bad") == ["start", "stop"]


def test_plugins_that_never_started_are_stopped_only_where_that_is_asked_for(lab: Lab) -> None:
    lab.install("good", GOOD)

    async def work(also_unstarted: bool) -> None:
        registry = lab.registry()
        registry.load()
        await registry.stop_all(also_unstarted=also_unstarted)
        await end(registry)

    run_virtual(lambda: work(False))
    assert lab.calls("good") == []
    run_virtual(lambda: work(True))
    assert lab.calls("good") == ["stop"]


def test_a_foreign_plugin_draws_before_a_built_in_one(lab: Lab) -> None:
    source = """
    class Plugin(Base):
        name = "{name}"
        @hookimpl
        async def draw(self, request):
            return {answer}
    """
    builtin = lab.module("sampler", textwrap.dedent(source).format(name="sampler", answer="'built-in'"))
    lab.install("dj", textwrap.dedent(source).format(name="dj", answer="'foreign' if request else None"))

    async def work() -> None:
        registry = lab.registry([builtin])
        registry.load()
        await registry.start_all()
        assert await registry.dispatcher.first("draw", request=EVENT) == "foreign"
        assert await registry.dispatcher.first("draw", request=None) == "built-in"
        await end(registry)

    run_virtual(work)


async def test_fifty_starts_and_stops_leave_nothing_behind(lab: Lab) -> None:
    lab.install("bad", bad("raise NotReady('away')", stop="raise ValueError('broken')", event="raise SystemExit"))
    lab.install("good", GOOD)
    lab.install(
        "leaky",
        """
        async def poll():
            await asyncio.Event().wait()
        class Plugin(Base):
            name = "leaky"
            role = Role.FACE
            @hookimpl
            async def start(self):
                self.context.spawn("poll", poll)
                asyncio.create_task(poll())
        """,
    )
    tasks, threads = asyncio.all_tasks(), threading.active_count()
    for _ in range(50):
        registry = lab.registry()
        registry.load()
        await registry.start_all()
        await tell(registry)
        await registry.stop_all()
        assert await registry.supervisor.stop() == ()
    assert asyncio.all_tasks() == tasks
    assert threading.active_count() == threads
    assert lab.calls("good") == ["start", "event", "stop"] * 50
