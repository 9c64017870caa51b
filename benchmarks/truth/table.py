"""The one table, and what must be said beside it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.truth.run import Result
from benchmarks.truth.score import Score, percentile, total

SYSTEMS = {"seed": "seed", "normal": "hub", "eco": "hub, eco"}
MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what it shows of a score; ``None`` where it has no meaning."""

    name: str
    goal: str
    show: Callable[[Score], str]
    of_bystander: bool = True


def _seconds(values: Sequence[int], share: float) -> str:
    found = percentile(values, share)
    return "-" if found is None else f"{found / 1000:.1f} s"


ROWS = (
    Row("simulated hours", "≥ 1,000", lambda s: f"{s.simulated_ms / 3_600_000:,.0f}"),
    Row("hours of music heard", "", lambda s: f"{s.playing_ms / 3_600_000:,.0f}"),
    Row("listens", "", lambda s: f"{s.listens:,}"),
    Row("**false strikes**", "0", lambda s: str(len(s.false_strikes))),
    Row("**false promotions**", "0", lambda s: str(len(s.false_promotions))),
    Row("strikes given", "", lambda s: f"{s.strikes:,}"),
    Row("strikes due (own skip under 30 s, heard ≥ 3 s)", "", lambda s: f"{s.due_strikes:,}"),
    Row("**missed strikes**", "≤ seed, aim ½", lambda s: str(len(s.missed_strikes))),
    Row("**missed strikes, share of those due**", "≤ seed, aim ½", lambda s: f"{100 * s.missed_share:.1f} %"),
    Row(
        "promotions given / due / missed", "", lambda s: f"{s.promotions} / {s.due_promotions} / {s.missed_promotions}"
    ),
    Row("strikes after a seek between two looks", "", lambda s: str(s.strikes_after_seek)),
    Row("tracks added to the queue", "", lambda s: f"{s.adds:,}", False),
    Row("**duplicate adds**", "0", lambda s: str(len(s.duplicate_adds)), False),
    Row("**hours with a dry queue**", "0", lambda s: str(s.dry_hours), False),
    Row("seconds of silence for want of a track", "0", lambda s: f"{s.dry_ms / 1000:.0f}", False),
    Row("switches to another room", "", lambda s: str(len(s.left_heard_ms)), False),
    Row(
        "**left room's music heard after a switch, p50 / max**",
        "≤ one poll",
        lambda s: f"{_seconds(s.left_heard_ms, 0.5)} / {_seconds(s.left_heard_ms, 1.0)}",
        False,
    ),
    Row(
        "the same, switches without a fault of the service: how many, p50 / p95 / max",
        "≤ one poll",
        lambda s: (
            f"{len(s.left_untroubled_ms)}: {_seconds(s.left_untroubled_ms, 0.5)} / "
            f"{_seconds(s.left_untroubled_ms, 0.95)} / {_seconds(s.left_untroubled_ms, 1.0)}"
        ),
        False,
    ),
    Row(
        "**API calls per hour of music**",
        "≤ 0.7, aim 0.5; eco ≤ 0.4 of seed",
        lambda s: f"{s.calls_per_hour:.0f}",
        False,
    ),
    Row("natural ends", "", lambda s: f"{len(s.end_latencies_ms):,}"),
    Row("**natural end told after, p50**", "≤ 1.0 s", lambda s: _seconds(s.end_latencies_ms, 0.5)),
    Row("**natural end told after, p95**", "≤ 2.5 s", lambda s: _seconds(s.end_latencies_ms, 0.95)),
    Row(
        "own skip told after, p50 / p95",
        "",
        lambda s: f"{_seconds(s.skip_latencies_ms, 0.5)} / {_seconds(s.skip_latencies_ms, 0.95)}",
    ),
)

NOTES = """\
Every system lives in the same homes: same seed, same songs, same person, same devices, same orders of rooms at
the same times, same plan of faults (latency, read-after-write lag, stale and empty answers, time-outs after the
effect, 5xx, 401, 429, a stuck quarter of an hour in stormy homes, adverts, relinked ids, crossfade and automix,
a lost speaker). Whether and when a listener skips depends on the home's seed, on how many listens went before
and on the track, never on who watches. As soon as two systems have queued different tracks their hours differ
in detail, not in kind; therefore the seed's algorithm also **looks on** in the very hours that the hub plays,
with faults of the same seed: the columns "seed looking on" hold its verdicts on exactly the hub's traces. It
draws by the hub's own rules and never repeats a request, so that only watching and queueing are compared
(spotipy's default of repeating a POST on 5xx would add duplicates on top).

A strike is false unless the listener's own skip ended that very listen under 30 s, by its place in the track or
by what was heard of it: a seek that falls between two looks and is followed by a skip before the second one
cannot be seen by anybody; such strikes are counted in a row of their own. A promotion is false unless the track
came to its end by itself or within 8 s of it.

A strike is due where the listener skipped one of the active room's tracks under 30 s after hearing at least 3
s.

A switch is without a fault where the service answered everything, and truly, from 30 s before the left room's
music sounded until it ended: a wait that it imposes, a request that hangs or an answer that stands still leave the
best program deaf and dumb.

Calls are counted from the start to the end of each listen and set against the time that music was heard;
renewing the token is no call of the Web API. Natural ends are those of the room's tracks that another track
followed, timed from the true change to the moment at which the hub published `TRACK_CHANGED` (the seed: at
which its poll's answer arrived)."""


def table(results: Sequence[Result]) -> str:
    """The table as Markdown."""
    columns: dict[str, Score] = {}
    for system, title in SYSTEMS.items():
        own = [result.own for result in results if result.task.system == system]
        if own:
            columns[title] = total(own)
        aside = [
            result.bystander for result in results if result.task.system == system and result.bystander is not None
        ]
        if aside:
            columns[f"seed looking on ({title})"] = total(aside)
    return "\n".join(_lines(columns))


def _lines(columns: Mapping[str, Score]) -> Iterator[str]:
    yield f"| | {' | '.join(columns)} | goal |"
    yield f"|---|{'---:|' * len(columns)}---|"
    for row in ROWS:
        cells = [
            row.show(score) if row.of_bystander or "looking on" not in title else "" for title, score in columns.items()
        ]
        yield f"| {row.name} | {' | '.join(cells)} | {row.goal} |"
    seed = columns.get("seed")
    if seed is not None and seed.calls_per_hour:
        cells = [
            f"{score.calls_per_hour / seed.calls_per_hour:.2f}" if "looking on" not in title else ""
            for title, score in columns.items()
        ]
        yield f"| **API calls, share of the seed's** | {' | '.join(cells)} | ≤ 0.70, aim 0.50; eco ≤ 0.40 |"


def by_temperament(results: Sequence[Result]) -> str:
    """Who costs what: calls for an hour of music, and missed of due strikes, by temperament."""
    names = sorted({result.temperament for result in results})
    lines = [
        "| temperament | " + " | ".join(f"{title}: calls/h, missed/due" for title in SYSTEMS.values()) + " |",
        "|---|" + "---:|" * len(SYSTEMS),
    ]
    for name in names:
        cells = []
        for system in SYSTEMS:
            whole = total(r.own for r in results if r.temperament == name and r.task.system == system)
            cells.append(f"{whole.calls_per_hour:.0f}, {len(whole.missed_strikes)}/{whole.due_strikes}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def explanations(results: Sequence[Result]) -> str:
    """Every false verdict of the hub one by one, and why strikes were missed."""
    lines: list[str] = []
    for system in ("normal", "eco"):
        whole = total(result.own for result in results if result.task.system == system)
        if not whole.listens:
            continue
        title = SYSTEMS[system]
        lines.append(f"{title}: why strikes were missed: {dict(whole.why_missed.most_common())}")
        for kind, found in (
            ("false strike", whole.false_strikes),
            ("false promotion", whole.false_promotions),
            ("duplicate add", whole.duplicate_adds),
        ):
            lines += [f"{title}: {kind}: {each}" for each in found[:MOST_LINES]]
    return "\n".join(lines)


def figures(score: Score) -> dict[str, object]:
    """A score's figures for a JSON file."""
    return {
        "simulated_hours": score.simulated_ms / 3_600_000,
        "hours_heard": score.playing_ms / 3_600_000,
        "listens": score.listens,
        "strikes": score.strikes,
        "false_strikes": score.false_strikes,
        "strikes_after_seek": score.strikes_after_seek,
        "due_strikes": score.due_strikes,
        "missed_strikes": len(score.missed_strikes),
        "why_missed": dict(score.why_missed),
        "promotions": score.promotions,
        "false_promotions": score.false_promotions,
        "missed_promotions": score.missed_promotions,
        "adds": score.adds,
        "duplicate_adds": score.duplicate_adds,
        "dry_hours": score.dry_hours,
        "dry_s": score.dry_ms / 1000,
        "left_room_heard_ms": {str(share): percentile(score.left_heard_ms, share) for share in (0.5, 0.95, 1.0)},
        "calls_per_hour": score.calls_per_hour,
        "end_latency_ms": {str(share): percentile(score.end_latencies_ms, share) for share in (0.5, 0.9, 0.95, 0.99)},
        "skip_latency_ms": {str(share): percentile(score.skip_latencies_ms, share) for share in (0.5, 0.9, 0.95)},
    }
