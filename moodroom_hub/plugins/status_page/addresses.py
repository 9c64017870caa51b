"""Who a request claims to be talking to and coming from: the headers ``Host`` and ``Origin``, read strictly.

A page of a stranger can make a browser send requests here (cross-site forms, DNS rebinding), but it cannot
make the browser lie in these two headers.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moodroom_hub.core.config import is_loopback

_HOST: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))(?::(?P<port>[0-9]{1,5}))?"
)
_ORIGIN: Final = re.compile(r"(?P<scheme>https?)://(?P<host>[^/?#@\\]+)", re.IGNORECASE)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port, each normalised."""

    scheme: str
    host: str
    port: int


def split_host(given: str) -> tuple[str, int | None] | None:
    """``name[:port]`` in lower case, addresses in their one spelling; ``None`` where it is no such thing."""
    found = _HOST.fullmatch(given)
    if found is None:
        return None
    port = None if found["port"] is None else int(found["port"])
    if port is not None and not 0 < port < 65536:
        return None
    if found["six"] is not None:
        address = _address(found["six"])
        return None if address is None else (address, port)
    name = found["name"].lower().removesuffix(".")
    return (_address(name) or name, port) if name else None


def split_origin(given: str) -> Origin | None:
    """An ``Origin`` header or a base address without its path; ``None`` where it is no such thing (``null``)."""
    found = _ORIGIN.fullmatch(given)
    host = split_host(found["host"]) if found else None
    if found is None or host is None:
        return None
    scheme = found["scheme"].lower()
    return Origin(scheme, host[0], host[1] or _DEFAULT_PORTS[scheme])


def origin_of_url(url: str) -> Origin | None:
    """The origin of a whole address."""
    found = _ORIGIN.match(url)
    return split_origin(found[0]) if found else None


class Addresses:
    """Which hosts this page answers for, and which origins may change things."""

    def __init__(self, bound_host: str, base_url: str | None, trusted_hosts: Sequence[str]) -> None:
        self._base = origin_of_url(base_url) if base_url else None
        own = split_host(f"[{bound_host}]" if ":" in bound_host else bound_host)
        self._names = {own[0]} if own else set()
        if self._base:
            self._names.add(self._base.host)
        trusted = [parts for each in trusted_hosts if (parts := split_host(each) or split_host(f"[{each}]"))]
        self._names |= {name for name, port in trusted if port is None}
        self._pairs = {parts for parts in trusted if parts[1] is not None}
        self._names -= {"0.0.0.0", "::"}  # noqa: S104 -- taken away, because no honest caller sends a wildcard

    def allows_host(self, host: str, local_address: str | None) -> bool:
        """Is ``host`` (the header) one of ours? ``local_address``: the address at which the connection came in."""
        parts = split_host(host)
        if parts is None:
            return False
        name = parts[0]
        local = _address(local_address) if local_address else None
        return is_loopback(name) or name in self._names or parts in self._pairs or name == local

    def is_this_machine(self, host: str, remote: str | None) -> bool:
        """Did a caller on this machine ask for this machine: not through a proxy under another name?"""
        parts = split_host(host)
        caller = _address(remote) if remote else None
        return parts is not None and is_loopback(parts[0]) and caller is not None and is_loopback(caller)

    def allows_origin(self, origin: str, scheme: str, host: str) -> bool:
        """Is ``origin`` the page itself: what ``host`` names under ``scheme``, or the configured base address?"""
        given = split_origin(origin)
        return given is not None and (given == self._base or given == split_origin(f"{scheme}://{host}"))


def _address(given: str) -> str | None:
    try:
        address = ipaddress.ip_address(given.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
