"""The web server itself: binds the address, serves the routes, lets go of everything at once."""

import errno
import logging
import socket
from collections.abc import Mapping
from functools import partial
from typing import Final

from aiohttp import web

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.config import ListeningSection, WebSection, is_loopback
from moodroom_hub.core.errors import StartError
from moodroom_hub.core.events import Event
from moodroom_hub.core.face import HubFace
from moodroom_hub.plugins.status_page.addresses import Addresses, origin_of_url
from moodroom_hub.plugins.status_page.bodies import BODY_LIMIT
from moodroom_hub.plugins.status_page.commands import Commands
from moodroom_hub.plugins.status_page.deps import DEPS, Deps, Secrets
from moodroom_hub.plugins.status_page.door import BoundedRunner, WithoutJunk, most_connections
from moodroom_hub.plugins.status_page.guard import add_headers, keep_strangers_out, tell_failures
from moodroom_hub.plugins.status_page.metrics import Metrics
from moodroom_hub.plugins.status_page.pages import Notices, Pages
from moodroom_hub.plugins.status_page.routes import add_routes
from moodroom_hub.plugins.status_page.sessions import Sessions, Throttle
from moodroom_hub.plugins.status_page.sorter_routes import has_layers
from moodroom_hub.plugins.status_page.station_routes import has_radio
from moodroom_hub.plugins.status_page.stream import EventStream

STOP_GRACE_S: Final = 2.0
IDLE_CONNECTION_S: Final = 75.0
"""A connection that sends no whole request head for so long is closed: slow callers cannot pile up."""

_BIND_MENDS: Final[Mapping[int, str]] = {
    errno.EADDRINUSE: "is in use: stop the other program (or the other hub), or set web.port to a free one",
    errno.EACCES: "is not allowed to this user: set web.port to 1024 or above",
    errno.EADDRNOTAVAIL: "is no address of this machine: set web.host to 127.0.0.1, 0.0.0.0 or one that is",
}
_log = logging.getLogger(__name__)


class StatusServer:
    """One HTTP server. ``start`` binds it, ``stop`` ends every stream and command and frees the port."""

    def __init__(
        self,
        hub: HubFace,
        clock: Clock,
        web_section: WebSection,
        listening: ListeningSection,
        secrets: Secrets,
        *,
        heartbeat_s: float,
        most_streams: int,
        has_backdrop: bool = False,
    ) -> None:
        self._hub = hub
        self._clock = clock
        self._web = web_section
        self._skip_threshold_ms = listening.skip_threshold
        self._secrets = secrets
        self._has_backdrop = has_backdrop
        self._most_streams = most_streams
        self._without_junk = WithoutJunk()
        self._stream = EventStream(hub, heartbeat_s, most_streams)
        self._commands = Commands()
        self._runner: BoundedRunner | None = None
        self.address = ""
        """Where the page is, ``http://127.0.0.1:7777``; empty before the start."""

    async def start(self) -> None:
        """Bind and serve. Raises ``StartError`` with the mend where that is impossible."""
        app = web.Application(middlewares=[tell_failures, keep_strangers_out], client_max_size=BODY_LIMIT)
        app.on_response_prepare.append(add_headers)
        add_routes(app)
        # No access log: the addresses of a login's answer hold its code.
        wire_log = logging.getLogger(f"{__name__}.wire")
        wire_log.addFilter(self._without_junk)
        runner = BoundedRunner(
            app,
            most_connections(self._most_streams),
            access_log=None,
            logger=wire_log,
            handler_cancellation=True,
            shutdown_timeout=STOP_GRACE_S,
            keepalive_timeout=IDLE_CONNECTION_S,
            lingering_time=2.0,
            auto_decompress=False,
        )
        app[DEPS] = self._deps()
        self._runner = runner
        await runner.setup()
        port = self._web.port
        try:
            for address in bind_addresses(self._web.host):
                await web.TCPSite(runner, address, port).start()
                port = runner.addresses[0][1]
        except OSError as error:
            await self.stop()
            raise StartError(bind_trouble(self._web, error)) from None
        self.address = f"http://{host_in_url(self._web.host)}:{port}"
        _log.info("the status page is at %s", self._web.base_url or self.address)

    async def stop(self) -> None:
        """End all streams, give commands a moment, free the port. Idempotent."""
        runner, self._runner = self._runner, None
        self._stream.close()
        if runner is not None:
            await runner.cleanup()
        logging.getLogger(f"{__name__}.wire").removeFilter(self._without_junk)
        await self._commands.close(STOP_GRACE_S)
        self.address = ""

    def tell(self, event: Event) -> None:
        """Send ``event`` to every open page."""
        self._stream.publish(event)

    def _deps(self) -> Deps:
        base = self._web.base_url
        origin = origin_of_url(base) if base else None
        is_https = origin is not None and origin.scheme == "https"
        # Spotify sends browsers back only to https or to a loopback address.
        fits_login = origin is not None and (is_https or is_loopback(origin.host))
        return Deps(
            hub=self._hub,
            clock=self._clock,
            addresses=Addresses(self._web.host, base, self._web.trusted_hosts),
            secrets=self._secrets,
            sessions=Sessions(self._clock),
            throttle=Throttle(self._clock),
            stream=self._stream,
            commands=self._commands,
            metrics=Metrics(self._hub),
            pages=Pages(lambda: self._hub.rooms, partial(has_layers, self._hub), partial(has_radio, self._hub)),
            notices=Notices(),
            public_base=base.rstrip("/") if base and fits_login else None,
            loopback_host="[::1]" if self._web.host == "::1" else "127.0.0.1",
            is_https=is_https,
            skip_threshold_ms=self._skip_threshold_ms,
            has_backdrop=self._has_backdrop,
        )


def bind_addresses(host: str) -> list[str]:
    """The addresses that ``host`` stands for. Raises ``OSError``.

    Asked directly and not through the event loop, which would start a thread for it and keep it for ever.
    """
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def bind_trouble(section: WebSection, error: OSError) -> str:
    """Why the address cannot be bound, with the mend."""
    mend = _BIND_MENDS.get(error.errno or 0, "cannot be used: set web.host and web.port to an address of this machine")
    return f"the status page's address {host_in_url(section.host)}:{section.port} {mend}"


def host_in_url(host: str) -> str:
    """``host`` as it stands in an address that a person opens on this machine."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 -- compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
