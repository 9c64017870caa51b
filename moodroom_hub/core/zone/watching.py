"""The loop that looks at a zone when it matters."""

import asyncio

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.zone.regrouping import step_aside
from moodroom_hub.core.zone.tracking import track
from moodroom_hub.core.zone.zone import Zone
from moodroom_hub.domain.cadence import Watch, next_look_ms
from moodroom_hub.domain.models import Cause, EpochMs
from moodroom_hub.domain.playback import latest_end_ms
from moodroom_hub.domain.plays.hearing import counts_in_ms
from moodroom_hub.domain.session import learning_tier

GAP_GRACE_MS = 15_000
"""A look that comes so much later than planned leaves a gap in which nothing is judged."""
LOGIN_LOOK_MS = 3_000
JOINED_LOOK_MS = 3_000
"""So soon a zone that plays along with another one is asked whether it still does, and any other whether it does
now."""
AFTER_COUNTING_MS = 1_000
"""So much later than a listen should count its speaker is looked at: speakers tell whole seconds."""
BACK_OFF_MS = (500, 1_500, 2_000, 4_000, 8_000, 15_000, 30_000)
AFTER_OWN_COMMAND_MS = 700


class Watching:
    """Looks, tracks, and plans the next look."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._due_ms = zone.services.clock.now_ms()
        self._sighted_ms: EpochMs | None = None
        self._expected_ms: EpochMs | None = None
        self._not_before_ms = 0
        self._failures = 0
        self._late_looks = 0
        self._gap_cause: Cause = Cause.HUB_DOWN
        self._was_joined = zone.is_joined
        self.looks = 0

    async def run(self) -> None:
        """Look for ever (a supervised loop)."""
        while True:
            await self._wait()
            await self.look()

    async def look(self) -> None:
        """Look once and plan the next one."""
        zone, clock = self._zone, self._zone.services.clock
        self._was_joined = zone.is_joined
        if self._was_joined:
            await step_aside(zone)
            self._failures = 0
            self._due_ms = EpochMs(clock.now_ms() + JOINED_LOOK_MS)
            return
        was_crossed = zone.crossing()
        self.looks += 1
        try:
            snapshot = await zone.ports.source.look()
        except Trouble as trouble:
            self._after_trouble(trouble)
            return
        self._failures = 0
        zone.looked_well()
        gap = await self._gap()
        if was_crossed() or zone.is_joined:
            self._due_ms = EpochMs(clock.now_ms() + AFTER_OWN_COMMAND_MS)
            return
        await track(zone, snapshot, gap, was_crossed)
        self._gap_cause = Cause.UNCERTAIN
        await self._plan()

    async def _wait(self) -> None:
        """Wait until the look is due, or somebody wants one sooner; never while the service said wait."""
        zone, clock = self._zone, self._zone.services.clock
        while True:
            now_ms = clock.now_ms()
            left_ms = max(self._due_ms, self._not_before_ms) - now_ms
            if left_ms <= 0:
                return
            wait_ms = min(left_ms, JOINED_LOOK_MS) if zone.ports.may_join else left_ms
            try:
                async with asyncio.timeout(clock.real_seconds(wait_ms)):
                    await zone.look_wanted.wait()
            except TimeoutError:
                if wait_ms == left_ms or self._was_joined is not zone.is_joined:
                    return
                continue
            zone.look_wanted.clear()
            self._due_ms = EpochMs(min(self._due_ms, round(clock.now_ms() + zone.look_after_ms)))

    def _after_trouble(self, trouble: Trouble) -> None:
        zone, now_ms = self._zone, self._zone.services.clock.now_ms()
        zone.note(trouble)
        if trouble.code is TroubleCode.RATE_LIMITED:
            wait_ms = round((trouble.retry_after_s or 5) * 1000)
            self._gap_cause = Cause.RATE_LIMITED
            self._not_before_ms = now_ms + wait_ms
        elif trouble.code is TroubleCode.LOGIN_NEEDED:
            wait_ms = LOGIN_LOOK_MS
        else:
            wait_ms = BACK_OFF_MS[min(self._failures, len(BACK_OFF_MS) - 1)]
            self._failures += 1
        self._due_ms = EpochMs(now_ms + wait_ms)

    async def _gap(self) -> Cause | None:
        """Why nobody saw it for so long, if this look comes much later than was planned when it was seen last.

        What is planned after an empty answer does not count: that hiccup is asked again at once.
        """
        listening = self._zone.session.playback.listening
        if listening is None:
            return None
        expected_ms = self._expected_ms if listening.last.at_ms == self._sighted_ms else None
        if expected_ms is None:
            # The first look of this hub, or at this music here: whoever looked before may have done so long ago.
            expected_ms = EpochMs(listening.last.at_ms + await self._planned_wait_ms(listening.last.at_ms))
        late_ms = self._zone.services.clock.now_ms() - expected_ms
        return self._gap_cause if late_ms > GAP_GRACE_MS else None

    async def _plan(self) -> None:
        clock, session = self._zone.services.clock, self._zone.session
        now_ms = clock.now_ms()
        end_ms = latest_end_ms(session.playback)
        self._late_looks = self._late_looks + 1 if end_ms is not None and now_ms >= end_ms else 0
        self._due_ms = EpochMs(now_ms + await self._planned_wait_ms(now_ms))
        listening = session.playback.listening
        sighted_ms = None if listening is None else listening.last.at_ms
        if sighted_ms != self._sighted_ms:
            self._sighted_ms, self._expected_ms = sighted_ms, self._due_ms

    async def _planned_wait_ms(self, now_ms: EpochMs) -> int:
        zone = self._zone
        session, services = zone.session, zone.services
        entry = session.entry
        is_learning = services.learning().at(now_ms).is_on
        tier = None if entry is None else await services.pools.tier(entry.room, entry.track.uri)
        watch = Watch(
            tier=learning_tier(session, tier, is_learning=is_learning),
            skips_at_ms=session.skips_at_ms,
            late_looks=max(0, self._late_looks - 1),
            now_ms=now_ms,
            has_stale_tail=session.will_pass_over and bool(session.ledger.stale()),
        )
        wait_ms: int = next_look_ms(session.playback, watch, services.rules, services.cadence)
        if zone.ports.may_join:
            # Speakers of the house vanish at any moment, and one look more costs nothing: see it count.
            counts_ms = counts_in_ms(session.tally, session.playback, services.plays.rules, now_ms)
            if counts_ms is not None:
                wait_ms = min(wait_ms, counts_ms + AFTER_COUNTING_MS)
        return wait_ms
