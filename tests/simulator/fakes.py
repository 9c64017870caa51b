"""A fake over a small world, asked without any transport."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from moodroom_hub.simulator.faults import FaultPlan
from moodroom_hub.simulator.spotify_api import ALL_SCOPES, Answer, AppRegistration, FakeSpotify, Habits, Limits
from moodroom_hub.simulator.world import World
from tests.simulator.homes import HandClock, small_world

VERIFIER = "a-verifier-of-the-tests-that-is-long-enough-for-the-rule"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:7777/callback"


class Asker:
    """World, clock and fake, with a logged-in client."""

    def __init__(
        self,
        *,
        world: World | None = None,
        clock: HandClock | None = None,
        faults: FaultPlan | None = None,
        limits: Limits | None = None,
        habits: Habits | None = None,
        app: AppRegistration | None = None,
        scope: str = ALL_SCOPES,
    ) -> None:
        self.clock = clock or HandClock()
        self.world = world or small_world(self.clock)
        self.fake = FakeSpotify(self.world, faults=faults, limits=limits, habits=habits, app=app, seed=7)
        self.token = self.fake.issue_tokens(scope)["access_token"]

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Answer:
        """One API request."""
        content = b"" if body is None else json.dumps(body).encode()
        given = {name: str(value) for name, value in query.items()}
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.fake.handle(method, "/v1" + path, given, headers, content)

    def error(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str, str | None]:
        """Status, message and reason of a refused request."""
        answer = self.ask(method, path, body, **query)
        error = answer.json()["error"]
        assert error["status"] == answer.status
        return answer.status, error["message"], error.get("reason")

    def authorize(self, **changes: str) -> Answer:
        """The browser's visit."""
        query = {
            "client_id": self.fake.app.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "code_challenge_method": "S256",
            "code_challenge": CHALLENGE,
            "scope": "user-read-playback-state user-library-read",
            "state": "the-state",
        }
        return self.fake.handle("GET", "/authorize", query | changes, {})

    def code(self, **changes: str) -> str:
        """A fresh authorisation code."""
        landed = urlsplit(self.authorize(**changes).headers["Location"])
        return dict(parse_qsl(landed.query))["code"]

    def token_answer(self, **form: str) -> Answer:
        """A request to the token endpoint."""
        body = urlencode({"client_id": self.fake.app.client_id, **form}).encode()
        return self.fake.handle("POST", "/api/token", {}, {}, body)

    def redeem(self, **changes: str) -> Answer:
        """The code against tokens."""
        form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.token_answer(**(form | changes))

    def refresh(self, refresh_token: str) -> Answer:
        """A refresh as a public client makes it: without a secret."""
        return self.token_answer(grant_type="refresh_token", refresh_token=refresh_token)
