"""The HTTP session that both the Web API and the accounts service are spoken to with."""

from collections.abc import Callable
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import create_urllib3_context

from moodroom_hub import __version__

SessionFactory = Callable[[], requests.Session]
RequestT = TypeVar("RequestT", bound=requests.PreparedRequest)

TIMEOUT_S = (3.05, 10.0)
"""To connect, and between two pieces of an answer."""


class _OneTrustStore(HTTPAdapter):
    """All connections share a TLS context: with one of its own, each would hold all the world's certificates again.

    So what one of them is told to trust, all of them do.
    """

    def init_poolmanager(self, *sizes: Any, **more: Any) -> None:
        super().init_poolmanager(*sizes, **more, ssl_context=create_urllib3_context())


def session_maker() -> SessionFactory:
    """Makes sessions that share their connections and the certificates that these trust."""
    adapter = _OneTrustStore()

    def make() -> requests.Session:
        session = requests.Session()
        session.mount("https://", adapter)
        return session

    return make


def _as_it_is(request: RequestT) -> RequestT:
    return request


def new_session(factory: SessionFactory = requests.Session) -> requests.Session:
    """A session of one attempt per request: no retries, no redirects, no credentials from a ``.netrc``.

    ``factory`` may give one with adapters of its own (a simulated Spotify in this very process).
    """
    session = factory()
    session.headers["User-Agent"] = f"moodroom-hub/{__version__}"
    session.max_redirects = 0  # a redirect is a captive portal's: neither token nor command may follow it
    session.auth = _as_it_is  # else requests looks for a .netrc on every request
    return session


def close(session: requests.Session) -> None:
    """Close a session and its connections now; its own ``close`` leaves them to the garbage collector."""
    for adapter in session.adapters.values():
        pools: Any = getattr(getattr(adapter, "poolmanager", None), "pools", None) or {}
        for key in tuple(pools.keys()):
            pools[key].close()
    session.close()


def was_surely_not_sent(error: requests.RequestException) -> bool:
    """True where the connection was never made, so that nothing can have been done."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError | requests.TooManyRedirects):
        return True
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return True
    cause = getattr(error.args[0], "reason", None) if error.args else None
    names = {each.__name__ for each in type(cause).__mro__}
    return "NewConnectionError" in names or "CERTIFICATE_VERIFY_FAILED" in str(error)


def in_words(error: requests.RequestException) -> str:
    """Why there was no answer, without any address."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "the connection is not trustworthy (TLS)"
    if isinstance(error, requests.TooManyRedirects):
        return "something in between redirects the connection"
    if was_surely_not_sent(error):
        return "no connection"
    return "the connection broke"
