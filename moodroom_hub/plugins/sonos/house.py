"""The household as it is: who is there, and what each group plays."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.context import PolicyFace
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import PlaybackSnapshot, ZoneName
from moodroom_hub.plugins.sonos.book import SpeakerBook
from moodroom_hub.plugins.sonos.client import SonosClient
from moodroom_hub.plugins.sonos.failures import Failure, SonosTrouble
from moodroom_hub.plugins.sonos.groups import Groups
from moodroom_hub.plugins.sonos.household import goes_on, is_in_step
from moodroom_hub.plugins.sonos.looking import Look, look_at, topology_at
from moodroom_hub.plugins.sonos.showing import music_of, nothing
from moodroom_hub.plugins.sonos.topology import Player, Topology
from moodroom_hub.plugins.sonos.watches import GONE_AFTER_MS, Watch, Watches

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")

FRESH_MS: Final = 900
"""So old a look may be to be given to whoever asks."""
ASK_AGAIN_MS: Final = 4_000
"""A speaker that does not answer is not asked more often than that."""
REGROUPING_S: Final = 4.0
"""Real seconds that a look waits while speakers are being regrouped."""
REGROUPED: Final = "The speakers are being regrouped."


class House:
    """What the sources, the hands and the loops share.

    ``on_lost`` hears that a speaker does not answer.
    """

    def __init__(self, client: SonosClient, clock: Clock, book: SpeakerBook, policy: PolicyFace) -> None:
        self._client = client
        self._clock = clock
        self._policy = policy
        self.book = book
        self._watches: Watches = Watches(Watch)
        self.groups = Groups(client, clock, book, policy, self._watches)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._began_ms = clock.now_ms()
        self.next_look_ms: Callable[[str, Watch], int] = lambda uid, watch: 10_000
        self.on_lost: Callable[[str], None] = lambda uid: None

    @property
    def topology(self) -> Topology:
        """The groups as they are shown."""
        return self.groups.topology

    def player(self, uid: str) -> Player:
        """Where a speaker is. Raises ``Trouble(NO_DEVICE)`` where it is not to be found."""
        found = self.topology.players.get(uid)
        if found is None:
            text = f"{self.book.name(uid)} is not to be found. Is it plugged in and in this network?"
            raise Trouble(TroubleCode.NO_DEVICE, text)
        return found

    def leading(self, uid: str) -> Player:
        """Whose music sounds at this speaker: commands go there. Raises ``Trouble(NO_DEVICE)``."""
        return self.player(self.topology.coordinator_of(uid) or uid)

    def leading_zone(self, uid: str) -> ZoneName | None:
        """The zone that this speaker's is joined to; ``None`` where it leads itself."""
        leader = self.topology.coordinator_of(uid)
        return None if leader is None or leader == uid else self.book.zone(leader)

    def zone_of(self, uid: str) -> ZoneName | None:
        """A speaker's zone."""
        return self.book.zone(uid)

    def watch(self, uid: str) -> Watch:
        """A speaker's state."""
        return self._watches[uid]

    def look_soon(self, uid: str) -> None:
        """Something may have changed at this speaker, or at the one that leads it."""
        watch = self.watch(self.topology.coordinator_of(uid) or uid)
        watch.due_ms = 0
        watch.shown.kept = None

    async def see(self, uid: str) -> PlaybackSnapshot:
        """What the zone of this speaker plays, as of less than a second ago. Raises ``Trouble(UNAVAILABLE)``."""
        zone = self.book.zone(uid)
        if zone is None:
            raise Trouble(TroubleCode.NO_DEVICE, "This speaker was never found.")
        now_ms = self._clock.now_ms()
        leader = self.topology.coordinator_of(uid)
        if leader is None and not self.topology.players and now_ms - self._began_ms < GONE_AFTER_MS:
            raise Trouble(TroubleCode.UNAVAILABLE, f"{self.book.name(uid)} has not been found yet.")
        self._check_settled(uid)
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
        self._check_settled(uid)
        shown = watch.shown.snapshot
        if shown is None or self.topology.coordinator_of(uid) != uid:
            return nothing(zone, self._clock.now_ms())
        return shown

    def begin_look(self, uid: str) -> None:
        """Look in the background, unless that is under way."""
        watch = self.watch(uid)
        if self.groups.is_unsettled(uid):
            watch.due_ms = self._clock.now_ms() + FRESH_MS
        elif watch.task is None and uid in self.topology.players:
            self._begin(uid, watch, is_asked=False)

    async def close(self) -> None:
        """End what is under way."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks))

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
        player = self.topology.players[uid]
        watch.task_touches = self._client.touches(player.address)
        task = self._keep(self._look(uid, watch, player, is_asked), f"look at {uid}")
        watch.task = task

        def ended(_: asyncio.Task[None]) -> None:
            if watch.task is task:
                watch.task = None

        task.add_done_callback(ended)
        return task

    def _keep(self, work: Coroutine[Any, Any, ResultT], name: str) -> asyncio.Task[ResultT]:
        task = asyncio.get_running_loop().create_task(work, name=f"sonos: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, Trouble):
            log.error("a look at a speaker failed", exc_info=error)

    async def _look(self, uid: str, watch: Watch, player: Player, is_asked: bool) -> None:
        changes = self.groups.changes
        try:
            look = await look_at(self._client, player.address, watch.shown.kept)
            if self.groups.changes != changes:
                look = await look_at(self._client, player.address, None)
        except SonosTrouble as trouble:
            self._note_silence(uid, watch, trouble)
            raise
        watch.failing_since_ms, watch.trouble = None, None
        if self._is_surprising(uid, watch, look):
            await self._make_sure(uid, player, look)
        zone = self.book.zone(uid)
        if zone is None or self.topology.coordinator_of(uid) != uid:
            return
        watch.shown.touches = watch.task_touches
        is_news = watch.shown.take(look, zone)
        watch.due_ms = self._clock.now_ms() + self.next_look_ms(uid, watch)
        if look.seen.why:
            log.debug("%s: what %s answers is set aside: %s", zone, player.address, look.seen.why)
        if is_news and not is_asked:
            self._policy.look_soon(zone)

    def _check_settled(self, uid: str) -> None:
        if self.groups.is_unsettled(uid):
            raise Trouble(TroubleCode.UNAVAILABLE, REGROUPED)

    def _is_surprising(self, uid: str, watch: Watch, look: Look) -> bool:
        """Whether speakers may have been regrouped: other music than before, or another speaker's."""
        if look.seen.leader is not None:
            return True
        had, has = watch.shown.music, music_of(look)
        if had is not None:
            # A station that has been on for another time than a moment ago may be another speaker's.
            return has is None or has.uri != had.uri or (has.is_stream and not is_in_step(had, has))
        return has is not None and any(
            music.is_playing and goes_on(music, has)
            for other in self.topology.coordinators
            if other != uid and (music := self.watch(other).shown.music) is not None
        )

    async def _make_sure(self, uid: str, player: Player, look: Look) -> None:
        """Ask who plays with whom before this look is shown. Raises ``Trouble`` where that takes too long."""
        question = self.groups.question()
        try:
            answer = await topology_at(self._client, player.address)
        except SonosTrouble as trouble:
            if trouble.failure is Failure.REFUSED:
                return  # large houses refuse the question
            raise
        # Never cut short: between a move and the order that it belongs to nobody may look.
        adopting = self._keep(self.groups.adopt(answer.value, question, {uid: look}), "regroup")
        done, _ = await asyncio.wait({adopting}, timeout=REGROUPING_S)
        if not done or not adopting.result():
            raise Trouble(TroubleCode.UNAVAILABLE, REGROUPED)

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
