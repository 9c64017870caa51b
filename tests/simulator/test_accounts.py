"""Login as a public client meets it: PKCE, exact addresses, rotating and dying tokens."""

import dataclasses
from urllib.parse import parse_qsl, urlsplit

import pytest

from moodroom_hub.simulator.spotify_api import AppRegistration
from tests.simulator.fakes import CALLBACK, Asker

DAY_MS = 86_400_000


def test_a_login_gives_tokens_with_the_scopes_that_were_asked_for() -> None:
    asker = Asker()
    answer = asker.authorize()
    landed = urlsplit(answer.headers["Location"])
    assert answer.status == 302
    assert answer.headers["Location"].startswith(CALLBACK + "?")
    assert dict(parse_qsl(landed.query))["state"] == "the-state"
    tokens = asker.redeem(code=asker.code()).json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert tokens["scope"] == "user-read-playback-state user-library-read"
    asker.token = tokens["access_token"]
    assert asker.ask("GET", "/me/player/devices").status == 200
    assert asker.error("PUT", "/me/player/pause") == (403, "Insufficient client scope", None)


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({"client_id": "another"}, b"INVALID_CLIENT: Invalid client"),
        ({"redirect_uri": "http://localhost:7777/callback"}, b"INVALID_CLIENT: Invalid redirect URI"),
        ({"redirect_uri": "http://127.0.0.1:7777/callback/"}, b"INVALID_CLIENT: Invalid redirect URI"),
        ({"redirect_uri": "http://192.168.1.2:7777/callback"}, b"INVALID_CLIENT: Invalid redirect URI"),
        ({"redirect_uri": "https://127.0.0.1:7777/callback"}, b"INVALID_CLIENT: Invalid redirect URI"),
    ],
)
def test_foreign_clients_and_addresses_are_never_redirected(change: dict[str, str], body: bytes) -> None:
    answer = Asker().authorize(**change)
    assert (answer.status, answer.body) == (400, body)
    assert "Location" not in answer.headers


def test_a_loopback_address_registered_without_a_port_takes_any() -> None:
    asker = Asker()
    other = "http://127.0.0.1:49152/callback"
    assert asker.redeem(code=asker.code(redirect_uri=other), redirect_uri=other).status == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_anything_but_pkce_is_refused(change: dict[str, str], error: str) -> None:
    landed = urlsplit(Asker().authorize(**change).headers["Location"])
    assert dict(parse_qsl(landed.query)) == {"error": error, "state": "the-state"}


def test_the_listener_may_say_no_or_be_asked() -> None:
    refusing = Asker(app=AppRegistration(consent="deny"))
    assert "error=access_denied" in refusing.authorize().headers["Location"]
    asking = Asker(app=AppRegistration(consent="ask"))
    page = asking.authorize(state="<script>")
    assert page.status == 200
    assert b"<script>" not in page.body
    assert "code=" in asking.authorize(simulated_consent="grant").headers["Location"]
    assert "error=access_denied" in asking.authorize(simulated_consent="deny").headers["Location"]


def test_a_code_works_once_with_its_verifier_and_address_and_in_time() -> None:
    asker = Asker()
    code = asker.code()
    assert asker.redeem(code=code, code_verifier="wrong").json()["error"] == "invalid_grant"
    assert asker.redeem(code=code).json()["error_description"] == "Invalid authorization code"
    wrong_address = asker.redeem(code=asker.code(), redirect_uri="http://127.0.0.1:1/callback")
    assert wrong_address.json() == {"error": "invalid_grant", "error_description": "Invalid redirect URI"}
    late = asker.code()
    asker.clock.turn(11 * 60_000)
    assert asker.redeem(code=late).status == 400
    assert asker.token_answer(grant_type="password").json()["error"] == "unsupported_grant_type"
    assert asker.token_answer(client_id="another", grant_type="refresh_token").json()["error"] == "invalid_client"


def test_access_tokens_last_an_hour() -> None:
    asker = Asker()
    assert asker.ask("GET", "/me").status == 200
    asker.clock.turn(3_600_000)
    assert asker.error("GET", "/me") == (401, "The access token expired", None)
    asker.token = "made-up"
    assert asker.error("GET", "/me") == (401, "Invalid access token", None)
    assert asker.fake.handle("GET", "/v1/me", {}, {}).json()["error"]["message"] == "No token provided"


@pytest.mark.parametrize("rotates", [True, False])
def test_refreshing_rotates_or_keeps_the_refresh_token(rotates: bool) -> None:
    asker = Asker(app=AppRegistration(rotates_refresh_tokens=rotates))
    first = asker.redeem(code=asker.code()).json()["refresh_token"]
    answer = asker.refresh(first)
    assert answer.status == 200
    asker.token = answer.json()["access_token"]
    assert asker.ask("GET", "/me").status == 200
    assert ("refresh_token" in answer.json()) is rotates
    again = asker.refresh(first)
    assert again.status == (400 if rotates else 200)
    if rotates:
        assert again.json()["error"] == "invalid_grant"
        assert asker.refresh(answer.json()["refresh_token"]).status == 200


def test_refresh_tokens_die_six_months_after_the_login_however_often_they_are_used() -> None:
    asker = Asker()
    token = asker.redeem(code=asker.code()).json()["refresh_token"]
    for _ in range(18):
        asker.clock.turn(10 * DAY_MS)
        token = asker.refresh(token).json()["refresh_token"]
    asker.clock.turn(4 * DAY_MS)
    assert asker.refresh(token).json()["error"] == "invalid_grant"


def test_a_removed_app_and_a_lapsed_owner() -> None:
    asker = Asker()
    token = asker.redeem(code=asker.code()).json()["refresh_token"]
    asker.fake.app = dataclasses.replace(asker.fake.app, owner_has_premium=False)
    assert asker.error("GET", "/me")[0] == 403
    assert asker.refresh(token).status == 200
    asker.fake.app = dataclasses.replace(asker.fake.app, owner_has_premium=True, is_user_registered=False)
    assert asker.ask("GET", "/me").body == b"User not registered in the Developer Dashboard"
    asker.fake.accounts.kill_refresh_tokens()
    assert asker.refresh(token).status == 400
