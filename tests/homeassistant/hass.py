"""A real Home Assistant as a process, asked over its own REST and WebSocket interfaces."""

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.e2e.house import eventually
from tests.e2e.wire import Reply, ask
from tests.ports import free_port

START_S = 120.0
STOP_S = 60.0
PATIENCE_S = 45.0
"""The hub's calls to Spotify may be spent for half a minute where a test orders much at once."""

NOT_OURS = (
    "Skipping pip installation",
    "zlib_ng and isal",
    "libturbojpeg",
    # The broker is away: the test took it.
    "Failed to connect to MQTT server",
    "Disconnected from MQTT server",
    "Error returned from MQTT server: The connection was lost",
    "_async_resubscribe_and_publish_birth_message",
    "failed to receive on socket",
    # It was killed itself.
    "could not validate that the sqlite3 database",
    "Ended unfinished session",
)
"""Warnings that a Home Assistant of this kind has anyhow."""

_CONFIGURATION = """
homeassistant:
  name: Home
  unit_system: metric
http:
  server_host: 127.0.0.1
  server_port: {port}
frontend:
  development_repo: {frontend}
conversation:
recorder:
"""
_LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ (WARNING|ERROR|CRITICAL|FATAL) ", re.MULTILINE)


class HomeAssistant:
    """One installation in ``folder``. Only what is needed: no page (the package of the page is large), no cloud."""

    def __init__(self, python: str, folder: Path, broker_port: int) -> None:
        self.folder = folder
        self._python = python
        self._broker_port = broker_port
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._token = ""
        self._entry_id = ""
        self._said = folder / "said.log"
        self._heeded = 0
        frontend = folder / "frontend"
        for name in ("static", "frontend_latest", "frontend_es5"):
            (frontend / "hass_frontend" / name).mkdir(parents=True)
        (folder / "configuration.yaml").write_text(_CONFIGURATION.format(port=self._port, frontend=frontend))

    # its life

    def start(self) -> None:
        """Start it and wait until it runs; the first time, a user and the way to the broker are set up as well."""
        with self._said.open("ab") as said:
            self._process = subprocess.Popen(
                [self._python, "-m", "homeassistant", "-c", str(self.folder), "--skip-pip", "--log-no-color"],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        if not self._token:
            self._token = eventually(self._first_token, "Home Assistant takes its first user", START_S)
        eventually(self._is_running, "Home Assistant runs", START_S)
        if not self._entry_id:
            self._entry_id = self._add_broker()

    def stop(self) -> None:
        """An orderly end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """The end without a word."""
        self._end(signal.SIGKILL)

    def reload(self) -> None:
        """Reload the integration, as its menu does."""
        self.post(f"/api/config/config_entries/entry/{self._entry_id}/reload", {})

    def said(self) -> str:
        """Its whole log."""
        return self._said.read_text(errors="replace")

    def complaints(self) -> list[str]:
        """Warnings and errors since this was last asked, each with what belongs to it."""
        text = self.said()[self._heeded :]
        self._heeded += len(text)
        starts = [found.start() for found in _LINE.finditer(text)]
        pieces = [text[start:end].strip() for start, end in pairwise([*starts, len(text)])]
        return [piece for piece in pieces if not any(word in piece for word in NOT_OURS)]

    # asking it

    def get(self, path: str) -> Reply:
        """GET, whatever comes of it."""
        return ask(self.url + path, headers=self._bearer)

    def post(self, path: str, order: Mapping[str, Any]) -> Any:
        """POST that must succeed; gives its answer."""
        headers = {**self._bearer, "Content-Type": "application/json"}
        reply = ask(self.url + path, "POST", headers=headers, body=json.dumps(order).encode())
        assert reply.status == 200, f"{path}: {reply.status} {reply.text}"
        return reply.json()

    def states(self) -> dict[str, dict[str, Any]]:
        """Every state by its entity id."""
        return {state["entity_id"]: state for state in self.get("/api/states").json()}

    def state(self, entity_id: str) -> str:
        """One entity's state; empty where there is no such entity."""
        reply = self.get(f"/api/states/{entity_id}")
        return str(reply.json()["state"]) if reply.status == 200 else ""

    def attributes(self, entity_id: str) -> dict[str, Any]:
        """One entity's attributes; empty where there is no such entity."""
        reply = self.get(f"/api/states/{entity_id}")
        return dict(reply.json()["attributes"]) if reply.status == 200 else {}

    def call(self, service: str, entity_id: str, **data: Any) -> None:
        """Call a service, ``switch.turn_on``, on an entity."""
        self.post(f"/api/services/{service.replace('.', '/')}", {"entity_id": entity_id, **data})

    def see(self, entity_id: str, state: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until the entity is in this state."""
        try:
            eventually(lambda: self.state(entity_id) == state, f"{entity_id} is {state}", patience_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {self.state(entity_id)!r}") from error

    def wait(self, look: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
        """What ``look`` gives as soon as it gives something true."""
        return eventually(look, what, patience_s)

    def ask(self, kind: str, **given: Any) -> Any:
        """One command over the WebSocket, on a connection of its own."""
        return asyncio.run(self._ask({"id": 1, "type": kind, **given}))

    def say(self, sentence: str) -> dict[str, Any]:
        """Say something to the built-in voice assistant; gives its response."""
        answer = self.ask("conversation/process", text=sentence, language="en")
        return dict(answer["response"])

    async def _ask(self, message: dict[str, Any]) -> Any:
        address = self.url.replace("http", "ws", 1) + "/api/websocket"
        limit = aiohttp.ClientTimeout(PATIENCE_S)
        async with aiohttp.ClientSession(timeout=limit) as session, session.ws_connect(address) as line:
            assert (await line.receive_json())["type"] == "auth_required"
            await line.send_json({"type": "auth", "access_token": self._token})
            assert (await line.receive_json())["type"] == "auth_ok"
            await line.send_json(message)
            answer = await line.receive_json()
            assert answer["success"], answer
            return answer["result"]

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _is_running(self) -> bool:
        self._must_live()
        try:
            reply = self.get("/api/config")
        except OSError:
            return False
        return reply.status == 200 and reply.json()["state"] == "RUNNING"

    def _must_live(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, f"Home Assistant ended:\n{self.said()}"

    def _first_token(self) -> str:
        """The token of the first user, as the first page asks for one; empty as long as it cannot be had."""
        self._must_live()
        client = f"{self.url}/"
        person = {"name": "Test", "username": "test", "password": "no secret", "client_id": client, "language": "en"}
        headers = {"Content-Type": "application/json"}
        try:
            reply = ask(f"{client}api/onboarding/users", "POST", headers=headers, body=json.dumps(person).encode())
        except OSError:
            return ""
        if reply.status != 200:
            return ""
        form = {"grant_type": "authorization_code", "code": reply.json()["auth_code"], "client_id": client}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = ask(f"{client}auth/token", "POST", headers=headers, body=urlencode(form).encode())
        assert reply.status == 200, reply.text
        return str(reply.json()["access_token"])

    def _add_broker(self) -> str:
        flow = self.post("/api/config/config_entries/flow", {"handler": "mqtt"})
        address = {"broker": "127.0.0.1", "port": self._broker_port}
        done = self.post(f"/api/config/config_entries/flow/{flow['flow_id']}", address)
        assert done["type"] == "create_entry", done
        return str(done["result"]["entry_id"])

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
