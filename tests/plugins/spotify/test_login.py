"""Logging in, with everything that people paste."""

import asyncio
import base64
import hashlib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from moodroom_hub.core.config.models import Settings
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import LoginStatus
from moodroom_hub.plugins.spotify.accounts import SCOPES
from moodroom_hub.plugins.spotify.redirects import default_redirect, is_fit_redirect
from tests.plugins.spotify.fake import Reply, oauth_error
from tests.plugins.spotify.lab import CLIENT_ID, Lab, lab, virtual

TOKEN = "POST /api/token"


async def begin(spot: Lab) -> tuple[str, dict[str, str]]:
    """Begin a login; gives its state and what the address says."""
    address = urlsplit(await spot.parts.account.begin_login())
    query = {name: values[0] for name, values in parse_qs(address.query, strict_parsing=True).items()}
    spot.fake.codes["code-1"] = query["code_challenge"]
    return query["state"], query


async def refused(spot: Lab, answer: str) -> Trouble:
    """The trouble that an answer gives."""
    with pytest.raises(Trouble) as trouble:
        await spot.parts.account.finish_login(answer)
    assert "code-1" not in trouble.value.message
    return trouble.value


@virtual
async def test_the_whole_way(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        state, query = await begin(spot)
        assert query["client_id"] == CLIENT_ID
        assert query["redirect_uri"] == "http://127.0.0.1:7777/callback"
        assert set(query["scope"].split()) == set(SCOPES)
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        await spot.parts.account.finish_login(f"http://127.0.0.1:7777/callback?code=code-1&state={state}")
        form = {name: values[0] for name, values in parse_qs(spot.fake.asked[0].body).items()}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == query["code_challenge"]
        assert 43 <= len(form["code_verifier"]) <= 128
        assert form["redirect_uri"] == query["redirect_uri"]
        assert "client_secret" not in form
        account = spot.parts.account
        assert (account.name, account.login_state(spot.clock.now_ms()).days_left) == ("Spotify", 180)
        assert [each.status for each in spot.told] == [LoginStatus.OK]
        await spot.parts.source.look()


@pytest.mark.parametrize(
    "answer",
    [
        "  http://127.0.0.1:7777/callback?code=code-1&state={state}\n",
        "http://127.0.0.1:7777/call\nback?co de=code-1&sta\n  te={state}",
        "http://localhost:7777/callback?state={state}&code=code-1",
        "https://hub.example/callback?code=code-1&state={state}#_=_",
        "?code=code-1&state={state}",
        "code=code-1&state={state}",
        "127.0.0.1:7777/callback?code=code-1&amp;state={state}",
        '"http://127.0.0.1:7777/callback?code=code-1&state={state}"',
        "<http://127.0.0.1:7777/callback?code=code-1&state={state}>",
    ],
)
def test_what_people_paste(tmp_path: Path, answer: str) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path, is_logged_in=False) as spot:
            state, _ = await begin(spot)
            await spot.parts.account.finish_login(answer.format(state=state))
            assert spot.token_file.load() is not None

    run()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("", "Nothing was pasted"),
        (" \n ", "Nothing was pasted"),
        ("code-1", "not whole"),
        ("http://127.0.0.1:7777/callback", "not whole"),
        ("http://127.0.0.1:7777/callback?code=code-1", "not whole"),
        ("http://127.0.0.1:7777/callback?state={state}", "holds no code"),
        ("http://127.0.0.1:7777/callback?code=code-1&state=forged", "belongs to no login"),
        ("http://127.0.0.1:7777/callback?code=code-1&state=", "not whole"),
        ("http://127.0.0.1:7777/callback?error=access_denied&state={state}", "Cancel"),
        ("http://127.0.0.1:7777/callback?error=%3Cscript%3E&state={state}", "refused the login"),
        ("https://accounts.spotify.com/authorize?code_challenge=x&state={state}", "address of the login page"),
        ("http://[::1/?code=1&state=\x00", "belongs to no login"),
        ("x" * 100_000, "not whole"),
    ],
)
def test_what_is_no_answer_says_what_to_do(tmp_path: Path, answer: str, says: str) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path, is_logged_in=False) as spot:
            state, _ = await begin(spot)
            trouble = await refused(spot, answer.format(state=state))
            assert trouble.code is TroubleCode.BAD_REQUEST
            assert says in trouble.message
            assert "<script>" not in trouble.message
            assert spot.fake.asked == []

    run()


@virtual
async def test_an_answer_is_good_once(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        state, _ = await begin(spot)
        answer = f"http://127.0.0.1:7777/callback?code=code-1&state={state}"
        results = await asyncio.gather(
            *(spot.parts.account.finish_login(answer) for _ in range(2)), return_exceptions=True
        )
        assert [type(each) for each in results] == [type(None), Trouble]
        trouble = await refused(spot, answer)
        assert (trouble.code, "used already" in trouble.message) == (TroubleCode.CONFLICT, True)
        assert len(spot.fake.asked) == 1


@virtual
async def test_a_login_is_good_for_ten_minutes(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        early, _ = await begin(spot)
        await asyncio.sleep(599)
        late, _ = await begin(spot)
        await asyncio.sleep(2)
        assert "10 minutes" in (await refused(spot, f"?code=code-1&state={early}")).message
        await spot.parts.account.finish_login(f"?code=code-1&state={late}")


@virtual
async def test_several_at_once_and_each_has_its_own_verifier(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        states = [await begin(spot) for _ in range(3)]
        assert len({query["code_challenge"] for _, query in states}) == 3
        for state, _ in states:
            await spot.parts.account.finish_login(f"?code=code-1&state={state}")


@virtual
async def test_many_logins_under_way_push_out_the_oldest(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        states = [(await begin(spot))[0] for _ in range(30)]
        await refused(spot, f"?code=code-1&state={states[0]}")
        await spot.parts.account.finish_login(f"?code=code-1&state={states[-1]}")


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (oauth_error("invalid_grant", "Authorization code expired"), "too old"),
        (oauth_error("invalid_grant", "Invalid redirect URI"), "Redirect URIs"),
        (oauth_error("invalid_client", "Invalid client"), "client_id"),
        (Reply(400, "<html>"), "too old"),
    ],
)
def test_a_code_that_is_refused(tmp_path: Path, reply: Reply, says: str) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path, is_logged_in=False) as spot:
            state, _ = await begin(spot)
            spot.fake.once(TOKEN, reply)
            trouble = await refused(spot, f"?code=code-1&state={state}")
            assert says in trouble.message
            assert (await refused(spot, f"?code=code-1&state={state}")).code is TroubleCode.CONFLICT
            assert len(spot.fake.asked) == 1

    run()


@pytest.mark.parametrize("reply", [Reply(503), Reply(hangs=True), Reply(200, {"access_token": "a"})])
def test_a_network_that_fails_leaves_the_answer_good(tmp_path: Path, reply: Reply) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path, is_logged_in=False) as spot:
            state, _ = await begin(spot)
            spot.fake.once(TOKEN, reply)
            assert (await refused(spot, f"?code=code-1&state={state}")).code is TroubleCode.UNAVAILABLE
            await spot.parts.account.finish_login(f"?code=code-1&state={state}")

    run()


@virtual
async def test_logging_out_forgets_everything(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        state, _ = await begin(spot)
        await spot.parts.account.logout()
        assert not (tmp_path / "spotify-token.json").exists()
        assert spot.parts.account.login_state(spot.clock.now_ms()).status is LoginStatus.NEEDED
        assert "belongs to no login" in (await refused(spot, f"?code=code-1&state={state}")).message
        await spot.parts.account.logout()


@virtual
async def test_without_a_client_id_everything_says_so(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False, client_id=None) as spot:
        account = spot.parts.account
        state = account.login_state(spot.clock.now_ms())
        assert (state.status, state.days_left) == (LoginStatus.NOT_CONFIGURED, None)
        assert "plugins.spotify.client_id" in state.reason
        with pytest.raises(Trouble) as trouble:
            await account.begin_login()
        assert trouble.value.code is TroubleCode.BAD_REQUEST
        assert (await refused(spot, "?code=1&state=2")).code is TroubleCode.BAD_REQUEST
        with pytest.raises(Trouble) as trouble:
            await spot.parts.source.look()
        assert trouble.value.code is TroubleCode.LOGIN_NEEDED


@virtual
async def test_a_redirect_of_the_callers_choice(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        address = await spot.parts.account.begin_login("http://127.0.0.1:8080/callback")
        assert "127.0.0.1%3A8080%2Fcallback" in address
        with pytest.raises(Trouble) as trouble:
            await spot.parts.account.begin_login("http://192.168.1.2/callback")
        assert trouble.value.code is TroubleCode.BAD_REQUEST


@pytest.mark.parametrize(
    ("uri", "is_fit"),
    [
        ("http://127.0.0.1:7777/callback", True),
        ("http://127.0.0.1/callback", True),
        ("http://[::1]:7777/callback", True),
        ("https://hub.example/callback", True),
        ("http://localhost:7777/callback", False),
        ("https://localhost/callback", False),
        ("http://192.168.1.2:7777/callback", False),
        ("http://hub.example/callback", False),
        ("http://127.0.0.1.evil.example/callback", False),
        ("http://127.0.0.1@evil.example/callback", False),
        ("https://hub.example/callback?x=1", False),
        ("https://[::1/callback", False),
        ("ftp://127.0.0.1/", False),
        ("", False),
    ],
)
def test_where_spotify_sends_browsers_back_to(uri: str, is_fit: bool) -> None:
    assert is_fit_redirect(uri) is is_fit


@pytest.mark.parametrize(
    ("configured", "base_url", "port", "expected"),
    [
        (None, None, 7777, "http://127.0.0.1:7777/callback"),
        (None, None, 0, "http://127.0.0.1:7777/callback"),
        (None, "https://hub.example/", 80, "https://hub.example/callback"),
        (None, "http://hub.lan", 8000, "http://127.0.0.1:8000/callback"),
        ("https://other.example/x", "https://hub.example", 80, "https://other.example/x"),
    ],
)
def test_the_usual_redirect(configured: str | None, base_url: str | None, port: int, expected: str) -> None:
    assert default_redirect(configured, base_url, port) == expected


@virtual
async def test_the_hubs_own_name_is_used_where_it_is_fit(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        await spot.parts.close()
        settings = Settings.model_validate({"web": {"base_url": "https://hub.example"}})
        spot.restart(settings)
        assert "https%3A%2F%2Fhub.example%2Fcallback" in await spot.parts.account.begin_login()
