"""The hands: play, queue, pause, skip. What cannot be known is looked at; a queue POST is never repeated."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import Device, EpochMs, PlaybackSnapshot, Playing, Uri
from moodroom_hub.plugins.spotify import parsers
from moodroom_hub.plugins.spotify.budget import Priority
from moodroom_hub.plugins.spotify.client import SpotifyClient
from moodroom_hub.plugins.spotify.devices import DeviceMemory, choose, find
from moodroom_hub.plugins.spotify.failures import SpotifyTrouble
from moodroom_hub.plugins.spotify.source import SpotifySource

_BETWEEN_COMMANDS_MS = 150
"""Spotify does not promise to carry out commands in the order in which they come."""
_LOOK_AFTER_MS = (200, 300, 500, 900, 1_500)
"""When to look whether a command took effect; right after it Spotify still tells of the moment before."""

Fits = Callable[[PlaybackSnapshot], bool]


class SpotifyPlayer:
    """Plays on the account's devices; one command at a time. ``device_name`` is the configured one."""

    def __init__(
        self,
        client: SpotifyClient,
        source: SpotifySource,
        memory: DeviceMemory,
        clock: Clock,
        device_name: str | None,
    ) -> None:
        self._client = client
        self._source = source
        self._memory = memory
        self._clock = clock
        self._device_name = device_name
        self._turn = asyncio.Lock()
        self._free_at_ms = EpochMs(0)

    async def play(self, uri: Uri, check: Callable[[], None] | None = None) -> None:
        """Play this track now; returns once it was seen playing. Raises ``Trouble``.

        First on whatever is active, then on the chosen device by its id, last after moving Spotify there. ``check``
        is asked before the first request goes out, and again where Spotify clearly refused that one.
        """
        async with self._turn:
            problem = await self._start(uri, None, check)
            if problem is None:
                return
            if check is not None and not problem.outcome_unknown:
                check()
            try:
                await self._start_by_name(uri)
            except Trouble as later:
                is_restricted = problem.code is TroubleCode.RESTRICTED_DEVICE
                if is_restricted and later.code is TroubleCode.NO_DEVICE and not later.outcome_unknown:
                    raise problem from None  # one that no list shows, such as a Sonos group, is there all the same
                if later.outcome_unknown or not problem.outcome_unknown:
                    raise
                raise _unsure(later) from None  # the first request may have come true all the same

    async def queue(self, uri: Uri) -> None:
        """Append one track, by exactly one request. Raises ``Trouble``."""
        while True:
            # Where requests are rationed this one waits for long: outside of the turn, so that a play goes first.
            await self._client.room_to_enqueue()
            async with self._turn:
                await self._pace()
                if not self._client.has_room_to_enqueue():
                    continue
                try:
                    return await self._client.enqueue(uri)
                finally:
                    self._mark(is_heard=False)

    async def resume(self) -> None:
        """Go on playing; no error where it plays already. Raises ``Trouble``."""
        async with self._turn:
            try:
                await self._tell(lambda: self._client.play(None, None), _plays)
            except SpotifyTrouble as trouble:
                if trouble.code is not TroubleCode.NO_DEVICE:
                    raise
            else:
                return
            device = await self._choose()
            await self._wake(device, is_playing=True)
            if not await self._seen(_plays):
                raise Trouble(
                    TroubleCode.NO_DEVICE,
                    f"{device.name} does not go on playing. Open Spotify there and press play.",
                    outcome_unknown=True,
                )

    async def pause(self) -> None:
        """Stand still; no error where nothing plays. Raises ``Trouble``."""
        async with self._turn:
            await self._tell(self._client.pause, _stands_still)

    async def next(self) -> None:
        """Skip once. Raises ``Trouble``; never repeated, for the second skip would hit another track."""
        async with self._turn:
            await self._pace()
            try:
                await self._client.next()
            finally:
                self._mark()

    async def upcoming(self) -> Sequence[Uri]:
        """The queue as Spotify claims it: it may be stale, and repeats itself where it is short. Raises ``Trouble``."""
        try:
            return parsers.queue(await self._client.queue_ahead())
        except parsers.ParseProblem:
            raise _unreadable("queue") from None

    async def devices(self) -> Sequence[Device]:
        """The devices that Spotify lists (Sonos groups and some others never are). Raises ``Trouble``."""
        return await self._devices(Priority.PAGE)

    async def wake(self, name: str) -> None:
        """Move Spotify to the device of this name, and prefer it from now on. What plays goes on there.

        Raises ``Trouble``: ``NO_DEVICE`` where it is gone, ``RESTRICTED_DEVICE`` where no app may steer it.
        """
        async with self._turn:
            device = find(await self._devices(Priority.PLAY), name)
            await self._wake(device)
            await self._memory.prefer(device)

    async def _devices(self, priority: Priority) -> tuple[Device, ...]:
        try:
            return parsers.devices(await self._client.devices(priority))
        except parsers.ParseProblem:
            raise _unreadable("list of devices") from None

    async def _choose(self) -> Device:
        return choose(await self._devices(Priority.PLAY), self._device_name, self._memory.last)

    async def _start_by_name(self, uri: Uri) -> None:
        device = await self._choose()
        if await self._start(uri, device) is None:
            return
        await self._wake(device)
        problem = await self._start(uri, device)
        if problem is not None:
            raise problem

    async def _start(self, uri: Uri, device: Device | None, check: Callable[[], None] | None = None) -> Trouble | None:
        """Ask for the track and look whether it plays. Gives why it does not, where another way may mend that.

        Raises the ``Trouble`` that no other way mends, or that leaves it open whether the track plays.
        """
        await self._pace()
        asked_at_ms = self._clock.now_ms()
        try:
            await self._client.play(uri, None if device is None else device.id, check)
        except SpotifyTrouble as trouble:
            if trouble.code in {TroubleCode.NO_DEVICE, TroubleCode.RESTRICTED_DEVICE}:
                return trouble
            if not trouble.outcome_unknown:
                raise
        finally:
            self._mark()
        if await self._seen(lambda snapshot: _is_it(snapshot, uri, asked_at_ms)):
            return None
        name = "The active device" if device is None else device.name
        return Trouble(
            TroubleCode.NO_DEVICE,
            f"{name} does not start to play. Open Spotify there and try again.",
            outcome_unknown=True,
        )

    async def _wake(self, device: Device, *, is_playing: bool = False) -> None:
        if device.id is None:
            raise Trouble(TroubleCode.RESTRICTED_DEVICE, f"Spotify lets no app steer {device.name}.")
        await self._pace()
        try:
            await self._client.transfer(device.id, is_playing=is_playing)
        except SpotifyTrouble as trouble:
            if trouble.code is TroubleCode.NO_DEVICE:
                raise Trouble(
                    TroubleCode.NO_DEVICE, f"{device.name} is gone. Open Spotify there and try again."
                ) from None
            if not trouble.outcome_unknown:
                raise
        finally:
            self._mark()

    async def _tell(self, command: Callable[[], Awaitable[None]], fits: Fits) -> None:
        """Send a command that may be sent twice; a refusal is no error where all is as wished already.

        Raises what neither looking nor a second try settles.
        """
        for is_last in (False, True):
            await self._pace()
            try:
                await command()
            except SpotifyTrouble as problem:
                trouble = problem
            else:
                return
            finally:
                self._mark()
            if trouble.code in _FINAL:
                raise trouble
            if await self._seen(fits, looks=3 if trouble.outcome_unknown else 1):
                return
            if is_last or not trouble.outcome_unknown:
                raise trouble

    async def _seen(self, fits: Fits, looks: int = len(_LOOK_AFTER_MS)) -> bool:
        """Look a few times whether what was commanded has come true.

        Raises ``Trouble`` with ``outcome_unknown`` where not one look succeeded.
        """
        trouble: SpotifyTrouble | None = None
        has_looked = False
        for wait_ms in _LOOK_AFTER_MS[:looks]:
            await self._clock.sleep_ms(wait_ms)
            try:
                snapshot = await self._source.look_with(Priority.PLAY)
            except SpotifyTrouble as problem:
                trouble = problem
                if problem.code in _FINAL:
                    break
                continue
            has_looked = True
            if fits(snapshot):
                return True
        if trouble is not None and (not has_looked or trouble.code in _FINAL):
            raise _unsure(trouble)
        return False

    async def _pace(self) -> None:
        wait_ms = self._free_at_ms - self._clock.now_ms()
        if wait_ms > 0:
            await self._clock.sleep_ms(min(wait_ms, _BETWEEN_COMMANDS_MS))

    def _mark(self, *, is_heard: bool = True) -> None:
        """A command was told: the next one keeps its distance. ``is_heard``: something else may sound by now."""
        self._free_at_ms = EpochMs(self._clock.now_ms() + _BETWEEN_COMMANDS_MS)
        if is_heard:
            self._source.hurry()


_FINAL = frozenset({TroubleCode.RATE_LIMITED, TroubleCode.LOGIN_NEEDED, TroubleCode.PREMIUM_REQUIRED})


def _plays(snapshot: PlaybackSnapshot) -> bool:
    return snapshot.is_playing


def _stands_still(snapshot: PlaybackSnapshot) -> bool:
    knows_nothing = snapshot.playing is Playing.UNKNOWN and snapshot.device is None
    return not snapshot.is_playing and not knows_nothing


def _is_it(snapshot: PlaybackSnapshot, uri: Uri, asked_at_ms: EpochMs) -> bool:
    """Whether our track plays: under its own uri, or under another one (Spotify swaps recordings) from its start."""
    if not snapshot.is_playing or snapshot.playing is not Playing.TRACK or snapshot.track is None:
        return False
    if snapshot.track.uri == uri:
        return True
    since_ms = snapshot.at_ms - asked_at_ms
    return snapshot.position_ms is not None and snapshot.position_ms <= since_ms + snapshot.uncertainty_ms


def _unsure(trouble: Trouble) -> SpotifyTrouble:
    """The same trouble, of a command that may have taken effect."""
    return SpotifyTrouble(trouble.code, trouble.message, retry_after_s=trouble.retry_after_s, outcome_unknown=True)


def _unreadable(what: str) -> Trouble:
    return Trouble(TroubleCode.UNAVAILABLE, f"Spotify's {what} cannot be read; try again in a moment.")
