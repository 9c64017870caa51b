"""A little Spotify over a real socket, for answers that a well-behaved one never gives.

It keeps a tiny player; any call can be scripted to answer (once, or for ever) in any odd way.
"""

import asyncio
import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

LATE_NIGHT = "spotify:track:2lateNight000000000001"
HOUSE = "spotify:track:2house0000000000000002"
RELINKED = "spotify:track:2relinked00000000000003"


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted answer. ``acts``: the command takes effect all the same. ``hangs``: no answer ever comes."""

    status: int = 200
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    acts: bool = False
    hangs: bool = False
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    body: str
    token: str

    @property
    def call(self) -> str:
        """``PUT /v1/me/player/play``."""
        return f"{self.method} {self.path}"


def error(status: int, message: str, reason: str | None = None, **headers: str) -> Reply:
    """A refusal as the Web API usually puts it."""
    content: dict[str, Any] = {"status": status, "message": message}
    if reason is not None:
        content["reason"] = reason
    return Reply(status, {"error": content}, {name.replace("_", "-"): value for name, value in headers.items()})


def oauth_error(word: str, description: str = "", status: int = 400) -> Reply:
    """A refusal of the token endpoint."""
    return Reply(status, {"error": word, "error_description": description})


def track_json(uri: str, name: str = "Marvins Room", **more: Any) -> dict[str, Any]:
    """A track as the Web API shows it."""
    return {
        "type": "track",
        "id": uri.rpartition(":")[2],
        "uri": uri,
        "name": name,
        "artists": [{"name": "Drake"}],
        "album": {"name": "Take Care", "images": [{"url": "https://i.scdn.co/image/a", "width": 300}]},
        "duration_ms": 347_000,
        "external_ids": {"isrc": "USCM51100600"},
        **more,
    }


def device_json(name: str, key: str | None = None, **more: Any) -> dict[str, Any]:
    """A device as the Web API shows it."""
    return {
        "id": key or f"id-of-{name.lower().replace(' ', '-')}",
        "name": name,
        "type": "Speaker",
        "is_active": False,
        "is_restricted": False,
        "is_private_session": False,
        "volume_percent": 40,
        **more,
    }


class FakeSpotify:
    """The service. ``uri`` is what plays; ``lag`` looks still show the moment before; ``asked`` is all that came in.

    ``hung`` is released whenever a request has come to where it gets no answer.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.script: dict[str, deque[Reply]] = defaultdict(deque)
        self.always: dict[str, Reply] = {}
        self.devices: list[dict[str, Any]] = [device_json("Kitchen", is_active=True)]
        self.uri: str | None = None
        self.is_playing = False
        self.position_ms = 0
        self.queue: list[str] = []
        self.sleepers: set[str] = set()
        self.lag = 0
        self.relinks: dict[str, str] = {}
        self.search_results: list[Any] = []
        self.tokens_given = 0
        self.valid_token = "access-0"
        self.refresh_token = "refresh-0"
        self.rotates = True
        self.codes: dict[str, str] = {}
        self.came: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.watcher: Callable[[Asked], None] = lambda _: None
        self.hung = threading.Semaphore(0)
        self._seen: tuple[str | None, bool] = (None, False)
        self._is_over = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        """Begin to listen on a free port."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """Close every connection."""
        self._is_over.set()
        await asyncio.sleep(0.01)  # whoever hangs in here goes first
        if self._runner is not None:
            await self._runner.cleanup()
            await asyncio.sleep(0.01)

    def calls(self, beginning: str = "") -> list[str]:
        """The calls that came in, in order, of this beginning."""
        return [each.call for each in self.asked if each.call.startswith(beginning)]

    def once(self, call: str, *replies: Reply) -> None:
        """Answer the next such calls like this."""
        self.script[call].extend(replies)

    def will_hang(self, call: str) -> bool:
        """Whether the next such call gets no answer. Any thread may ask."""
        waiting = self.script.get(call)
        reply = waiting[0] if waiting else self.always.get(call)
        return reply is not None and reply.hangs

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        asked = Asked(request.method, request.path, dict(request.query), await request.text(), token)
        self.asked.append(asked)
        self.watcher(asked)
        self.came[asked.call].set()
        waiting = self.script.get(asked.call)
        reply = waiting.popleft() if waiting else self.always.get(asked.call)
        if reply is not None:
            if reply.acts:
                self._answer(asked)
            if reply.hangs:
                self.hung.release()
                await self._is_over.wait()
            if reply.breaks and request.transport is not None:
                request.transport.close()
            return _response(reply)
        return _response(self._answer(asked))

    def _answer(self, asked: Asked) -> Reply:
        if asked.path == "/api/token":
            return self._give_token(asked)
        if not asked.path.startswith("/v1/"):
            return Reply(200, "a page")
        if asked.token != self.valid_token:
            return error(401, "The access token expired")
        handlers: dict[str, Callable[[Asked], Reply]] = {
            "GET /v1/me/player": self._state,
            "PUT /v1/me/player": self._transfer,
            "GET /v1/me/player/devices": lambda _: Reply(200, {"devices": self.devices}),
            "PUT /v1/me/player/play": self._play,
            "PUT /v1/me/player/pause": self._pause,
            "POST /v1/me/player/next": lambda _: self._need_active(),
            "POST /v1/me/player/queue": self._enqueue,
            "GET /v1/me/player/queue": lambda _: Reply(200, {"queue": [track_json(uri) for uri in self.queue]}),
            "GET /v1/search": lambda _: Reply(200, {"tracks": {"items": self.search_results}}),
        }
        handler = handlers.get(asked.call)
        return error(404, "Service not found") if handler is None else handler(asked)

    def _give_token(self, asked: Asked) -> Reply:
        form = dict(pair.split("=", 1) for pair in asked.body.split("&"))
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh_token:
            return oauth_error("invalid_grant", "Refresh token revoked")
        if form["grant_type"] == "authorization_code" and form["code"] not in self.codes:
            return oauth_error("invalid_grant", "Invalid authorization code")
        self.tokens_given += 1
        self.valid_token = f"access-{self.tokens_given}"
        answer = {"access_token": self.valid_token, "token_type": "Bearer", "expires_in": 3600}
        if self.rotates or form["grant_type"] == "authorization_code":
            self.refresh_token = f"refresh-{self.tokens_given}"
            answer["refresh_token"] = self.refresh_token
        return Reply(200, answer)

    @property
    def _active(self) -> dict[str, Any] | None:
        return next((each for each in self.devices if each["is_active"]), None)

    def _state(self, _: Asked) -> Reply:
        now = (self.uri, self.is_playing)
        if self.lag > 0:
            self.lag -= 1
            uri, is_playing = self._seen
        else:
            uri, is_playing = self._seen = now
        if self._active is None:
            return Reply(204)
        shown = None if uri is None else track_json(self.relinks.get(uri, uri))
        return Reply(
            200,
            {
                "device": self._active,
                "item": shown,
                "currently_playing_type": "track",
                "is_playing": is_playing,
                "progress_ms": self.position_ms if (uri, is_playing) == now else 95_000,
                "context": None,
                "repeat_state": "off",
            },
        )

    def _need_active(self) -> Reply:
        if self._active is None:
            return error(404, "Player command failed: No active device found", "NO_ACTIVE_DEVICE")
        return Reply(200, "x7Yq-some-random-word")

    def _activate(self, key: str) -> bool:
        found = next((each for each in self.devices if each["id"] == key), None)
        if found is not None and key not in self.sleepers:
            for each in self.devices:
                each["is_active"] = each is found
        return found is not None

    def _transfer(self, asked: Asked) -> Reply:
        content = json.loads(asked.body)
        key = content["device_ids"][0]
        self.sleepers.discard(key)
        if not self._activate(key):
            return error(404, "Device not found")
        self.is_playing = self.is_playing or content["play"]
        return Reply(204)

    def _play(self, asked: Asked) -> Reply:
        key = asked.query.get("device_id")
        if key is not None and not self._activate(key):
            return error(404, "Device not found")
        if key in self.sleepers:
            return Reply(202)  # "accepted", and nothing happens
        refusal = self._need_active()
        if refusal.status == 200:
            content = json.loads(asked.body) if asked.body else {}
            if "uris" in content:
                self.uri, self.position_ms = content["uris"][0], 0
            self.is_playing = True
        return refusal

    def _pause(self, _: Asked) -> Reply:
        refusal = self._need_active()
        if refusal.status == 200:
            self.is_playing = False
        return refusal

    def _enqueue(self, asked: Asked) -> Reply:
        refusal = self._need_active()
        if refusal.status == 200:
            self.queue.append(asked.query["uri"])
        return refusal


def _response(reply: Reply) -> web.Response:
    if reply.content is None:
        return web.Response(status=reply.status, headers=dict(reply.headers))
    if isinstance(reply.content, bytes):
        return web.Response(status=reply.status, headers=dict(reply.headers), body=reply.content)
    if isinstance(reply.content, str):
        return web.Response(status=reply.status, headers=dict(reply.headers), text=reply.content)
    return web.json_response(reply.content, status=reply.status, headers=dict(reply.headers))
