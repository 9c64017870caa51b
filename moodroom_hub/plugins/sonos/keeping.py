"""The loop that keeps the household known: who is there, who plays with whom, and when each group is looked at."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.plugins.sonos.book import SpeakerBook
from moodroom_hub.plugins.sonos.client import SonosClient
from moodroom_hub.plugins.sonos.config import SonosConfig
from moodroom_hub.plugins.sonos.failures import Failure, SonosTrouble
from moodroom_hub.plugins.sonos.house import House
from moodroom_hub.plugins.sonos.looking import topology_at
from moodroom_hub.plugins.sonos.parsers import ParseProblem
from moodroom_hub.plugins.sonos.places import Address
from moodroom_hub.plugins.sonos.topology import Topology, parse_notice
from moodroom_hub.plugins.sonos.watches import Watch

log = logging.getLogger(__name__)

GROUPS_MS: Final = 15_000
LOST_MS: Final = 2_000
"""How often somebody is asked who plays with whom."""
SEARCH_MS: Final = 300_000
SEARCH_LOST_MS: Final = 30_000
"""How often the network is searched while everybody is there, and while somebody is missing."""
SEARCH_WAIT_MS: Final = 1_500
SETTLING_MS: Final = 700
AFTER_END_MS: Final = 500
LEAST_MS: Final = 300
SELDOMER: Final = 3
"""A playing group is looked at so many times less often where its events come."""
ASKED_ALONE: Final = 2
"""So many speakers are asked for the groups one after the other; then all others at once."""
LEAST_REST_MS: Final = 50
MOST_REST_MS: Final = 1_000
"""What is due may come forward meanwhile."""


class Keeper:
    """Plans. ``search`` asks the network, ``hears(uid)`` tells whether a speaker's events come."""

    def __init__(
        self,
        house: House,
        client: SonosClient,
        clock: Clock,
        book: SpeakerBook,
        config: SonosConfig,
        *,
        search: Callable[[], Awaitable[Sequence[Address]]],
        hears: Callable[[str], bool],
        on_round: Callable[[], None],
    ) -> None:
        self._house = house
        self._client = client
        self._clock = clock
        self._book = book
        self._config = config
        self._search = search
        self._hears = hears
        self._on_round = on_round
        self._look_wanted = asyncio.Event()
        self._groups_wanted = asyncio.Event()
        self._groups_due_ms = 0
        self._search_due_ms = 0
        self._searched_ms = 0
        self._found: tuple[Address, ...] = ()
        self._rounds = 0
        self._told: Topology | None = None
        self.has_answer = False
        self.refusing: Address | None = None
        self.is_refused = False
        """Whether those who answer refuse to tell the groups, as they do in large houses: events alone tell them."""
        house.next_look_ms = self.next_look_ms
        house.on_lost = self._lost
        house.groups.on_owed = self._owe

    async def keep_looking(self) -> None:
        """Look at each group when it is due, for ever (a supervised loop). Waits for no speaker."""
        while True:
            self._begin_looks()
            await self._rest(self._next_due_ms, self._look_wanted)

    async def keep_groups(self) -> None:
        """Ask for the groups, and for speakers, for ever (a supervised loop)."""
        while True:
            await self.read_groups()
            while self._clock.now_ms() < self._groups_due_ms:
                await self._rest(lambda: self._groups_due_ms, self._groups_wanted)

    async def take_notice(self, body: str) -> None:
        """A speaker told of the groups: that counts where they refuse to be asked (large houses)."""
        if not self.is_refused:
            self._groups_due_ms = 0
            self._groups_wanted.set()
            return
        try:
            groups = await self._client.in_thread(lambda: parse_notice(body))
        except (ParseProblem, Trouble) as problem:
            log.debug("what a speaker told of the groups is set aside: %s", problem)
            return
        if groups is not None:
            self.has_answer = True
            self._told = groups
            await self._house.groups.adopt(groups, self._house.groups.question())
            self._on_round()

    def look_soon(self, uid: str) -> None:
        """Somebody said that something changed at this speaker."""
        self._house.look_soon(uid)
        self._look_wanted.set()

    async def read_groups(self) -> None:
        """Ask one speaker for the groups of all; search the network where nobody answers."""
        self._groups_due_ms = self._clock.now_ms() + GROUPS_MS
        self._rounds += 1
        is_known = await self._ask_in_turn(self._seeds())
        if self.is_refused and self._house.groups.is_owed and self._told is not None:
            await self._house.groups.adopt(self._told, self._house.groups.question())
        if self._config.discover and self._clock.now_ms() >= self._search_due_ms:
            self._searched_ms = self._clock.now_ms()
            found = tuple(await self._search())
            fresh = [address for address in found if address not in self._found]
            self._found = found
            if not is_known:
                is_known = await self._ask_in_turn(fresh or list(found))
            is_whole = is_known and not self._is_anybody_missing()
            self._search_due_ms = self._clock.now_ms() + (SEARCH_MS if is_whole else SEARCH_LOST_MS)
        self.has_answer = is_known or (self.is_refused and bool(self._house.topology.players))
        self._on_round()

    def next_look_ms(self, uid: str, watch: Watch) -> int:
        """How long after a look the next one comes."""
        look = watch.shown.look
        if look is None or not look.seen.is_playing:
            return self._config.poll_idle
        if look.seen.is_settling:
            return SETTLING_MS
        wait_ms = self._config.poll * (SELDOMER if self._hears(uid) else 1)
        track, position_ms = look.seen.track, look.seen.position_ms
        if track is not None and track.duration_ms is not None and position_ms is not None and not look.seen.is_stream:
            left_ms = track.duration_ms - position_ms - (self._clock.now_ms() - look.at_ms) + AFTER_END_MS
            if left_ms > 0:
                wait_ms = min(wait_ms, left_ms)
        return max(LEAST_MS, wait_ms)

    def _begin_looks(self) -> None:
        now_ms = self._clock.now_ms()
        for uid in sorted(self._house.topology.coordinators):
            if self._house.watch(uid).due_ms <= now_ms:
                self._house.begin_look(uid)

    def _next_due_ms(self) -> int:
        watches = map(self._house.watch, self._house.topology.coordinators)
        return min((watch.due_ms for watch in watches if watch.task is None), default=self._groups_due_ms)

    async def _rest(self, due_ms: Callable[[], int], wanted: asyncio.Event) -> None:
        left_ms = min(max(due_ms() - self._clock.now_ms(), LEAST_REST_MS), MOST_REST_MS)
        try:
            async with asyncio.timeout(self._clock.real_seconds(left_ms)):
                await wanted.wait()
        except TimeoutError:
            return
        wanted.clear()

    def _seeds(self) -> list[Address]:
        """Whom to ask, the likeliest first: those who answer, then those who did, then the configured ones."""
        players = self._house.topology.players
        well = [uid for uid in players if self._house.watch(uid).trouble is None]
        turn = self._rounds % len(well) if well else 0
        order = [players[uid].address for uid in (*well[turn:], *well[:turn])]
        order += [player.address for uid, player in players.items() if uid not in well]
        order += [*self._config.fixed, *self._found, *(known.address for known in self._book.all())]
        return list(dict.fromkeys(order))

    async def _ask_in_turn(self, seeds: Sequence[Address]) -> bool:
        for address in seeds[:ASKED_ALONE]:
            question = self._house.groups.question()
            if (groups := await self._groups_of(address)) is not None:
                await self._adopt(groups, question)
                return True
            if self.refusing == address and self._told is not None:
                return False  # the others of this large house refuse as well
        question = self._house.groups.question()
        answers = await asyncio.gather(*map(self._groups_of, seeds[ASKED_ALONE:]))
        groups = next((answer for answer in answers if answer is not None), None)
        if groups is not None:
            await self._adopt(groups, question)
        return groups is not None

    async def _adopt(self, groups: Topology, question: int) -> None:
        if not await self._house.groups.adopt(groups, question):
            self._owe()

    def _owe(self) -> None:
        self._groups_due_ms = min(self._groups_due_ms, self._clock.now_ms() + LOST_MS)

    async def _groups_of(self, address: Address) -> Topology | None:
        try:
            groups = (await topology_at(self._client, address)).value
            self.is_refused, self.refusing = False, None
            return groups
        except SonosTrouble as trouble:
            if trouble.failure is Failure.REFUSED:
                self.is_refused, self.refusing = True, address
            log.debug("%s", trouble)
            return None

    def _is_anybody_missing(self) -> bool:
        players = self._house.topology.players
        return any(known.uid not in players for known in self._book.all()) or any(
            self._house.watch(uid).trouble is not None for uid in players
        )

    def _lost(self, uid: str) -> None:
        """It may have another address by now: the others know, or the network."""
        soon_ms = self._clock.now_ms() + LOST_MS
        self._groups_due_ms = min(self._groups_due_ms, soon_ms)
        self._search_due_ms = min(self._search_due_ms, self._searched_ms + SEARCH_LOST_MS)
