"""Commands over the data tell of what they did, and not of what concerns a hub that runs."""

import logging

import pytest

from moodroom_hub.app.log import LIVE_ONLY, only_what_concerns_a_command
from moodroom_hub.core import dispatch
from tests.app.conftest import Home


def test_a_command_does_not_warn_of_other_plugins(
    home: Home, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "NOTABLE_HOLD_S", 0.0)  # as on a slow machine: everybody keeps everybody waiting
    home.configure("plugins: {sonos: {addresses: [999.1.1.1]}, spotify: {client_id: abc}}\n")
    assert home.run("rooms", "list").code == 0
    assert home.run("scrobbles", "list").code == 0
    checked = home.run("check")
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert "sonos" in checked.out, "whoever wants to know is told"
    assert "expected a speaker's address" in checked.out
    assert {logging.getLogger(name).level for name in LIVE_ONLY} == {logging.NOTSET}, "a hub warns as before"


def test_whoever_wants_to_see_everything_does(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with only_what_concerns_a_command():
        logging.getLogger(LIVE_ONLY[0]).warning("blocked")
    caplog.set_level(logging.INFO)
    with only_what_concerns_a_command():
        logging.getLogger(LIVE_ONLY[0]).warning("not told")
    assert caplog.messages == ["blocked"]
