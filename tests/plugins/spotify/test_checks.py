"""``moodroom-hub check``: each thing that can be wrong, in one line with its mend."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.plugins.spotify.checks import check_all
from tests.plugins.spotify.fake import Reply, device_json, error, oauth_error
from tests.plugins.spotify.lab import Lab, lab, login, virtual

AUTHORIZE = "GET /authorize"


async def worst(spot: Lab) -> Check:
    """The one check that is not well."""
    checks = [each for each in await check_all(spot.parts) if each.level is not CheckLevel.OK]
    assert len(checks) == 1
    assert "\n" not in checks[0].message + checks[0].mend
    assert not checks[0].mend or checks[0].mend.lower() not in checks[0].message.lower(), "told once"
    return checks[0]


@virtual
async def test_all_is_well(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        checks = await check_all(spot.parts)
        assert [(each.name, each.level) for each in checks] == [
            ("spotify login", CheckLevel.OK),
            ("spotify connection", CheckLevel.OK),
            ("spotify device", CheckLevel.OK),
        ]
        assert "180 days" in checks[0].message
        assert "Kitchen" in checks[2].message


@virtual
async def test_no_client_id(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False, client_id=None) as spot:
        check = await worst(spot)
        assert (check.level, "plugins.spotify.client_id" in check.mend) == (CheckLevel.FAILED, True)
        assert spot.fake.asked == []


@virtual
async def test_not_logged_in(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        check = await worst(spot)
        assert (check.name, check.level) == ("spotify login", CheckLevel.FAILED)
        assert "moodroom-hub login" in check.mend


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (Reply(400, "INVALID_CLIENT: Invalid client"), "Client ID"),
        (Reply(400, "INVALID_CLIENT: Invalid redirect URI"), "http://127.0.0.1:7777/callback"),
    ],
)
def test_a_wrong_registration_shows_before_the_login(tmp_path: Path, page: Reply, says: str) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path, is_logged_in=False) as spot:
            spot.fake.once(AUTHORIZE, page)
            app, account = await check_all(spot.parts)
            assert (app.level, account.level) == (CheckLevel.FAILED, CheckLevel.FAILED)
            assert says in app.mend

    run()


@virtual
async def test_the_login_page_sends_browsers_on_and_that_is_well(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        spot.fake.once(AUTHORIZE, Reply(303, None, {"Location": "/login"}))
        assert (await worst(spot)).name == "spotify login"


@virtual
async def test_no_network(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await spot.fake.stop()
        check = await worst(spot)
        assert (check.name, check.level) == ("spotify connection", CheckLevel.FAILED)
        assert "network" in check.message
        await spot.parts.account.logout()
        connection, account = await check_all(spot.parts)
        assert "network" in connection.message
        assert account.level is CheckLevel.FAILED


@virtual
async def test_a_dead_login(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await asyncio.sleep(3600)
        spot.fake.refresh_token = "revoked"
        check = await worst(spot)
        assert (check.name, check.level) == ("spotify login", CheckLevel.FAILED)
        assert "ended the login" in check.message


@virtual
async def test_a_client_id_that_spotify_no_longer_knows(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await asyncio.sleep(3600)
        spot.fake.once("POST /api/token", oauth_error("invalid_client"))
        assert "client id" in (await worst(spot)).message


@virtual
async def test_a_login_that_ends_soon(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await asyncio.sleep(170 * 86_400)
        check = await worst(spot)
        assert (check.level, "10 days" in check.message) == (CheckLevel.WARNING, True)


@virtual
async def test_a_login_that_lacks_permissions(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        spot.token_file.save(login(spot.clock, scope="user-library-read user-read-playback-state"))
        check = await worst(spot)
        assert (check.level, "permissions" in check.message) == (CheckLevel.WARNING, True)


@virtual
async def test_spotify_asks_us_to_wait(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once("GET /v1/me/player/devices", error(429, "wait", Retry_After="30"))
        check = await worst(spot)
        assert (check.level, "30 s" in check.message) == (CheckLevel.WARNING, True)


@virtual
async def test_devices(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.devices = []
        assert "no device is awake" in (await worst(spot)).message
        spot.fake.devices = [device_json("Living Room", is_restricted=True)]
        assert "Living Room" in (await worst(spot)).message
