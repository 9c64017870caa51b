"""The plays as faces and plugins know them: what counted, where it was sent, and what a person mends of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.played import PlayPage, PlaySearch, PlayView, Statistics, TargetView
from moodroom_hub.core.plays.statistics import PlayStatistics
from moodroom_hub.core.store import Store
from moodroom_hub.core.store.errors import asked
from moodroom_hub.core.store.play_shelf import Changed
from moodroom_hub.domain.models import DurationMs, EpochMs, Room, RoomSlug
from moodroom_hub.domain.plays import mending
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Edit, Play

LARGEST_ID = 2**63 - 1
_MOST_NAMED = 10


class PlayBook:
    """Implements ``played.PlaysFace``. ``told()`` is called when a person changed what shall be sent."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rooms: Mapping[RoomSlug, Room],
        zone: Callable[[], tzinfo],
        told: Callable[[], None],
    ) -> None:
        self._shelf = store.plays
        self._clock = clock
        self._statistics = PlayStatistics(store.plays, clock, rooms, zone)
        self._told = told

    async def find(self, wanted: PlaySearch, limit: int = 50, before: int | None = None) -> PlayPage:
        """The wanted plays, newest first."""
        await self._expect(wanted.target)
        with asked():
            found, go_on = await self._shelf.find(wanted, limit, before)
        return PlayPage(tuple(found), go_on)

    async def get(self, play_id: int) -> PlayView:
        """One play."""
        with asked():
            view = await self._shelf.get(play_id) if _may_be_id(play_id) else None
        if view is None:
            raise _no_play(play_id)
        return view

    async def statistics(self, days: int = 30) -> Statistics:
        """What was played lately."""
        with asked():
            return await self._statistics.of_days(days)

    async def targets(self) -> Sequence[TargetView]:
        """Every service with its counts."""
        with asked():
            counts = await self._shelf.counts()
        return tuple(TargetView(target, of_each) for target, of_each in counts.items())

    async def plan(self, deliveries: Sequence[Delivery]) -> None:
        """Remember deliveries."""
        with asked():
            await self._shelf.plan(deliveries)

    async def due(
        self, target: str, now_ms: EpochMs, limit: int, *, status: DeliveryStatus = DeliveryStatus.WAITING
    ) -> Sequence[PlayView]:
        """What may be sent by now."""
        with asked():
            return await self._shelf.due(target, now_ms, limit, status)

    async def settle(self, deliveries: Sequence[Delivery]) -> None:
        """Write how deliveries stand."""
        with asked():
            await self._shelf.settle(deliveries)

    async def retry(self, play_ids: Sequence[int] = (), target: str | None = None) -> int:
        """Dead deliveries wait again; of plays that are named also what a person left out."""
        await self._expect(target)
        now_ms = self._clock.now_ms()
        if not play_ids:
            with asked():
                all_dead = await self._shelf.change_standing(
                    DeliveryStatus.DEAD, target, lambda delivery: mending.retried(delivery, now_ms)
                )
            return self._tell(all_dead)
        for play_id in play_ids:
            if not _may_be_id(play_id):
                raise _no_play(play_id)
        with asked():
            changed = await self._shelf.change_these(
                set(play_ids), target, lambda delivery: mending.retried(delivery, now_ms, is_named=True)
            )
        if not isinstance(changed, int):
            raise _no_play(*changed)
        return self._tell(changed)

    async def edit(self, play_id: int, edit: Edit, target: str | None = None) -> int:
        """Correct a play before it is sent."""
        if edit == Edit():
            raise Trouble(TroubleCode.BAD_REQUEST, "Say what to correct: the name, the artist or the album.")
        await self._expect(target)
        now_ms = self._clock.now_ms()
        done = await self._change(
            play_id, target, lambda play, delivery: mending.edited(delivery, play.track, edit, now_ms)
        )
        if not done.written:
            raise _nothing_to_edit(play_id, done, target)
        return self._tell(done.written)

    async def leave_out(self, play_id: int, target: str | None = None) -> int:
        """Do not send this play."""
        await self._expect(target)
        now_ms = self._clock.now_ms()
        done = await self._change(play_id, target, lambda _, delivery: mending.left_out(delivery, now_ms))
        return self._tell(done.written)

    async def _expect(self, target: str | None) -> None:
        """Raises ``Trouble`` for a service that no play was ever meant for. Before the first play every one may be."""
        if target is None:
            return
        with asked():
            known = await self._shelf.targets()
        if known and target not in known:
            named = ", ".join(known)
            raise Trouble(TroubleCode.NOT_FOUND, f"No play was ever meant for a service '{target}'. Known: {named}.")

    async def _change(
        self, play_id: int, target: str | None, changed: Callable[[Play, Delivery], Delivery | None]
    ) -> Changed:
        with asked():
            done = await self._shelf.change(play_id, target, changed) if _may_be_id(play_id) else None
        if done is None:
            raise _no_play(play_id)
        return done

    def _tell(self, changed: int) -> int:
        if changed:
            self._told()
        return changed


class FindingBook:
    """Implements ``played.FindingsFace``."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._shelf = store.findings
        self._clock = clock

    async def get(self, kind: str, keys: Sequence[str]) -> Mapping[str, str]:
        """What is kept under these keys."""
        with asked():
            return await self._shelf.get(kind, keys, self._clock.now_ms())

    async def put(self, kind: str, key: str, text: str, keep_ms: DurationMs, most: int) -> None:
        """Keep ``text`` so long."""
        with asked():
            await self._shelf.put(kind, key, text, self._clock.now_ms(), keep_ms, most)

    async def forget(self, kind: str) -> int:
        """Forget everything of this kind."""
        with asked():
            return await self._shelf.forget(kind)


def _may_be_id(play_id: int) -> bool:
    return 0 < play_id <= LARGEST_ID


def _no_play(*play_ids: int) -> Trouble:
    named = ", ".join(map(str, play_ids[:_MOST_NAMED])) + (", ..." if len(play_ids) > _MOST_NAMED else "")
    return Trouble(TroubleCode.NOT_FOUND, f"There is no play {named}; see: moodroom-hub scrobbles list.")


def _nothing_to_edit(play_id: int, done: Changed, target: str | None) -> Trouble:
    if not done.there:
        where = "any service" if target is None else "this service"
        return Trouble(TroubleCode.CONFLICT, f"The play {play_id} was never meant for {where}: nothing is to be sent.")
    statuses = {each.status for each in done.there}
    if statuses == {DeliveryStatus.SENT}:
        return Trouble(TroubleCode.CONFLICT, f"The play {play_id} was sent already; correct it at the service itself.")
    if DeliveryStatus.SENDING in statuses:
        return Trouble(TroubleCode.CONFLICT, f"The play {play_id} is being sent just now; try again in a minute.")
    by_hand = any(each.reason == mending.BY_HAND for each in done.there)
    mend = f" Take it up again first: moodroom-hub scrobbles retry {play_id}" if by_hand else ""
    return Trouble(TroubleCode.CONFLICT, f"The play {play_id} is left out: nothing of it is to be sent.{mend}")
