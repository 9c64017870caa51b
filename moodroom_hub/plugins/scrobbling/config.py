"""The section ``plugins.scrobbling`` of the configuration."""

import re
from ipaddress import ip_address
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from moodroom_hub.core.config import PluginConfig, SecretText, is_loopback
from moodroom_hub.core.config.models import Section

LASTFM: Final = "lastfm"
LISTENBRAINZ: Final = "listenbrainz"
LASTFM_URL: Final = "https://ws.audioscrobbler.com/2.0/"
LISTENBRAINZ_URL: Final = "https://api.listenbrainz.org"
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_HOME_DOMAINS: Final = (".local", ".lan", ".home", ".home.arpa", ".internal", ".localhost")


def _address(url: str) -> str:
    parts = urlsplit(url)
    try:
        is_fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fit = False
    if not is_fit or not url.isprintable() or " " in url or parts.query or parts.fragment:
        raise ValueError("expected an address such as https://api.listenbrainz.org")
    if parts.username is not None or parts.password is not None:
        raise ValueError("expected an address without a user in it: the token has a key of its own")
    if parts.scheme == "http" and not _is_at_home(parts.hostname or ""):
        raise ValueError("expected https:// here: over http:// anybody on the way could read the key")
    return url


def _root(url: str) -> str:
    return _address(url).rstrip("/").removesuffix("/submit-listens").removesuffix("/1")


def _is_at_home(host: str) -> bool:
    host = host.rstrip(".").lower()
    if is_loopback(host):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(_HOME_DOMAINS))
    return address.is_private or address.is_link_local


class LastfmSection(Section):
    """An account at Last.fm, by an API account of one's own."""

    api_key: SecretText | None = Field(
        default=None, description="The key of your own API account at last.fm/api/account/create. null: not used"
    )
    api_secret: SecretText | None = Field(default=None, description="Its shared secret, best as env:NAME or file:PATH")
    session_key: SecretText | None = Field(
        default=None, description="null: the one that moodroom-hub scrobbles login lastfm fetched"
    )
    api_url: Annotated[str, AfterValidator(_address)] = Field(
        default=LASTFM_URL, description="Another one only for a service that speaks the same"
    )

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.api_key is None) != (self.api_secret is None):
            raise ValueError("expected api_key and api_secret together, or neither")
        return self


class ListenBrainzSection(Section):
    """An account at ListenBrainz."""

    token: SecretText | None = Field(
        default=None, description="The user token of listenbrainz.org/settings. null: not used"
    )
    url: Annotated[str, AfterValidator(_root)] = Field(
        default=LISTENBRAINZ_URL, description="Another one only for a ListenBrainz of your own"
    )


class ServerSection(Section):
    """A server that takes listens as ListenBrainz does."""

    url: Annotated[str, AfterValidator(_root)] = Field(
        description="Up to what comes before /1/submit-listens; Maloja: http://HOST:42010/apis/listenbrainz"
    )
    token: SecretText | None = Field(
        default=None, description="Its API key, best as env:NAME or file:PATH. null: not used"
    )


class LeaveOutSection(Section):
    """What is never sent anywhere."""

    artists: tuple[str, ...] = Field(default=(), description="Names of artists, in capitals or not")
    streams: bool = Field(default=False, description="Whatever has no known length: radio, streams")


class ScrobblingConfig(PluginConfig):
    """Where plays are told to."""

    lastfm: LastfmSection = Field(default_factory=LastfmSection, description="Last.fm")
    listenbrainz: ListenBrainzSection = Field(default_factory=ListenBrainzSection, description="ListenBrainz")
    servers: dict[str, ServerSection] = Field(
        default_factory=dict, description="Servers that speak as ListenBrainz does (Maloja ...): name -> url and token"
    )
    zones: tuple[str, ...] | None = Field(default=None, description="Only these zones. null: all")
    leave_out: LeaveOutSection = Field(default_factory=LeaveOutSection, description="What is never sent")
    now_playing: bool = Field(default=True, description="Whether what plays is shown there at once")

    @model_validator(mode="after")
    def _fit_names(self) -> Self:
        for name in self.servers:
            if _NAME.fullmatch(name) is None or name in (LASTFM, LISTENBRAINZ):
                raise ValueError(
                    "expected names in servers of lower-case letters, digits, - and _, but not lastfm or listenbrainz"
                )
        return self

    @property
    def has_targets(self) -> bool:
        """Whether anything is sent anywhere."""
        has_server = any(server.token is not None for server in self.servers.values())
        return self.lastfm.api_key is not None or self.listenbrainz.token is not None or has_server
