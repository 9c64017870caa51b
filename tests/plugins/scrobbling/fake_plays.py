"""The plays in memory: what the plugin asks of ``PlaysFace``, as the real one promises it."""

from collections.abc import Sequence
from dataclasses import replace

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.played import PlayPage, PlaySearch, PlayView, Statistics, TargetView
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Edit, Play


class FakePlays:
    """Implements ``played.PlaysFace``, as far as a plugin that sends goes; it outlives the plugin, as a database."""

    def __init__(self) -> None:
        self.plays: dict[int, Play] = {}
        self.deliveries: dict[tuple[int, str], Delivery] = {}
        self.is_away = False

    def standing(self, target: str, status: DeliveryStatus) -> list[Delivery]:
        """Deliveries to ``target`` that stand so, oldest play first."""
        return [one for key, one in self.deliveries.items() if key[1] == target and one.status is status]

    def _reach(self) -> None:
        if self.is_away:
            raise Trouble(TroubleCode.UNAVAILABLE, "The database does not answer.")

    async def plan(self, deliveries: Sequence[Delivery]) -> None:
        """Remember; what is known stays."""
        self._reach()
        for one in deliveries:
            self.deliveries.setdefault((one.play_id, one.target), one)

    async def due(
        self, target: str, now_ms: EpochMs, limit: int, *, status: DeliveryStatus = DeliveryStatus.WAITING
    ) -> Sequence[PlayView]:
        """What may be tried by now."""
        self._reach()
        found = [one for one in self.standing(target, status) if one.next_try_ms <= now_ms]
        return [PlayView(self.plays[one.play_id], (one,)) for one in found[:limit]]

    async def settle(self, deliveries: Sequence[Delivery]) -> None:
        """Write."""
        self._reach()
        for one in deliveries:
            self.deliveries[one.play_id, one.target] = one

    async def targets(self) -> Sequence[TargetView]:
        """With counts."""
        self._reach()
        counts: dict[str, dict[DeliveryStatus, int]] = {}
        for one in self.deliveries.values():
            of_target = counts.setdefault(one.target, {})
            of_target[one.status] = of_target.get(one.status, 0) + 1
        return [TargetView(name, of_each) for name, of_each in sorted(counts.items())]

    async def retry(self, play_ids: Sequence[int] = (), target: str | None = None) -> int:
        """Dead ones wait again."""
        dead = [one for one in self.deliveries.values() if one.status is DeliveryStatus.DEAD]
        await self.settle([replace(one, status=DeliveryStatus.WAITING, next_try_ms=EpochMs(0)) for one in dead])
        return len(dead)

    async def edit(self, play_id: int, edit: Edit, target: str | None = None) -> int:
        """Corrected, dead ones wait again."""
        mine = [one for one in self.deliveries.values() if one.play_id == play_id]
        await self.settle([replace(one, edit=edit, status=DeliveryStatus.WAITING) for one in mine])
        return len(mine)

    async def leave_out(self, play_id: int, target: str | None = None) -> int:
        """Never asked here."""
        raise AssertionError("a plugin leaves nothing out in a person's name")

    async def find(self, wanted: PlaySearch, limit: int = 50, before: int | None = None) -> PlayPage:
        """Never asked here."""
        raise AssertionError("a plugin that sends does not search")

    async def get(self, play_id: int) -> PlayView:
        """Never asked here."""
        raise AssertionError("a plugin that sends does not look at one")

    async def statistics(self, days: int = 30) -> Statistics:
        """Never asked here."""
        raise AssertionError("a plugin that sends does not count")
