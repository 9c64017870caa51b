"""Before any request is read: how many connections there may be, and what is said of what is no HTTP."""

import asyncio
import logging
import sys
from typing import Any, Final, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

FOR_CALLS: Final = 200
"""Connections beside the event streams. Whoever opens more than there is room for must not take the hub's own files
and sockets: the music goes on, and the page is crowded until they are closed again."""
SHARE_OF_FILES: Final = 0.6
QUIET_S: Final = 600.0
_log = logging.getLogger(__name__)


def most_connections(most_streams: int) -> int:
    """How many connections may be open at a time, whatever this machine's limit of open files is."""
    wanted = most_streams + FOR_CALLS
    if sys.platform == "win32":
        return wanted
    import resource

    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == resource.RLIM_INFINITY else max(16, min(wanted, int(soft * SHARE_OF_FILES)))


class BoundedRunner(web.AppRunner):
    """Serves at most ``most`` connections at a time; further ones are closed at once."""

    def __init__(self, app: web.Application, most: int, **given: Any) -> None:
        super().__init__(app, **given)
        self._most = most
        self._told_at_s = -QUIET_S

    @property
    def server(self) -> web.Server | None:
        """What a site makes a protocol with for each connection."""
        inner = super().server
        return None if inner is None else cast("web.Server", lambda: self._protocol(inner))

    def _protocol(self, inner: web.Server) -> asyncio.BaseProtocol:
        if len(inner.connections) < self._most:
            return inner()
        now_s = asyncio.get_running_loop().time()
        if now_s - self._told_at_s >= QUIET_S:
            self._told_at_s = now_s
            _log.warning("refused: more than %d connections at a time; more of it is told in ten minutes", self._most)
        return _Closed()


class _Closed(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


class WithoutJunk(logging.Filter):
    """What is no HTTP is told in one line, without its bytes: they are hostile, and may hold a half-sent secret.
    One line for ten minutes, however much of it comes."""

    def __init__(self) -> None:
        super().__init__()
        self._told_at_s = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the error's text away; keep every line of anything else."""
        if not record.exc_info or not isinstance(record.exc_info[1], HttpProcessingError):
            return True
        if 0 <= record.created - self._told_at_s < QUIET_S:
            return False
        self._told_at_s = record.created
        record.exc_info = None
        record.levelno, record.levelname = logging.INFO, "INFO"
        return True
