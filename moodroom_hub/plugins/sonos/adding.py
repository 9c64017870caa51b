"""Putting one track into a queue: sent once; where the answer is lost, the queue itself tells how it ended."""

from collections.abc import Callable, Sequence
from functools import partial

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import Uri
from moodroom_hub.plugins.sonos import queue as queues
from moodroom_hub.plugins.sonos.belongings import Belongings
from moodroom_hub.plugins.sonos.queue import QueuePage
from moodroom_hub.plugins.sonos.reach import Member, Reach
from moodroom_hub.plugins.sonos.sharelinks import REGIONS, Added, add_link, is_spotify_track

_READ_AFTER_MS = (300, 1_000, 2_500)
ADD_SPOTIFY = "Add Spotify in the Sonos app (Settings, then Services & Voice), and try again."


class Adder:
    """Adds tracks to the queues of one zone."""

    def __init__(self, reach: Reach, belongings: Belongings, clock: Clock) -> None:
        self._reach = reach
        self._belongings = belongings
        self._clock = clock

    async def add_to_play(self, leader: Member, uri: Uri, total: int, check: Callable[[], None] | None) -> int:
        """Add a track that is to be played, at the end of whatever queue there is; gives its number.

        Raises ``Trouble``; never ``outcome_unknown``, for nothing plays because of this.
        """
        self._belongings.add(leader.uid, uri)  # before: who dies in between shall know it for their own
        await self._reach.aside(self._belongings.save)
        try:
            return (await self._add(leader, uri, check)).number
        except Trouble as trouble:
            if not trouble.outcome_unknown:
                raise
            number = await self._found(leader, uri, first=total + 1, known=0)
            if number is None:
                raise Trouble(trouble.code, trouble.message) from None
            return number

    async def append(self, leader: Member, uri: Uri, number: int, ahead: QueuePage) -> None:
        """Add a track behind the others. ``ahead`` are the entries from ``number`` on, as they were just read.

        Raises ``Trouble``, ``outcome_unknown`` where the queue does not show it and the speaker may still do it.
        """
        self._belongings.add(leader.uid, uri)
        await self._reach.aside(self._belongings.save)
        try:
            await self._add(leader, uri, None)
        except Trouble as trouble:
            if not trouble.outcome_unknown:
                raise
            known = sum(item.track == uri for item in ahead.items)
            if await self._found(leader, uri, first=max(1, number), known=known) is None:
                raise

    async def _add(self, leader: Member, uri: Uri, check: Callable[[], None] | None) -> Added:
        if not is_spotify_track(uri):
            raise Trouble(TroubleCode.REFUSED, f"{leader.name} can only be given tracks of Spotify.")
        added = await self._reach.tell(leader, partial(add_link, uri=uri, regions=self._regions()), check)
        if added is None:
            raise self._refusal(leader)
        if self._belongings.took(added.region):
            await self._reach.aside(self._belongings.save)
        return added

    def _regions(self) -> Sequence[int]:
        known = self._belongings.region
        return REGIONS if known is None else sorted(REGIONS, key=lambda region: region != known)

    def _refusal(self, leader: Member) -> Trouble:
        """The same answer means that there is no such track and that there is no Spotify: it worked before or not."""
        if self._belongings.region is None:
            told = f"{leader.name} does not take tracks of Spotify: this Sonos household seems to have none."
            return Trouble(TroubleCode.LOGIN_NEEDED, f"{told} {ADD_SPOTIFY}")
        told = f"{leader.name} does not take the track. If it takes none at all, Spotify is gone from the household:"
        return Trouble(TroubleCode.REFUSED, f"{told} {ADD_SPOTIFY[0].lower()}{ADD_SPOTIFY[1:]}")

    async def _found(self, leader: Member, uri: Uri, *, first: int, known: int) -> int | None:
        """The number of the last such entry, if there are more than ``known`` of them from ``first`` on."""
        for wait_ms in _READ_AFTER_MS:
            await self._clock.sleep_ms(wait_ms)
            try:
                page = await self._reach.ask(leader, partial(queues.read_queue, first=first))
            except Trouble:
                continue
            numbers = [item.number for item in page.items if item.track == uri]
            if len(numbers) > known:
                return numbers[-1]
        return None
