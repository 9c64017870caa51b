"""How the hands get at speakers: each call bounded, and whatever goes wrong told as ``Trouble`` with its mend."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode

ResultT = TypeVar("ResultT")

CALL_S = 3.0
"""Real seconds that one call may take at the speaker; what takes longer is told as unclear."""
WAIT_S = 12.0
"""So long a command waits at most for one call with all that stands before it, such as a thread that is free."""
ADD_SPOTIFY = "Add Spotify in the Sonos app (Settings, Services), then try again."


@dataclass(frozen=True, slots=True)
class SpeakerName:
    """A speaker as the household knows it."""

    uid: str
    name: str


class Speakers(Protocol):
    """What the hands ask of the plugin's client and household."""

    async def run(self, uid: str, job: Callable[[Any], ResultT]) -> ResultT:
        """Call ``job`` with SoCo's object of this speaker in a thread. Raises what it raises, or ``Trouble``."""
        ...

    async def group_of(self, uid: str) -> Sequence[SpeakerName]:
        """The speaker's group as it is now, the leading one first; at least the speaker itself. Raises ``Trouble``."""
        ...

    async def aside(self, job: Callable[[], ResultT]) -> ResultT:
        """Run something that blocks for a moment (a small file) in a thread."""
        ...


class Refusal(Exception):
    """A speaker clearly said no: ``code`` is its UPnP error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Reach:
    """One zone's way to its speakers. ``uid`` is the zone's own speaker, whichever group it stands in."""

    def __init__(self, speakers: Speakers, uid: str, clock: Clock) -> None:
        self._speakers = speakers
        self._uid = uid
        self._clock = clock

    async def group(self) -> Sequence[SpeakerName]:
        """The group now, the leading speaker first. Raises ``Trouble``."""
        return await self._bounded(lambda: self._speakers.group_of(self._uid), "The speaker", is_change=False)

    async def leader(self) -> SpeakerName:
        """Who leads the group now. Raises ``Trouble``."""
        return (await self.group())[0]

    async def tell(self, speaker: SpeakerName, job: Callable[..., ResultT], *given: Any, **named: Any) -> ResultT:
        """Something that changes what plays, sent once. Raises ``Refusal``, or ``Trouble`` that says what is unclear."""
        return await self._call(speaker, job, given, named, is_change=True)

    async def ask(self, speaker: SpeakerName, job: Callable[..., ResultT], *given: Any, **named: Any) -> ResultT:
        """A question. Raises ``Refusal``, or ``Trouble``."""
        return await self._call(speaker, job, given, named, is_change=False)

    async def aside(self, job: Callable[[], ResultT]) -> ResultT:
        """Run something that blocks for a moment in a thread."""
        return await self._speakers.aside(job)

    async def _call(
        self, speaker: SpeakerName, job: Callable[..., ResultT], given: Any, named: Any, *, is_change: bool
    ) -> ResultT:
        def work(found: Any) -> ResultT:
            return job(found, *given, timeout_s=CALL_S, **named)

        return await self._bounded(lambda: self._speakers.run(speaker.uid, work), speaker.name, is_change=is_change)

    async def _bounded(self, call: Callable[[], Awaitable[ResultT]], name: str, *, is_change: bool) -> ResultT:
        from requests import RequestException
        from soco.exceptions import SoCoException

        try:
            async with asyncio.timeout(WAIT_S):
                return await call()
        except (RequestException, SoCoException, OSError, ValueError) as error:
            raise told(error, name, is_change=is_change) from error


def told(error: Exception, name: str, *, is_change: bool) -> Exception:
    """A failed call as what the hub understands. ``is_change``: the call may have done something."""
    from requests import ConnectionError as NoConnection
    from requests import ConnectTimeout, Timeout
    from soco.exceptions import SoCoUPnPException

    if isinstance(error, SoCoUPnPException):
        return Refusal(str(error.error_code))
    if isinstance(error, ConnectTimeout) or (isinstance(error, NoConnection) and _never_connected(error)):
        return gone(name)
    if isinstance(error, TimeoutError | Timeout | NoConnection):
        text = f"{name} answers too slowly. Look at its network (or power it off and on); it is tried again."
    else:
        text = f"{name} gave an answer that cannot be read; try again in a moment."
    return Trouble(TroubleCode.UNAVAILABLE, text, outcome_unknown=is_change)


def gone(name: str) -> Trouble:
    """Nobody answers at the speaker's address: nothing was sent."""
    mend = "Is it plugged in and in the same network? It is found again by itself."
    return Trouble(TroubleCode.NO_DEVICE, f"{name} does not answer. {mend}")


def _never_connected(error: BaseException) -> bool:
    """Whether the connection was never made: ``requests`` wraps the reason in several layers."""
    seen: BaseException | None = error
    for _ in range(6):
        if seen is None:
            return False
        if type(seen).__name__ in {"NewConnectionError", "ConnectTimeoutError"}:
            return True
        reason = getattr(seen, "reason", None) or (seen.args[0] if seen.args else None)
        seen = reason if isinstance(reason, BaseException) else seen.__cause__ or seen.__context__
    return False
