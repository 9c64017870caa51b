"""A bad key is a status with its mend and one try an hour, never a loop; a new login is noticed by itself."""

import asyncio
import stat
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.plugins.scrobbling.login import LastfmLogin
from moodroom_hub.plugins.scrobbling.session_file import NAME, delete_session, load_session
from tests.plugins.scrobbling.lab import DAY_S, HOUR_S, LASTFM_KEYS, MINUTE_S, SENT, WAITING, Lab, lab, virtually


async def _log_in(home: Lab, session: str = "a-new-session") -> str | None:
    login = LastfmLogin(home.config(lastfm=LASTFM_KEYS), home.folder, home.clock)
    pending = await login.begin()
    assert "shared-secret" not in repr(pending) + pending.address
    assert await login.finish(pending) is None
    home.lastfm.allow(session)
    await asyncio.sleep(2)
    return await login.finish(pending)


def test_nobody_logged_in_is_a_status_until_somebody_does(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home:
            home.lastfm.session_key = None
            async with home.plugin(lastfm=LASTFM_KEYS, servers={}) as plugin:
                await asyncio.sleep(2)
                assert home.standing() is PluginStatus.NEEDS_LOGIN
                assert "moodroom-hub scrobbles login lastfm" in home.why()
                await home.play(plugin)
                await asyncio.sleep(HOUR_S)
                assert home.lastfm.requests == []
                assert home.statuses("lastfm") == [WAITING]
                assert home.statuses("listenbrainz") == [SENT]
                assert await _log_in(home) == "listener"
                await asyncio.sleep(MINUTE_S)
                assert home.statuses("lastfm") == [SENT]
                assert home.standing() is PluginStatus.RUNNING

    virtually(work)
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert load_session(tmp_path, "another-key") is None
    assert delete_session(tmp_path)
    assert not delete_session(tmp_path)


def test_a_login_mends_the_status_though_nothing_waits(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home:
            home.lastfm.session_key = None
            async with home.plugin(lastfm=LASTFM_KEYS, servers={}, listenbrainz={}):
                await asyncio.sleep(HOUR_S)
                assert home.standing() is PluginStatus.NEEDS_LOGIN
                await _log_in(home)
                await asyncio.sleep(MINUTE_S)
                assert home.standing() is PluginStatus.RUNNING

    virtually(work)


def test_a_bad_session_key_is_tried_once_an_hour_and_nothing_is_lost(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(servers={}, listenbrainz={}) as plugin:
            home.lastfm.session_key = "revoked there"
            for _ in range(60):
                await home.play(plugin)
                await asyncio.sleep(DAY_S / 60)
            assert home.standing() is PluginStatus.NEEDS_LOGIN
            assert "Log in again" in home.why()
            assert 20 <= len(home.lastfm.requests) <= 25
            assert home.statuses("lastfm") == [WAITING] * 60
            home.lastfm.session_key = "session-of-the-user"
            await asyncio.sleep(HOUR_S + MINUTE_S)
            assert home.statuses("lastfm") == [SENT] * 60
            assert home.standing() is PluginStatus.RUNNING

    virtually(work)


def test_a_refused_login_is_replaced_without_waiting_for_the_hour(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home:
            home.lastfm.session_key = None
            await _log_in(home)
            home.lastfm.session_key = "revoked there"
            async with home.plugin(lastfm=LASTFM_KEYS, servers={}, listenbrainz={}) as plugin:
                await home.play(plugin)
                await asyncio.sleep(MINUTE_S)
                assert home.statuses("lastfm") == [WAITING]
                await _log_in(home, "yet-another-session")
                await asyncio.sleep(MINUTE_S)
                assert home.statuses("lastfm") == [SENT]

    virtually(work)


@pytest.mark.parametrize(("code", "key"), [(10, "api_key"), (13, "api_secret"), (26, "suspended")])
def test_a_wrong_configuration_is_a_failure_with_its_mend(tmp_path: Path, code: int, key: str) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin(servers={}, listenbrainz={}) as plugin:
            home.lastfm.error = code
            await home.play(plugin)
            await asyncio.sleep(3 * HOUR_S)
            assert home.standing() is PluginStatus.FAILED
            assert key in home.why()
            assert len(home.lastfm.requests) <= 4

    virtually(work)


def test_a_bad_token_and_a_wrong_address_are_told_each_with_its_key(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home:
            wrong = {"maloja": {"url": f"{home.urls['maloja']}/nowhere", "token": "key-of-the-owner"}}
            async with home.plugin(lastfm={}, listenbrainz={"token": "wrong"}, servers=wrong) as plugin:
                await home.play(plugin)
                await asyncio.sleep(5)
                assert "plugins.scrobbling.servers.maloja.url" in home.why()  # a failure is worse than a login
                assert "plugins.scrobbling.listenbrainz.token" in home.reason(1, "listenbrainz")
                assert home.statuses("listenbrainz") == home.statuses("maloja") == [WAITING]

    virtually(work)


def test_a_secret_by_reference_that_leads_nowhere_is_noticed_when_it_is_mended(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home:
            file = tmp_path / "token"
            async with home.plugin(lastfm={}, servers={}, listenbrainz={"token": f"file:{file}"}) as plugin:
                await home.play(plugin)
                await asyncio.sleep(5)
                assert home.standing() is PluginStatus.FAILED
                file.write_text("token-of-the-user\n", encoding="utf-8")
                await asyncio.sleep(MINUTE_S)
                assert home.statuses("listenbrainz") == [SENT]

    virtually(work)


def test_check_tells_of_each_target_and_of_the_queues(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home, home.plugin() as plugin:
            levels = [check.level for check in await plugin.check()]
            assert levels == [CheckLevel.OK] * 4
            home.lastfm.session_key, home.listenbrainz.token, home.maloja.is_down = None, "other", True
            checks = await plugin.check()
            assert [check.level for check in checks] == [
                CheckLevel.FAILED,
                CheckLevel.FAILED,
                CheckLevel.WARNING,
                CheckLevel.OK,
            ]
            assert checks[0].mend == "Log in again: moodroom-hub scrobbles login lastfm"
            assert checks[1].mend == "Correct plugins.scrobbling.listenbrainz.token"

    virtually(work)


def test_a_login_without_an_api_account_says_where_one_is_made(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home:
            with pytest.raises(Trouble, match=r"last\.fm/api/account/create"):
                await LastfmLogin(home.config(lastfm={}), tmp_path, home.clock).begin()

    virtually(work)


def test_a_login_with_a_wrong_secret_says_so(tmp_path: Path) -> None:
    async def work() -> None:
        async with lab(tmp_path) as home:
            login = LastfmLogin(home.config(lastfm={**LASTFM_KEYS, "api_secret": "wrong-secret"}), tmp_path, home.clock)
            with pytest.raises(Trouble, match="api_secret") as caught:
                await login.begin()
            assert "wrong-secret" not in str(caught.value)
            assert home.lastfm.broken == ["a wrong signature"]
            home.lastfm.broken.clear()

    virtually(work)
