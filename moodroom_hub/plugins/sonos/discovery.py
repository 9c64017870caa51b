"""Finding speakers by asking the network (SSDP). Bounded, gentle, and without a thread."""

import asyncio
import logging
import re
import socket
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from moodroom_hub.plugins.sonos.places import Address

log = logging.getLogger(__name__)

EVERYBODY: Final = ("239.255.255.250", 1900)
SEARCHES: Final = 2
"""Datagrams get lost; two suffice, because one speaker that is heard knows all others."""
BETWEEN_S: Final = 0.3
MOST_ANSWERS: Final = 100

_SEARCH: Final = (
    "M-SEARCH * HTTP/1.1\r\n"
    "HOST: 239.255.255.250:1900\r\n"
    'MAN: "ssdp:discover"\r\n'
    "MX: 1\r\n"
    "ST: urn:schemas-upnp-org:device:ZonePlayer:1\r\n\r\n"
).encode("ascii")
_LOCATION = re.compile(rb"^LOCATION:\s*(http://[\x21-\x7e]{1,200})\s*$", re.IGNORECASE | re.MULTILINE)


async def search(interface: str | None, wait_s: float, to: tuple[str, int] = EVERYBODY) -> Sequence[Address]:
    """Who answers within ``wait_s``, each once, in the order of their answers; nobody where there is no network.

    ``interface`` is this machine's address in the speakers' network.
    """
    loop = asyncio.get_running_loop()
    found: dict[Address, None] = {}
    try:
        door = _door(interface)
    except OSError as error:
        log.info("the network cannot be searched for speakers: %s", error.strerror)
        return ()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Listener(found), sock=door)
    try:
        for _ in range(SEARCHES):
            transport.sendto(_SEARCH, to)
            await asyncio.sleep(min(BETWEEN_S, wait_s))
        await asyncio.sleep(max(0.0, wait_s - SEARCHES * BETWEEN_S))
    finally:
        transport.close()
    return tuple(found)


def address_in(answer: bytes, sender: str) -> Address | None:
    """Where the speaker that answered is; ``None`` where this is no speaker's answer, or tells of another machine."""
    if b"Sonos" not in answer and b"ZonePlayer" not in answer:
        return None
    location = _LOCATION.search(answer)
    if location is None:
        return None
    try:
        parts = urlsplit(location.group(1).decode("ascii"))
        host, port = parts.hostname, parts.port or 1400
    except ValueError:
        return None
    return Address(host, port) if host == sender else None


class _Listener(asyncio.DatagramProtocol):
    def __init__(self, found: dict[Address, None]) -> None:
        self._found = found

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        address = address_in(data[:2_048], addr[0])
        if address is not None and len(self._found) < MOST_ANSWERS:
            self._found[address] = None

    def error_received(self, exc: Exception) -> None:
        log.debug("searching for speakers: %s", exc)


def _door(interface: str | None) -> socket.socket:
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        door.setblocking(False)
        door.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
        if interface is not None:
            door.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        door.bind((interface or "0.0.0.0", 0))  # noqa: S104 -- answers come from any speaker of the network
    except OSError:
        door.close()
        raise
    return door
