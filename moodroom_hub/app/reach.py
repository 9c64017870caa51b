"""Which hub a command speaks to: the one that runs on the configured data, else the data itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from moodroom_hub.app.client import Client, HttpClient
from moodroom_hub.core.config import LoadedConfig
from moodroom_hub.core.errors import StartError
from moodroom_hub.core.lock import RunningHub, running

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 -- told apart, not listened on


def http_client(loaded: LoadedConfig, hub: RunningHub) -> HttpClient:
    """The running hub over HTTP. Raises ``StartError`` where its address is not known."""
    web = loaded.settings.web
    if hub.url is not None:
        parts = urlsplit(hub.url)
        host, port = parts.hostname or "", parts.port
    else:
        host, port = web.host, web.port
    if not port:
        raise StartError(f"A hub runs here (pid {hub.pid}), but does not say where it listens (yet). Try again.")
    host = ANYWHERE.get(host.strip("[]")) or (f"[{host.strip('[]')}]" if ":" in host else host)
    return HttpClient(f"http://{host}:{port}", loaded.settings.hub.data_dir)


@contextmanager
def reading(loaded: LoadedConfig) -> Iterator[Client]:
    """For questions."""
    with _reached(loaded, is_reading=True) as client:
        yield client


@contextmanager
def changing(loaded: LoadedConfig) -> Iterator[Client]:
    """For changes."""
    with _reached(loaded, is_reading=False) as client:
        yield client


@contextmanager
def live(loaded: LoadedConfig, purpose: str) -> Iterator[Client]:
    """For what needs a running hub; ``purpose`` begins the line that says so."""
    hub = running(loaded.settings.hub.data_dir)
    if hub is None:
        raise StartError(f"{purpose} needs a running hub. Start it with: moodroom-hub run.")
    yield http_client(loaded, hub)


@contextmanager
def _reached(loaded: LoadedConfig, *, is_reading: bool) -> Iterator[Client]:
    hub = running(loaded.settings.hub.data_dir)
    if hub is not None:
        yield http_client(loaded, hub)
        return
    # Late: this brings the store and the plugins, which a client of a running hub does without.
    from moodroom_hub.app.offline import OfflineClient

    with OfflineClient(loaded, is_reading=is_reading) as client:
        yield client
