"""The tables, as Markdown."""

from collections.abc import Iterator, Sequence

from benchmarks.counting.run import Result
from benchmarks.counting.score import LOOK_MS, Score, deeds, total

NOTES = f"""\
All systems see the same households in the same hours, and are killed in the same moments. **The seed's row is our
reading of its description** (see benchmarks/counting/seed_system.py), as kind as we could make it.

*too near* are listens whose true margin to the threshold is at most {LOOK_MS // 1000} s (what a player tells in whole
seconds, looked at every three, cannot be told finer) and that were decided the other way; *unseen* those decided the
other way of which so much sounded while no hub ran or the speaker answered nobody that it decides. They are in no other
column; everything else is."""


def table(results: Sequence[Result]) -> str:
    """False, missed and doubled plays by system."""
    return "\n".join(_lines(results))


def _lines(results: Sequence[Result]) -> Iterator[str]:
    yield "| system, rules | hours | true plays | told | **false** | **missed** | **duplicates** | too near | unseen |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for name, score in by_system(results).items():
        cells = (
            f"{score.hours:,.0f}",
            f"{score.true_plays:,}",
            f"{score.told:,}",
            f"**{len(score.false)}**",
            f"**{len(score.missed)}**",
            f"**{len(score.duplicates)}**",
            str(score.near),
            str(score.unseen),
        )
        yield f"| {name} | {' | '.join(cells)} |"


def by_system(results: Sequence[Result]) -> dict[str, Score]:
    """The sums."""
    names = dict.fromkeys(name for result in sorted(results, key=lambda one: one.task.house) for name in result.scores)
    return {name: total(result.scores[name] for result in results if name in result.scores) for name in names}


def happened(results: Sequence[Result]) -> str:
    """What people did, in one line."""
    done = deeds(result.deeds for result in results)
    deaths = sum(result.deaths for result in results)
    requests = sum(result.requests for result in results)
    text = ", ".join(f"{name} {count:,}" for name, count in done.most_common())
    return f"What happened: the hub was killed {deaths:,} times and asked the speakers {requests:,} times; {text}."


def faults_of_ours(results: Sequence[Result], most: int = 40) -> list[str]:
    """Every false, missed and doubled play of the hub."""
    found: list[str] = []
    for name, score in by_system(results).items():
        if name.startswith("hub"):
            for kind, lines in (("false", score.false), ("missed", score.missed), ("twice", score.duplicates)):
                found += [f"{name}: {kind}: {line}" for line in lines[:most]]
    return found
