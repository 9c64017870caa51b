"""Which addresses Spotify sends a browser back to. Pure."""

import re
from urllib.parse import urlsplit

_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(:\d{1,5})?(/[^\s?#]*)?")
_USUAL_PORT = 7777


def is_fit_redirect(uri: str) -> bool:
    """True where Spotify would register it: HTTPS, or plain HTTP on a loopback address (never ``localhost``)."""
    if _LOOPBACK.fullmatch(uri):
        return True
    try:
        parts = urlsplit(uri)
        name = parts.hostname
    except ValueError:
        return False
    is_plain = not parts.query and not parts.fragment and not re.search(r"\s", uri)
    return parts.scheme == "https" and bool(name) and name != "localhost" and is_plain


def default_redirect(configured: str | None, base_url: str | None, web_port: int) -> str:
    """Where the browser lands: as configured, else the hub's own HTTPS name, else this machine's loopback.

    Where the port is any free one (0), the address is only good for pasting.
    """
    if configured is not None:
        return configured
    if base_url is not None and is_fit_redirect(own := f"{base_url.rstrip('/')}/callback"):
        return own
    return f"http://127.0.0.1:{web_port or _USUAL_PORT}/callback"
