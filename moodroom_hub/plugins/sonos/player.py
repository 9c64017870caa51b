"""The hands: a group's queue is ours while a room plays there. A track is added once, and what is unclear is read."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import Device, Uri
from moodroom_hub.plugins.sonos import queue as queues
from moodroom_hub.plugins.sonos import volume as loudness
from moodroom_hub.plugins.sonos.adding import Adder
from moodroom_hub.plugins.sonos.belongings import Belongings
from moodroom_hub.plugins.sonos.client import Speaker
from moodroom_hub.plugins.sonos.failures import SonosTrouble
from moodroom_hub.plugins.sonos.queue import QueuePage, Standing
from moodroom_hub.plugins.sonos.reach import Member, Reach

log = logging.getLogger(__name__)

_NORMAL = "NORMAL"
_LOOK_AFTER_MS = (60, 120, 200, 300, 500, 800, 1_200, 1_500, 2_000)
"""When to look whether a command took effect: a speaker needs a second or two to load a track."""
_AHEAD = 300
"""So many entries behind the current one are read. A queue of the hub's own holds a dozen."""
_PLAYED_KEPT = 20
_PLAYED_AT_MOST = 60
"""Where more played tracks than this lie before the current one, all but ``_PLAYED_KEPT`` are cleared away."""
_TIDY_TRIES = 3
_STANDS_STILL = 5
"""A speaker that stands still at so many looks in a row does not play any more."""
_NOTHING_FOLLOWS = frozenset({701, 711})


class SonosPlayer:
    """Plays on the group of one zone's speaker, whoever leads it at that moment; one command at a time."""

    def __init__(self, reach: Reach, belongings: Belongings, clock: Clock) -> None:
        self._reach = reach
        self._belongings = belongings
        self._adder = Adder(reach, belongings, clock)
        self._clock = clock
        self._turn = asyncio.Lock()
        self._plays = 0
        self._is_untidy = False

    async def play(self, uri: Uri, check: Callable[[], None] | None = None) -> None:
        """Play this track now; returns once it was seen playing. Raises ``Trouble``.

        The track is added first, then played, then all else is removed: what the speaker refuses leaves the old
        music as it was, and what it plays leaves nothing of it.
        """
        self._plays += 1
        async with self._turn:
            leader = await self._reach.leader()
            before = await self._reach.ask(leader, queues.read_standing)
            mode = await self._reach.ask(leader, queues.read_play_mode)
            page = await self._reach.ask(leader, partial(queues.read_page, first=1, count=1))
            number = await self._adder.add_to_play(leader, uri, page.total, check)
            await self._start(leader, uri, number, before, mode)
            self._belongings.begin(leader.uid, uri)
            await self._reach.aside(self._belongings.save)
            self._is_untidy = True
            await self._tidy(leader, uri)

    async def queue(self, uri: Uri) -> None:
        """Append one track, exactly once, to a queue that is ours. Raises ``Trouble``.

        ``CONFLICT`` where the listener put something else on; ``SUPERSEDED`` where a play came first meanwhile.
        """
        plays = self._plays
        async with self._turn:
            if plays != self._plays:
                raise Trouble(TroubleCode.SUPERSEDED, "Something else was started before the track was queued.")
            leader = await self._reach.leader()
            if self._is_untidy:
                await self._tidy(leader, None)
            standing, ahead = await self._ahead(leader)
            tracks = [item.track for item in ahead.items]
            if not standing.is_on_queue or not self._belongings.owns(leader.uid, tracks):
                told = (
                    "plays something that was put on there; the room leaves it alone. Activate the room to take over."
                )
                raise Trouble(TroubleCode.CONFLICT, f"{leader.name} {told}")
            await self._adder.append(leader, uri, standing.number, ahead)
            if standing.number > _PLAYED_AT_MOST:
                await self._clear_played(leader, standing.number - _PLAYED_KEPT - 1)

    async def resume(self) -> None:
        """Go on playing; no error where it plays already. Raises ``Trouble``."""
        async with self._turn:
            leader = await self._reach.leader()
            standing = await self._reach.ask(leader, queues.read_standing)
            if standing.is_sounding:
                return
            if not standing.source or (standing.is_on_queue and standing.number == 0):
                raise _refused(f"Nothing is in the queue of {leader.name}. Activate a room there.")
            try:
                await self._surely(leader, queues.play)
            except SonosTrouble as trouble:
                raise _refused(f"{leader.name} does not go on: {_why(standing)}. Activate a room there.") from trouble
            if not await self._seen(leader, lambda now: now.is_sounding):
                raise Trouble(
                    TroubleCode.UNAVAILABLE,
                    f"{leader.name} does not go on playing. Look at it in the Sonos app, or activate a room there.",
                    outcome_unknown=True,
                )

    async def pause(self) -> None:
        """Stand still; no error where nothing plays. Raises ``Trouble``."""
        async with self._turn:
            leader = await self._reach.leader()
            standing = await self._reach.ask(leader, queues.read_standing)
            if not standing.is_sounding:
                return
            try:
                await self._surely(leader, queues.pause)
            except SonosTrouble as refusal:
                await self._stop(leader, refusal)

    async def next(self) -> None:
        """Skip once. Raises ``Trouble``: ``CONFLICT`` where nothing follows; never repeated."""
        async with self._turn:
            leader = await self._reach.leader()
            try:
                await self._reach.tell(leader, queues.skip)
            except SonosTrouble as trouble:
                if trouble.upnp_code not in _NOTHING_FOLLOWS:
                    raise
                standing = await self._reach.ask(leader, queues.read_standing)
                told = f"nothing follows in the queue of {leader.name}" if standing.is_on_queue else _why(standing)
                raise Trouble(TroubleCode.CONFLICT, f"There is nothing to skip to: {told}.") from None

    async def upcoming(self) -> Sequence[Uri]:
        """What really lies behind the current track; entries that are no Spotify tracks by their own address."""
        leader = await self._reach.leader()
        standing, ahead = await self._ahead(leader)
        if not standing.is_on_queue:
            return []
        return [item.track for item in ahead.items if item.number > standing.number]

    async def devices(self) -> Sequence[Device]:
        """The speakers of the group, the leading one first; one that does not answer without its volume."""
        group = await self._reach.group()
        volumes = await asyncio.gather(*(self._volume_of(member) for member in group))
        return [
            Device(id=member.uid, name=member.name, kind="speaker", is_active=True, volume_percent=volume)
            for member, volume in zip(group, volumes, strict=True)
        ]

    async def volume(self, percent: int | None = None) -> int:
        """The group's volume; with ``percent`` it is set first. Raises ``Trouble``."""
        async with self._turn:
            leader = await self._reach.leader()
            if percent is not None:
                wanted = min(100, max(0, percent))
                await self._reach.tell(leader, partial(loudness.set_group_volume, percent=wanted))
            return await self._reach.ask(leader, loudness.read_group_volume)

    async def mute(self, *, is_muted: bool) -> None:
        """Mute the group, or let it sound. Raises ``Trouble``."""
        async with self._turn:
            leader = await self._reach.leader()
            await self._reach.tell(leader, partial(loudness.set_group_mute, is_muted=is_muted))

    async def join(self, leader_uid: str) -> None:
        """Put the zone's own speaker into the group that this speaker leads. Raises ``Trouble``."""
        async with self._turn:
            await self._reach.tell(self._reach.own(), partial(loudness.join, leader_uid=leader_uid))

    async def leave(self) -> None:
        """Take the zone's own speaker out of its group; no error where it is alone. Raises ``Trouble``."""
        async with self._turn:
            await self._reach.tell(self._reach.own(), loudness.leave)

    async def reorder(self, number: int, to: int) -> None:
        """Move the queue's entry ``number`` to the place ``to``, both from 1. Raises ``Trouble``."""
        async with self._turn:
            leader = await self._reach.leader()
            page = await self._reach.ask(leader, partial(queues.read_page, first=1, count=1))
            if not (1 <= number <= page.total and 1 <= to <= page.total):
                has = f"The queue of {leader.name} has {page.total} entries"
                raise Trouble(TroubleCode.BAD_REQUEST, f"{has}; give two numbers from 1 to {page.total}.")
            if number != to:
                job = partial(queues.move, number=number, to=to, update_id=page.update_id)
                await self._reach.tell(leader, job)

    async def contents(self) -> tuple[Standing, QueuePage]:
        """How the group stands, and its queue (a thousand entries at most)."""
        leader = await self._reach.leader()
        return await self._reach.ask(leader, queues.read_standing), await self._reach.ask(leader, queues.read_queue)

    # starting

    async def _start(self, leader: Member, uri: Uri, number: int, before: Standing, mode: str) -> None:
        """Play the entry that was just added; where that is refused, the old music is put back."""
        try:
            if before.is_on_queue and mode != _NORMAL:
                await self._surely(leader, partial(queues.set_play_mode, mode=_NORMAL))
            job = partial(queues.select, uid=leader.uid, number=number, is_on_queue=before.is_on_queue)
            await self._surely(leader, job)
            if not before.is_on_queue:
                await self._order(leader)
            await self._surely(leader, queues.play)
            if await self._seen(leader, lambda now: now.state == queues.PLAYING and now.track == uri):
                return
        except SonosTrouble as refusal:
            log.info("%s", refusal)
        now = await self._reach.ask(leader, queues.read_standing)
        if now.state == queues.TRANSITIONING and now.track == uri:
            told = f"{leader.name} loads for long; look there whether it plays."
            raise Trouble(TroubleCode.UNAVAILABLE, told, outcome_unknown=True)
        await self._put_back(leader, uri, number, before, mode)
        raise _refused(f"{leader.name} does not play the track; it may be gone from Spotify.")

    async def _order(self, leader: Member) -> None:
        """No shuffle, no repeat, as soon as the speaker stands on its queue."""
        if await self._reach.ask(leader, queues.read_play_mode) != _NORMAL:
            await self._surely(leader, partial(queues.set_play_mode, mode=_NORMAL))

    async def _put_back(self, leader: Member, uri: Uri, number: int, before: Standing, mode: str) -> None:
        """Take the refused track out, and go back to what was on. Best effort: the refusal is what is told."""
        try:
            page = await self._reach.ask(leader, partial(queues.read_page, first=number, count=1))
            if page.items and page.items[0].track == uri:
                job = partial(queues.remove, first=number, count=1, update_id=page.update_id)
                await self._reach.tell(leader, job)
            if before.is_on_queue:
                if before.number:
                    job = partial(queues.select, uid=leader.uid, number=before.number, is_on_queue=True)
                    await self._reach.tell(leader, job)
                    if ":" in before.position:
                        await self._reach.tell(leader, partial(queues.seek, position=before.position))
                if mode != _NORMAL:
                    await self._reach.tell(leader, partial(queues.set_play_mode, mode=mode))
            elif before.source:
                job = partial(queues.set_source, uri=before.source, metadata=before.source_metadata)
                await self._reach.tell(leader, job)
            if before.is_sounding:
                await self._reach.tell(leader, queues.play)
            elif before.is_on_queue:
                await self._reach.tell(leader, queues.pause)
        except Trouble as trouble:
            log.info("what was on before could not be put back: %s", trouble)

    async def _tidy(self, leader: Member, uri: Uri | None) -> None:
        """Leave nothing in the queue but what plays: first what follows, for only that could be heard.

        ``uri`` is what was just started; where something else is on by now it is not our queue any more.
        """
        for _ in range(_TIDY_TRIES):
            standing, page = await self._ahead(leader)
            playing = standing.track
            is_ours = playing == uri if uri is not None else self._belongings.knows(leader.uid, playing)
            if not standing.is_on_queue or not is_ours or standing.number == 0:
                self._is_untidy = False
                return
            number, behind = standing.number, page.total - standing.number
            try:
                if behind:
                    job = partial(queues.remove, first=number + 1, count=behind, update_id=page.update_id)
                    await self._reach.tell(leader, job)
                    continue  # the queue has another state now: read it
                if number > 1:
                    job = partial(queues.remove, first=1, count=number - 1, update_id=page.update_id)
                    await self._reach.tell(leader, job)
                self._is_untidy = False
                return
            except Trouble as trouble:
                log.info("the old queue is not cleared away yet: %s", trouble)
        log.warning("%s: what was queued before is not all cleared away; it is tried again", leader.name)

    async def _clear_played(self, leader: Member, count: int) -> None:
        """Clear away the head of what was played, as far as it is ours. In vain is no harm."""
        try:
            page = await self._reach.ask(leader, partial(queues.read_queue, at_most=count))
            ours = 0
            while ours < len(page.items) and self._belongings.knows(leader.uid, page.items[ours].track):
                ours += 1
            if ours:
                await self._reach.tell(leader, partial(queues.remove, first=1, count=ours, update_id=page.update_id))
        except Trouble as trouble:
            log.info("played tracks stay in the queue for now: %s", trouble)

    # looking

    async def _ahead(self, leader: Member) -> tuple[Standing, QueuePage]:
        """How it stands, and the queue from the current entry on."""
        standing = await self._reach.ask(leader, queues.read_standing)
        first = max(1, standing.number)
        return standing, await self._reach.ask(leader, partial(queues.read_queue, first=first, at_most=_AHEAD))

    async def _seen(self, leader: Member, fits: Callable[[Standing], bool]) -> bool:
        """Look a few times whether it has come true; a look that fails is none."""
        trouble: Trouble | None = None
        stood_still = 0
        for wait_ms in _LOOK_AFTER_MS:
            await self._clock.sleep_ms(wait_ms)
            try:
                now = await self._reach.ask(leader, queues.read_standing)
            except Trouble as problem:
                trouble = problem
                continue
            trouble = None
            if fits(now):
                return True
            stood_still = 0 if now.is_sounding else stood_still + 1
            if stood_still == _STANDS_STILL:
                return False
        if trouble is not None:
            raise Trouble(trouble.code, trouble.message, outcome_unknown=True)
        return False

    async def _surely(self, leader: Member, job: Callable[[Speaker], None]) -> None:
        """Something that may be told twice. Raises refusals, and what a second try does not mend either."""
        try:
            await self._reach.tell(leader, job)
        except Trouble as trouble:
            if not trouble.outcome_unknown:
                raise
            await self._reach.tell(leader, job)

    async def _stop(self, leader: Member, refusal: SonosTrouble) -> None:
        """Where pausing is refused: a stream can be stopped, a television can not."""
        standing = await self._reach.ask(leader, queues.read_standing)
        if not standing.is_sounding:
            return
        try:
            await self._surely(leader, queues.stop)
        except SonosTrouble:
            raise _refused(f"{leader.name} cannot be paused: {_why(standing)}.") from refusal

    async def _volume_of(self, member: Member) -> int | None:
        try:
            return await self._reach.ask(member, loudness.read_volume)
        except Trouble:
            return None


def _why(standing: Standing) -> str:
    """What a speaker is set to, where it has no queue to steer."""
    if standing.source.startswith("x-sonos-htastream:"):
        return "it plays the television"
    if standing.source.startswith("x-rincon-stream:"):
        return "it plays its line-in"
    return "it plays no queue" if standing.source and not standing.is_on_queue else "nothing is on"


def _refused(message: str) -> Trouble:
    return Trouble(TroubleCode.REFUSED, message)
