"""A broker inside the hub, for homes that have none: amqtt behind a door of our own.

The door judges every byte before amqtt sees it, ends who is silent, sends too much or takes too little, and lets in
whom it should. amqtt keeps subscriptions and retained messages, and passes messages on.
Nothing outlives the process, and no session outlives its connection. MQTT 3.1.1 only.
"""

import asyncio
import hmac
import importlib.util
import logging
import secrets
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from moodroom_hub.core.errors import NotReady
from moodroom_hub.plugins.mqtt import frames
from moodroom_hub.plugins.mqtt.embedded_client import Connection, read_frame
from moodroom_hub.plugins.mqtt.frames import Greeting, Kind, Malformed, OtherVersion

if TYPE_CHECKING:
    from moodroom_hub.plugins.mqtt.amqtt_broker import MendedBroker

log = logging.getLogger(__name__)

MOST_CLIENTS = 500
GREETING_S = 10.0
REFUSAL_S = 0.5
"""How long a wrong password is thought about."""
QUIET_S = 60.0
FAREWELL_S = 2.0
_GRACE_S = 5.0
_MISSING = "the embedded broker needs amqtt: pip install 'moodroom-hub[broker]'"
_LOOPBACK = ("127.", "::1", "localhost")

ACCEPTED, UNKNOWN_VERSION, BAD_NAME, BAD_LOGIN, NOT_ALLOWED = 0, 1, 2, 4, 5
_UNKNOWN_VERSION_5 = 0x84


def what_is_missing() -> str | None:
    """Why no embedded broker can run in this installation, with the mend; ``None`` where one can."""
    try:
        is_there = importlib.util.find_spec("amqtt") is not None
    except (ImportError, ValueError):
        is_there = False
    return None if is_there else _MISSING


class EmbeddedBroker:
    """One broker on one port. With ``username`` only who knows it and the password is let in."""

    def __init__(self, host: str, port: int, username: str | None = None, password: str | None = None) -> None:
        self._host = host
        self._port = port
        self._username = username
        self._password = password or ""
        self._server: asyncio.Server | None = None
        self._broker: MendedBroker | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._by_name: dict[str, Connection] = {}
        self._said_s: dict[str, float] = {}

    async def start(self) -> int:
        """Listen; the port (a free one for port 0). Raises ``NotReady`` where it cannot, with the mend."""
        try:
            from moodroom_hub.plugins.mqtt.amqtt_broker import MendedBroker, hush
        except ImportError as error:
            raise NotReady(_MISSING) from error
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            door = socket.create_server((self._host, self._port), family=family)
        except OSError as error:
            reason = error.strerror or "no such address"
            raise NotReady(f"the embedded broker cannot listen on {self._host}:{self._port}: {reason}") from error
        hush()
        self._broker = MendedBroker()
        await self._broker.start()
        self._server = await asyncio.start_server(self._enter, sock=door)
        if self._username is None and not self._host.startswith(_LOOPBACK):
            log.warning("the embedded broker lets everybody in your network give orders: set a username and a password")
        return int(door.getsockname()[1])

    async def stop(self) -> None:
        """Close every connection and the port. May be called at any time, also twice."""
        server, self._server = self._server, None
        broker, self._broker = self._broker, None
        if server is None or broker is None:
            return
        server.close()
        tasks = list(self._tasks)
        for connection in list(self._by_name.values()):
            connection.abort()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE_S)
        await server.wait_closed()
        await broker.shutdown()

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        # asyncio sets this only for sockets that it made itself; without it each message waits 40 ms for the last one.
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self._attend(reader, writer)
        except asyncio.CancelledError:
            if self._server is not None:
                raise
        except Malformed as error:
            self._say("malformed", logging.INFO, f"the embedded broker closed a connection: {error}")
        except (OSError, EOFError, TimeoutError):
            pass  # gone, or silent: nobody to tell
        except Exception as error:  # one client's trouble ends one client's connection
            log.debug("a client of the embedded broker", exc_info=True)
            self._say("broken", logging.WARNING, f"the embedded broker lost a client to a {type(error).__name__}")
        finally:
            await self._farewell(writer)
            self._tasks.discard(task)

    async def _farewell(self, writer: asyncio.StreamWriter) -> None:
        """Close; a client that does not take the last bytes loses them."""
        writer.close()
        if self._server is not None:
            with suppress(OSError, TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(FAREWELL_S):
                    await writer.wait_closed()
        writer.transport.abort()

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None or len(self._tasks) > MOST_CLIENTS:
            self._say("full", logging.WARNING, f"the embedded broker serves {MOST_CLIENTS} clients and takes no more")
            return
        async with asyncio.timeout(GREETING_S):
            first, body = await read_frame(reader, frames.LARGEST_CONNECT_BYTES, lambda: None)
        if frames.kind_of(first) is not Kind.CONNECT:
            raise Malformed("no greeting of MQTT")
        greeting = await self._admitted(body, writer)
        if greeting is None or self._broker is None:
            return
        name = greeting.client_id or f"moodroom-{secrets.token_hex(8)}"
        connection = Connection(name, greeting.keep_alive_s, reader, writer, self._broker, self._say)
        await self._take_place(connection)
        try:
            await connection.serve(frames.framed(first, frames.rewritten_greeting(body, name)))
        finally:
            if self._by_name.get(name) is connection:
                del self._by_name[name]
            connection.ended.set()

    async def _admitted(self, body: bytes, writer: asyncio.StreamWriter) -> Greeting | None:
        """The greeting of a client that may come in; others are told why not."""
        try:
            greeting = frames.parse_greeting(body)
        except OtherVersion as error:
            text = f"the embedded broker refused a client: {error}, and only 3.1.1 is known here (set it in the client)"
            self._say("version", logging.WARNING, text)
            if error.level >= 5:
                writer.write(bytes([0x20, 3, 0, _UNKNOWN_VERSION_5, 0]))
            else:
                writer.write(_answer(UNKNOWN_VERSION))
            return None
        if not greeting.client_id and not greeting.is_clean:
            writer.write(_answer(BAD_NAME))
            return None
        if self._username is not None and not self._is_right(greeting, self._username):
            self._say("login", logging.WARNING, "the embedded broker refused a client: wrong username or password")
            await asyncio.sleep(REFUSAL_S)
            writer.write(_answer(NOT_ALLOWED if greeting.username is None else BAD_LOGIN))
            return None
        return greeting

    def _is_right(self, greeting: Greeting, username: str) -> bool:
        is_name = hmac.compare_digest((greeting.username or "").encode(), username.encode())
        return hmac.compare_digest(greeting.password or b"", self._password.encode()) and is_name

    async def _take_place(self, connection: Connection) -> None:
        """One connection a name: an older one is ended first, with its last will."""
        while (older := self._by_name.get(connection.name)) is not None:
            older.abort()
            await older.ended.wait()
        self._by_name[connection.name] = connection

    def _say(self, kind: str, level: int, text: str) -> None:
        """At most one line a minute of each kind: anybody at the port can cause them."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._said_s.get(kind, -QUIET_S) >= QUIET_S:
            self._said_s[kind] = now_s
            log.log(level, "%s", text)


def _answer(code: int) -> bytes:
    return bytes([0x20, 2, 0, code])
