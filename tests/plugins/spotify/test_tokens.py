"""The keeper of the login: whole files, one renewal, six months, and no secret lost."""

import asyncio
import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import LoginStatus
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.spotify.token_file import Login, TokenFile
from tests.plugins.spotify.fake import Asked, Reply, oauth_error
from tests.plugins.spotify.lab import DAY_MS, START, Lab, lab, login, virtual

TOKEN = "POST /api/token"
LOOK = "GET /v1/me/player"
A_LOGIN = Login("id", "access", "refresh-kept", 1, 2, 3, "scope")


async def needed(spot: Lab) -> Trouble:
    """The trouble that a look gives."""
    with pytest.raises(Trouble) as trouble:
        await spot.parts.source.look()
    return trouble.value


# --- the file --------------------------------------------------------------------------------------------


def test_the_file_is_its_owners_alone_and_comes_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "spotify-token.json"
    TokenFile(path).save(A_LOGIN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TokenFile(path).load() == A_LOGIN
    path.chmod(0o644)
    assert TokenFile(path).load() == A_LOGIN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_login_shows_no_secret() -> None:
    assert "refresh-kept" not in repr(A_LOGIN)
    assert "access" not in repr(A_LOGIN)


@pytest.mark.parametrize("moment", ["fsync", "replace", "rename", "write"])
def test_a_death_in_the_middle_of_writing_keeps_the_old_login_whole(tmp_path: Path, moment: str) -> None:
    path = tmp_path / "spotify-token.json"
    TokenFile(path).save(A_LOGIN)
    script = f"""
import json, os, pathlib, sys
from moodroom_hub.plugins.spotify.token_file import Login, TokenFile
def die(*_, **__): os._exit(9)
if {moment!r} == "fsync": os.fsync = die
if {moment!r} in ("replace", "rename"): pathlib.Path.replace = die; os.replace = die; os.rename = die
if {moment!r} == "write": json.dump = lambda content, file: (file.write('{{"client'), file.flush(), die())
TokenFile(pathlib.Path(sys.argv[1])).save(Login("id", "new", "refresh-new", 9, 9, 9, "scope"))
"""
    died = subprocess.run([sys.executable, "-c", script, str(path)], check=False, capture_output=True)
    assert died.returncode == 9, died.stderr
    assert TokenFile(path).load() == A_LOGIN
    newer = replace(A_LOGIN, refresh_token="refresh-newer")
    TokenFile(path).save(newer)  # over the corpse's draft
    assert TokenFile(path).load() == newer
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"client_id": "id"}', '{"odd": 1}', "\x00\xff", json.dumps({"client_id": 3}), "[" * 10_000],
)
def test_a_broken_file_is_no_login(tmp_path: Path, content: str) -> None:
    path = tmp_path / "spotify-token.json"
    path.write_text(content)
    assert TokenFile(path).load() is None


# --- renewing --------------------------------------------------------------------------------------------


@virtual
async def test_many_at_once_share_one_renewal(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await asyncio.sleep(3590)
        await asyncio.gather(*(spot.parts.source.look() for _ in range(5)), spot.parts.player.devices())
        assert len(spot.fake.calls(TOKEN)) == 1
        stored = spot.token_file.load()
        assert stored is not None
        assert (stored.access_token, stored.refresh_token) == ("access-1", "refresh-1")
        assert stored.authorised_at_ms == START
        assert {each.token for each in spot.fake.asked if each.path != "/api/token"} == {"access-1"}


@virtual
async def test_the_rotated_token_is_on_disk_before_it_is_used(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.valid_token = "revoked"
        found: list[str] = []

        def watch(_: Asked) -> None:
            stored = spot.token_file.load()
            found.append("" if stored is None else stored.access_token)

        spot.fake.watcher = watch
        await spot.parts.source.look()
        assert found == ["access-0", "access-0", "access-1"]


@virtual
async def test_an_answer_without_a_refresh_token_keeps_the_old_one(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.rotates = False
        for _ in range(3):
            await asyncio.sleep(3600)
            await spot.parts.source.look()
        stored = spot.token_file.load()
        assert stored is not None
        assert (stored.access_token, stored.refresh_token) == ("access-3", "refresh-0")


@virtual
async def test_a_cancelled_waiter_loses_no_token(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await asyncio.sleep(3600)
        look = asyncio.create_task(spot.parts.source.look())
        await spot.fake.came[TOKEN].wait()
        look.cancel()
        with pytest.raises(asyncio.CancelledError):
            await look
        await spot.parts.source.look()
        assert len(spot.fake.calls(TOKEN)) == 1
        stored = spot.token_file.load()
        assert stored is not None
        assert stored.refresh_token == "refresh-1"


@virtual
async def test_a_dead_login_is_dropped_and_never_tried_again(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.refresh_token = "revoked"
        await asyncio.sleep(3600)
        for _ in range(3):
            trouble = await needed(spot)
            assert (trouble.code, trouble.outcome_unknown) == (TroubleCode.LOGIN_NEEDED, False)
            assert "moodroom-hub login" in trouble.message
        assert spot.fake.calls() == [TOKEN]
        assert spot.token_file.load() is None
        state = spot.parts.account.login_state(spot.clock.now_ms())
        assert (state.status, state.days_left) == (LoginStatus.NEEDED, None)
        assert [each.status for each in spot.told] == [LoginStatus.NEEDED]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(503),
        Reply(hangs=True),
        Reply(200, "<html>"),
        Reply(200, {"access_token": 7}),
        Reply(302, None, {"Location": "/"}),
    ],
)
def test_a_renewal_that_fails_for_a_moment_is_tried_again_but_not_hammered(tmp_path: Path, reply: Reply) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            await asyncio.sleep(3600)
            spot.fake.once(TOKEN, reply)
            for _ in range(3):
                assert (await needed(spot)).code is TroubleCode.UNAVAILABLE
            assert spot.fake.calls() == [TOKEN]
            await asyncio.sleep(6)
            await spot.parts.source.look()
            assert spot.fake.calls() == [TOKEN, TOKEN, LOOK]

    run()


@virtual
async def test_the_accounts_service_may_say_wait_too(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await asyncio.sleep(3600)
        spot.fake.once(TOKEN, Reply(429, None, {"Retry-After": "120"}))
        assert (await needed(spot)).retry_after_s == 120
        await asyncio.sleep(100)
        assert (await needed(spot)).code is TroubleCode.RATE_LIMITED
        assert len(spot.fake.asked) == 1
        await asyncio.sleep(25)
        await spot.parts.source.look()


@virtual
async def test_an_unknown_client_id_is_told_and_the_login_kept(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await asyncio.sleep(3600)
        spot.fake.once(TOKEN, oauth_error("invalid_client", "Invalid client"))
        for _ in range(3):
            trouble = await needed(spot)
            assert "client_id" in trouble.message
        assert spot.fake.calls() == [TOKEN]
        assert spot.token_file.load() is not None


@virtual
async def test_another_process_may_have_renewed_it(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await asyncio.sleep(3600)
        theirs = login(spot.clock, access_token="access-theirs", refresh_token="refresh-theirs")
        spot.token_file.save(theirs)
        spot.fake.valid_token, spot.fake.refresh_token = "access-theirs", "refresh-theirs"
        await spot.parts.source.look()
        assert spot.fake.calls() == [LOOK]


@virtual
async def test_a_login_made_by_another_process_is_noticed(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        assert (await needed(spot)).code is TroubleCode.LOGIN_NEEDED
        assert spot.fake.asked == []
        spot.token_file.save(login(spot.clock))
        await spot.parts.source.look()
        assert [each.status for each in spot.told] == [LoginStatus.OK]


@virtual
async def test_a_disk_that_cannot_be_written_does_not_silence_the_hub(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with lab(tmp_path) as spot:
        await asyncio.sleep(3600)
        path = tmp_path / "spotify-token.json"
        path.unlink()
        path.mkdir()
        await spot.parts.source.look()
        await asyncio.sleep(3600)
        await spot.parts.source.look()
        assert spot.fake.tokens_given == 2
        assert "cannot be written down" in caplog.text


@virtual
async def test_logging_out_during_a_renewal_stays_logged_out(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await asyncio.sleep(3600)
        look = asyncio.create_task(spot.parts.source.look())
        await spot.fake.came[TOKEN].wait()
        await spot.parts.account.logout()
        with pytest.raises(Trouble):
            await look
        assert spot.token_file.load() is None
        assert (await needed(spot)).code is TroubleCode.LOGIN_NEEDED


# --- six months ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "status", "left"),
    [
        (0, LoginStatus.OK, 180),
        (100.5, LoginStatus.OK, 79),
        (165, LoginStatus.OK, 15),
        (166, LoginStatus.EXPIRING, 14),
        (179.5, LoginStatus.EXPIRING, 0),
        (200, LoginStatus.EXPIRING, 0),
    ],
)
def test_the_clock_of_six_months(tmp_path: Path, days: float, status: LoginStatus, left: int) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            state = spot.parts.account.login_state(EpochMs(START + round(days * DAY_MS)))
            assert (state.status, state.days_left) == (status, left)

    run()


@pytest.mark.parametrize(("days", "says"), [(166, "in 14 days"), (178.5, "tomorrow"), (185, "any day now")])
def test_the_warning_in_words(tmp_path: Path, days: float, says: str) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            reason = spot.parts.account.login_state(EpochMs(START + round(days * DAY_MS))).reason
            assert f"ends this login {says};" in reason

    run()


@virtual
async def test_renewing_does_not_prolong_a_login(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        for _ in range(10):
            await asyncio.sleep(86_400)
            await spot.parts.source.look()
        assert spot.parts.account.login_state(spot.clock.now_ms()).days_left == 170
        await spot.parts.close()
        parts = spot.restart()
        assert parts.account.login_state(spot.clock.now_ms()).days_left == 170


@virtual
async def test_a_login_of_another_client_id_is_none(tmp_path: Path) -> None:
    TokenFile(tmp_path / "spotify-token.json").save(login(LoopClock(START), client_id="another"))
    async with lab(tmp_path, is_logged_in=False) as spot:
        state = spot.parts.account.login_state(spot.clock.now_ms())
        assert state.status is LoginStatus.NEEDED
        assert "client id was changed" in state.reason
        assert (await needed(spot)).code is TroubleCode.LOGIN_NEEDED
