"""Spotify's accounts service: the login page's address and the token endpoint. Blocking; called in threads."""

import math
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.plugins.spotify.failures import (
    Action,
    SpotifyTrouble,
    rate_limited,
    read_failure,
    trouble_for,
    unreachable,
)
from moodroom_hub.plugins.spotify.session import TIMEOUT_S, close, in_words, was_surely_not_sent

SCOPES = (
    "user-read-playback-state",
    "user-modify-playback-state",
    "user-read-currently-playing",
    "user-read-recently-played",
    "user-library-read",
    "playlist-read-private",
    "playlist-read-collaborative",
    "playlist-modify-private",
    "playlist-modify-public",
)
_TOKEN_LIFE_S = 3_600
_LONGEST_LIFE_S = 86_400
_UNHINTED_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Grant:
    """What the token endpoint gave. ``refresh_token`` is ``None`` where the old one stays good."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in_s: int
    scope: str | None


class GrantRefusedError(Exception):
    """The token endpoint said no for good. ``error`` is its OAuth word, ``description`` lower case for matching."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


class AccountsService:
    """Speaks to the accounts service at ``url`` (with its trailing slash) for one client id."""

    def __init__(self, client_id: str, url: str, session: requests.Session) -> None:
        self._client_id = client_id
        self._url = url
        self._session = session

    def authorize_url(self, *, redirect_uri: str, state: str, challenge: str) -> str:
        """The address of Spotify's login page for one login. No I/O."""
        query = urlencode(
            {
                "client_id": self._client_id,
                "response_type": "code",
                "redirect_uri": redirect_uri,
                "code_challenge_method": "S256",
                "code_challenge": challenge,
                "scope": " ".join(SCOPES),
                "state": state,
            }
        )
        return f"{self._url}authorize?{query}"

    def exchange(self, *, code: str, verifier: str, redirect_uri: str) -> Grant:
        """Turn a login's code into tokens. Raises ``GrantRefusedError`` or ``Trouble``."""
        return self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "client_id": self._client_id,
                "code_verifier": verifier,
            },
            Action("finish the login", is_player=False),
        )

    def refresh(self, refresh_token: str) -> Grant:
        """Get a fresh access token. Raises ``GrantRefusedError`` or ``Trouble``."""
        return self._ask(
            {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": self._client_id},
            Action("renew the login's token", is_player=False),
        )

    def try_login_page(self, redirect_uri: str) -> str | None:
        """Open the login page as a browser would; ``None``, or what Spotify finds wrong with the app's registration.

        Raises ``Trouble(UNAVAILABLE)`` without an answer. A best effort: Spotify promises no shape of that page.
        """
        address = self.authorize_url(redirect_uri=redirect_uri, state="check", challenge="check" * 9)
        try:
            answer = self._session.get(address, timeout=TIMEOUT_S, allow_redirects=False)
        except requests.TooManyRedirects:  # one is too many for this session: here it means "on to the login"
            return None
        except requests.RequestException as error:
            raise unreachable(Action("show its login page"), was_sent=False, why=in_words(error)) from None
        words = answer.text[:20_000].casefold() if answer.status_code >= 400 else ""
        if "redirect" in words and "invalid" in words:
            return "redirect_uri"
        return "client_id" if "invalid_client" in words or "invalid client" in words else None

    def close(self) -> None:
        """Let go of the connections."""
        close(self._session)

    def _ask(self, form: dict[str, str], action: Action) -> Grant:
        try:
            answer = self._session.post(f"{self._url}api/token", data=form, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            was_sent = not was_surely_not_sent(error)
            raise unreachable(action, was_sent=was_sent, why=in_words(error)) from None
        if answer.status_code == 200:
            return _read_grant(answer)
        failure = read_failure(answer.status_code, answer.headers, answer.content)
        if failure.status == 429:
            raise rate_limited(failure.retry_after_s or _UNHINTED_WAIT_S, failure.status)
        if failure.status in {400, 401}:
            raise GrantRefusedError(*_oauth_words(answer))
        raise trouble_for(failure, action)


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _oauth_words(answer: requests.Response) -> tuple[str, str]:
    content = _json(answer)
    error = content.get("error")
    known = error if isinstance(error, str) and error.isascii() and len(error) < 60 else "unknown"
    return known, str(content.get("error_description", "")).casefold()


def _read_grant(answer: requests.Response) -> Grant:
    content = _json(answer)
    access = content.get("access_token")
    if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
        raise SpotifyTrouble(
            TroubleCode.UNAVAILABLE, "Spotify's login service gave an answer without a token; the hub tries again."
        )
    renewed = content.get("refresh_token")
    scope = content.get("scope")
    return Grant(
        access_token=access,
        refresh_token=renewed if isinstance(renewed, str) and renewed else None,
        expires_in_s=_life_s(content.get("expires_in")),
        scope=scope if isinstance(scope, str) else None,
    )


def _life_s(said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said) or said <= 0:
        return _TOKEN_LIFE_S
    return int(min(said, _LONGEST_LIFE_S))
