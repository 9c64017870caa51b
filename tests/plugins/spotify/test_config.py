"""The section ``plugins.spotify``."""

from typing import Any

import pytest
from pydantic import ValidationError

from moodroom_hub.plugins.spotify import Plugin
from moodroom_hub.plugins.spotify.config import SpotifyConfig


def test_the_defaults_are_the_designs() -> None:
    config = Plugin.Config()
    assert (config.enabled, config.client_id, config.market, config.queue_ahead) == (True, None, None, 9)
    assert (config.api_url, config.accounts_url) == ("https://api.spotify.com/v1/", "https://accounts.spotify.com/")
    assert all(each.description for each in SpotifyConfig.model_fields.values())


@pytest.mark.parametrize(
    ("given", "key", "expected"),
    [
        ({"client_id": "  abc123 "}, "client_id", "abc123"),
        ({"client_id": ""}, "client_id", None),
        ({"device": " Kitchen "}, "device", "Kitchen"),
        ({"device": ""}, "device", None),
        ({"market": "de"}, "market", "DE"),
        ({"api_url": "http://127.0.0.1:9000/v1"}, "api_url", "http://127.0.0.1:9000/v1/"),
        ({"queue_ahead": 20}, "queue_ahead", 20),
    ],
)
def test_what_is_taken(given: dict[str, Any], key: str, expected: Any) -> None:
    assert getattr(SpotifyConfig(**given), key) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"client_id": "two words"},
        {"client_id": "x\ny"},
        {"market": "GER"},
        {"market": "1x"},
        {"queue_ahead": 0},
        {"queue_ahead": 21},
        {"api_url": "api.spotify.com"},
        {"api_url": "https://user:password@api.spotify.com/v1/"},
        {"accounts_url": "https://accounts.spotify.com/?x=1"},
        {"redirect_uri": "http://localhost:7777/callback"},
        {"redirect_uri": "http://192.168.0.2/callback"},
        {"client_secret": "x"},
    ],
)
def test_what_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SpotifyConfig(**given)
