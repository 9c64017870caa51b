"""The accounts service: authorize, token, refresh; PKCE only, as a public client meets it."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from random import Random
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from moodroom_hub.simulator.spotify_api.answers import (
    Answer,
    ApiError,
    OAuthError,
    html_answer,
    json_answer,
    text_answer,
)

ALL_SCOPES = (
    "user-read-playback-state user-modify-playback-state user-read-currently-playing "
    "user-read-recently-played user-library-read user-library-modify playlist-read-private "
    "playlist-read-collaborative playlist-modify-private playlist-modify-public"
)
ACCESS_LIFE_MS = 3_600_000
CODE_LIFE_MS = 600_000
REFRESH_LIFE_MS = 183 * 86_400_000
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LOOPBACKS = ("127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class AppRegistration:
    """One app of the developer dashboard, and how the service treats it.

    ``consent``: what the listener answers at the login page (``ask`` shows one). ``rotates_refresh_tokens``: each
    refresh gives a new refresh token and kills the old one. ``owner_has_premium`` / ``is_user_registered`` false
    make every call fail as the real one does.
    """

    client_id: str = "simulated0client0id0000000000000"
    redirect_uris: tuple[str, ...] = ("http://127.0.0.1:7777/callback", "http://127.0.0.1/callback")
    consent: Literal["grant", "deny", "ask"] = "grant"
    rotates_refresh_tokens: bool = True
    owner_has_premium: bool = True
    is_user_registered: bool = True


@dataclass(frozen=True, slots=True)
class _Grant:
    scope: str
    authorized_ms: int


@dataclass(frozen=True, slots=True)
class _Code:
    grant: _Grant
    redirect_uri: str
    challenge: str
    expires_ms: int


@dataclass(frozen=True, slots=True)
class _Access:
    scope: str
    expires_ms: int


class Accounts:
    """Grants and checks tokens."""

    def __init__(self, app: AppRegistration, seed: int) -> None:
        self.app = app
        self._rng = Random(f"accounts:{seed}")
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, _Access] = {}
        self._refresh: dict[str, _Grant] = {}

    # for tests and demos

    def issue(self, scope: str, now_ms: int) -> dict[str, Any]:
        """Tokens as a finished login gives them, plus ``expires_at`` (epoch seconds) and ``authorized_at_ms``."""
        tokens = self._tokens(_Grant(scope, now_ms), now_ms, None)
        return {**tokens, "expires_at": (now_ms + ACCESS_LIFE_MS) // 1000, "authorized_at_ms": now_ms}

    def expire_access_tokens(self) -> None:
        """All access tokens are out of date from now on."""
        self._access = {token: _Access(one.scope, 0) for token, one in self._access.items()}

    def kill_refresh_tokens(self) -> None:
        """The listener removed the app's access: no refresh works any more."""
        self._refresh.clear()

    # the API's side

    def check(self, headers: Mapping[str, str], now_ms: int) -> frozenset[str]:
        """The scopes of the bearer token. Raises ``ApiError`` 401, or 403 where the account is not allowed."""
        given = {name.lower(): value for name, value in headers.items()}.get("authorization", "")
        kind, _, token = given.partition(" ")
        if not token:
            raise ApiError(401, "No token provided")
        if kind.lower() != "bearer":
            raise ApiError(400, "Only valid bearer authentication supported")
        access = self._access.get(token)
        if access is None:
            raise ApiError(401, "Invalid access token")
        if now_ms >= access.expires_ms:
            raise ApiError(401, "The access token expired")
        if not self.app.owner_has_premium:
            raise ApiError(403, "Active premium subscription required for the owner of the app.")
        if not self.app.is_user_registered:
            raise ApiError(403, "User not registered in the Developer Dashboard", is_plain_text=True)
        return frozenset(access.scope.split())

    # its own two addresses

    def authorize(self, query: Mapping[str, str], now_ms: int) -> Answer:
        """``GET /authorize``: sends the browser back with a code, or shows why not."""
        if query.get("client_id") != self.app.client_id:
            return text_answer(400, "INVALID_CLIENT: Invalid client")
        redirect_uri = query.get("redirect_uri", "")
        if not _is_registered(redirect_uri, self.app.redirect_uris):
            return text_answer(400, "INVALID_CLIENT: Invalid redirect URI")
        state = {"state": query["state"]} if "state" in query else {}
        if query.get("response_type") != "code":
            return _redirect(redirect_uri, {"error": "unsupported_response_type", **state})
        if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
            return _redirect(redirect_uri, {"error": "invalid_request", **state})
        consent = self.app.consent
        if consent == "ask":
            answered = query.get("simulated_consent")
            if answered not in ("grant", "deny"):
                return html_answer(200, _consent_page(query))
            consent = "grant" if answered == "grant" else "deny"
        if consent == "deny":
            return _redirect(redirect_uri, {"error": "access_denied", **state})
        known = set(ALL_SCOPES.split())
        scope = " ".join(one for one in query.get("scope", "").split() if one in known)
        code = self._secret("code", 120)
        grant = _Grant(scope, now_ms)
        self._codes[code] = _Code(grant, redirect_uri, query["code_challenge"], now_ms + CODE_LIFE_MS)
        return _redirect(redirect_uri, {"code": code, **state})

    def token(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> Answer:
        """``POST /api/token``: code or refresh token against tokens."""
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            if "client_id" not in form and "authorization" not in {name.lower() for name in headers}:
                raise OAuthError("invalid_client", "Invalid client")
            if form.get("client_id", self.app.client_id) != self.app.client_id:
                raise OAuthError("invalid_client", "Invalid client")
            match form.get("grant_type"):
                case "authorization_code":
                    return json_answer(200, self._redeem(form, now_ms))
                case "refresh_token":
                    return json_answer(200, self._renew(form, now_ms))
                case _:
                    raise OAuthError("unsupported_grant_type", "grant_type must be authorization_code or refresh_token")
        except OAuthError as refusal:
            return refusal.answer()

    def _redeem(self, form: Mapping[str, str], now_ms: int) -> dict[str, Any]:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            raise OAuthError("invalid_grant", "Invalid authorization code")
        if now_ms >= code.expires_ms:
            raise OAuthError("invalid_grant", "Authorization code expired")
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthError("invalid_grant", "Invalid redirect URI")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not hmac.compare_digest(challenge.encode(), code.challenge.encode()):
            raise OAuthError("invalid_grant", "code_verifier was incorrect")
        return self._tokens(code.grant, now_ms, None)

    def _renew(self, form: Mapping[str, str], now_ms: int) -> dict[str, Any]:
        token = form.get("refresh_token", "")
        grant = self._refresh.get(token)
        if grant is None:
            raise OAuthError("invalid_grant", "Invalid refresh token")
        if now_ms >= grant.authorized_ms + REFRESH_LIFE_MS:
            del self._refresh[token]
            raise OAuthError("invalid_grant", "Refresh token expired")
        if self.app.rotates_refresh_tokens:
            del self._refresh[token]
            return self._tokens(grant, now_ms, None)
        return self._tokens(grant, now_ms, token)

    def _tokens(self, grant: _Grant, now_ms: int, kept: str | None) -> dict[str, Any]:
        """New tokens; a refresh token that is kept is not sent again."""
        access = self._secret("access", 150)
        self._access[access] = _Access(grant.scope, now_ms + ACCESS_LIFE_MS)
        answer = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": ACCESS_LIFE_MS // 1000,
            "scope": grant.scope,
        }
        if kept is None:
            answer["refresh_token"] = self._secret("refresh", 131)
            self._refresh[str(answer["refresh_token"])] = grant
        return answer

    def _secret(self, kind: str, length: int) -> str:
        return f"sim-{kind}-" + "".join(self._rng.choices(_ALPHABET, k=length))


def _is_registered(redirect_uri: str, registered: Iterable[str]) -> bool:
    """Exact match; a loopback address registered without a port matches with any."""
    if redirect_uri in registered:
        return True
    asked = urlsplit(redirect_uri)
    if asked.scheme != "http" or asked.netloc.rsplit(":", 1)[0] not in _LOOPBACKS:
        return False
    without_port = urlunsplit(asked._replace(netloc=asked.netloc.rsplit(":", 1)[0]))
    return without_port in registered


def _redirect(redirect_uri: str, query: Mapping[str, str]) -> Answer:
    joint = "&" if "?" in redirect_uri else "?"
    return Answer(302, {"Location": redirect_uri + joint + urlencode(query)})


def _consent_page(query: Mapping[str, str]) -> str:
    def link(answered: str) -> str:
        return escape("/authorize?" + urlencode({**query, "simulated_consent": answered}), quote=True)

    return (
        "<!doctype html><meta charset=utf-8><title>Simulated Spotify</title>"
        "<body style='font:18px sans-serif;max-width:30rem;margin:4rem auto'>"
        f"<h1>Simulated Spotify</h1><p>An app asks for: {escape(query.get('scope', ''))}</p>"
        f"<p><a href='{link('grant')}'>Agree</a> · <a href='{link('deny')}'>Cancel</a></p>"
    )
