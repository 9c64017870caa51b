"""Rooms' discoveries: each room is a station, too, that nobody plays; what comes next on it refills its pool."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.stations import Refill
from moodroom_hub.domain.models import PoolEntry, Room, RoomSlug, Tier, Track
from moodroom_hub.domain.stations.choosing import Choice, Company
from moodroom_hub.domain.stations.models import MOST_SEEDS, Seed, Station, StationKey
from moodroom_hub.plugins.radio.brain import Brain
from moodroom_hub.plugins.radio.config import RadioConfig
from moodroom_hub.plugins.radio.draws import OUTSIDE, Draws
from moodroom_hub.plugins.radio.jobs import Teller
from moodroom_hub.plugins.radio.known import Known, song_keys
from moodroom_hub.plugins.radio.names import artist_key
from moodroom_hub.plugins.radio.ranking import MOST_VOTES, Leaning, Order, in_words, leaning, nearest
from moodroom_hub.plugins.radio.tracks import Allowance

log = logging.getLogger(__name__)

SOURCE: Final = "radio"
EMPTY: Final = "the room has no track yet that a station could start from: moodroom-hub mine"
FULL: Final = "it has as many as it should"
UNSEEN: Final = "the model knows none of its artists"
RUN_DRY: Final = "nothing that is new is left of the artists who fit"
MOST_OF_ONE: Final = 2
"""So many tracks of one artist may come in one refilling."""
NIGHT_MS: Final = 12 * 3_600_000


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How many tracks a room may get of each tier."""

    discovery: int
    safe_side: int

    @property
    def count(self) -> int:
        return self.discovery + self.safe_side


class Discoveries:
    """Refills pools, within the night's allowance."""

    def __init__(
        self, hub: Callable[[], HubFace], clock: Clock, config: RadioConfig, brain: Brain, known: Known, draws: Draws
    ) -> None:
        self._hub = hub
        self._config = config
        self._brain = brain
        self._known = known
        self._draws = draws
        self._allowance = Allowance(clock, config.searches_a_night, NIGHT_MS)

    async def refill(self, rooms: Sequence[Room], tell: Teller) -> None:
        """Each of these rooms. Raises ``Trouble(UNAVAILABLE)`` where nothing can be found at all."""
        if await self._brain.ready() is None:
            raise Trouble(TroubleCode.UNAVAILABLE, f"No room is refilled: {self._brain.trouble}.")
        await self._known.ready()
        for number, room in enumerate(rooms):
            tell.progress(f"looking for what fits {room.name}", number, len(rooms))
            tell.refilled(await self._refill(room))

    async def _refill(self, room: Room) -> Refill:
        hub = self._hub()
        pool = await hub.pool(room.slug)
        wanted = self._wanted(pool)
        if wanted.count == 0:
            return Refill(room.slug, (), why_not=FULL)
        station = station_of_room(room, pool)
        if not station.seeds:
            return Refill(room.slug, (), why_not=EMPTY)
        order = self._draws.rank(station, self._leaning(room.slug, pool))
        if not any(artist.link == "station" for artist in order.artists):
            return Refill(room.slug, (), why_not=UNSEEN)
        entries = await self._entries(station, order, pool, wanted)
        receipts = await hub.stations.discover(room.slug, entries) if entries else ()
        added = tuple(receipt.after for receipt in receipts if receipt.after is not None)
        why_not = "" if len(added) >= wanted.count else self._draws.tracks.trouble or RUN_DRY
        return Refill(room.slug, added, tuple(receipts), why_not)

    async def _entries(
        self, station: Station, order: Order, pool: Sequence[PoolEntry], wanted: _Wanted
    ) -> list[PoolEntry]:
        never = frozenset(song_keys(entry.track for entry in pool)) | frozenset(self._known.songs)
        confirmed = {artist_key(_artist(entry)) for entry in _of(pool, Tier.CONFIRMED)}
        # Whom the room knows best are the likeliest: the safe side is theirs.
        likeliest = replace(order, artists=tuple(each for each in order.artists if each.key in confirmed))
        entries: list[PoolEntry] = []
        await self._draws.tracks.recall([artist.key for artist in order.artists])
        for tier, among, count in (
            (Tier.SAFE_SIDE, likeliest, wanted.safe_side),
            (Tier.DISCOVERY, order, wanted.discovery),
        ):
            company = Company(tuple(entry.track for entry in entries), never=never)
            for choice, track in await self._chosen(station, among, company, count):
                entries.append(PoolEntry(track, tier, why=self._why(station, choice), source=SOURCE))
        return entries

    def _leaning(self, room: RoomSlug, pool: Sequence[PoolEntry]) -> Leaning:
        """What the room's tiers say, and then what was voted on stations that stand for it."""
        said = leaning_of_room(pool)
        stations = self._hub().stations
        votes = [vote for each in stations.all() if each.room == room for vote in stations.votes(each.key)]
        voted = leaning(votes)
        likes, dislikes = (*said.likes, *voted.likes), (*said.dislikes, *voted.dislikes)
        return Leaning(likes[-MOST_VOTES:], dislikes[-MOST_VOTES:])

    def _wanted(self, pool: Sequence[PoolEntry]) -> _Wanted:
        counts = Counter(entry.tier for entry in pool)
        most = self._config.discoveries
        safe_side = max(0, most - counts[Tier.SAFE_SIDE]) if self._config.safe_side else 0
        return _Wanted(max(0, most - counts[Tier.DISCOVERY]), safe_side)

    async def _chosen(
        self, station: Station, order: Order, company: Company, count: int
    ) -> Sequence[tuple[Choice, Track]]:
        """Choices with their tracks, looked up one artist after the other as long as requests are left."""
        found: list[tuple[Choice, Track]] = []
        counts: Counter[str] = Counter()
        while len(found) < count:
            await asyncio.sleep(0)  # a choice among hundreds takes some milliseconds
            left = replace(order, artists=tuple(each for each in order.artists if counts[each.key] < MOST_OF_ONE))
            heard = replace(company, recent=(*company.recent, *(track for _, track in found)))
            choice = next(iter(self._draws.upcoming(station, left, heard, 1)), None)
            if choice is None:
                break
            if choice.track is None:
                await self._draws.tracks.find(choice.artist.name, self._allowance)
            else:
                counts[choice.artist.key] += 1
                found.append((choice, choice.track))
        return found

    def _why(self, station: Station, choice: Choice) -> str:
        model = self._brain.model
        own = [seed.track or seed.artist for seed in station.seeds if artist_key(seed.artist) == choice.artist.key]
        if own:
            return f"by {choice.artist.name}, as {own[0]}"
        near = "" if model is None else in_words(nearest(model, choice.artist.name, station.seeds), by_track=True)
        return f"near {near}" if near else f"fits {station.name}"


def station_of_room(room: Room, pool: Sequence[PoolEntry]) -> Station:
    """The station that a room is: its anchors, then what was confirmed in it, by the artists who have most there."""
    counts = Counter(entry.track.artists[0] for entry in _of(pool, Tier.CONFIRMED) if entry.track.artists)
    confirmed = sorted(_of(pool, Tier.CONFIRMED), key=lambda entry: -counts[_artist(entry)])
    seeds = [Seed(anchor.artist, anchor.name) for anchor in room.anchors]
    seeds += [Seed(_artist(entry), entry.track.name) for entry in confirmed if _artist(entry)]
    return Station(
        key=StationKey(f"room-{room.slug}"),
        name=room.name,
        seeds=tuple(dict.fromkeys(seeds))[:MOST_SEEDS],
        origin=f"{OUTSIDE}{room.slug}",
        room=room.slug,
        chance=int.from_bytes(blake2b(room.slug.encode(), digest_size=4).digest(), "little"),
    )


def leaning_of_room(pool: Sequence[PoolEntry]) -> Leaning:
    """What the room's tiers say of artists, the oldest first; who is confirmed there is not disliked for one track."""
    kept = sorted([*_of(pool, Tier.CONFIRMED), *_of(pool, Tier.SAFE_SIDE)], key=lambda entry: entry.since_ms)
    removed = sorted(_of(pool, Tier.REMOVED), key=lambda entry: entry.since_ms)
    counts = Counter(_artist(entry) for entry in kept)
    counts.subtract(_artist(entry) for entry in removed)
    likes = tuple(_artist(entry) for entry in kept if _artist(entry))
    dislikes = tuple(_artist(entry) for entry in removed if _artist(entry) and counts[_artist(entry)] < 0)
    return Leaning(likes[-MOST_VOTES:], dislikes[-MOST_VOTES:])


def _of(pool: Sequence[PoolEntry], tier: Tier) -> list[PoolEntry]:
    return [entry for entry in pool if entry.tier is tier]


def _artist(entry: PoolEntry) -> str:
    return entry.track.artists[0] if entry.track.artists else ""
