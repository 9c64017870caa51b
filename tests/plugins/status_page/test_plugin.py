"""The plugin's life: binding, refusing, checking, stopping; commands that outlive their callers."""

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest

from moodroom_hub.core.context import Role
from moodroom_hub.core.errors import StartError
from moodroom_hub.core.face import Activation, PluginStatus
from moodroom_hub.core.lock import HubLock
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.domain.models import RoomSlug, ZoneName
from moodroom_hub.plugins.status_page import Plugin
from moodroom_hub.plugins.status_page.commands import Commands
from tests.plugins.status_page.conftest import OpenSite, Site, make_context


async def test_it_is_a_face_and_says_where_it_is(site: Site) -> None:
    assert (Plugin.name, Plugin.role) == ("status_page", Role.FACE)
    assert site.statuses == [(PluginStatus.RUNNING, f"at {site.url}")]
    assert [check.level for check in await site.plugin.check()] == [CheckLevel.OK]
    url = site.url
    await site.plugin.stop()
    assert site.hub.announced == [url, None]


async def test_a_port_in_use_is_told_with_the_mend(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        plugin = Plugin(make_context(tmp_path, {"port": port})[0])
        with pytest.raises(StartError, match=rf"127\.0\.0\.1:{port} is in use: .*web\.port"):
            await plugin.start()
        await plugin.stop()
    await plugin.start()
    await plugin.stop()
    await plugin.stop()


@pytest.mark.parametrize(
    ("web", "told"),
    [
        ({"host": "203.0.113.7", "password": "x"}, r"no address of this machine.*web\.host|cannot be used"),
        ({"host": "no-such-host.invalid", "password": "x"}, r"web\.host"),
        ({"host": "0.0.0.0"}, r"web\.password"),
        ({"host": "::"}, r"web\.password"),
        ({"password": "env:NOT_SET_ANYWHERE_HERE"}, "NOT_SET_ANYWHERE_HERE"),
    ],
)
async def test_it_refuses_to_start_and_says_why(tmp_path: Path, web: dict[str, str], told: str) -> None:
    plugin = Plugin(make_context(tmp_path, web)[0])
    with pytest.raises(StartError, match=told):
        await plugin.start()
    await plugin.stop()


async def test_beyond_loopback_with_a_password(open_site: OpenSite) -> None:
    site = await open_site(host="0.0.0.0", password="secret")
    assert site.url.startswith("http://127.0.0.1:")
    assert (await site.get("/livez")).status == 200


async def test_it_starts_without_a_folder_for_the_token(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    plugin = Plugin(make_context(blocked / "data", {})[0])
    await plugin.start()
    assert "api-token" in caplog.text
    await plugin.stop()


async def test_check_tells_free_ours_and_taken(tmp_path: Path, open_site: OpenSite) -> None:
    running = await open_site()
    free = Plugin(make_context(tmp_path, {"port": 0})[0])
    ours = Plugin(make_context(tmp_path, {"port": running.port})[0])
    unsafe = Plugin(make_context(tmp_path, {"host": "0.0.0.0"})[0])
    assert [check.level for check in await free.check()] == [CheckLevel.OK]
    (strangers_check,) = await ours.check()
    assert strangers_check.level is CheckLevel.FAILED
    assert "web.port" in strangers_check.mend
    with HubLock(tmp_path):
        (ours_check,) = await ours.check()
    assert ours_check.level is CheckLevel.OK
    assert "already" in ours_check.message
    (unsafe_check,) = await unsafe.check()
    assert unsafe_check.level is CheckLevel.FAILED
    assert "web.password" in unsafe_check.mend

    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(close, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        (taken,) = await Plugin(make_context(tmp_path, {"port": port})[0]).check()
    assert taken.level is CheckLevel.FAILED
    assert "web.port" in taken.mend


async def test_an_activation_goes_on_when_its_caller_leaves(site: Site) -> None:
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(room: RoomSlug, zone: ZoneName | None = None) -> Activation:
        begun.set()
        await go_on.wait()
        done.set()
        return Activation(room, (), ())

    site.hub.activate = slow  # type: ignore[method-assign] # a hub that takes its time
    caller = asyncio.create_task(site.post("/api/rooms/house/activate"))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await site.client.close()
    go_on.set()
    async with asyncio.timeout(5):
        await done.wait()


async def test_commands_that_hang_are_cancelled_at_the_end() -> None:
    commands = Commands()
    waiting = asyncio.create_task(commands.run(asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await commands.close(0.01)
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "status page command"] == []


async def test_a_command_that_fails_after_its_caller_left_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    go_on = asyncio.Event()

    async def fails() -> None:
        await go_on.wait()
        raise StartError("no device")

    commands = Commands()
    waiting = asyncio.create_task(commands.run(fails()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    await commands.close(1)
    assert "no device" in caplog.text


async def test_stop_frees_the_port_under_an_idle_connection(open_site: OpenSite) -> None:
    site = await open_site()
    port = site.port
    _, idle = await asyncio.open_connection("127.0.0.1", port)
    idle.write(b"GET / HTTP/1.1\r\nHost: loc")
    await idle.drain()
    await site.get("/livez")
    async with asyncio.timeout(3):
        await site.plugin.stop()
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)
    idle.close()
    assert site.plugin.address == ""


async def test_no_login_code_reaches_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await site.get("/callback?code=VERYSECRET&state=x")
    await site.get("/api/state", headers={"Authorization": "Bearer GUESSED"})
    async with aiohttp.ClientSession() as other:
        await (await other.post(site.url + "/session", data={"password": "TYPED"}, headers={"Origin": site.url})).read()
    for secret in ("VERYSECRET", "GUESSED", "TYPED", site.token):
        assert secret not in caplog.text
