"""The section ``plugins.metadata`` of the configuration."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from moodroom_hub.core.config import Duration, PluginConfig, is_loopback

_MAIL = re.compile(r"[^\s@()<>]{1,64}@[^\s@()<>]{1,189}")


def _contact(text: str) -> str:
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
        raise ValueError("expected an address such as https://musicbrainz.org/ws/2")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise ValueError("expected an address that begins with https://")
    return url.rstrip("/")


def _kept(ms: int) -> int:
    if ms < 60_000:
        raise ValueError("expected a duration of at least 1m")
    return ms


def _timeout(ms: int) -> int:
    if not 100 <= ms <= 60_000:
        raise ValueError("expected a duration between 100ms and 1m")
    return ms


class MetadataConfig(PluginConfig):
    """Whom to name to MusicBrainz, and how long its answers are kept."""

    contact: Annotated[str, AfterValidator(_contact)] | None = Field(
        default=None,
        description="Your e-mail address or web page: MusicBrainz wants to know whom to write to. "
        "null: the plugin asks nobody",
    )
    url: Annotated[str, AfterValidator(_service)] = Field(
        default="https://musicbrainz.org/ws/2", description="MusicBrainz or a mirror of it, up to its /ws/2"
    )
    keep: Annotated[Duration, AfterValidator(_kept)] = Field(
        default=90 * 86_400_000, description="How long facts are kept before they are asked for again"
    )
    keep_nothing: Annotated[Duration, AfterValidator(_kept)] = Field(
        default=7 * 86_400_000, description="How long it is remembered that a track is not known there"
    )
    most: int = Field(default=20_000, ge=1, description="Facts about how many tracks are kept; the oldest go first")
    timeout: Annotated[Duration, AfterValidator(_timeout)] = Field(
        default=10_000, description="How long one request may take"
    )
    similar: bool = Field(
        default=False, description="Whether stations may ask ListenBrainz who is like an artist that they do not know"
    )
    similar_url: Annotated[str, AfterValidator(_service)] = Field(
        default="https://labs.api.listenbrainz.org", description="ListenBrainz' data sets"
    )
