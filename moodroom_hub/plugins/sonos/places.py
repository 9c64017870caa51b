"""Where speakers answer. Pure."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address

_TEXT = re.compile(r"([0-9A-Za-z.-]{1,253})(?::(\d{1,5}))?")
_FIGURES = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a speaker answers. ``host`` is an IPv4 address, or a name that leads to one."""

    host: str
    port: int = 1400

    def __str__(self) -> str:
        return self.host if self.port == 1400 else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """``http://192.168.1.20:1400``, for what the speaker serves itself."""
        return f"http://{self.host}:{self.port}"


def address_of(text: str) -> Address:
    """``192.168.1.20`` or ``192.168.1.20:1400``. Raises ``ValueError``."""
    found = _TEXT.fullmatch(text.strip())
    port = int(found.group(2) or 1400) if found else 0
    if found is None or not 1 <= port <= 65_535 or not _may_lead_anywhere(found.group(1)):
        raise ValueError("expected a speaker's address such as 192.168.1.20, or 192.168.1.20:1400")
    return Address(found.group(1), port)


def _may_lead_anywhere(host: str) -> bool:
    """What is made of figures and dots only is meant as an IPv4 address, and must be one."""
    if not _FIGURES.fullmatch(host):
        return True
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True
