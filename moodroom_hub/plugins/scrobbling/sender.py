"""One target's queue: what waits goes out, oldest first, and nothing that waits is ever forgotten."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from random import Random
from typing import Final, Protocol

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.played import PlaysFace, PlayView
from moodroom_hub.domain.models import EpochMs, ZoneName
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus
from moodroom_hub.plugins.scrobbling.client import LineError
from moodroom_hub.plugins.scrobbling.gate import Gate
from moodroom_hub.plugins.scrobbling.services import (
    Again,
    Keys,
    Outcome,
    Reply,
    Request,
    Scrobble,
    Shut,
    Spoiled,
    Taken,
    scrobble_of,
)
from moodroom_hub.plugins.scrobbling.targets import Target

_log = logging.getLogger(__name__)

LOOK_EVERY_MS: Final = 15_000
"""How soon a delivery that a person sent on its way again, or a new login, is noticed."""
LOOK_AT_AWAY_EVERY_MS: Final = 60_000
"""The same while the service is away."""
STALE_MS: Final = 60_000
"""News of what plays that is older is no news: the hub is catching up."""
UNKNOWN: Final = "what became of it is not known: it is sent again, and taken once"
_EVER: Final = EpochMs(4_102_444_800_000)
"""Far away: order counts for more than when each was to be tried, and the gate knows that better."""
_RECOVERED_AT_ONCE: Final = 500


class Line(Protocol):
    """An open HTTP client."""

    async def send(self, request: Request) -> Reply:
        """Raises ``LineError``."""
        ...


LineMaker = Callable[[], AbstractAsyncContextManager[Line]]
WhyLeftOut = Callable[[ZoneName, Scrobble], str | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a target is, and why."""

    status: PluginStatus = PluginStatus.RUNNING
    reason: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing is in the way."""
        return self.status is PluginStatus.RUNNING


@dataclass(frozen=True, slots=True)
class _Parcel:
    delivery: Delivery
    scrobble: Scrobble


@dataclass(frozen=True, slots=True)
class _News:
    scrobble: Scrobble
    at_ms: EpochMs


class Sender:
    """Sends to one target. ``run`` is its loop; ``changed`` hears that its standing or its queue changed."""

    def __init__(
        self,
        target: Target,
        plays: PlaysFace,
        clock: Clock,
        rng: Random,
        why_left_out: WhyLeftOut,
        open_line: LineMaker,
        changed: Callable[[], None],
    ) -> None:
        self.target = target
        self.standing: Standing | None = None
        self.sent = 0
        self._plays = plays
        self._clock = clock
        self._why_left_out = why_left_out
        self._open_line = open_line
        self._changed = changed
        self._gate = Gate(clock.now_ms, rng)
        self._wake = asyncio.Event()
        self._news: _News | None = None
        self._ready_at_ms = 0
        self._refused: Keys | None = None
        self._dead: int | None = None

    @property
    def opens_at_ms(self) -> EpochMs:
        """Before this nothing is sent; 0: at once."""
        return self._gate.opens_at_ms

    def wake(self) -> None:
        """Something new waits."""
        self._wake.set()

    def tell_now(self, scrobble: Scrobble, at_ms: EpochMs) -> None:
        """What plays now; only the last one counts."""
        self._news = _News(scrobble, at_ms)
        self._wake.set()

    async def run(self) -> None:
        """For ever. Raises ``Trouble`` while the database is away."""
        await self._recover()
        async with self._open_line() as line:
            while True:
                self._wake.clear()
                if not await self._turn(line):
                    await self._rest()

    async def _recover(self) -> None:
        """What was under way when the hub died goes out again: services know a play by its start and its name."""
        while lost := await self._due(_RECOVERED_AT_ONCE, DeliveryStatus.SENDING):
            await self._settle([view.deliveries[0] for view in lost], DeliveryStatus.WAITING, UNKNOWN)

    async def _turn(self, line: Line) -> bool:
        """Send one batch; whether more may wait."""
        if not self._gate.is_open and not await self._is_asked():
            self._news = None
            return False
        views = await self._due(self.target.service.batch)
        if not views and self._news is None and self.standing is not None and self.standing.is_well:
            return False
        keys = await self.target.keys()
        if isinstance(keys, Shut):
            self._news = None
            self._stand(keys.status, keys.reason)
            return False
        await self._tell_what_plays(line, keys)
        if not self._gate.is_open:
            return False
        if not views:
            await self._look_again(line, keys)
            return False
        parcels = [_Parcel(view.deliveries[0], _scrobble(view)) for view in views]
        wanted = await self._sorted_out(views, parcels)
        if wanted:
            await self._deliver(line, keys, wanted)
        return self._gate.is_open

    async def _is_asked(self) -> bool:
        """Whether a person did something that makes a try worth while before its time."""
        if self._gate.is_firm:
            return False
        dead, before = await self._count_dead(), self._dead
        self._dead = dead
        is_sent_again = before is not None and dead < before
        if not is_sent_again and not await self._is_mended():
            return False
        self._gate.allow_one()
        return True

    async def _is_mended(self) -> bool:
        return self._refused is not None and await self.target.keys() != self._refused

    async def _look_again(self, line: Line, keys: Keys) -> None:
        """Nothing waits that would show whether the trouble is over: ask whose the keys are."""
        if self.standing is None:
            self._stand(PluginStatus.RUNNING, "")
        if self.standing is None or self.standing.is_well:
            return
        outcome = await self._ask(line, self.target.service.who(keys), ())
        if isinstance(outcome, Again | Shut):
            self._close(outcome, keys)
        else:
            self._well()

    async def _sorted_out(self, views: Sequence[PlayView], parcels: Sequence[_Parcel]) -> list[_Parcel]:
        """Those that may go out; the others are settled as left out."""
        wanted, unwanted = [], []
        for view, parcel in zip(views, parcels, strict=True):
            reason = self._why_left_out(view.play.zone, parcel.scrobble)
            if reason is None:
                wanted.append(parcel)
            else:
                unwanted.append(self._settled(parcel.delivery, DeliveryStatus.LEFT_OUT, reason))
        await self._write(unwanted)
        return wanted

    async def _deliver(self, line: Line, keys: Keys, parcels: Sequence[_Parcel]) -> None:
        """Send; a batch that is refused as a whole is halved down to the one that is to blame."""
        await self._settle([one.delivery for one in parcels], DeliveryStatus.SENDING, "")
        pending = deque([list(parcels)])
        while pending:
            batch = pending.popleft()
            outcome = await self._ask(line, self.target.service.submit([one.scrobble for one in batch], keys), batch)
            if isinstance(outcome, Taken):
                self._well()
                await self._settle_each(batch, outcome.refusals)
            elif isinstance(outcome, Spoiled) and len(batch) > 1:
                middle = len(batch) // 2
                pending.extendleft((batch[middle:], batch[:middle]))
            elif isinstance(outcome, Spoiled):
                mend = "Correct it and send it again: moodroom-hub scrobbles retry"
                await self._settle_each(batch, (f"{outcome.reason}. {mend}",))
            else:
                await self._hold(outcome, keys, batch, [one for each in pending for one in each])
                return

    async def _hold(self, outcome: Again | Shut, keys: Keys, batch: Sequence[_Parcel], rest: Sequence[_Parcel]) -> None:
        """Close the gate; what was to go out waits, but for what was taken all the same."""
        self._close(outcome, keys)
        taken = outcome.taken if isinstance(outcome, Again) and outcome.taken else (False,) * len(batch)
        await self._settle_each([one for one, is_in in zip(batch, taken, strict=True) if is_in], (None,) * sum(taken))
        left = [one for one, is_in in zip(batch, taken, strict=True) if not is_in]
        await self._settle([one.delivery for one in (*left, *rest)], DeliveryStatus.WAITING, outcome.reason)
        self._dead = await self._count_dead()

    def _close(self, outcome: Again | Shut, keys: Keys) -> None:
        if isinstance(outcome, Shut):
            self._gate.park()
            self._refused = keys
            self._stand(outcome.status, outcome.reason)
        else:
            self._gate.close(outcome.wait_s)
            self._refused = None
            self._stand(PluginStatus.WAITING, f"{outcome.reason}; plays wait, none is lost")

    def _well(self) -> None:
        self._gate.open()
        self._refused = None
        self._stand(PluginStatus.RUNNING, "")

    async def _tell_what_plays(self, line: Line, keys: Keys) -> None:
        """Once: what fails is not tried again."""
        news, self._news = self._news, None
        if news is None or self._clock.now_ms() - news.at_ms > STALE_MS:
            return
        outcome = await self._ask(line, self.target.service.now_playing(news.scrobble, keys), ())
        if isinstance(outcome, Shut) or (isinstance(outcome, Again) and outcome.wait_s is not None):
            self._close(outcome, keys)
        elif isinstance(outcome, Taken):
            self._well()

    async def _ask(self, line: Line, request: Request, batch: Sequence[_Parcel]) -> Outcome:
        """One request, not too soon after the last one."""
        service = self.target.service
        wait_ms = self._ready_at_ms - self._clock.now_ms()
        if wait_ms > 0:
            await self._clock.sleep_ms(min(wait_ms, 3_600_000))
        rest_s = 0.0
        try:
            reply = await line.send(request)
            rest_s = service.rest_s(reply)
            return service.read(reply, len(batch))
        except LineError as error:
            unknown = f" ({UNKNOWN})" if error.was_sent and batch else ""
            return Again(f"{service.label[0].upper()}{service.label[1:]} {error.reason}{unknown}")
        finally:
            self._ready_at_ms = self._clock.now_ms() + max(service.pause_ms, round(rest_s * 1000))

    async def _rest(self) -> None:
        """Until something happens, the gate opens, or it is time to look."""
        is_away = self.standing is not None and self.standing.status is PluginStatus.WAITING
        wait_ms = float(LOOK_AT_AWAY_EVERY_MS if is_away else LOOK_EVERY_MS)
        opens_at_ms = self._gate.opens_at_ms
        if opens_at_ms:
            wait_ms = max(1.0, min(wait_ms, opens_at_ms - self._clock.now_ms()))
        try:
            async with asyncio.timeout(self._clock.real_seconds(wait_ms)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _due(self, limit: int, status: DeliveryStatus = DeliveryStatus.WAITING) -> Sequence[PlayView]:
        return await self._plays.due(self.target.name, _EVER, limit, status=status)

    async def _count_dead(self) -> int:
        views = await self._plays.targets()
        return sum(view.counts.get(DeliveryStatus.DEAD, 0) for view in views if view.target == self.target.name)

    async def _settle(self, deliveries: Sequence[Delivery], status: DeliveryStatus, reason: str) -> None:
        await self._write([self._settled(one, status, reason) for one in deliveries])

    async def _settle_each(self, batch: Sequence[_Parcel], refusals: Sequence[str | None]) -> None:
        settled = []
        for one, refusal in zip(batch, refusals, strict=True):
            status = DeliveryStatus.SENT if refusal is None else DeliveryStatus.DEAD
            done = self._settled(one.delivery, status, refusal or "")
            settled.append(replace(done, tries=done.tries + 1))
            self.sent += refusal is None
        await self._write(settled)

    def _settled(self, delivery: Delivery, status: DeliveryStatus, reason: str) -> Delivery:
        waits_until_ms = self._gate.opens_at_ms if status is DeliveryStatus.WAITING else EpochMs(0)
        tries = delivery.tries + (status is DeliveryStatus.WAITING)
        return replace(
            delivery, status=status, at_ms=self._clock.now_ms(), reason=reason, tries=tries, next_try_ms=waits_until_ms
        )

    async def _write(self, deliveries: Sequence[Delivery]) -> None:
        if deliveries:
            await self._plays.settle(deliveries)
            self._changed()

    def _stand(self, status: PluginStatus, reason: str) -> None:
        standing = Standing(status, reason)
        if standing == self.standing:
            return
        level = logging.INFO if status is PluginStatus.RUNNING else logging.WARNING
        was_well = self.standing is None or self.standing.is_well
        if was_well is not (status is PluginStatus.RUNNING):
            _log.log(level, "%s: %s", self.target.name, reason or "works again")
        self.standing = standing
        self._changed()


def _scrobble(view: PlayView) -> Scrobble:
    return scrobble_of(view.play.track, view.play.began_at_ms, view.deliveries[0].edit)
