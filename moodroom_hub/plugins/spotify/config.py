"""The section ``plugins.spotify`` of the configuration."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from moodroom_hub.core.config.models import PluginConfig
from moodroom_hub.plugins.spotify.redirects import is_fit_redirect

_SERVICE = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def _client_id(text: str) -> str | None:
    text = text.strip()
    if text and not re.fullmatch(r"[0-9A-Za-z_.-]{1,100}", text):
        raise ValueError("expected the Client ID of the app, letters and digits")
    return text or None


def _device(text: str) -> str | None:
    return text.strip() or None


def _market(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise ValueError("expected the two letters of a country, such as DE")
    return text.upper()


def _service(url: str) -> str:
    if not _SERVICE.fullmatch(url):
        raise ValueError("expected an address such as https://api.spotify.com/v1/")
    return url if url.endswith("/") else f"{url}/"


def _redirect(uri: str) -> str:
    if not is_fit_redirect(uri):
        raise ValueError("expected an https:// address or http://127.0.0.1:PORT/callback; Spotify takes no other")
    return uri


class SpotifyConfig(PluginConfig):
    """How the hub reaches Spotify."""

    client_id: Annotated[str, AfterValidator(_client_id)] | None = Field(
        default=None,
        description="The Client ID of your own app at developer.spotify.com/dashboard; no secret is needed",
    )
    device: Annotated[str, AfterValidator(_device)] | None = Field(
        default=None, description="The device to wake where none is active, by its name. null: the one used last"
    )
    market: Annotated[str, AfterValidator(_market)] | None = Field(
        default=None, description="Your account's country, two letters; tells which tracks can be played there"
    )
    queue_ahead: int = Field(
        default=9, ge=1, le=20, description="How many tracks Spotify's own queue should hold ahead"
    )
    api_url: Annotated[str, AfterValidator(_service)] = Field(
        default="https://api.spotify.com/v1/", description="Spotify's Web API; another one only for a simulated Spotify"
    )
    accounts_url: Annotated[str, AfterValidator(_service)] = Field(
        default="https://accounts.spotify.com/",
        description="Spotify's login service; another one only for a simulated Spotify",
    )
    redirect_uri: Annotated[str, AfterValidator(_redirect)] | None = Field(
        default=None,
        description="Where the browser lands after the login, exactly as registered with the app. "
        "null: base_url + /callback if that is https, else http://127.0.0.1:PORT/callback",
    )
