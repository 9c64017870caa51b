"""Puts senders, status and health together."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.events import Played, Resumed, TrackChanged
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.played import TargetView
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.domain.models import ZoneName
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus
from moodroom_hub.plugins.scrobbling.client import Client
from moodroom_hub.plugins.scrobbling.config import ScrobblingConfig
from moodroom_hub.plugins.scrobbling.rules import why_left_out
from moodroom_hub.plugins.scrobbling.sender import STALE_MS, LineMaker, Sender, Standing
from moodroom_hub.plugins.scrobbling.services import Scrobble, Service, scrobble_of
from moodroom_hub.plugins.scrobbling.targets import Target, targets_of

_log = logging.getLogger(__name__)

PLAN_AGAIN_MS: Final = 5_000
_WORSE = (PluginStatus.RUNNING, PluginStatus.WAITING, PluginStatus.NEEDS_LOGIN, PluginStatus.FAILED)
_LOOK = "moodroom-hub scrobbles list --status dead"


class Office:
    """Everything of a plugin that has at least one target."""

    def __init__(self, context: PluginContext[ScrobblingConfig]) -> None:
        self._context = context
        self._news = asyncio.Event()
        self._unplanned: list[Delivery] = []
        self._has_unplanned = asyncio.Event()
        self._told: tuple[PluginStatus, str] = (PluginStatus.RUNNING, "")
        open_line: LineMaker = partial(Client, context.clock.real_seconds)
        self.senders = [
            Sender(
                target,
                context.hub.plays,
                context.clock,
                context.rng,
                self._rule(target.service),
                open_line,
                self._news.set,
            )
            for target in targets_of(context.config, context.data_dir)
        ]

    def begin(self) -> None:
        """Spawn the loops."""
        for sender in self.senders:
            self._context.spawn(f"send to {sender.target.name}", sender.run)
        self._context.spawn("tell", self._keep_telling)
        self._context.spawn("plan", self._keep_planning)
        self._news.set()

    async def plan(self, event: Played) -> None:
        """Remember what is to go where; idempotent by play and target."""
        play = event.play
        if play.twin_of is not None:
            return
        scrobble = scrobble_of(play.track, play.began_at_ms)
        planned = [self._planned(sender, event, scrobble) for sender in self.senders]
        try:
            await self._context.hub.plays.plan(planned)
        except Trouble as trouble:
            # The event is not told again: what the database cannot take now is kept until it can.
            _log.warning("a play cannot be written down for sending yet: %s", trouble.message)
            self._unplanned += planned
            self._has_unplanned.set()
            return
        self._wake_all()

    def tell_now(self, event: TrackChanged | Resumed) -> None:
        """Show what plays now, where that is wanted; never old news."""
        now_ms = self._context.clock.now_ms()
        if not self._context.config.now_playing or now_ms - event.at_ms > STALE_MS:
            return
        scrobble = scrobble_of(event.track, 0)
        for sender in self.senders:
            if self._rule(sender.target.service)(event.zone, scrobble) is None:
                sender.tell_now(scrobble, event.at_ms)

    async def _keep_planning(self) -> None:
        """What the database did not take; it is tried again until it does."""
        while True:
            await self._has_unplanned.wait()
            tried = tuple(self._unplanned)
            try:
                await self._context.hub.plays.plan(tried)
            except Trouble:
                await self._context.clock.sleep_ms(PLAN_AGAIN_MS)
                continue
            del self._unplanned[: len(tried)]
            if not self._unplanned:
                self._has_unplanned.clear()
            self._wake_all()

    def _wake_all(self) -> None:
        self._news.set()
        for sender in self.senders:
            sender.wake()

    def _planned(self, sender: Sender, event: Played, scrobble: Scrobble) -> Delivery:
        reason = self._rule(sender.target.service)(event.play.zone, scrobble)
        return Delivery(
            play_id=event.play.id,
            target=sender.target.name,
            status=DeliveryStatus.WAITING if reason is None else DeliveryStatus.LEFT_OUT,
            at_ms=self._context.clock.now_ms(),
            next_try_ms=sender.opens_at_ms,
            reason=reason or "",
        )

    def _rule(self, service: Service) -> Callable[[ZoneName, Scrobble], str | None]:
        return partial(why_left_out, self._context.config, service)

    async def _keep_telling(self) -> None:
        """Status and health, whenever something changed; at most once a second."""
        while True:
            await self._news.wait()
            self._news.clear()
            self._tell_status()
            await self._tell_health()
            await self._context.clock.sleep_ms(1_000)

    def _tell_status(self) -> None:
        standings = [sender.standing or Standing() for sender in self.senders]
        worst = max(standings, key=lambda standing: _WORSE.index(standing.status))
        told = worst.status, worst.reason or f"tells {names_of([sender.target for sender in self.senders])}"
        if told != self._told:
            self._told = told
            self._context.set_status(*told)

    async def _tell_health(self) -> None:
        try:
            views = await self._context.hub.plays.targets()
        except Trouble:  # the database's own line tells of that
            return
        names = {sender.target.name for sender in self.senders}
        own = [view for view in views if view.target in names]
        self._context.set_figures(figures_of(own))
        queues = [queue_line(view) for view in own]
        dead = sum(view.counts.get(DeliveryStatus.DEAD, 0) for view in own)
        is_well = self._told[0] is PluginStatus.RUNNING and not dead
        message = "; ".join(queues) or "nothing was played yet"
        mend = self._told[1] if self._told[0] is not PluginStatus.RUNNING else f"Look at them: {_LOOK}"
        level = CheckLevel.OK if is_well else CheckLevel.WARNING
        self._context.set_health(Check("scrobbling", level, message, "" if is_well else mend))


def names_of(targets: Sequence[Target]) -> str:
    """``Last.fm, ListenBrainz``."""
    return ", ".join(target.service.label for target in targets)


def figures_of(views: Sequence[TargetView]) -> dict[str, float]:
    """``scrobbles_lastfm_waiting`` and so on, for ``/metrics``."""
    return {
        f"scrobbles_{view.target.replace('-', '_')}_{status.value}": float(view.counts.get(status, 0))
        for view in views
        for status in DeliveryStatus
    }


def queue_line(view: TargetView) -> str:
    """``lastfm: 3 wait, 1 dead, 120 sent``."""
    counts = view.counts
    waiting = counts.get(DeliveryStatus.WAITING, 0) + counts.get(DeliveryStatus.SENDING, 0)
    dead, sent = counts.get(DeliveryStatus.DEAD, 0), counts.get(DeliveryStatus.SENT, 0)
    return f"{view.target}: {waiting} wait, {dead} dead, {sent} sent"
