"""A record against the truth: what was struck falsely, what was missed, what was heard, what it cost."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

from benchmarks.truth.homes import pools
from benchmarks.truth.record import Learned, Order, Record, Told
from moodroom_hub.domain.models import Tier
from moodroom_hub.simulator.items import ItemKind
from moodroom_hub.simulator.truth import Actor, CameFrom, EndedBy, TrueListen

SKIP_UNDER_MS = 30_000
COMPLETE_WITHIN_MS = 8_000
AUDIBLE_MS = 3_000
HOUR_MS = 3_600_000
TROUBLED_MS = 30_000
"""So long after a fault a system may still be kept from acting: by a wait imposed on it, by a request that hangs."""
NEAR_MS = 8_000
"""A change of a pool may name its listen's span so far off."""
RECENT_ADDS = 10


@dataclass(slots=True)
class Score:
    """One record's figures, or several records' together. Times in milliseconds."""

    simulated_ms: int = 0
    playing_ms: int = 0
    listens: int = 0
    own_skips: int = 0
    strikes: int = 0
    false_strikes: list[str] = field(default_factory=list)
    strikes_after_seek: int = 0
    due_strikes: int = 0
    missed_strikes: list[str] = field(default_factory=list)
    why_missed: Counter[str] = field(default_factory=Counter)
    promotions: int = 0
    false_promotions: list[str] = field(default_factory=list)
    due_promotions: int = 0
    missed_promotions: int = 0
    adds: int = 0
    duplicate_adds: list[str] = field(default_factory=list)
    dry_hours: int = 0
    dry_ms: int = 0
    left_heard_ms: list[int] = field(default_factory=list)
    left_untroubled_ms: list[int] = field(default_factory=list)
    calls_playing: int = 0
    calls: int = 0
    end_latencies_ms: list[int] = field(default_factory=list)
    skip_latencies_ms: list[int] = field(default_factory=list)
    orders: int = 0
    repeated_orders: int = 0

    def add(self, other: "Score") -> None:
        """Put another record's figures to these."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def calls_per_hour(self) -> float:
        """Requests while music plays, for each hour of it."""
        return self.calls_playing / (self.playing_ms / HOUR_MS) if self.playing_ms else 0.0

    @property
    def missed_share(self) -> float:
        """Of the strikes that were due."""
        return len(self.missed_strikes) / self.due_strikes if self.due_strikes else 0.0


def total(scores: Iterable[Score]) -> Score:
    """All of them together."""
    whole = Score()
    for score in scores:
        whole.add(score)
    return whole


def score(record: Record, told: Told | None = None) -> Score:
    """The figures of a record. ``told`` judges somebody else's verdicts on the same hours (the bystander's)."""
    told = told or record.told
    result = Score(simulated_ms=record.length_ms, listens=len(record.listens))
    result.playing_ms = sum(listen.heard_ms for listen in record.listens)
    result.own_skips = sum(_is_own_skip(listen) for listen in record.listens)
    _score_pools(record, told, result)
    _score_ends(record, told, result)
    if told is record.told:
        _score_queue(record, result)
        _score_rooms(record, result)
    _score_calls(record, told, result)
    return result


def percentile(values: Sequence[int], share: float) -> int | None:
    """The value below which ``share`` of them lie (nearest rank); ``None`` of none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, ceil(round(share * len(ordered), 6)) - 1)]


# pools


def _is_own_skip(listen: TrueListen) -> bool:
    """Under 30 s by its place in the track, or by what was heard of it."""
    is_early = listen.end_position_ms < SKIP_UNDER_MS or listen.heard_ms < SKIP_UNDER_MS
    return listen.ended_by is EndedBy.LISTENER_SKIP and is_early


def _is_whole(listen: TrueListen) -> bool:
    near_end = listen.end_position_ms >= listen.duration_ms - COMPLETE_WITHIN_MS
    return listen.ended_by is EndedBy.NATURAL or near_end


def _score_pools(record: Record, told: Told, result: Score) -> None:
    listens = [listen for listen in record.listens if listen.kind is ItemKind.TRACK]
    by_uri: dict[str, list[TrueListen]] = {}
    for listen in listens:
        by_uri.setdefault(listen.queued_uri, []).append(listen)
    struck: dict[int, Learned] = {}
    promoted: set[int] = set()
    for strike in told.strikes:
        result.strikes += 1
        found = _meant(strike, by_uri)
        if found is None or not _is_own_skip(found):
            result.false_strikes.append(_explain(record, strike, found))
        elif found.id in struck:
            result.false_strikes.append(f"doubled: {_explain(record, strike, found)}")
        else:
            struck[found.id] = strike
            result.strikes_after_seek += found.end_position_ms >= SKIP_UNDER_MS
    for promotion in told.promotions:
        result.promotions += 1
        found = _meant(promotion, by_uri)
        if found is None or not _is_whole(found) or found.id in promoted:
            result.false_promotions.append(_explain(record, promotion, found))
        else:
            promoted.add(found.id)
    _score_due(record, told, listens, struck, promoted, result)


def _score_due(
    record: Record,
    told: Told,
    listens: Sequence[TrueListen],
    struck: dict[int, Learned],
    promoted: set[int],
    result: Score,
) -> None:
    """What should have been learned, given the tiers as this system had them by then."""
    tiers = _Tiers(told)
    rooms = _Rooms(record.orders)
    for listen in sorted(listens, key=lambda one: one.ended_ms):
        room = rooms.at(listen.ended_ms)
        if room is None or listen.put_there_by is not Actor.HUB:
            continue
        tier = tiers.before(room, listen.queued_uri, listen.ended_ms)
        if tier is None or tier is Tier.REMOVED:
            continue
        is_due = _is_own_skip(listen) and listen.heard_ms >= AUDIBLE_MS and listen.max_position_ms < SKIP_UNDER_MS
        if is_due:
            result.due_strikes += 1
            if listen.id not in struck:
                why = _verdict_on(listen, told.others)
                result.why_missed[why] += 1
                result.missed_strikes.append(f"{_line(record, listen)} | {why}")
        if tier is Tier.DISCOVERY and _is_whole(listen) and listen.heard_ms > SKIP_UNDER_MS:
            result.due_promotions += 1
            result.missed_promotions += listen.id not in promoted


def _verdict_on(listen: TrueListen, verdicts: Sequence[Learned]) -> str:
    """What was said of a listen that was not struck."""
    for verdict in verdicts:
        overlap_ms = min(listen.ended_ms, verdict.ended_ms) - max(listen.started_ms, verdict.began_ms)
        if verdict.uri == listen.queued_uri and overlap_ms > -NEAR_MS:
            return verdict.what
    return "never seen"


class _Tiers:
    """Where each track stood in each room, as the system itself changed it."""

    def __init__(self, told: Told) -> None:
        self._changes: dict[tuple[str, str], list[tuple[int, Tier]]] = {}
        for slug, entries in pools().items():
            for entry in entries:
                self._changes[slug, entry.track.uri] = [(0, entry.tier)]
        moves = [(one, True) for one in told.strikes] + [(one, False) for one in told.promotions]
        for learned, is_strike in sorted(moves, key=lambda move: move[0].at_ms):
            changes = self._changes.get((learned.room, learned.uri))
            if changes is None:
                continue
            is_kept = not is_strike or changes[-1][1] is Tier.CONFIRMED
            changes.append((learned.ended_ms, Tier.SAFE_SIDE if is_kept else Tier.REMOVED))

    def before(self, room: str, uri: str, at_ms: int) -> Tier | None:
        """The tier just before this moment."""
        tier = None
        for changed_ms, after in self._changes.get((room, uri), ()):
            if changed_ms < at_ms - NEAR_MS or tier is None:
                tier = after
        return tier


class _Rooms:
    """Which room was the chosen one."""

    def __init__(self, orders: Sequence[Order]) -> None:
        met = [order for order in orders if order.is_met]
        self._times = [order.at_ms for order in met]
        self._rooms = [order.room for order in met]

    def at(self, at_ms: int) -> str | None:
        """The room at this moment."""
        place = bisect_left(self._times, at_ms)
        return self._rooms[place - 1] if place else None


def _meant(learned: Learned, by_uri: dict[str, list[TrueListen]]) -> TrueListen | None:
    """The listen that this change of a pool is about: the one of its track that overlaps its span the most."""

    def overlap(listen: TrueListen) -> int:
        return min(listen.ended_ms, learned.ended_ms) - max(listen.started_ms, learned.began_ms)

    found = max(by_uri.get(learned.uri, ()), key=overlap, default=None)
    return found if found is not None and overlap(found) > -NEAR_MS else None


# the queue


def _score_queue(record: Record, result: Score) -> None:
    """Replays what went into the queue and came out of it."""
    moves: list[tuple[int, int, str]] = []
    moves += [(one.at_ms, 1, one.detail) for one in record.commands if _is_add(one.by, one.name, one.refusal)]
    moves += [(one.started_ms, 0, one.queued_uri) for one in record.listens if one.came_from is CameFrom.QUEUE]
    moves += [(one.at_ms, 0, one.uri) for one in record.jumped_over]
    waiting: Counter[str] = Counter()
    recent: list[str] = []
    for at_ms, is_add, uri in sorted(moves):
        if not is_add:
            waiting[uri] -= 1
            continue
        result.adds += 1
        if waiting[uri] > 0 or uri in recent:
            result.duplicate_adds.append(f"home {record.home} at {_clock(record, at_ms)}: {uri}")
        waiting[uri] += 1
        recent = [*recent, uri][-RECENT_ADDS:]
    dry = [spell for spell in record.dry_spells if spell.reason == "list_ended"]
    result.dry_ms = sum(spell.ended_ms - spell.started_ms for spell in dry)
    hours = {
        hour
        for spell in dry
        for hour in range(
            (spell.started_ms - record.began_ms) // HOUR_MS, (spell.ended_ms - record.began_ms) // HOUR_MS + 1
        )
    }
    result.dry_hours = len(hours)


def _is_add(by: Actor, name: str, refusal: str | None) -> bool:
    return by is Actor.HUB and name == "queue" and refusal is None


# rooms


def _score_rooms(record: Record, result: Score) -> None:
    """How long the music of a left room was heard after each switch to another one."""
    met = [order for order in record.orders if order.is_met]
    result.orders = len(met)
    result.repeated_orders = len(record.orders) - len(met)
    rooms = {slug: {entry.track.uri for entry in entries} for slug, entries in pools().items()}
    ours = [one for one in record.listens if one.put_there_by is Actor.HUB and one.kind is ItemKind.TRACK]
    for place, order in enumerate(met):
        if place == 0 or met[place - 1].room == order.room:
            continue
        until_ms = met[place + 1].at_ms if place + 1 < len(met) else record.began_ms + record.length_ms
        heard_ms, spans = 0, list[tuple[int, int]]()
        for listen in ours:
            if listen.ended_ms <= order.at_ms or listen.started_ms >= until_ms:
                continue
            if listen.queued_uri not in rooms[order.room]:
                span_ms = min(listen.ended_ms, until_ms) - max(listen.started_ms, order.at_ms)
                heard_ms += min(listen.heard_ms, span_ms)
                spans.append((max(listen.started_ms, order.at_ms) - TROUBLED_MS, listen.ended_ms))
        result.left_heard_ms.append(heard_ms)
        if not any(began_ms <= at_ms <= ended_ms for at_ms in record.faults for began_ms, ended_ms in spans):
            result.left_untroubled_ms.append(heard_ms)


# calls and latency


def _score_calls(record: Record, told: Told, result: Score) -> None:
    """A bystander's calls are its own looks and the requests of the hub that plays."""
    calls = [*(record.looks if told is record.told else told.looks), *record.requests]
    result.calls = len(calls)
    spans = _Spans(record.listens)
    result.calls_playing = sum(at_ms in spans for at_ms in calls)


class _Spans:
    """When a listen was under way, pauses included."""

    def __init__(self, listens: Sequence[TrueListen]) -> None:
        ordered = sorted(listens, key=lambda one: one.started_ms)
        self._starts = [one.started_ms for one in ordered]
        self._listens = ordered

    def __contains__(self, at_ms: int) -> bool:
        place = bisect_left(self._starts, at_ms + 1) - 1
        if place < 0:
            return False
        return at_ms < self._listens[place].ended_ms


def _score_ends(record: Record, told: Told, result: Score) -> None:
    """How long after a true change it was told."""
    changes = sorted(told.changes)
    for before, after in _neighbours(record.listens):
        if before.put_there_by is not Actor.HUB or before.kind is not ItemKind.TRACK:
            continue
        if after.kind is not ItemKind.TRACK or after.uri == before.uri or after.started_ms - before.ended_ms > 50:
            continue
        place = bisect_left(changes, before.ended_ms)
        if place == len(changes):
            continue
        latency_ms = changes[place] - before.ended_ms
        if before.ended_by is EndedBy.NATURAL:
            result.end_latencies_ms.append(latency_ms)
        elif before.ended_by is EndedBy.LISTENER_SKIP:
            result.skip_latencies_ms.append(latency_ms)


def _neighbours(listens: Sequence[TrueListen]) -> Iterator[tuple[TrueListen, TrueListen]]:
    ordered = sorted(listens, key=lambda one: (one.ended_ms, one.id))
    yield from pairwise(ordered)


# words


def _clock(record: Record, at_ms: int) -> str:
    seconds, rest_ms = divmod(at_ms - record.began_ms, 1_000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest_ms // 100}"


def _line(record: Record, listen: TrueListen) -> str:
    return (
        f"home {record.home} {record.temperament}/{record.weather} {_clock(record, listen.started_ms)}: "
        f"{listen.start_position_ms / 1000:.1f}..{listen.end_position_ms / 1000:.1f} s "
        f"(heard {listen.heard_ms / 1000:.1f}, max {listen.max_position_ms / 1000:.1f}, "
        f"of {listen.duration_ms / 1000:.0f}), {listen.ended_by} from {listen.came_from}"
    )


def _explain(record: Record, learned: Learned, found: TrueListen | None) -> str:
    truth = "no such listen" if found is None else _line(record, found)
    return f"{truth} | told at {_clock(record, learned.at_ms)} {learned.what}"
