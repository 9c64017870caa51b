"""The loop that hands tracks to the player: tops up, passes over a stale tail, revives a player that ran dry.

It asks what is wanted now, never what happened: called twice, or after a crash, it does nothing twice.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import Event, ToppedUp
from moodroom_hub.core.zone.drawing import draw, make_entries
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.models import Cause, EpochMs, LedgerEntry, LedgerStatus

log = logging.getLogger(__name__)

BETWEEN_SKIPS_MS = 60
"""Skips may overtake each other, for they are all the same; what keeps commands apart is the player's own affair."""
LOOK_AFTER_SKIPS_MS = 450
LOOK_AGAIN_MS = 1_000
REFUSED_IN_A_ROW = 5
"""So many tracks may be refused one after the other before it is the player that is taken to refuse."""
RETRY_MS = (3_000, 6_000, 12_000, 30_000, 60_000)
SETTLE_MS = 1_500
ASKED_TWICE = 2
MOST_ASKED = 5
BELIEVE_AFTER_SKIPS_MS = 3_000
"""An answer from so soon after passing over may be out of date where it still shows what was passed."""


ROUNDS_OF_PASSING = 3
"""So often is the same tail passed over; what still looks like it then is something else."""


class Hands:
    """Works until nothing is wanted, then waits to be woken."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._failures = 0
        self._refused = 0
        self._activation = zone.session.activation
        self._cannot_start = False
        self._passed_ids: frozenset[int] = frozenset()
        self._passed_at_ms = 0
        self._rounds = 0
        self._asked: Counter[int] = Counter()

    async def run(self) -> None:
        """Work for ever (a supervised loop)."""
        zone = self._zone
        while True:
            await zone.hands_wanted.wait()
            zone.hands_wanted.clear()
            try:
                await self.work()
                self._failures = 0
            except Trouble as trouble:
                if not zone.is_joined:
                    await self._wait_out(trouble)

    async def work(self) -> None:
        """Do everything that is wanted now. Raises the player's ``Trouble``."""
        zone = self._zone
        if zone.is_joined:
            return
        if self._activation != zone.session.activation:
            # A room was switched on since, and played: what the player thought of the last one's tracks is past.
            self._activation, self._refused = zone.session.activation, 0
        if self._has_nothing_behind():
            self._cannot_start = True
            if not await self._start_next():
                return
        self._cannot_start = False
        if self._is_overtaken():
            await self._catch_up()
        if self._surfaced() is not None:
            await self._pass_over()
        if zone.is_fresh_wanted:
            await self._draw_fresh()
        if not await self._has_settled():
            return
        while (entry := self._next_to_send()) is not None:
            await self._send(entry)
            if self._surfaced() is not None:
                zone.wake_hands()  # first things first: sending may take long where requests are rationed
                return

    def _surfaced(self) -> LedgerEntry | None:
        """What plays now and must be passed over. Skipping by what was before would skip the room's own tracks."""
        return self._zone.session.surfaced if self._zone.is_seen else None

    def _has_nothing_behind(self) -> bool:
        """Whether the player stands still, or would once a stale tail is passed over: nothing of the room follows."""
        session = self._zone.session
        if not self._zone.is_seen:
            return False
        if session.surfaced is None:
            return session.has_run_dry
        ahead = session.ledger.ahead(session.activation)
        return not any(entry.status is LedgerStatus.QUEUED for entry in ahead)

    def _is_overtaken(self) -> bool:
        """Whether the player waits for somebody to move it on to what was queued too late; whoever told it to pause
        through the hub wants no such thing."""
        order = self._zone.play_order
        is_paused_here = order is not None and not order.is_playing
        is_seen = self._zone.is_seen and not is_paused_here
        return is_seen and self._zone.session.has_overtaken_its_queue

    async def _catch_up(self) -> None:
        zone = self._zone
        async with zone.commands:
            if not self._is_overtaken() or zone.is_joined:
                return
            log.info("%s: what follows was queued after the last skip; moving on to it", zone.name)
            await zone.act(Cause.HUB)
            with zone.commanding(LOOK_AFTER_SKIPS_MS):
                await zone.ports.player.next()

    def _upcoming_target(self) -> int:
        room, services = self._zone.session.active_room, self._zone.services
        return max(1, (services.recipe.size if room is None else services.batch_size(room)) - 1)

    def _next_to_send(self) -> LedgerEntry | None:
        session = self._zone.session
        if session.active_room is None or session.is_yielding or self._zone.is_switching or self._zone.is_joined:
            return None
        limit = min(self._zone.ports.queue_ahead, self._upcoming_target())
        drawn = session.ledger.drawn(session.activation)
        return drawn[0] if drawn and len(session.ledger.ahead(session.activation)) < limit else None

    async def _draw_fresh(self) -> None:
        """Draw so many that as many are to come as before: one for each that went by."""
        zone = self._zone
        async with zone.commands:
            zone.is_fresh_wanted = False
            session = zone.session
            if session.active_room is None or session.is_yielding or zone.is_joined:
                return
            missing = self._upcoming_target() - len(session.ledger.upcoming(session.activation))
            if missing <= 0:
                return
            room = zone.services.room(session.active_room)
            if room is None:
                return
            drawn = await draw(zone, room, missing, is_batch=False)
            entries = make_entries(zone, room, drawn, is_batch=False)
            async with zone.lock:
                await zone.move(replace(zone.session, ledger=zone.session.ledger.put(entries)))

    async def _send(self, entry: LedgerEntry) -> None:
        """Hand one track over, once. What is unclear stays unclear until something shows it."""
        zone = self._zone
        await zone.mark(entry.id, LedgerStatus.SENDING)
        if zone.holder(entry.id) is not zone:
            return  # the music has just moved on to another zone, with its queue
        try:
            async with zone.handing:
                current = zone.session.ledger.entry(entry.id)
                if zone.ports.owns_queue and current is not None and current.status is not LedgerStatus.SENDING:
                    return  # the room was left while this waited, and its queue is gone
                await zone.ports.player.queue(entry.track.uri)
        except Trouble as trouble:
            if self._is_for_another(trouble):
                await self._settle(entry, LedgerStatus.MISSING)
                await self._replace(trouble)
                return
            if not trouble.outcome_unknown:
                await self._settle(entry, LedgerStatus.DRAWN)
                raise
            log.warning("%s: not clear whether the queue took a track; it will not be sent again", zone.name)
            await self._settle(entry, LedgerStatus.UNKNOWN)
            await self._ask_the_queue(entry)
            return
        self._refused = 0
        zone.note(None)
        await self._settle(entry, LedgerStatus.QUEUED)

    def _is_for_another(self, trouble: Trouble) -> bool:
        """Whether a track was refused that another can stand in for (a dead id, say)."""
        may_be_the_tracks = trouble.code is TroubleCode.REFUSED and not trouble.outcome_unknown
        return may_be_the_tracks and (self._zone.is_endless or self._refused < REFUSED_IN_A_ROW)

    async def _replace(self, refusal: Trouble) -> None:
        """Another track takes the place of a refused one. Raises ``refusal`` after too many: more follow slowly."""
        zone = self._zone
        self._refused += 1
        log.warning("%s: the player refuses a track, another takes its place: %s", zone.name, refusal)
        if zone.is_endless:
            await self._draw_fresh()
        if self._refused > REFUSED_IN_A_ROW:
            raise refusal

    async def _settle(self, entry: LedgerEntry, status: LedgerStatus) -> None:
        """Write how sending ended, unless the world moved on while the request was under way."""
        zone = self._zone.holder(entry.id)
        current = zone.session.ledger.entry(entry.id)
        if current is None or current.status not in {LedgerStatus.SENDING, LedgerStatus.STALE}:
            return
        if zone is not self._zone:
            zone.wake_hands()
        if current.status is LedgerStatus.STALE:
            # The room was left meanwhile: only what surely never arrived is no tail.
            if status in {LedgerStatus.DRAWN, LedgerStatus.MISSING}:
                await zone.mark(entry.id, LedgerStatus.DROPPED)
            return
        is_handed = status is LedgerStatus.QUEUED and current.is_top_up

        def topped_up(event_id: int, at_ms: EpochMs) -> Event:
            handed = replace(current, status=status)
            return ToppedUp(id=event_id, zone=zone.name, at_ms=at_ms, entry=handed)

        await zone.mark(entry.id, status, [topped_up] if is_handed else [])

    async def _has_settled(self) -> bool:
        """Ask for what was on its way when the power went: a queue of the hub's own tells whether it arrived.

        False: not before the player was seen, which wakes the hands; what follows would else come before it.
        """
        unclear = [entry for entry in self._zone.unclear() if self._asked[entry.id] < MOST_ASKED]
        if unclear and not self._zone.is_seen:
            return False
        for entry in unclear:
            self._asked[entry.id] += 1
            await self._ask_the_queue(entry)
        return True

    async def _ask_the_queue(self, entry: LedgerEntry) -> None:
        """The queue's own word may be old or padded: it can confirm, never deny; save where the queue is the hub's
        own, and says so twice: then the track is sent again."""
        for _ in range(ASKED_TWICE if self._zone.ports.owns_queue else 1):
            await self._zone.services.clock.sleep_ms(SETTLE_MS)
            try:
                upcoming = await self._zone.ports.player.upcoming()
            except Trouble:
                return
            zone = self._zone.holder(entry.id)
            current = zone.session.ledger.entry(entry.id)
            if current is None or current.status is not LedgerStatus.UNKNOWN:
                return
            if entry.track.uri in upcoming:
                await zone.mark(entry.id, LedgerStatus.QUEUED)
                return
        if zone is self._zone and zone.ports.owns_queue and self._cannot_have_come(entry):
            await zone.mark(entry.id, LedgerStatus.DRAWN)

    def _cannot_have_come(self, entry: LedgerEntry) -> bool:
        """Whether what plays was queued before ``entry``, so that it would still have to lie ahead."""
        on_air = self._zone.session.ledger.on_air
        return on_air is not None and on_air.activation == entry.activation and on_air.id < entry.id

    async def _pass_over(self) -> None:
        """A track of a room that was left plays: pass over it and over all that lie queued right behind it."""
        zone, clock = self._zone, self._zone.services.clock
        async with zone.commands:
            surfaced = self._surfaced()
            if surfaced is None or zone.is_joined:
                return
            if surfaced.id in self._passed_ids and (doubt_ms := self._doubt_ms()) > 0:
                zone.look_soon(min(doubt_ms, LOOK_AGAIN_MS))
                return
            behind = [entry for entry in zone.session.ledger.stale() if entry.id > surfaced.id]
            self._rounds = self._rounds + 1 if surfaced.id in self._passed_ids else 1
            await zone.act(Cause.STALE_TAIL)
            log.info("%s: passing over %d tracks of a room that was left", zone.name, 1 + len(behind))
            with zone.commanding(LOOK_AFTER_SKIPS_MS):
                # Where one fails, those that it did not come to are still to be passed over, at once.
                self._passed_ids = frozenset()
                try:
                    for entry in (surfaced, *behind):
                        self._passed_ids |= {entry.id}
                        await zone.ports.player.next()
                        await clock.sleep_ms(BETWEEN_SKIPS_MS)
                except Trouble as trouble:
                    if not trouble.outcome_unknown:
                        self._passed_ids -= {entry.id}
                    raise
                finally:
                    self._passed_at_ms = clock.now_ms()
                    await zone.act(Cause.STALE_TAIL)
                    await self._believe((surfaced, *behind))

    async def _believe(self, tail: Sequence[LedgerEntry]) -> None:
        """What was passed over and could be taken for the room's own, or was passed over often enough, is past:
        in a room of few songs the tail and what follows it look the same, and skipping would never end."""
        zone = self._zone
        passed = [entry for entry in tail if entry.id in self._passed_ids]
        is_enough = self._rounds >= ROUNDS_OF_PASSING
        async with zone.lock:
            session = zone.session
            ledger = session.ledger.passed_over(passed, session.activation, surely=is_enough)
            if ledger is not session.ledger:
                await zone.move(replace(session, ledger=ledger))

    def _doubt_ms(self) -> int:
        """For how much longer an answer may be from before the tracks were passed over, reckoned from the last one."""
        zone = self._zone
        listening = zone.session.playback.listening
        seen_ms = zone.services.clock.now_ms() if listening is None else listening.last.at_ms
        return self._passed_at_ms + BELIEVE_AFTER_SKIPS_MS - seen_ms

    async def _start_next(self) -> bool:
        """Nothing of the room follows what the player shows: play its next track, the others follow that one.

        False: the track was refused; the next look, which comes soon, wakes the hands for another one.
        """
        zone = self._zone
        if zone.session.has_run_dry:
            async with zone.lock:
                if zone.session.has_run_dry:
                    await zone.move(replace(zone.session, ledger=zone.session.ledger.lost_queue()))
        if zone.is_endless:
            await self._draw_fresh()
        async with zone.commands:
            session = zone.session
            drawn = session.ledger.drawn(session.activation)
            if not self._has_nothing_behind() or not drawn or zone.is_joined:
                return True
            log.warning("%s: nothing of the room follows in the player; starting it again", zone.name)
            entry = drawn[0]
            await zone.act(Cause.HUB if session.surfaced is None else Cause.STALE_TAIL)
            await zone.mark(entry.id, LedgerStatus.PLAYING)
            try:
                with zone.commanding(LOOK_AFTER_SKIPS_MS):
                    await zone.ports.player.play(entry.track.uri)
            except Trouble as trouble:
                is_replaced = self._is_for_another(trouble)
                await zone.mark(entry.id, LedgerStatus.MISSING if is_replaced else LedgerStatus.DRAWN)
                if not is_replaced:
                    raise
                refusal = trouble
            else:
                self._refused = 0
                if session.surfaced is not None:
                    self._passed_ids = frozenset({session.surfaced.id})
                    self._passed_at_ms = zone.services.clock.now_ms()
                return True
        await self._replace(refusal)
        return False

    async def _wait_out(self, trouble: Trouble) -> None:
        """Say what hinders and try again later; sooner if somebody wakes the hands."""
        zone = self._zone
        zone.note(trouble, outlasts_looks=trouble.code is TroubleCode.REFUSED)
        wait_ms = float(RETRY_MS[min(self._failures, len(RETRY_MS) - 1)])
        self._failures += 1
        is_limited = trouble.code is TroubleCode.RATE_LIMITED
        if is_limited and trouble.retry_after_s is not None:
            wait_ms = trouble.retry_after_s * 1000
        if is_limited:
            await zone.services.clock.sleep_ms(wait_ms)
        else:
            try:
                async with asyncio.timeout(zone.services.clock.real_seconds(wait_ms)):
                    await self._other_wish(zone.session.activation)
            except TimeoutError:
                pass
        zone.wake_hands()

    async def _other_wish(self, activation: int) -> None:
        """Wait until the hands are wanted: where ending a silence just failed, for something else than that."""
        zone = self._zone
        while True:
            await zone.hands_wanted.wait()
            if not (self._cannot_start and zone.session.activation == activation and self._has_nothing_behind()):
                return
            zone.hands_wanted.clear()
