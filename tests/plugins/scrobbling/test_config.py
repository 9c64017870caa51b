"""What may be configured, and that a hub that scrobbles nothing pays nothing for it."""

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from moodroom_hub.plugins.scrobbling.config import ScrobblingConfig


def test_nothing_is_configured_by_default() -> None:
    assert not ScrobblingConfig().has_targets
    assert not ScrobblingConfig.model_validate({"servers": {"maloja": {"url": "http://nas:42010"}}}).has_targets


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://nas:42010/apis/listenbrainz/1/submit-listens", "http://nas:42010/apis/listenbrainz"),
        ("http://192.168.1.5:42010/apis/listenbrainz/", "http://192.168.1.5:42010/apis/listenbrainz"),
        ("https://listens.example/1/", "https://listens.example"),
    ],
)
def test_an_address_is_taken_as_people_paste_it(given: str, url: str) -> None:
    config = ScrobblingConfig.model_validate({"servers": {"mine": {"url": given, "token": "t"}}})
    assert config.servers["mine"].url == url
    assert config.has_targets


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"lastfm": {"api_key": "k"}}, "api_key and api_secret together"),
        ({"listenbrainz": {"token": "t", "url": "http://listens.example"}}, "expected https://"),
        ({"listenbrainz": {"token": "t", "url": "https://user:word@listens.example"}}, "without a user"),
        ({"listenbrainz": {"token": "t", "url": "listens.example"}}, "expected an address"),
        ({"servers": {"lastfm": {"url": "http://nas", "token": "t"}}}, "not lastfm or listenbrainz"),
        ({"servers": {"a b": {"url": "http://nas", "token": "t"}}}, "expected names"),
    ],
)
def test_what_cannot_work_is_refused_with_the_mend(section: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ScrobblingConfig.model_validate(section)


def test_secrets_never_show_themselves() -> None:
    config = ScrobblingConfig.model_validate(
        {"lastfm": {"api_key": "secret-1", "api_secret": "secret-2"}, "listenbrainz": {"token": "secret-3"}}
    )
    assert "secret-" not in repr(config) + config.model_dump_json()


def test_the_plugin_alone_brings_no_http() -> None:
    """A process of its own, because this one has imported everything."""
    code = "import sys, moodroom_hub.plugins.scrobbling; print([n for n in sys.modules if n.startswith('aiohttp')])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
