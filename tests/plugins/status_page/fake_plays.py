"""The plays of a hub in memory."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Protocol

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.played import Counted, PlayPage, PlaySearch, PlayView, Statistics, TargetView
from moodroom_hub.domain.models import DurationMs, EpochMs, RoomSlug, Track, ZoneName
from moodroom_hub.domain.plays import mending
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Edit, Play
from moodroom_hub.domain.plays.statistics import PlayTally, Ranked

ROOM = RoomSlug("late-night")


class Told(Protocol):
    """The hub that notes its calls."""

    @property
    def now_ms(self) -> EpochMs: ...

    def tell(self, name: str, *arguments: object) -> None: ...


class FakePlays:
    """Implements ``played.PlaysFace`` over a list, oldest first."""

    def __init__(self, hub: Told) -> None:
        self._hub = hub
        self.views: list[PlayView] = []

    def add(self, track: Track, zone: str = "home", twin_of: int | None = None, **statuses: DeliveryStatus) -> Play:
        """A play of ``track`` a while ago; ``statuses``: its deliveries by target."""
        play_id = len(self.views) + 1
        now_ms = self._hub.now_ms
        play = Play(
            id=play_id,
            zone=ZoneName(zone),
            track=track,
            began_at_ms=EpochMs(now_ms - 130_000),
            counted_at_ms=EpochMs(now_ms - 30_000),
            heard_ms=DurationMs(100_000),
            threshold_ms=DurationMs(100_000),
            offset_ms=100_000 - now_ms,
            rules="spinstack",
            why="heard for 1:40, half of it" if twin_of is None else f"the kitchen saw the play {twin_of}, too",
            twin_of=twin_of,
            room=ROOM,
        )
        deliveries = tuple(
            Delivery(play_id, target, status, now_ms, reason="the service said no")
            for target, status in statuses.items()
        )
        self.views.append(PlayView(play, deliveries))
        return play

    async def find(self, wanted: PlaySearch, limit: int = 50, before: int | None = None) -> PlayPage:
        self._hub.tell("plays.find", wanted, limit, before)
        found = [
            view
            for view in reversed(self.views)
            if (before is None or view.play.id < before)
            and (wanted.with_twins or view.play.twin_of is None)
            and wanted.zone in (None, view.play.zone)
            and (wanted.until_ms is None or view.play.counted_at_ms < wanted.until_ms)
            and (
                (wanted.status is None and wanted.target is None)
                or any(
                    wanted.status in (None, each.status) and wanted.target in (None, each.target)
                    for each in view.deliveries
                )
            )
        ]
        return PlayPage(tuple(found[:limit]), found[limit - 1].play.id if len(found) > limit else None)

    async def get(self, play_id: int) -> PlayView:
        self._hub.tell("plays.get", play_id)
        for view in self.views:
            if view.play.id == play_id:
                return view
        raise Trouble(TroubleCode.NOT_FOUND, "there is no such play")

    async def statistics(self, days: int = 30) -> Statistics:
        self._hub.tell("plays.statistics", days)
        tally = PlayTally(UTC)
        for view in self.views:
            tally.take(view.play)
        found = tally.ranking({ROOM: "Late Night"})
        names = (found.tracks, found.artists, found.rooms, found.zones)
        tracks, artists, rooms, zones = (tuple(map(_counted, lines)) for lines in names)
        return Statistics(days, found.plays, found.heard_ms, tracks, artists, rooms, zones, found.hours)

    async def targets(self) -> Sequence[TargetView]:
        self._hub.tell("plays.targets")
        counts: dict[str, Counter[DeliveryStatus]] = {}
        for view in self.views:
            for each in view.deliveries:
                counts.setdefault(each.target, Counter())[each.status] += 1
        return [
            TargetView(target, {status: each[status] for status in DeliveryStatus}) for target, each in counts.items()
        ]

    async def plan(self, deliveries: Sequence[Delivery]) -> None:
        raise AssertionError("the page plans nothing")

    async def due(
        self, target: str, now_ms: EpochMs, limit: int, *, status: DeliveryStatus = DeliveryStatus.WAITING
    ) -> Sequence[PlayView]:
        raise AssertionError("the page sends nothing")

    async def settle(self, deliveries: Sequence[Delivery]) -> None:
        raise AssertionError("the page sends nothing")

    async def retry(self, play_ids: Sequence[int] = (), target: str | None = None) -> int:
        self._hub.tell("plays.retry", tuple(play_ids), target)
        known = [view.play.id for view in self.views]
        if not set(play_ids) <= set(known):
            raise Trouble(TroubleCode.NOT_FOUND, "there is no such play")
        now_ms, is_named = self._hub.now_ms, bool(play_ids)
        return sum(
            self._change(each, target, lambda _, given: mending.retried(given, now_ms, is_named=is_named))
            for each in play_ids or known
        )

    async def edit(self, play_id: int, edit: Edit, target: str | None = None) -> int:
        self._hub.tell("plays.edit", play_id, edit, target)
        await self.get(play_id)
        return self._change(
            play_id, target, lambda play, given: mending.edited(given, play.track, edit, self._hub.now_ms)
        )

    async def leave_out(self, play_id: int, target: str | None = None) -> int:
        self._hub.tell("plays.leave_out", play_id, target)
        await self.get(play_id)
        return self._change(play_id, target, lambda _, given: mending.left_out(given, self._hub.now_ms))

    def _change(self, play_id: int, target: str | None, changed: Callable[[Play, Delivery], Delivery | None]) -> int:
        view = self.views[play_id - 1]
        after = [changed(view.play, each) if target in (None, each.target) else None for each in view.deliveries]
        kept = tuple(new or old for new, old in zip(after, view.deliveries, strict=True))
        self.views[play_id - 1] = PlayView(view.play, kept, view.twins)
        return sum(each is not None for each in after)


class FakeFindings:
    """Implements ``played.FindingsFace``: nothing is ever found."""

    async def get(self, kind: str, keys: Sequence[str]) -> Mapping[str, str]:
        return {}

    async def put(self, kind: str, key: str, text: str, keep_ms: DurationMs, most: int) -> None:
        raise AssertionError("the page finds nothing out")

    async def forget(self, kind: str) -> int:
        return 0


def _counted(line: Ranked) -> Counted:
    return Counted(line.name, line.detail, line.plays, line.heard_ms)
