"""A miner that is killed and started again pays for nothing twice, as the server's own log has it."""

from pathlib import Path

from benchmarks.mining_lab.model import measure_kill


def test_killed_in_the_middle_and_resumed(tmp_path: Path) -> None:
    told = measure_kill(1_600, 800)
    assert 0 < told["before"] < 32
    assert told["calls_again"] == 0
    assert told["songs_again"] == 0
    assert told["third"] == 0
    assert told["before"] + told["after"] == 32
