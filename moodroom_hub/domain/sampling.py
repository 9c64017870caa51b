"""Drawing tracks for a room: fresh, in the recipe's ratio, loosening one rule at a time and saying so.

Rules, the firmest first; a pool that is too small costs the last one first:

1. Never a ``REMOVED`` or unplayable track, never another listing of a ``REMOVED`` recording: never given up.
2. No recording twice within a batch: never given up, so a batch is as long as there are recordings.
3. No recording among the last ``window`` queued: given up oldest first, only where nothing else is left to draw.
4. The recipe's tiers: a short tier is filled from the others, in the order of ``FILL_ORDER``.

Among what may be drawn chance decides, seeded; what was queued not long ago (further back than the window, as far as
``recent`` reaches) tends to stand behind what was not, the more the later it was queued.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from moodroom_hub.domain.models import PLAYABLE_TIERS, BatchRecipe, Drawn, Pick, PoolEntry, Tier, Track
from moodroom_hub.domain.recording import recording_keys

FILL_ORDER: dict[Tier, tuple[Tier, Tier]] = {
    Tier.CONFIRMED: (Tier.SAFE_SIDE, Tier.DISCOVERY),
    Tier.SAFE_SIDE: (Tier.CONFIRMED, Tier.DISCOVERY),
    Tier.DISCOVERY: (Tier.SAFE_SIDE, Tier.CONFIRMED),
}
"""Which tiers stand in for a short one, in this order."""


def draw_batch(
    pool: Sequence[PoolEntry], recipe: BatchRecipe, recent: Sequence[Track], window: int, rng: Random
) -> Drawn:
    """Draw a room's batch: the recipe's tiers, shuffled; as long as there are recordings, empty only if there are none.

    ``recent`` are the tracks queued last, oldest first; the last ``window`` of them block their recordings. What the
    window has to be loosened for comes last, oldest first, so that the gap between two plays is as wide as it can be.
    """
    past = _Past(recent, window)
    urn = _Urn(_Stock(pool), past, rng)
    drawn = {tier: urn.take(tier, recipe.share(tier)) for tier in PLAYABLE_TIERS}
    missing = {tier: recipe.share(tier) - len(drawn[tier]) for tier in PLAYABLE_TIERS}
    picks = [_fresh_pick(entry, past) for tier in PLAYABLE_TIERS for entry in drawn[tier]]
    notes: list[str] = []
    for short in PLAYABLE_TIERS:
        for other in FILL_ORDER[short]:
            fill = urn.take(other, missing[short])
            if fill:
                missing[short] -= len(fill)
                picks += [_fresh_pick(entry, past, short) for entry in fill]
                notes.append(_short_note(short, len(fill), other))
    rng.shuffle(picks)
    again = urn.take_blocked(recipe.size - len(picks))
    gap = window
    for entry, position in again:
        distance = past.span + len(picks) - position
        gap = min(gap, distance - 1)
        missing[entry.tier] -= 1
        picks.append(_repeated_pick(entry, distance))
    if again and len(picks) == recipe.size:
        notes += [
            _short_note(tier, missing[tier], "what was queued longest ago")
            for tier in PLAYABLE_TIERS
            if missing[tier] > 0
        ]
    if gap < window:
        notes.append(_window_note(window, gap))
    if len(picks) < recipe.size:
        notes.append(_little_note(len(picks)))
    return Drawn(tuple(picks), tuple(notes))


def draw_top_up(
    pool: Sequence[PoolEntry],
    recipe: BatchRecipe,
    recent: Sequence[Track],
    recent_tiers: Sequence[Tier],
    window: int,
    count: int,
    rng: Random,
) -> Drawn:
    """Draw ``count`` further tracks so that any ``recipe.size`` consecutive picks keep the recipe.

    The next tier is one of which the last ``size - 1`` picks (``recent_tiers``, oldest first) hold too few. Behind a
    full batch that is exactly the tier of the pick that leaves the window; when a tier was short for a time, the
    recipe stands again ``size`` picks after it is back. Empty where the pool has nothing to play.
    """
    if recipe.size <= 0:
        return Drawn()
    stock = _Stock(pool)
    queued, tiers = list(recent), list(recent_tiers)
    picks: list[Pick] = []
    notes: list[str] = []
    for _ in range(count):
        staying = tiers[-(recipe.size - 1) :] if recipe.size > 1 else []
        owed = {tier: recipe.share(tier) - staying.count(tier) for tier in PLAYABLE_TIERS}
        past = _Past(queued, window)
        pick = _next_pick(_Urn(stock, past, rng), past, owed, rng, notes)
        if pick is None:
            notes.append(_little_note(0))
            break
        picks.append(pick)
        queued.append(pick.track)
        tiers.append(pick.tier)
    return Drawn(tuple(picks), tuple(dict.fromkeys(notes)))


def _next_pick(urn: "_Urn", past: "_Past", owed: Mapping[Tier, int], rng: Random, notes: list[str]) -> Pick | None:
    heads = {tier: head for tier in PLAYABLE_TIERS if (head := urn.peek(tier)) is not None}
    due = [tier for tier in heads if owed[tier] > 0]
    if due:
        return _fresh_pick(heads[rng.choices(due, [owed[tier] for tier in due])[0]], past)
    if heads:
        short = max(PLAYABLE_TIERS, key=lambda tier: owed[tier])
        other = next(tier for tier in FILL_ORDER[short] if tier in heads)
        notes.append(_short_note(short, 1, other))
        return _fresh_pick(heads[other], past, short)
    for entry, position in urn.take_blocked(1):
        distance = past.span - position
        notes.append(_window_note(past.window, distance - 1))
        return _repeated_pick(entry, distance)
    return None


class _Past:
    """When each recording was queued last. Positions count from the oldest known; ``span`` is the next one."""

    def __init__(self, recent: Sequence[Track], window: int) -> None:
        self.window = window
        self.span = len(recent)
        self.first_blocking = max(0, self.span - max(0, window))
        self._last = {key: position for position, track in enumerate(recent) for key in recording_keys(track)}

    def last_queued(self, keys: frozenset[str]) -> int | None:
        """The position where one of these keys was queued last."""
        return max((self._last[key] for key in keys if key in self._last), default=None)


class _Stock:
    """A pool by tier, and the recordings that left it."""

    def __init__(self, pool: Sequence[PoolEntry]) -> None:
        self.tiers: dict[Tier, list[PoolEntry]] = {tier: [] for tier in Tier}
        for entry in pool:
            self.tiers[entry.tier].append(entry)
        self.removed: set[str] = set()
        for entry in self.tiers[Tier.REMOVED]:
            self.removed |= recording_keys(entry.track)


class _Urn:
    """Gives a stock's recordings once each in a drawn order, and keeps aside what only the window forbids."""

    def __init__(self, stock: _Stock, past: _Past, rng: Random) -> None:
        self._removed = stock.removed
        self._past = past
        self._rng = rng
        self._taken: set[str] = set()
        self._blocked: list[tuple[int, PoolEntry]] = []
        self._lots = {tier: self._drawn_order(stock.tiers[tier]) for tier in PLAYABLE_TIERS}
        self._heads: dict[Tier, PoolEntry | None] = dict.fromkeys(PLAYABLE_TIERS)

    def peek(self, tier: Tier) -> PoolEntry | None:
        """The next fresh entry of ``tier``, left in the urn; ``None`` when there is none."""
        head = self._heads[tier]
        if head is None or not self._taken.isdisjoint(recording_keys(head.track)):
            fresh = (entry for entry in self._lots[tier] if self._taken.isdisjoint(recording_keys(entry.track)))
            head = self._heads[tier] = next(fresh, None)
        return head

    def take(self, tier: Tier, count: int) -> list[PoolEntry]:
        """Up to ``count`` fresh entries of ``tier``."""
        taken: list[PoolEntry] = []
        while len(taken) < count and (entry := self.peek(tier)) is not None:
            taken.append(entry)
            self._taken |= recording_keys(entry.track)
        return taken

    def take_blocked(self, count: int) -> list[tuple[PoolEntry, int]]:
        """Up to ``count`` entries that the window forbids, longest ago first, each with its last position.

        Complete only once every tier has been peeked empty.
        """
        taken: list[tuple[PoolEntry, int]] = []
        for position, entry in sorted(self._blocked, key=lambda blocked: blocked[0]):
            keys = recording_keys(entry.track)
            if len(taken) < count and self._taken.isdisjoint(keys):
                taken.append((entry, position))
                self._taken |= keys
        return taken

    def _drawn_order(self, entries: Sequence[PoolEntry]) -> Iterator[PoolEntry]:
        unseen = list(entries)
        postponed: list[tuple[int, PoolEntry]] = []
        while unseen:
            chosen = self._rng.randrange(len(unseen))
            unseen[chosen], unseen[-1] = unseen[-1], unseen[chosen]
            entry = unseen.pop()
            keys = recording_keys(entry.track)
            if not entry.track.is_playable or not self._removed.isdisjoint(keys):
                continue
            position = self._past.last_queued(keys)
            if position is None:
                yield entry
            elif position >= self._past.first_blocking:
                self._blocked.append((position, entry))
            elif self._rng.random() * self._past.first_blocking >= position:
                yield entry
            else:
                postponed.append((position, entry))
        postponed.sort(key=lambda waiting: waiting[0])
        yield from (entry for _, entry in postponed)


def _fresh_pick(entry: PoolEntry, past: _Past, short: Tier | None = None) -> Pick:
    told = entry.tier.value if short is None else f"{entry.tier} for want of {short}"
    position = past.last_queued(recording_keys(entry.track))
    if position is not None:
        told += f", last queued {_ago(past.span - position)}"
    elif past.span:
        told += ", not queued lately"
    return Pick(entry.track, entry.tier, told)


def _repeated_pick(entry: PoolEntry, distance: int) -> Pick:
    return Pick(entry.track, entry.tier, f"{entry.tier}, last queued {_ago(distance)}: nothing fresher is left")


def _ago(distance: int) -> str:
    return "one track ago" if distance == 1 else f"{distance} tracks ago"


def _short_note(short: Tier, count: int, other: str) -> str:
    return f"{short} is {count} short: {other} stands in"


def _window_note(window: int, gap: int) -> str:
    return f"the pool is smaller than the repeat window: a song comes again after {gap} others instead of {window}"


def _little_note(count: int) -> str:
    songs = {0: "nothing", 1: "only one song"}.get(count, f"only {count} songs")
    return f"the pool holds {songs} that can be played"
