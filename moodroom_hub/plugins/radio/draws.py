"""What a station plays next: artists in order, their tracks at hand, and a choice that never waits for long."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.hookspecs import StationRequest
from moodroom_hub.domain.models import Drawn, EpochMs, Pick, Tier, Track, Uri
from moodroom_hub.domain.stations.choosing import NEUTRAL, Choice, Company, Ranked, keys_of, upcoming
from moodroom_hub.domain.stations.models import Seed, Station, StationKey, Vote, VoteKind
from moodroom_hub.plugins.radio.brain import Brain
from moodroom_hub.plugins.radio.known import Known, song_keys
from moodroom_hub.plugins.radio.names import artist_key
from moodroom_hub.plugins.radio.ranking import Leaning, Order, in_words, leaning, nearest, ordered
from moodroom_hub.plugins.radio.similar import Similar
from moodroom_hub.plugins.radio.tracks import Allowance, Tracks

log = logging.getLogger(__name__)

AHEAD: Final = 12
"""So many choices ahead an artist's tracks are looked up."""
LIGHTLY_AHEAD: Final = 3
"""The same for stations that do not play."""
RECALLED: Final = 40
"""Of so many artists at the head of an order what was found before is taken into memory."""
PATIENCE_MS: Final = 2_000
"""A draw waits so long for the tracks of those that it wants most; then it takes what there is."""
PLAYING_MS: Final = 30 * 60_000
"""A station plays if something was drawn for it within that time."""
RETRY_MS: Final = 60_000
OUTSIDE: Final = "room:"
"""The origin of stations that play what their room and the library do not hold."""


@dataclass(slots=True)
class _Standing:
    """One station's order, and what it was made from."""

    mark: tuple[object, ...]
    order: Order


@dataclass(frozen=True, slots=True)
class _Air:
    """What was played and queued when something was drawn for the station last."""

    recent: tuple[Track, ...]
    waiting: frozenset[Uri]
    at_ms: EpochMs


class Draws:
    """Every station's order and what is chosen by it. ``reckoned`` counts how often an order was made anew."""

    def __init__(
        self,
        hub: Callable[[], HubFace],
        clock: Clock,
        brain: Brain,
        known: Known,
        allowance: Allowance,
    ) -> None:
        self._hub = hub
        self._clock = clock
        self._brain = brain
        self._known = known
        self._allowance = allowance
        self._similar = Similar(hub)
        self._standings: dict[StationKey, _Standing] = {}
        self._air: dict[StationKey, _Air] = {}
        self._news = asyncio.Event()
        self.tracks = Tracks(hub, clock)
        self.reckoned = 0

    def order(self, station: Station) -> Order:
        """Who fits, as of now: after a vote, a tuning or a new model it is another one."""
        votes = self._hub().stations.votes(station.key)
        mark = (
            station,
            len(votes),
            votes[-1].id if votes else 0,
            self._brain.version,
            self._known.version,
            self._similar.version,
        )
        standing = self._standings.get(station.key)
        if standing is None or standing.mark != mark:
            self.reckoned += 1
            standing = self._standings[station.key] = _Standing(mark, self.rank(station, leaning(votes)))
            self.look_ahead()
        return standing.order

    def forget(self, key: StationKey) -> None:
        """The station is gone."""
        self._standings.pop(key, None)
        self._air.pop(key, None)

    def look_ahead(self) -> None:
        """Something changed: what comes next is looked up behind."""
        self._news.set()

    async def draw(self, request: StationRequest) -> Drawn | None:
        """What comes next on a station, for a player."""
        station = self._hub().stations.get(request.station)
        if station is None:
            return None
        air = self._note(station.key, request.recent, request.waiting)
        # By its own past: another zone may draw for the same station meanwhile.
        choices = await self.choices(station, request.count, PATIENCE_MS, air=air)
        picks = tuple(
            Pick(choice.track, Tier.DISCOVERY, self.why(station, choice.artist))
            for choice in choices
            if choice.track is not None
        )[: request.count]
        self._note(station.key, (*request.recent, *(pick.track for pick in picks)), request.waiting)
        self.look_ahead()
        notes = () if len(picks) == request.count else (self.shortage(),)
        return Drawn(picks, notes)

    async def choices(
        self, station: Station, count: int, patience_ms: int, least: int = AHEAD, air: _Air | None = None
    ) -> Sequence[Choice]:
        """What comes next, ``count`` at least; some of it without a track, where it cannot be known in time."""
        never: frozenset[str] | None = None
        try:
            async with asyncio.timeout(self._clock.real_seconds(patience_ms)):
                await self._prepare(station)
                never = await self.never(station)
                await self._gather(station, count, never, air)
        except TimeoutError:
            pass
        if never is None:
            never = await self.never(station)
        return self._chosen(station, max(count, least), never, air)

    def rank(self, station: Station, said: Leaning) -> Order:
        """Who fits a station for somebody who leans so."""
        model = self._brain.model
        order = None if model is None else ordered(model, station, said, self._known.artists)
        return order or self._similar.order(station, said, self._known.artists)

    def why(self, station: Station, artist: Ranked, votes: Sequence[Vote] | None = None) -> str:
        """One line on why this artist comes on this station. ``votes``: as in ``never``."""
        said = leaning(self._hub().stations.votes(station.key) if votes is None else votes)
        if any(artist_key(seed.artist) == artist.key for seed in station.seeds):
            return f"{artist.name} is a seed of {station.name}"
        if any(artist_key(name) == artist.key for name in said.likes):
            return f"you liked {artist.name} here"
        model = self._brain.model
        by_track = station.origin.startswith(OUTSIDE)
        if artist.link == "station" and model is not None:
            liked = [Seed(name) for name in dict.fromkeys(reversed(said.likes))]
            near = in_words(nearest(model, artist.name, [*station.seeds, *liked]), by_track=by_track)
            return f"near {near}" if near else f"fits {station.name}"
        led = self._similar.sources_of(station, said, artist.name)
        return f"like {' and '.join(led[:2])}" if led else f"fits {station.name}"

    async def find(self, artists: Sequence[Ranked]) -> None:
        """Look up tracks of these for somebody who waits, as long as a draw may; it goes on behind."""
        try:
            async with asyncio.timeout(self._clock.real_seconds(PATIENCE_MS)):
                await asyncio.gather(*(self.tracks.find(each.name, self._allowance) for each in artists))
        except TimeoutError:
            pass

    def shortage(self) -> str:
        """Why a draw gave too little."""
        return self.trouble or "nothing that may be played is left of the artists found"

    @property
    def trouble(self) -> str:
        """Why nothing can be looked up, or by what it is ranked; empty where all is well."""
        return self._allowance.trouble or self.tracks.trouble or self._brain.trouble

    def playing(self) -> Collection[StationKey]:
        """The stations for which something was drawn lately."""
        now_ms = self._clock.now_ms()
        return {key for key, air in self._air.items() if abs(now_ms - air.at_ms) < PLAYING_MS}

    async def keep_filled(self) -> None:
        """Look up what comes next on every station, those that play first; for ever."""
        while True:
            self._news.clear()
            playing = self.playing()
            stations = sorted(self._hub().stations.all(), key=lambda each: each.key not in playing)
            has_all = True
            for station in stations:
                is_playing = station.key in playing
                if is_playing or self._allowance.is_half_left:
                    has_all = await self._fill(station, AHEAD if is_playing else LIGHTLY_AHEAD) and has_all
                if self._news.is_set():
                    break  # a vote on the one that plays comes before the rest of the others
            if not self._news.is_set():
                await self._wait(has_all=has_all)

    async def close(self) -> None:
        """End what is under way."""
        await self.tracks.close()

    async def _wait(self, *, has_all: bool) -> None:
        if has_all:
            await self._news.wait()
            return
        try:
            async with asyncio.timeout(self._clock.real_seconds(RETRY_MS)):
                await self._news.wait()
        except TimeoutError:
            pass

    async def _fill(self, station: Station, ahead: int) -> bool:
        """Look up one artist after the other; whether everything is at hand."""
        await self._prepare(station)
        never = await self.never(station)
        await self._recall(station)
        while True:
            has_asked = await self._ask_around(station)
            missing = self._missing(self._chosen(station, ahead, never))
            if missing:
                await self.tracks.find(missing[0].name, self._allowance)
            elif not has_asked:
                return not self.tracks.is_away
            if self._news.is_set():
                return False

    async def _prepare(self, station: Station) -> None:
        """The model; and the library, where it makes a difference."""
        await self._brain.ready()
        if station.origin.startswith(OUTSIDE) or station.tuning.adventure != NEUTRAL:
            await self._known.ready()

    async def _gather(self, station: Station, count: int, never: frozenset[str], air: _Air | None) -> None:
        """Look up what the next ``count`` choices want, until they have it."""
        await self._recall(station)
        while True:
            chosen = self._chosen(station, count, never, air)
            missing = self._missing(chosen)
            if missing:
                # An artist who cannot be looked up now has nothing, so somebody else is wanted the next time.
                await asyncio.gather(*(self.tracks.find(each.name, self._allowance) for each in missing))
            elif len(chosen) >= count or not await self._ask_around(station):
                return

    async def _recall(self, station: Station) -> None:
        """Take into memory what was found before; all of it, where nobody can be asked for more."""
        artists = self.order(station).artists
        await self.tracks.recall([each.key for each in artists[: None if self.tracks.is_away else RECALLED]])

    async def _ask_around(self, station: Station) -> bool:
        """Where the model knows nobody: learn who is like one more of the station's artists."""
        if any(artist.link == "station" for artist in self.order(station).artists):
            return False
        missing = self._similar.missing(station, leaning(self._hub().stations.votes(station.key)))
        if missing:
            await self._similar.learn(missing[0])
        return bool(missing)

    def _missing(self, chosen: Sequence[Choice]) -> list[Ranked]:
        return [choice.artist for choice in chosen if choice.track is None]

    def _chosen(self, station: Station, count: int, never: frozenset[str], air: _Air | None = None) -> Sequence[Choice]:
        """``air``: what to reckon with; ``None``: what was on air last, where that is not long ago."""
        if air is None and station.key in self.playing():
            air = self._air[station.key]
        company = Company(never=never) if air is None else Company(air.recent, air.waiting, never)
        return self.upcoming(station, self.order(station), company, count)

    def upcoming(self, station: Station, order: Order, company: Company, count: int) -> Sequence[Choice]:
        """What comes next in this company, from what is in memory."""
        held: Mapping[str, Sequence[Track]] = self.tracks.held(artist.key for artist in order.artists)
        return upcoming(
            order.artists,
            held,
            company,
            chance=station.chance,
            adventure=station.tuning.adventure,
            count=count,
            key_of=artist_key,
        )

    async def never(self, station: Station, votes: Sequence[Vote] | None = None) -> frozenset[str]:
        """The keys of what this station must not play. ``votes``: others than those that the hub remembers."""
        hub = self._hub()
        never = set(_disliked(hub.stations.votes(station.key) if votes is None else votes))
        if station.room is not None and station.room in hub.rooms:
            is_outside = station.origin.startswith(OUTSIDE)
            try:
                pool = await hub.pool(station.room)
            except Trouble as trouble:
                log.info("what left %s is not known now: %s", station.room, trouble)
                pool = ()
            never.update(song_keys(each.track for each in pool if is_outside or each.tier is Tier.REMOVED))
            if is_outside:
                never.update(self._known.songs)
        return frozenset(never)

    def _note(self, key: StationKey, recent: Sequence[Track], waiting: frozenset[Uri]) -> _Air:
        air = self._air[key] = _Air(tuple(recent), waiting, self._clock.now_ms())
        return air


def _disliked(votes: Sequence[Vote]) -> Collection[str]:
    """The keys of the tracks that were disliked, and not liked since."""
    found: set[str] = set()
    for vote in votes:
        keys = keys_of(vote.track)
        found = found | keys if vote.kind is VoteKind.DISLIKE else found - keys
    return found
