"""What the original Moodroom's state means for today's pools."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from moodroom_hub.domain.models import EpochMs, PoolEntry, ReceiptKind, Room, RoomSlug, Tier, Uri
from moodroom_hub.domain.pool_files.common import FileProblem, find_room, quoted
from moodroom_hub.domain.pool_files.state_file import SeedMove, SeedState, SeedStrikes
from moodroom_hub.domain.pools import Pool, PoolChange
from moodroom_hub.domain.recording import name_key


@dataclass(frozen=True, slots=True)
class StateImport:
    """The changes (kind ``IMPORTED``, at most one per track and room) and what of the state found no place."""

    changes: tuple[PoolChange, ...]
    unmatched: tuple[FileProblem, ...]


@dataclass(slots=True)
class _Told:
    """What the state says about one entry."""

    entry: PoolEntry
    said: dict[str, None] = field(default_factory=dict)
    strikes: int = 0


def changes_from_state(
    state: SeedState, pools: Mapping[RoomSlug, Pool], rooms: Sequence[Room], at_ms: EpochMs
) -> StateImport:
    """Lay an old state over the pools; the same state laid twice changes nothing more.

    ``promoted_safe`` lifts from ``DISCOVERY`` and ``demoted`` lowers from ``CONFIRMED``, both to ``SAFE_SIDE``;
    ``removed`` removes; ``skip_counts`` become strikes where they are more than the entry's own. Tracks are found by
    name and artist within the mood's room: as written, else normalised; several listings of one song all follow.
    """
    unmatched: list[FileProblem] = []
    told: dict[tuple[RoomSlug, Uri], _Told] = {}
    indexes = {slug: _Index(pool) for slug, pool in pools.items()}
    items: list[tuple[str, SeedMove | SeedStrikes]] = [
        *(("promoted_safe", move) for move in state.promoted_safe),
        *(("demoted", move) for move in state.demoted),
        *(("removed", move) for move in state.removed),
        *(("skip_counts", strikes) for strikes in state.skip_counts),
    ]
    moods = {mood: find_room(rooms, mood) for mood in {item.mood for _, item in items}}
    for part, item in items:
        room = moods[item.mood]
        entries = indexes[room.slug].find(item.name, item.artist) if room and room.slug in indexes else []
        if room is None or not entries:
            reason = f"no room is called {quoted(item.mood)}" if room is None else f"not in the pool of {room.name}"
            unmatched.append(FileProblem(_where(part, item), reason))
            continue
        for entry in entries:
            if part == "demoted" and entry.tier is Tier.DISCOVERY:
                unmatched.append(FileProblem(_where(part, item), f"is a DISCOVERY in {room.name}, not CONFIRMED"))
                continue
            note = told.setdefault((room.slug, entry.track.uri), _Told(entry))
            if isinstance(item, SeedStrikes):
                note.strikes = max(note.strikes, item.count)
            else:
                note.said[part] = None
    changes = (_change(room, note, at_ms) for (room, _), note in told.items())
    return StateImport(tuple(change for change in changes if change is not None), tuple(unmatched))


def _change(room: RoomSlug, told: _Told, at_ms: EpochMs) -> PoolChange | None:
    before = told.entry
    tier = before.tier
    reasons = []
    if "promoted_safe" in told.said and tier is Tier.DISCOVERY:
        tier = Tier.SAFE_SIDE
        reasons.append("promoted")
    if "demoted" in told.said and tier is Tier.CONFIRMED:
        tier = Tier.SAFE_SIDE
        reasons.append("demoted")
    if "removed" in told.said and tier is not Tier.REMOVED:
        tier = Tier.REMOVED
        reasons.append("removed")
    strikes = max(before.strikes, told.strikes)
    if strikes > before.strikes:
        reasons.append(f"skips: {strikes}")
    if not reasons:
        return None
    way = f"{before.tier} → {tier}" if tier is not before.tier else f"stays {tier}"
    why = f"imported from the original Moodroom · {', '.join(reasons)} · {way}"
    if tier is before.tier:
        after = replace(before, strikes=strikes)
    else:
        after = replace(before, tier=tier, strikes=strikes, since_ms=at_ms, why=why)
    return PoolChange(room, before.track, ReceiptKind.IMPORTED, before, after, why)


class _Index:
    """A pool's entries by name and artist; an artist is the first one or all of them with commas."""

    def __init__(self, pool: Pool) -> None:
        self._as_written: dict[str, list[PoolEntry]] = {}
        self._normalised: dict[str, list[PoolEntry]] = {}
        for entry in pool.entries.values():
            track = entry.track
            artists = dict.fromkeys((*track.artists[:1], ", ".join(track.artists)))
            _put(self._as_written, (_as_written(track.name, artist) for artist in artists), entry)
            _put(self._normalised, (name_key(track.name, artist) for artist in artists), entry)

    def find(self, name: str, artist: str) -> list[PoolEntry]:
        """The entries written just so, else those that are the same song; none for a name that says nothing."""
        key = name_key(name, artist)
        if key is None:
            return []
        return self._as_written.get(_as_written(name, artist)) or self._normalised.get(key, [])


def _put(index: dict[str, list[PoolEntry]], keys: Iterable[str | None], entry: PoolEntry) -> None:
    for key in dict.fromkeys(keys):
        if key is not None:
            index.setdefault(key, []).append(entry)


def _as_written(name: str, artist: str) -> str:
    return f"{name.strip().casefold()}\n{artist.strip().casefold()}"


def _where(part: str, item: SeedMove | SeedStrikes) -> str:
    return f"{part}: {quoted(item.name)} by {quoted(item.artist)}"
