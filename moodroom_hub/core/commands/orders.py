"""What faces and policies may have done: every command, in one place."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from moodroom_hub.core.commands.base import Basis
from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.events import Completed, Skipped
from moodroom_hub.core.face import (
    Activation,
    ImportReport,
    PastImport,
    SyncReport,
    Warming,
)
from moodroom_hub.core.learning import FACT
from moodroom_hub.core.quiet import wake
from moodroom_hub.core.store import Change
from moodroom_hub.core.zone import gestures, regrouping, rooms, transport
from moodroom_hub.core.zone.orders import carry_out
from moodroom_hub.domain.models import (
    DurationMs,
    Receipt,
    RoomSlug,
    Uri,
    ZoneName,
)
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.stations.models import StationKey, slug_of

log = logging.getLogger(__name__)


class Orders(Basis):
    """The commands of ``face.HubFace`` and ``context.PolicyFace``."""

    async def activate(self, room: RoomSlug, zone: ZoneName | None = None) -> Activation:
        """Draw a batch and play it."""
        self._room(room)
        return await self._in(zone, lambda where: rooms.activate(where, room))

    async def turn_on(
        self, room: RoomSlug, zone: ZoneName | None = None, *, only_if_silent: bool = False
    ) -> Activation | None:
        """The room on and its music playing, where that is not so."""
        self._room(room)
        return await self._in(zone, lambda where: gestures.turn_on(where, room, only_if_silent=only_if_silent))

    async def play_station(self, station: StationKey, zone: ZoneName | None = None) -> Activation:
        """Play a station."""
        if self._stations.get(station) is None:
            raise Trouble(TroubleCode.NOT_FOUND, "There is no such station; see: moodroom-hub station list.")
        return await self._in(zone, lambda where: rooms.activate(where, slug_of(station)))

    async def rooms_off(self, zone: ZoneName | None = None) -> None:
        """Stop topping up."""
        await self._in(zone, rooms.switch_off)

    async def play(self, zone: ZoneName | None = None) -> None:
        """Go on playing."""
        await self._in(zone, transport.play)

    async def pause(self, zone: ZoneName | None = None) -> None:
        """Pause."""
        await self._in(zone, transport.pause)

    async def next(self, meant: Uri | None = None, zone: ZoneName | None = None) -> bool | None:
        """Skip, by the listener's will."""
        return await self._in(zone, lambda where: transport.skip(where, meant))

    async def play_pause(self, zone: ZoneName | None = None) -> None:
        """Pause what plays, else play on."""
        await self._in(zone, gestures.play_pause)

    async def never_again(self, meant: Uri | None = None, zone: ZoneName | None = None) -> Receipt | None:
        """Out of its room for good, and on to the next track."""
        return await self._in(zone, lambda where: gestures.never_again(where, meant))

    async def wake(self, device: str, zone: ZoneName | None = None) -> None:
        """Move to another device."""
        await carry_out(self._zone(zone), lambda where: wake(where, device), device)

    async def set_learning(self, is_on: bool, for_ms: DurationMs | None = None) -> None:
        """Learning on or off, for a while or for good."""
        self._learning = self._learning.switched(is_on, self._clock.now_ms(), for_ms)
        self.tell_watchers()
        await self._journal.write(Change(facts={FACT: self._learning.to_json()}))

    async def undo(self, receipt_id: int) -> Receipt:
        """Take back a receipt."""
        return await self._pools.undo(receipt_id)

    async def undo_group(self, group: str) -> Sequence[Receipt]:
        """Take back a group of receipts at once."""
        return await self._pools.undo_group(group)

    async def import_past(self, plays: Sequence[PastPlay]) -> PastImport:
        """Fill the history with plays from before the hub."""
        return await self._past.put(plays)

    async def warm_pools(self) -> Warming:
        """Let the past change the pools."""
        return await self._past.warm()

    async def sync_library(self) -> SyncReport:
        """Read new liked songs from the first account that is logged in, and have them sorted."""
        return self._sorting(await self._library.sync(self._account()))

    async def import_pool(self, text: str, form: str, *, overwrite: bool = False) -> ImportReport:
        """Fill pools from a file's text; ``form`` is ``csv`` or ``state``."""
        return await self._importing.run(text, form, self._accounts, overwrite=overwrite)

    async def learn(self, event: Skipped | Completed) -> Receipt | None:
        """Apply the rule of listening, once per event."""
        return await self._pools.learn(event)

    async def top_up(self, zone: ZoneName) -> None:
        """Let the zone's hands bring what is ahead back to where it was."""
        named = self._zones.get(zone)
        if named is not None:
            known = named.leading
            known.is_endless = known.is_fresh_wanted = True
            known.wake_hands()

    async def move(self, zone: ZoneName, to: ZoneName) -> None:
        """What plays in ``zone`` goes on in ``to``."""
        await regrouping.move(self._zone(zone), self._zone(to))

    def look_soon(self, zone: ZoneName) -> None:
        """Look at the zone now."""
        named = self._zones.get(zone)
        if named is not None:
            named.look_soon(0)

    def _sorting(self, report: SyncReport) -> SyncReport:
        """Begin to sort what was read. That it cannot be makes a reading that worked no failed one."""
        try:
            sorter = self.sorter_with_layers
            if sorter is None:
                return report
            sorter.start_sync()
        except MoodroomError as error:
            log.info("new likes are not sorted this time: %s", error)
            return replace(report, not_sorted=str(error))
        except Exception:
            # isolation: a plugin's fault must not make a sync that worked a failed one
            log.exception("new likes cannot be sorted")
            return replace(report, not_sorted="The sorter failed; the hub's log says more.")
        return replace(report, is_sorting=True)
