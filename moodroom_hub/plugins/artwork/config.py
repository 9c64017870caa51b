"""The section ``plugins.artwork`` of the configuration."""

import re
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from moodroom_hub.core.config import Duration, PluginConfig, is_loopback

_MAIL = re.compile(r"[^\s@()<>]{1,64}@[^\s@()<>]{1,189}")


class ArtService(StrEnum):
    """Who may be asked for pictures."""

    COVER_ART_ARCHIVE = "cover_art_archive"
    DEEZER = "deezer"


def checked_contact(text: str) -> str:
    """An address that may stand in a header. Raises ``ValueError``."""
    text = text.strip()
    is_page = text.startswith(("https://", "http://")) and bool(urlsplit(text).hostname)
    if not text.isascii() or not text.isprintable() or len(text) > 254 or not (is_page or _MAIL.fullmatch(text)):
        raise ValueError("expected an e-mail address or the address of a web page, such as you@example.org")
    if re.search(r"[\s()<>]", text):
        raise ValueError("expected an address without blanks and brackets")
    return text


def _service(url: str) -> str:
    parts = urlsplit(url)
    try:
        is_fit = bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        is_fit = False
    if not is_fit or not url.isprintable() or " " in url:
        raise ValueError("expected an address such as https://coverartarchive.org")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise ValueError("expected an address that begins with https://")
    return url.rstrip("/")


def _each_once(services: tuple[ArtService, ...]) -> tuple[ArtService, ...]:
    return tuple(dict.fromkeys(services))


def _kept(ms: int) -> int:
    if ms < 60_000:
        raise ValueError("expected a duration of at least 1m")
    return ms


def _timeout(ms: int) -> int:
    if not 100 <= ms <= 60_000:
        raise ValueError("expected a duration between 100ms and 1m")
    return ms


class ArtworkConfig(PluginConfig):
    """Who is asked for pictures of albums, in which order, and how long addresses are kept."""

    contact: Annotated[str, AfterValidator(checked_contact)] | None = Field(
        default=None,
        description="Your e-mail address or web page, named to the services. null: that of plugins.metadata, if any",
    )
    services: Annotated[tuple[ArtService, ...], AfterValidator(_each_once)] = Field(
        default=(ArtService.COVER_ART_ARCHIVE,),
        description="Who is asked, in this order: cover_art_archive (needs plugins.metadata), "
        "deezer (hears what you listen to)",
    )
    cover_art_archive_url: Annotated[str, AfterValidator(_service)] = Field(
        default="https://coverartarchive.org", description="Where the Cover Art Archive answers"
    )
    deezer_url: Annotated[str, AfterValidator(_service)] = Field(
        default="https://api.deezer.com", description="Where Deezer answers"
    )
    keep: Annotated[Duration, AfterValidator(_kept)] = Field(
        default=90 * 86_400_000, description="How long the address of a picture is kept; one of Deezer's at most 1d"
    )
    keep_nothing: Annotated[Duration, AfterValidator(_kept)] = Field(
        default=7 * 86_400_000, description="How long it is remembered that a service has no picture"
    )
    most: int = Field(default=20_000, ge=1, description="How many addresses are kept per service; the oldest go first")
    timeout: Annotated[Duration, AfterValidator(_timeout)] = Field(
        default=10_000, description="How long one request may take"
    )
