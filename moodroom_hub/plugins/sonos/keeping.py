"""The loop that keeps the household known: who is there, who plays with whom, and when each group is looked at."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.plugins.sonos.book import SpeakerBook
from moodroom_hub.plugins.sonos.client import SonosClient
from moodroom_hub.plugins.sonos.config import SonosConfig
from moodroom_hub.plugins.sonos.failures import Failure, SonosTrouble
from moodroom_hub.plugins.sonos.house import House, Watch
from moodroom_hub.plugins.sonos.looking import topology_at
from moodroom_hub.plugins.sonos.places import Address

log = logging.getLogger(__name__)

GROUPS_MS: Final = 15_000
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
MOST_ASKED: Final = 4
"""So many silent speakers are asked in vain for the groups before the loop goes on with other things."""


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
        self._wake = asyncio.Event()
        self._groups_due_ms = 0
        self._search_due_ms = 0
        self._found: tuple[Address, ...] = ()
        self._rounds = 0
        self.has_answer = False
        house.next_look_ms = self.next_look_ms
        house.on_lost = self._lost

    async def run(self) -> None:
        """For ever (a supervised loop)."""
        while True:
            now_ms = self._clock.now_ms()
            if now_ms >= self._groups_due_ms:
                await self.read_groups()
            self._begin_looks()
            await self._rest()

    def groups_soon(self) -> None:
        """Somebody said that the groups changed."""
        self._groups_due_ms = 0
        self._wake.set()

    def look_soon(self, uid: str) -> None:
        """Somebody said that something changed at this speaker."""
        self._house.look_soon(uid)
        self._wake.set()

    async def read_groups(self) -> None:
        """Ask one speaker for the groups of all; search the network where nobody answers."""
        self._groups_due_ms = self._clock.now_ms() + GROUPS_MS
        self._rounds += 1
        is_known = await self._ask_in_turn(self._seeds())
        if self._config.discover and self._clock.now_ms() >= self._search_due_ms:
            found = tuple(await self._search())
            fresh = [address for address in found if address not in self._found]
            self._found = found
            if not is_known:
                is_known = await self._ask_in_turn(fresh or list(found))
            is_whole = is_known and not self._is_anybody_missing()
            self._search_due_ms = self._clock.now_ms() + (SEARCH_MS if is_whole else SEARCH_LOST_MS)
        self.has_answer = is_known
        self._on_round()

    def next_look_ms(self, watch: Watch) -> int:
        """How long after a look the next one comes."""
        look = watch.shown.look
        if look is None or not look.seen.is_playing:
            return self._config.poll_idle
        if look.seen.is_settling:
            return SETTLING_MS
        player = next((uid for uid in self._house.topology.players if self._house.watch(uid) is watch), "")
        wait_ms = self._config.poll * (SELDOMER if self._hears(player) else 1)
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

    async def _rest(self) -> None:
        due_ms = [self._groups_due_ms]
        for uid in self._house.topology.coordinators:
            watch = self._house.watch(uid)
            if watch.task is None:
                due_ms.append(watch.due_ms)
        left_ms = min(max(min(due_ms) - self._clock.now_ms(), 50), 1_000)
        try:
            async with asyncio.timeout(self._clock.real_seconds(left_ms)):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

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
        for address in seeds[:MOST_ASKED]:
            try:
                answer = await topology_at(self._client, address)
            except SonosTrouble as trouble:
                if trouble.failure is Failure.CLOSED:
                    return False
                log.debug("%s", trouble)
                continue
            await self._house.adopt(answer.value)
            return True
        return False

    def _is_anybody_missing(self) -> bool:
        players = self._house.topology.players
        return any(known.uid not in players for known in self._book.all()) or any(
            self._house.watch(uid).trouble is not None for uid in players
        )

    def _lost(self, uid: str) -> None:
        """It may have another address by now: the others know."""
        self._groups_due_ms = min(self._groups_due_ms, self._clock.now_ms() + 2_000)
