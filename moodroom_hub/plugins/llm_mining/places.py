"""Whether an endpoint lies within the house. Pure: no name is looked up."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from moodroom_hub.core.config import is_loopback

_HOME_DOMAINS = (".local", ".lan", ".home", ".home.arpa", ".internal", ".localhost")


def is_at_home(base_url: str) -> bool:
    """Whether the address is this machine's or a private network's: a loopback or private address, a name without a
    dot, or one of the domains that exist in homes alone. In doubt it is not."""
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    if is_loopback(host):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(_HOME_DOMAINS))
    return address.is_private or address.is_link_local


def stays_at_home(base_url: str, model: str) -> bool:
    """Whether no name leaves the house. Ollama serves models of a cloud as well, and names them so."""
    return is_at_home(base_url) and not model.lower().endswith(("-cloud", ":cloud"))
