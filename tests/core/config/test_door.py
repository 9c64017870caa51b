"""Listening beyond this machine needs a password."""

import pytest

from moodroom_hub.core.config import SecretText, WebSection, is_loopback, refuse_open_door


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "::1", "[::1]", "::ffff:127.0.0.1"]
)
def test_this_machine_needs_no_password(host: str) -> None:
    assert is_loopback(host)
    assert refuse_open_door(WebSection(host=host)) is None


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.2", "hub.local", "localhost.example.org", "127.1", "fe80::1"]
)
def test_anywhere_else_needs_one(host: str) -> None:
    refusal = refuse_open_door(WebSection(host=host))
    assert refusal is not None
    assert "set web.password" in refusal
    assert "\n" not in refusal
    assert refuse_open_door(WebSection(host=host, password=SecretText("x"))) is None
