"""Failures as one short line, whatever text they carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.errors import NeedsLogin, NotReady, StartError, Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.reasons import LONGEST_REASON, did_you_mean, one_line, reason_of, status_of


class Mute(Exception):
    """An error that cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@given(st.text(max_size=800))
def test_any_text_becomes_one_printable_line(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert len(line) <= LONGEST_REASON
    assert line == one_line(line)
    assert reason_of(ValueError(text)).startswith("ValueError")


@pytest.mark.parametrize(
    ("error", "reason", "status"),
    [
        (NotReady("the broker is away"), "the broker is away", PluginStatus.WAITING),
        (NeedsLogin("log in"), "log in", PluginStatus.NEEDS_LOGIN),
        (NotReady(), "NotReady", PluginStatus.WAITING),
        (StartError("port taken"), "port taken", PluginStatus.FAILED),
        (Trouble(TroubleCode.UNAVAILABLE, "503"), "503", PluginStatus.WAITING),
        (Trouble(TroubleCode.LOGIN_NEEDED, "log in"), "log in", PluginStatus.NEEDS_LOGIN),
        (Trouble(TroubleCode.REFUSED, "no"), "no", PluginStatus.FAILED),
        (KeyError("x"), "KeyError: 'x'", PluginStatus.FAILED),
        (SystemExit(), "SystemExit", PluginStatus.FAILED),
        (Mute(), "Mute", PluginStatus.FAILED),
    ],
    ids=repr,
)
def test_what_a_failure_says_and_means(error: BaseException, reason: str, status: PluginStatus) -> None:
    assert reason_of(error) == reason
    assert status_of(error) is status


def test_a_near_word_is_suggested() -> None:
    assert did_you_mean("on_skiped", ["start", "on_skipped"]) == " (did you mean 'on_skipped'?)"
    assert did_you_mean("xyz", ["start", "on_skipped"]) == ""
