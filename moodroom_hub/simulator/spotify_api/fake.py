"""The make-believe Spotify: one function from request to answer."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import unquote

from moodroom_hub.simulator.faults import BEFORE_EFFECT, Fault, FaultPlan, FaultRule
from moodroom_hub.simulator.spotify_api import library, player, playlists, songs
from moodroom_hub.simulator.spotify_api.accounts import ALL_SCOPES, Accounts, AppRegistration
from moodroom_hub.simulator.spotify_api.answers import Answer, ApiError, RequestSeen, text_answer
from moodroom_hub.simulator.spotify_api.limits import Limiter, Limits
from moodroom_hub.simulator.spotify_api.routes import Call, Habits, Route, RouteTable
from moodroom_hub.simulator.spotify_api.shapes import Shapes
from moodroom_hub.simulator.world import World

_TABLE = RouteTable((*player.ROUTES, *library.ROUTES, *playlists.ROUTES, *songs.ROUTES))

# What a new app no longer gets. The real service answers 403, without a reason.
_REMOVED_PREFIXES = (
    "/audio-features",
    "/audio-analysis",
    "/recommendations",
    "/browse",
    "/me/albums",
    "/me/episodes",
    "/me/shows",
    "/me/audiobooks",
    "/me/following",
    "/markets",
    "/users",
)
_REMOVED_EXACT = ("/tracks", "/albums", "/artists", "/episodes", "/shows", "/audiobooks", "/me/tracks/contains")
_REMOVED_ENDINGS = ("/tracks", "/followers", "/top-tracks", "/related-artists")


class FakeSpotify:
    """Web API and accounts service over a world. Thread-safe; knows no sockets and never sleeps.

    ``requests`` is its log. ``base_url`` (ending with ``/v1/``) is what its own links begin with.
    """

    def __init__(
        self,
        world: World,
        *,
        app: AppRegistration | None = None,
        faults: FaultPlan | None = None,
        limits: Limits | None = None,
        habits: Habits | None = None,
        seed: int = 0,
        base_url: str = "https://api.spotify.com/v1/",
    ) -> None:
        self.world = world
        self.accounts = Accounts(app or AppRegistration(), seed)
        self.faults = faults or FaultPlan.none()
        self.habits = habits or Habits()
        self.requests: list[RequestSeen] = []
        self.base_url = base_url
        self.image_url = "https://i.scdn.co/image/"
        self._limiter = Limiter(limits or Limits())
        self._rng = Random(f"fake:{seed}")
        self._lock = threading.RLock()

    @property
    def app(self) -> AppRegistration:
        """The app as the dashboard knows it."""
        return self.accounts.app

    @app.setter
    def app(self, app: AppRegistration) -> None:
        self.accounts.app = app

    @property
    def limits(self) -> Limits:
        """Rate limit and quotas."""
        return self._limiter.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._limiter.limits = limits

    def now_ms(self) -> int:
        """World time."""
        self.world.advance()
        return self.world.at_ms

    def issue_tokens(self, scope: str = ALL_SCOPES) -> dict[str, Any]:
        """Tokens as a finished login gives them."""
        with self._lock:
            return self.accounts.issue(scope, self.now_ms())

    def round_trip_ms(self) -> tuple[float, float]:
        """World time that the next request spends on the way there and back. Transports wait the first part
        before :meth:`handle`, the second part comes as ``Answer.delay_ms`` when it is passed along."""
        with self._lock:
            return self.faults.round_trip_ms()

    def handle(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes = b"",
        way_back_ms: float = 0.0,
    ) -> Answer:
        """Answer one request. ``path`` begins with ``/v1/`` for the API; ``query`` is decoded."""
        with self._lock:
            now_ms = self.now_ms()
            if path.startswith("/v1/"):
                answer = self._api(method, unquote(path[3:]), query, headers, body, now_ms)
            else:
                answer = self._accounts(method, path, query, headers, body, now_ms)
            return replace(answer, delay_ms=answer.delay_ms + way_back_ms)

    def _accounts(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        now_ms: int,
    ) -> Answer:
        endpoint = f"{method} {path}"
        if endpoint == "GET /authorize":
            answer = self.accounts.authorize(query, now_ms)
            self._log(now_ms, endpoint, answer)
            return answer
        if endpoint == "POST /api/token":
            return self._with_faults(endpoint, now_ms, lambda _fault: self.accounts.token(headers, body, now_ms))
        answer = text_answer(404, "Not found")
        self._log(now_ms, endpoint, answer)
        return answer

    def _api(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        now_ms: int,
    ) -> Answer:
        found = _TABLE.find(method, path)
        if found is None:
            refusal = ApiError(403, "Forbidden") if _is_removed(method, path) else ApiError(404, "Service not found")
            answer = refusal.answer()
            self._log(now_ms, f"{method} {path}", answer)
            return answer
        route, ids = found

        def work(fault: FaultRule | None) -> Answer:
            return self._call(route, ids, query, headers, body, now_ms, fault)

        return self._with_faults(route.endpoint, now_ms, work)

    def _call(
        self,
        route: Route,
        ids: Mapping[str, str],
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        now_ms: int,
        fault: FaultRule | None,
    ) -> Answer:
        try:
            self._limiter.admit(route.group, now_ms)
            scopes = self.accounts.check(headers, now_ms)
            if not scopes.issuperset(route.scopes):
                raise ApiError(403, "Insufficient client scope")
            call = Call(
                world=self.world,
                shapes=Shapes(self.base_url, self.image_url),
                faults=self.faults,
                habits=self.habits,
                rng=self._rng,
                now_ms=now_ms,
                query=query,
                body=body,
                scopes=scopes,
                ids=ids,
                fault=fault,
            )
            call.check_market()
            return route.handler(call)
        except ApiError as refusal:
            return refusal.answer()

    def _with_faults(self, endpoint: str, now_ms: int, work: Callable[[FaultRule | None], Answer]) -> Answer:
        rule = self.faults.strike(endpoint, now_ms)
        if rule is None:
            answer = work(None)
        elif rule.fault in BEFORE_EFFECT:
            answer = _instead(rule)
        else:
            answer = _afterwards(rule, work(rule))
        self._log(now_ms, endpoint, answer, rule)
        return answer

    def _log(self, now_ms: int, endpoint: str, answer: Answer, rule: FaultRule | None = None) -> None:
        status = 0 if answer.drop else answer.status
        self.requests.append(RequestSeen(now_ms, endpoint, status, rule.fault.value if rule else None))


def _is_removed(method: str, path: str) -> bool:
    if path == "/me/tracks":
        return method != "GET"
    return path in _REMOVED_EXACT or path.startswith(_REMOVED_PREFIXES) or path.endswith(_REMOVED_ENDINGS)


def _instead(rule: FaultRule) -> Answer:
    """The answer of a fault that keeps the request from taking effect."""
    match rule.fault:
        case Fault.HANG_BEFORE:
            return Answer(0, drop="hang")
        case Fault.RESET_BEFORE:
            return Answer(0, drop="reset")
        case Fault.ACCEPTED:
            return Answer(202)
        case Fault.FALSE_401:
            return ApiError(401, "Access token missing").answer()
        case Fault.FALSE_403:
            message = "Player command failed: Premium required"
            return ApiError(403, message, "PREMIUM_REQUIRED").answer()
        case Fault.TOO_MANY:
            wait = {"Retry-After": str(rule.retry_after_s)}
            return ApiError(429, "API rate limit exceeded", headers=wait).answer()
        case Fault.TOO_MANY_BARE:
            return ApiError(429, "API rate limit exceeded").answer()
        case Fault.QUOTA:
            wait = {"Retry-After": str(rule.retry_after_s)}
            return ApiError(429, "Quota exceeded", "QUOTA_EXCEEDED", headers=wait).answer()
        case Fault.BAD_REQUEST:
            return ApiError(400, "invalid id").answer()
        case Fault.NOT_FOUND:
            return ApiError(404, "Resource not found").answer()
        case _:
            return text_answer(rule.status, "upstream connect error or disconnect/reset before headers")


def _afterwards(rule: FaultRule, answer: Answer) -> Answer:
    """What becomes of an answer whose request took effect."""
    match rule.fault:
        case Fault.HANG_AFTER:
            return replace(answer, drop="hang")
        case Fault.RESET_AFTER:
            return replace(answer, drop="reset")
        case Fault.ERROR_AFTER:
            return text_answer(rule.status, "upstream request timeout")
        case Fault.GARBLED:
            return text_answer(200, "<html>Something went wrong</html>")
        case _:
            return answer
