"""Which addresses out of an answer may reach the page."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

_LONGEST: Final = 500
_NEVER: Final = frozenset("\"'<>\\`{}|^ ")


def is_picture_address(url: object, hosts: Collection[str], service_url: str) -> bool:
    """True for https at one of ``hosts`` (or below it), without user and port.

    Where the service itself is asked over plain http, which only ever is this very machine, its own origin counts, too.
    """
    if not isinstance(url, str) or len(url) > _LONGEST or not url.isascii() or not url.isprintable():
        return False
    if not _NEVER.isdisjoint(url):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    own = urlsplit(service_url)
    if own.scheme == "http" and parts.scheme == "http" and parts.netloc == own.netloc:
        return True
    if parts.scheme != "https" or port not in (None, 443):
        return False
    return any(host == known or host.endswith(f".{known}") for known in hosts)
