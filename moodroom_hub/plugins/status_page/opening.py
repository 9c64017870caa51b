"""Before the door opens: is it safe to, with which secrets, and is the address free?"""

import json
import logging
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp

from moodroom_hub.core.config import ConfigError, WebSection, refuse_open_door
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import StartError
from moodroom_hub.core.lock import running
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.plugins.status_page.api_token import provide_token
from moodroom_hub.plugins.status_page.deps import Secrets
from moodroom_hub.plugins.status_page.server import StatusServer, bind_addresses, bind_trouble, host_in_url

if TYPE_CHECKING:
    from moodroom_hub.plugins.status_page import StatusPageConfig

_ASK_TIMEOUT_S: Final = 2.0
_LONGEST_ANSWER: Final = 4_096
_log = logging.getLogger(__name__)


def open_server(context: "PluginContext[StatusPageConfig]") -> StatusServer:
    """The server, ready to start. Raises ``StartError`` where the configuration would leave the door open."""
    web = context.settings.web
    refusal = refuse_open_door(web)
    if refusal is not None:
        raise StartError(refusal)
    try:
        password = None if web.password is None else web.password.resolve()
    except ConfigError as error:
        raise StartError(str(error)) from None
    try:
        token = provide_token(context.data_dir)
    except OSError as error:
        # The page works without it; only scripts on this machine must use the password instead.
        _log.warning("the api-token cannot be written to %s: %s", context.data_dir, error.strerror)
        token = None
    return StatusServer(
        context.hub,
        context.clock,
        web,
        context.settings.listening,
        Secrets(password, token),
        heartbeat_s=context.config.heartbeat / 1000,
        most_streams=context.config.max_streams,
        has_backdrop=context.config.backdrop,
    )


async def look_at_address(web: WebSection, served_at: str, data_dir: Path) -> Sequence[Check]:
    """The lines of ``moodroom-hub check``."""
    refusal = refuse_open_door(web)
    if refusal is not None:
        said, _, mend = refusal.partition(": ")
        return [Check("web", CheckLevel.FAILED, said, mend)]
    if served_at:
        return [Check("web", CheckLevel.OK, f"the page is at {served_at}")]
    where = f"{host_in_url(web.host)}:{web.port}"
    trouble = _try_to_bind(web)
    if trouble is None:
        return [Check("web", CheckLevel.OK, f"{where} is free")]
    if await _is_a_hub(web):
        if running(data_dir) is not None:
            return [Check("web", CheckLevel.OK, f"this hub serves its page at {where} already")]
        return [
            Check("web", CheckLevel.FAILED, f"another hub serves its page at {where}", "give this one another web.port")
        ]
    said, _, mend = trouble.partition(": ")
    return [Check("web", CheckLevel.FAILED, said, mend)]


def _try_to_bind(web: WebSection) -> str | None:
    try:
        for address in bind_addresses(web.host):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                if os.name == "posix":  # as the server itself does; elsewhere it would mean another thing
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind((address, web.port))
    except OSError as error:
        return bind_trouble(web, error)
    return None


async def _is_a_hub(web: WebSection) -> bool:
    timeout = aiohttp.ClientTimeout(total=_ASK_TIMEOUT_S)
    try:
        url = f"http://{host_in_url(bind_addresses(web.host)[0])}:{web.port}/livez"
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            told = json.loads(await answer.content.read(_LONGEST_ANSWER))
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return False
    return isinstance(told, dict) and told.get("name") == "moodroom-hub"
