"""Who plays with whom, as it is shown, and what must be done before that may change."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.context import PolicyFace
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.sonos.book import Known, SpeakerBook
from moodroom_hub.plugins.sonos.client import SonosClient
from moodroom_hub.plugins.sonos.failures import SonosTrouble
from moodroom_hub.plugins.sonos.household import Move, Music, goes_on, moves, needs_asking
from moodroom_hub.plugins.sonos.looking import Look, look_at
from moodroom_hub.plugins.sonos.showing import Shown, music_of
from moodroom_hub.plugins.sonos.topology import Topology
from moodroom_hub.plugins.sonos.watches import GONE_AFTER_MS, Watches

log = logging.getLogger(__name__)

_AGAIN: Final = frozenset({TroubleCode.CONFLICT, TroubleCode.UNAVAILABLE})
"""Troubles of a move that pass."""
ASIDE_S: Final = 1.2
"""Real seconds that speakers are waited for to which music went hardly: meanwhile nobody's news are shown."""


class Groups:
    """The groups, and the way from one order to the next.

    ``policy.move`` is told of music that went to another speaker before ``topology`` shows it. While it cannot be
    told, the former order stays, and of the speakers concerned nothing may be shown (``is_unsettled``).
    ``on_new`` hears of speakers that were never seen before, ``on_owed`` that a change must be tried again soon.
    """

    def __init__(
        self, client: SonosClient, clock: Clock, book: SpeakerBook, policy: PolicyFace, watches: Watches
    ) -> None:
        self._client = client
        self._clock = clock
        self._book = book
        self._policy = policy
        self._watches = watches
        self._adopting = asyncio.Lock()
        self._questions = 0
        self._adopted = 0
        self._unsettled: frozenset[str] = frozenset()
        self.topology = Topology()
        self.changes = 0
        """Grows whenever looks that began before may tell of another order than those that began later."""
        self.on_new: Callable[[Iterable[Known]], Awaitable[None]] | None = None
        self.on_owed: Callable[[], None] = lambda: None

    @property
    def is_owed(self) -> bool:
        """Whether a change could not be made yet."""
        return bool(self._unsettled)

    def is_unsettled(self, uid: str) -> bool:
        """Whether music is just being moved to or from this speaker."""
        return uid in self._unsettled

    def question(self) -> int:
        """The number of a question about the groups; take it before asking."""
        self._questions += 1
        return self._questions

    async def adopt(self, new: Topology, question: int, looks: Mapping[str, Look] | None = None) -> bool:
        """The groups are these now, as the answer to a ``question`` told. ``looks`` are such as were not shown yet.

        False where that is not so: the answer is older than what is shown, or music could not be moved yet.
        """
        async with self._adopting:
            old = self.topology
            if new != old and question < self._adopted:
                return False
            after = {uid: music_of(look) for uid, look in (looks or {}).items()}
            if new == old and not after and not self._unsettled:
                return True
            told = await self._moves(old, new, after)
            if not await self._carry_all(told, new):
                self.on_owed()
                return False
            moved, self._unsettled = self._unsettled, frozenset()
            self.topology = new
            self._adopted = max(question, self._adopted)
            self.changes += old != new or bool(moved)
            for uid in set(old.coordinators) - set(new.coordinators):
                self._watches[uid].shown = Shown()
            await self._welcome(new)
            self._tell_changed(old, new, moved)
            return True

    async def _moves(self, old: Topology, new: Topology, after: dict[str, Music | None]) -> tuple[Move, ...]:
        before = {uid: music for uid in old.coordinators if (music := self._watches[uid].shown.music) is not None}
        asked = set(needs_asking(old, new, before)) | _likely_owners(before, after) | self._unsettled
        after |= await self._ask(new, (asked & new.coordinators) - set(after))
        silent = {uid for uid in before if self._watches[uid].trouble is not None}
        told = moves(old, new, before, after, silent)
        busy = self._busy_ones(before)
        for crowd in (new.coordinators - busy, busy & new.coordinators):
            lost = set(before) - {move.source for move in told}
            bereft = {uid for uid in lost if _is_bereft(uid, new, before[uid], after)}
            # What another one's music took the place of may have gone on elsewhere before.
            bereft |= {move.to for move in told if move.to in lost and before[move.to].is_playing}
            if not bereft:
                break
            well = {uid for uid in crowd if self._watches[uid].trouble is None}
            after |= await self._ask(new, well - set(after), ASIDE_S)
            told = moves(old, new, before, after, silent)
        return told

    async def _carry_all(self, told: Iterable[Move], new: Topology) -> bool:
        concerned = frozenset(uid for move in told for uid in (move.source, move.to))
        if not concerned:
            return True
        self._unsettled |= concerned
        self.changes += 1
        await self._welcome(new)  # a speaker that was never seen before may have taken the music over
        for move in told:
            if not await self._carry(move.source, move.to):
                return False
        return True

    async def _carry(self, source: str, to: str) -> bool:
        zone, target = self._book.zone(source), self._book.zone(to)
        if zone is None or target is None:
            return True
        try:
            await self._policy.move(zone, target)
        except Trouble as trouble:
            log.warning("what plays in %s could not be moved to %s: %s", zone, target, trouble.message)
            return trouble.code not in _AGAIN
        self._watches[source].shown.give_to(self._watches[to].shown, target)
        return True

    async def _welcome(self, new: Topology) -> None:
        fresh = self._book.note(new.players)
        if fresh is None:
            return
        await self._client.in_thread(self._book.save)
        if fresh and self.on_new is not None:
            await self.on_new(fresh)

    def _tell_changed(self, old: Topology, new: Topology, moved: frozenset[str]) -> None:
        for uid in new.players:
            if uid in moved or old.group_of(uid) != new.group_of(uid) or old.players.get(uid) != new.players[uid]:
                watch = self._watches[uid]
                watch.due_ms, watch.failing_since_ms, watch.trouble = 0, None, None
                zone = self._book.zone(uid)
                if zone is not None and old.players:
                    self._policy.look_soon(zone)

    async def _ask(
        self, new: Topology, uids: Iterable[str], patience_s: float | None = None
    ) -> dict[str, Music | None]:
        """What these play, of those that answer in time."""

        async def one(uid: str) -> tuple[str, Music | None] | None:
            try:
                async with asyncio.timeout(patience_s):
                    return uid, music_of(await look_at(self._client, new.players[uid].address, None))
            except (SonosTrouble, TimeoutError):
                return None

        answers = await asyncio.gather(*(one(uid) for uid in sorted(uids)))
        return dict(answer for answer in answers if answer is not None)

    def _busy_ones(self, before: Mapping[str, Music]) -> set[str]:
        """Those that were seen playing something of their own a moment ago: they are asked last."""
        now_ms = self._clock.now_ms()
        return {uid for uid, music in before.items() if music.is_playing and now_ms - music.at_ms < GONE_AFTER_MS}


def _is_bereft(uid: str, new: Topology, before: Music, after: Mapping[str, Music | None]) -> bool:
    """Whether music that played has gone nobody knows where."""
    if not before.is_playing or (uid in new.coordinators and after.get(uid, before) is not None):
        return False
    leader = new.coordinator_of(uid)
    return leader is None or leader == uid or leader not in after or after[leader] is None


def _likely_owners(before: Mapping[str, Music], after: Mapping[str, Music | None]) -> set[str]:
    """Those whose music was now found elsewhere, and who were not asked yet whether they still have it."""
    found = [music for music in after.values() if music is not None]
    return {uid for uid, had in before.items() if uid not in after and any(goes_on(had, music) for music in found)}
