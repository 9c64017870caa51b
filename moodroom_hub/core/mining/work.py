"""Mining itself: the miner's answer, its suggestions looked up, and what that would make of every room."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.miners import Dropped, Left, Miner, MiningOrder, MiningReport
from moodroom_hub.core.mining.gathering import Gathering
from moodroom_hub.core.mining.resolving import Resolver
from moodroom_hub.domain.mining.checking import sound_mined
from moodroom_hub.domain.mining.models import Mined, MiningProgress, Suggestion
from moodroom_hub.domain.mining.plan import plan_room
from moodroom_hub.domain.models import Room, RoomSlug, Tier, Track, Uri

Tell = Callable[[str, MiningProgress], None]
"""``tell(phase, progress)``."""

SEARCHING = "looking suggestions up, as slowly as the service wants it"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a mining found, before anything is changed. ``judged``: whose rows it may judge anew."""

    miner: str
    judged: frozenset[str]
    rooms: tuple[RoomSlug, ...]
    library: Mapping[Uri, Track]
    mined: Mined
    found: tuple[tuple[Suggestion, Track], ...]
    dropped: tuple[Dropped, ...]


class MiningWork:
    """Asks a miner, then the service for what it suggested."""

    def __init__(self, gathering: Gathering, resolver: Resolver, clock: Clock) -> None:
        self._gathering = gathering
        self._resolver = resolver
        self._clock = clock

    async def find(self, order: MiningOrder, miner: Miner, rooms: Sequence[Room], tell: Tell) -> Finding:
        """Let the miner work. Raises ``Trouble``."""
        gathered = await self._gathering.for_mining(order, miner, rooms)
        task = gathered.task
        tell("placing", MiningProgress(0, len(task.tracks)))
        spent = MiningProgress(0, 0)

        def tell_of_miner(progress: MiningProgress) -> None:
            nonlocal spent
            spent = progress
            tell("placing", progress)

        mined = sound_mined(await miner.mine(task, tell_of_miner), task)
        total = len(mined.suggestions)
        in_rooms = {room.slug: await self._in_room(room.slug) for room in rooms}

        def tell_of_search(done: int) -> None:
            tell(SEARCHING, replace(spent, done=done, total=total, unit="searches"))

        resolved = await self._resolver.resolve(
            mined.suggestions, liked=gathered.library.values(), in_rooms=in_rooms, on_progress=tell_of_search
        )
        return Finding(
            miner=miner.name,
            judged=self._gathering.judged_by(miner),
            rooms=tuple(room.slug for room in rooms),
            library=gathered.library,
            mined=replace(mined, suggested_rooms=mined.suggested_rooms - resolved.unfinished),
            found=tuple((one.suggestion, one.track) for one in resolved.found),
            dropped=resolved.dropped,
        )

    async def report(self, finding: Finding) -> MiningReport:
        """What the finding would make of the rooms as they stand now."""
        now_ms = self._clock.now_ms()
        plans = []
        for room in finding.rooms:
            now = await self._gathering.room_now(room)
            plan = plan_room(
                now,
                finding.mined,
                finding.found,
                finding.library,
                miner=finding.miner,
                yielding=finding.judged,
                at_ms=now_ms,
            )
            plans.append(plan)
            await asyncio.sleep(0)  # thousands of tracks a room: the music comes first
        left = tuple(Left(finding.library[one.uri], one.reason, one.is_judged) for one in finding.mined.unplaced)
        return MiningReport(tuple(plans), left, finding.dropped, finding.mined.notes)

    async def _in_room(self, room: RoomSlug) -> tuple[Track, ...]:
        """What a suggestion for the room must not be: what listening or a hand put there, or took out."""
        now = await self._gathering.room_now(room)
        return tuple(
            entry.track
            for uri, entry in now.pool.items()
            if uri in now.learned or entry.tier is Tier.REMOVED or not entry.source
        )
