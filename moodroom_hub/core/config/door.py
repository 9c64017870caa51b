"""Whether the page's door may stand open."""

from ipaddress import IPv6Address, ip_address

from moodroom_hub.core.config.models import WebSection


def is_loopback(host: str) -> bool:
    """Whether ``host`` surely is this very machine: ``localhost`` or a loopback address; other names are not."""
    bare = host.strip().strip("[]").rstrip(".").lower()
    if bare == "localhost":
        return True
    try:
        address = ip_address(bare)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def refuse_open_door(web: WebSection) -> str | None:
    """Why the hub must not listen like this, with the mend in the same line; ``None`` where it may."""
    if is_loopback(web.host) or web.password is not None:
        return None
    return (
        f"web.host is {web.host}, so others on the network could reach the page, and web.password is not set: "
        "set web.password (or MOODROOM_WEB__PASSWORD), or set web.host to 127.0.0.1"
    )
