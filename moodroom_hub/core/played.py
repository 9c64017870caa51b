"""What faces and plugins may ask about plays: what counted, why, and how far it came on its way to other services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from moodroom_hub.domain.models import DurationMs, EpochMs, Track, ZoneName
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Edit, Play


@dataclass(frozen=True, slots=True)
class PlayView:
    """One play with its deliveries, and the plays that were found to be the same listen."""

    play: Play
    deliveries: tuple[Delivery, ...] = ()
    twins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PlayPage:
    """Plays that a search found, newest first. ``next``: give it as ``before`` to go on; ``None`` at the end."""

    plays: tuple[PlayView, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class PlaySearch:
    """Which plays are wanted; everything empty: all that count. ``status``: with a delivery that stands so."""

    zone: ZoneName | None = None
    status: DeliveryStatus | None = None
    target: str | None = None
    with_twins: bool = False
    since_ms: EpochMs | None = None
    until_ms: EpochMs | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A name, how often it was played, and for how long in all."""

    name: str
    detail: str
    plays: int
    heard_ms: DurationMs


@dataclass(frozen=True, slots=True)
class Statistics:
    """What was played in the last ``days``: most played first, ten of each; ``hours`` has 24 counts, local time."""

    days: int
    plays: int
    heard_ms: DurationMs
    tracks: tuple[Counted, ...] = ()
    artists: tuple[Counted, ...] = ()
    rooms: tuple[Counted, ...] = ()
    zones: tuple[Counted, ...] = ()
    hours: tuple[int, ...] = (0,) * 24


@dataclass(frozen=True, slots=True)
class TargetView:
    """One service that plays are sent to, with how many stand where."""

    target: str
    counts: Mapping[DeliveryStatus, int]


class PlaysFace(Protocol):
    """The plays. Commands raise ``Trouble``; reading may raise ``Trouble(UNAVAILABLE)`` while the database is away."""

    async def find(self, wanted: PlaySearch, limit: int = 50, before: int | None = None) -> PlayPage:
        """The wanted plays, newest first."""
        ...

    async def get(self, play_id: int) -> PlayView:
        """One play. Raises ``Trouble(NOT_FOUND)``."""
        ...

    async def statistics(self, days: int = 30) -> Statistics:
        """What was played lately; twins and what was undone are not counted."""
        ...

    async def targets(self) -> Sequence[TargetView]:
        """Every service that any play was meant for, with its counts."""
        ...

    async def plan(self, deliveries: Sequence[Delivery]) -> None:
        """Remember deliveries; such as are known already (play and target) stay as they are."""
        ...

    async def due(
        self, target: str, now_ms: EpochMs, limit: int, *, status: DeliveryStatus = DeliveryStatus.WAITING
    ) -> Sequence[PlayView]:
        """Plays whose delivery to ``target`` stands at ``status`` and may be tried by now, oldest play first;
        each view holds just that delivery."""
        ...

    async def settle(self, deliveries: Sequence[Delivery]) -> None:
        """Write how deliveries stand now, all in one transaction."""
        ...

    async def retry(self, play_ids: Sequence[int] = (), target: str | None = None) -> int:
        """Dead deliveries wait again (no ids: every one); gives how many. Whoever watches the hub is told.

        Of plays that are named also such as a person left out. Raises ``Trouble(NOT_FOUND)`` for an id that no play
        has, and for a ``target`` that no play was ever meant for; so do all that take one.
        """
        ...

    async def edit(self, play_id: int, edit: Edit, target: str | None = None) -> int:
        """Correct a play before it is sent; dead deliveries of it wait again. Gives how many deliveries changed.

        Raises ``Trouble``: ``NOT_FOUND``, or ``CONFLICT`` where everything was sent already.
        """
        ...

    async def leave_out(self, play_id: int, target: str | None = None) -> int:
        """Do not send this play (that still waits, or is dead), unless it is taken up again by ``retry``.

        Gives how many deliveries changed.
        """
        ...


class FindingsFace(Protocol):
    """What plugins found out at other services, for some time: a cache that survives restarts."""

    async def get(self, kind: str, keys: Sequence[str]) -> Mapping[str, str]:
        """The texts kept under these keys that have not expired; an empty text says that nothing was found."""
        ...

    async def put(self, kind: str, key: str, text: str, keep_ms: DurationMs, most: int) -> None:
        """Keep ``text`` so long; of this ``kind`` only the ``most`` that were put last stay."""
        ...

    async def forget(self, kind: str) -> int:
        """Forget everything of this kind; gives how many."""
        ...


def first_artist(track: Track) -> str:
    """The first artist's name; empty where there is none."""
    return track.artists[0] if track.artists else ""
