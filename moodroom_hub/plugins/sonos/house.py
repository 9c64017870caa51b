"""The household as it is: who is there, who plays with whom, what each group plays, and where music went."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.context import PolicyFace
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import EpochMs, PlaybackSnapshot, ZoneName
from moodroom_hub.plugins.sonos.book import Known, SpeakerBook
from moodroom_hub.plugins.sonos.client import SonosClient
from moodroom_hub.plugins.sonos.failures import Failure, SonosTrouble
from moodroom_hub.plugins.sonos.household import Music, goes_on, moves, needs_asking
from moodroom_hub.plugins.sonos.looking import Look, look_at, topology_at
from moodroom_hub.plugins.sonos.showing import Shown, music_of, nothing
from moodroom_hub.plugins.sonos.topology import Player, Topology

log = logging.getLogger(__name__)

FRESH_MS: Final = 900
"""So old a look may be to be given to whoever asks."""
GONE_AFTER_MS: Final = 20_000
"""A speaker that did not answer for so long is gone."""
ASK_AGAIN_MS: Final = 4_000
"""A speaker that does not answer is not asked more often than that."""
REGROUPING_S: Final = 4.0
"""Real seconds that a look waits while speakers are being regrouped."""


@dataclass(slots=True)
class Watch:
    """One speaker's state. ``due_ms``: when it is looked at next; ``failing_since_ms``: when it fell silent."""

    shown: Shown = field(default_factory=Shown)
    due_ms: int = 0
    failing_since_ms: EpochMs | None = None
    failed_ms: EpochMs = EpochMs(0)
    trouble: SonosTrouble | None = None
    task: asyncio.Task[None] | None = None
    task_touches: int = -1


class House:
    """What the sources, the hands and the loops share.

    ``policy.move`` is told of music that went to another speaker before ``topology`` and the sources show it.
    ``on_new`` hears of speakers that were never seen before, ``on_change`` that ``topology`` is another one, and
    ``on_lost`` that a speaker does not answer.
    """

    def __init__(self, client: SonosClient, clock: Clock, book: SpeakerBook, policy: PolicyFace) -> None:
        self._client = client
        self._clock = clock
        self._policy = policy
        self.book = book
        self._topology = Topology()
        self._watches: dict[str, Watch] = {}
        self._adopting = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._began_ms = clock.now_ms()
        self.next_look_ms: Callable[[str, Watch], int] = lambda uid, watch: 10_000
        self.on_new: Callable[[Iterable[Known]], Awaitable[None]] | None = None
        self.on_change: Callable[[], None] = lambda: None
        self.on_lost: Callable[[str], None] = lambda uid: None

    @property
    def topology(self) -> Topology:
        """The groups as they are shown."""
        return self._topology

    def player(self, uid: str) -> Player:
        """Where a speaker is. Raises ``Trouble(NO_DEVICE)`` where it is not to be found."""
        found = self._topology.players.get(uid)
        if found is None:
            text = f"{self.book.name(uid)} is not to be found. Is it plugged in and in this network?"
            raise Trouble(TroubleCode.NO_DEVICE, text)
        return found

    def leading(self, uid: str) -> Player:
        """Whose music sounds at this speaker: commands go there. Raises ``Trouble(NO_DEVICE)``."""
        return self.player(self._topology.coordinator_of(uid) or uid)

    def leading_zone(self, uid: str) -> ZoneName | None:
        """The zone that this speaker's is joined to; ``None`` where it leads itself."""
        leader = self._topology.coordinator_of(uid)
        return None if leader is None or leader == uid else self.book.zone(leader)

    def zone_of(self, uid: str) -> ZoneName | None:
        """A speaker's zone."""
        return self.book.zone(uid)

    def watch(self, uid: str) -> Watch:
        """A speaker's state."""
        return self._watches.setdefault(uid, Watch())

    def look_soon(self, uid: str) -> None:
        """Something may have changed at this speaker, or at the one that leads it."""
        watch = self.watch(self._topology.coordinator_of(uid) or uid)
        watch.due_ms = 0
        watch.shown.kept = None

    async def see(self, uid: str) -> PlaybackSnapshot:
        """What the zone of this speaker plays, as of less than a second ago. Raises ``Trouble(UNAVAILABLE)``."""
        zone = self.book.zone(uid)
        if zone is None:
            raise Trouble(TroubleCode.NO_DEVICE, "This speaker was never found.")
        now_ms = self._clock.now_ms()
        leader = self._topology.coordinator_of(uid)
        if leader is None and not self._topology.players and now_ms - self._began_ms < GONE_AFTER_MS:
            raise Trouble(TroubleCode.UNAVAILABLE, f"{self.book.name(uid)} has not been found yet.")
        if leader != uid:
            return nothing(zone, now_ms)
        watch = self.watch(uid)
        if watch.trouble is not None and now_ms - watch.failed_ms < ASK_AGAIN_MS:
            return self._of_silent(uid, zone, watch, watch.trouble)
        touches = self._client.touches(self.player(uid).address)
        shown = watch.shown.snapshot
        if shown is not None and watch.shown.touches == touches and 0 <= now_ms - shown.at_ms <= FRESH_MS:
            return shown
        try:
            await self._looked(uid, watch, touches)
        except SonosTrouble as trouble:
            return self._of_silent(uid, zone, watch, trouble)
        shown = watch.shown.snapshot
        if shown is None or self._topology.coordinator_of(uid) != uid:
            return nothing(zone, self._clock.now_ms())
        return shown

    def begin_look(self, uid: str) -> None:
        """Look in the background, unless that is under way."""
        watch = self.watch(uid)
        if watch.task is None and uid in self._topology.players:
            self._begin(uid, watch, is_asked=False)

    async def close(self) -> None:
        """End what is under way."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks))

    async def adopt(self, new: Topology, looks: Mapping[str, Look] | None = None) -> None:
        """The groups are these now. ``looks`` are such as were not shown yet, by uid."""
        async with self._adopting:
            old = self._topology
            after = {uid: music_of(look) for uid, look in (looks or {}).items()}
            if new == old and not after:
                return
            before = {uid: music for uid in old.coordinators if (music := self.watch(uid).shown.music) is not None}
            asked = set(needs_asking(old, new, before)) | _likely_owners(before, after) & new.coordinators
            after |= await self._ask(new, asked - set(after))
            told = moves(old, new, before, after)
            sources = {move.source for move in told}
            bereft = {uid for uid in before if uid not in sources and self._is_bereft(uid, new, before[uid], after)}
            if bereft:
                after |= await self._ask(new, set(new.coordinators) - set(after) - self._busy_ones(before, bereft))
                told = moves(old, new, before, after)
            for move in told:
                await self._carry(move.source, move.to)
            self._topology = new
            for uid in set(old.coordinators) - set(new.coordinators):
                self.watch(uid).shown = Shown()
            await self._welcome(new)
            self._tell_changed(old, new)

    async def _welcome(self, new: Topology) -> None:
        fresh = self.book.note(new.players)
        if fresh is None:
            return
        await self._client.in_thread(self.book.save)
        if fresh and self.on_new is not None:
            await self.on_new(fresh)

    def _tell_changed(self, old: Topology, new: Topology) -> None:
        if old == new:
            return
        for uid in new.players:
            if old.group_of(uid) != new.group_of(uid) or old.players.get(uid) != new.players[uid]:
                watch = self.watch(uid)
                watch.due_ms, watch.failing_since_ms, watch.trouble = 0, None, None
                zone = self.book.zone(uid)
                if zone is not None and old.players:
                    self._policy.look_soon(zone)
        self.on_change()

    async def _carry(self, source: str, to: str) -> None:
        zone, target = self.book.zone(source), self.book.zone(to)
        if zone is None or target is None:
            return
        try:
            await self._policy.move(zone, target)
        except Trouble as trouble:
            log.warning("what plays in %s could not be moved to %s: %s", zone, target, trouble.message)
            return
        self.watch(source).shown.give_to(self.watch(to).shown, target)

    async def _ask(self, new: Topology, uids: Iterable[str]) -> dict[str, Music | None]:
        """What these play, of those that answer."""

        async def one(uid: str) -> tuple[str, Music | None] | None:
            try:
                return uid, music_of(await look_at(self._client, new.players[uid].address, None))
            except SonosTrouble:
                return None

        answers = await asyncio.gather(*(one(uid) for uid in sorted(uids)))
        return dict(answer for answer in answers if answer is not None)

    def _is_bereft(self, uid: str, new: Topology, before: Music, after: Mapping[str, Music | None]) -> bool:
        """Whether music that played has gone nobody knows where."""
        if not before.is_playing or (uid in new.coordinators and after.get(uid, before) is not None):
            return False
        leader = new.coordinator_of(uid)
        return leader is None or leader == uid or leader not in after or after[leader] is None

    def _busy_ones(self, before: Mapping[str, Music], bereft: set[str]) -> set[str]:
        """Those that were seen playing something of their own a moment ago: they need not be asked."""
        now_ms = self._clock.now_ms()
        return {
            uid
            for uid, music in before.items()
            if uid not in bereft and music.is_playing and now_ms - music.at_ms < GONE_AFTER_MS
        }

    async def _looked(self, uid: str, watch: Watch, touches: int) -> None:
        """Wait for a look that was begun after the last command. Raises ``Trouble``."""
        if watch.task is not None and watch.task_touches != touches:
            await asyncio.wait({watch.task})
        task = watch.task or self._begin(uid, watch, is_asked=True)
        await asyncio.wait({task})
        if task.cancelled():
            raise Trouble(TroubleCode.UNAVAILABLE, "The connection to the speakers is shut down.")
        if (error := task.exception()) is not None:
            raise error

    def _begin(self, uid: str, watch: Watch, *, is_asked: bool) -> asyncio.Task[None]:
        player = self._topology.players[uid]
        watch.task_touches = self._client.touches(player.address)
        task = self._keep(self._look(uid, watch, player, is_asked), f"look at {uid}")
        watch.task = task

        def ended(_: asyncio.Task[None]) -> None:
            if watch.task is task:
                watch.task = None

        task.add_done_callback(ended)
        return task

    def _keep(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=f"sonos: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, Trouble):
            log.error("a look at a speaker failed", exc_info=error)

    async def _look(self, uid: str, watch: Watch, player: Player, is_asked: bool) -> None:
        try:
            look = await look_at(self._client, player.address, watch.shown.kept)
        except SonosTrouble as trouble:
            self._note_silence(uid, watch, trouble)
            raise
        watch.failing_since_ms, watch.trouble = None, None
        if self._is_surprising(uid, watch, look):
            await self._make_sure(uid, player, look)
        zone = self.book.zone(uid)
        if zone is None or self._topology.coordinator_of(uid) != uid:
            return
        watch.shown.touches = watch.task_touches
        is_news = watch.shown.take(look, zone)
        watch.due_ms = self._clock.now_ms() + self.next_look_ms(uid, watch)
        if look.seen.why:
            log.debug("%s: what %s answers is set aside: %s", zone, player.address, look.seen.why)
        if is_news and not is_asked:
            self._policy.look_soon(zone)

    def _is_surprising(self, uid: str, watch: Watch, look: Look) -> bool:
        """Whether speakers may have been regrouped: other music than before, or another speaker's."""
        if look.seen.leader is not None:
            return True
        had, has = watch.shown.music, music_of(look)
        if had is not None:
            return has is None or has.uri != had.uri
        return has is not None and any(
            music.is_playing and goes_on(music, has)
            for other in self._topology.coordinators
            if other != uid and (music := self.watch(other).shown.music) is not None
        )

    async def _make_sure(self, uid: str, player: Player, look: Look) -> None:
        """Ask who plays with whom before this look is shown. Raises ``Trouble`` where that takes too long."""
        try:
            answer = await topology_at(self._client, player.address)
        except SonosTrouble as trouble:
            if trouble.failure is Failure.REFUSED:
                return  # large houses refuse the question
            raise
        # Never cut short: between a move and the order that it belongs to nobody may look.
        adopting = self._keep(self.adopt(answer.value, {uid: look}), "regroup")
        done, _ = await asyncio.wait({adopting}, timeout=REGROUPING_S)
        if not done:
            raise Trouble(TroubleCode.UNAVAILABLE, "The speakers are being regrouped.")

    def _note_silence(self, uid: str, watch: Watch, trouble: SonosTrouble) -> None:
        if trouble.failure in {Failure.BUSY, Failure.CLOSED}:
            return
        now_ms = self._clock.now_ms()
        watch.failed_ms, watch.trouble = now_ms, trouble
        watch.shown.kept = None
        if watch.failing_since_ms is None:
            watch.failing_since_ms = now_ms
        silent_ms = now_ms - watch.failing_since_ms
        watch.due_ms = now_ms + min(30_000, ASK_AGAIN_MS + silent_ms // 2)
        self.on_lost(uid)

    def _of_silent(self, uid: str, zone: ZoneName, watch: Watch, trouble: SonosTrouble) -> PlaybackSnapshot:
        now_ms = self._clock.now_ms()
        since_ms = watch.failing_since_ms
        if since_ms is not None and now_ms - since_ms >= GONE_AFTER_MS:
            return nothing(zone, now_ms)
        raise Trouble(TroubleCode.UNAVAILABLE, f"{self.book.name(uid)}: {trouble.message}")


def _likely_owners(before: Mapping[str, Music], after: Mapping[str, Music | None]) -> set[str]:
    """Those whose music was now found elsewhere, and who were not asked yet whether they still have it."""
    found = [music for music in after.values() if music is not None]
    return {uid for uid, had in before.items() if uid not in after and any(goes_on(had, music) for music in found)}
