"""Cadences side by side on the same hours: calls per hour against missed strikes and against latency."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.truth.drive import Trials
from benchmarks.truth.picture import Dot, Panel, draw
from benchmarks.truth.run import Result
from benchmarks.truth.score import Score, percentile, total
from moodroom_hub.domain.cadence import ECO, NORMAL, Cadence

INTERVALS_S = (2.0, 3.0, 4.0, 5.0, 8.0, 10.0, 12.0)
STRETCHES = (0.5, 0.7, 0.85, 1.2, 1.5, 2.0, 3.0)
SEED = "seed 6 s"


def stretched(cadence: Cadence, factor: float) -> Cadence:
    """The same cadence, looking ``factor`` times as seldom where a listen is under way."""

    def times(value_ms: int) -> int:
        return round(value_ms * factor)

    return replace(
        cadence,
        burst_ms=round(cadence.burst_ms * max(1.0, factor**0.5)),
        first_ms=times(cadence.first_ms),
        early_restless_ms=times(cadence.early_restless_ms),
        early_calm_ms=times(cadence.early_calm_ms),
        middle_restless_ms=times(cadence.middle_restless_ms),
        middle_calm_ms=times(cadence.middle_calm_ms),
    )


def trials() -> Trials:
    """The hub's cadences, as they are and stretched, one that knows no restlessness, and the seed's intervals."""
    cadences = {"normal": NORMAL, "eco": ECO}
    cadences |= {f"x {factor:g}": stretched(NORMAL, factor) for factor in STRETCHES}
    even_ms = 12_000
    cadences["never restless"] = replace(
        NORMAL,
        first_ms=even_ms,
        early_restless_ms=even_ms,
        early_calm_ms=even_ms,
        middle_restless_ms=even_ms,
        middle_calm_ms=even_ms,
    )
    return Trials(cadences, INTERVALS_S)


def _scores(results: Sequence[Result]) -> dict[str, Score]:
    names = results[0].trials
    scores = {name: total(result.trials[name] for result in results) for name in names}
    scores[SEED] = total(result.bystander for result in results if result.bystander is not None)
    return dict(sorted(scores.items(), key=lambda named: named[1].calls_per_hour))


def frontier_table(results: Sequence[Result]) -> str:
    """Every cadence on trial as a line of a Markdown table."""
    lines = ["| cadence | calls/h | missed | of due | false | end p50 | p95 | own skip p50 |", "|---|" + "---:|" * 7]
    for name, score in _scores(results).items():
        times = (
            percentile(score.end_latencies_ms, 0.5),
            percentile(score.end_latencies_ms, 0.95),
            percentile(score.skip_latencies_ms, 0.5),
        )
        latencies = " | ".join("-" if each is None else f"{each / 1000:.2f} s" for each in times)
        false = len(score.false_strikes) + len(score.false_promotions)
        lines.append(
            f"| {name} | {score.calls_per_hour:.0f} | {100 * score.missed_share:.1f} % | {score.due_strikes} "
            f"| {false} | {latencies} |"
        )
    return "\n".join(lines)


def draw_frontier(results: Sequence[Result]) -> str:
    """The picture, as SVG."""
    scores = _scores(results)
    hours = sum(result.own.simulated_ms for result in results) / 3_600_000

    def panel(title: str, unit: str, value: str) -> Panel:
        def dots(names: Sequence[str]) -> tuple[Dot, ...]:
            return tuple(Dot(name, scores[name].calls_per_hour, _value(scores[name], value)) for name in names)

        seeds = [name for name in scores if name.startswith("seed ")]
        family = [name for name in scores if name.startswith("x ") or name == "normal"]
        return Panel(title, unit, seed=dots(seeds), hub=dots(family), lone=dots(["eco", "never restless"]))

    return draw(
        "Looking when it matters",
        f"Each dot: {hours:,.0f} simulated hours of mixed listeners and faults, the same for all",
        (
            panel("True skips that were missed", "%", "missed"),
            panel("A track's end is told after (95 of 100)", "s", "latency"),
        ),
    )


def _value(score: Score, which: str) -> float:
    if which == "missed":
        return 100 * score.missed_share
    return (percentile(score.end_latencies_ms, 0.95) or 0) / 1000
