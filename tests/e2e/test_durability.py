"""The hub killed again and again, and without its database for hours: a small ``benchmarks/durability.py``."""

import sys

import pytest

from benchmarks.durability import Result, play

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kills and starves processes in Linux' ways"),
]


def told(result: Result) -> str:
    """What is wrong, in words."""
    return "\n".join(result.score.findings)


def test_no_kill_loses_or_doubles_a_verdict() -> None:
    result = play("kills", kills=15, days=0.2, seed=11)
    assert result.evidence.kills >= 15
    assert result.score.seen > 25
    assert result.score.receipts > 5
    assert result.score.faults == 0, told(result)


@pytest.mark.parametrize("week", ["disk full", "locked"])
def test_an_outage_of_the_database_loses_nothing_and_stops_no_music(week: str) -> None:
    result = play(week, kills=3, days=0.1, seed=12)
    windows = result.evidence.windows
    assert [window.is_saved for window in windows] == [True, True]
    assert result.evidence.record.most_waiting > 5
    assert result.score.dry_s == 0
    assert result.score.faults == 0, told(result)
    assert result.is_good, f"memory grew by {result.grown_mib:.1f} MiB"


def test_a_kill_in_an_outage_loses_only_what_waited_in_memory() -> None:
    result = play("killed inside", kills=6, days=0.1, seed=13)
    assert any(window.killed_ms is not None for window in result.evidence.windows)
    assert result.score.faults == 0, told(result)
