"""The line that says how far a mining is."""

from typing import Any

from moodroom_hub.app.mining_watch import Pace, progress_text


def state(phase: str, done: int, elapsed_ms: int, **more: Any) -> dict[str, Any]:
    """A running job."""
    return {
        "phase": phase, "done": done, "total": 200, "unit": "tracks", "elapsed_ms": elapsed_ms, "calls": 4,
        "cost_usd": None, **more,
    }  # fmt: skip


def test_every_phase_has_its_own_pace() -> None:
    pace = Pace()
    assert pace.rate(state("placing", 0, 0)) is None
    assert pace.rate(state("placing", 40, 4_000)) == 10
    assert pace.rate(state("looking up", 1, 20_000)) is None, "what was quick before says nothing of this"
    assert pace.rate(state("looking up", 11, 30_000)) == 1


def test_the_line_names_phase_share_rate_cost_and_what_is_left() -> None:
    line = progress_text(state("placing", 50, 5_000, cost_usd=0.25), 10)
    assert line == "placing [######------------------] 50/200 tracks · 10.0/s · $0.25 · 0:15 left"
    assert progress_text(state("placing", 0, 0), None) == "placing [------------------------] 0/200 tracks"
    assert progress_text(state("reading", 0, 0, total=0), None) == "reading ..."
