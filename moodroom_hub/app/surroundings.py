"""What lies around the process: free ports, and whether a browser would open where the person is."""

import errno
import os
import socket
import sys

from moodroom_hub.app.commands.demo import DEFAULT_PORT
from moodroom_hub.app.output import say
from moodroom_hub.core.errors import StartError

HOST = "127.0.0.1"


def has_screen() -> bool:
    """Whether a browser would open where the person is: not in CI, not over SSH, not without a display."""
    if os.environ.get("CI") or os.environ.get("SSH_CONNECTION"):
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def free_port(wanted: int | None) -> int:
    """The port to use, tried. Raises ``StartError`` where the wanted one is taken."""
    problem = port_problem(HOST, DEFAULT_PORT if wanted is None else wanted)
    if problem is None and wanted != 0:
        return DEFAULT_PORT if wanted is None else wanted
    if wanted:
        raise StartError(f"Port {wanted} {problem}. Choose another one: moodroom-hub demo --port {wanted + 1}")
    with socket.create_server((HOST, 0)) as trial:
        port = int(trial.getsockname()[1])
    if wanted is None:
        say(f"Port {DEFAULT_PORT} {problem}; the demo takes {port} instead.")
    return port


def port_problem(host: str, port: int) -> str | None:
    """Why nothing can listen there now, or ``None``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host.strip("[]"), port), family=family):
            return None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return "is in use by another program"
        if error.errno == errno.EACCES:
            return "is not allowed to this user (take one from 1024 on)"
        return f"cannot be listened on ({error.strerror})"
