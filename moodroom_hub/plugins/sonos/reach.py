"""How the hands get at speakers: by the group as it is at that moment, with troubles that name the speaker."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.sonos.client import SonosClient, Speaker
from moodroom_hub.plugins.sonos.failures import Failure, SonosTrouble
from moodroom_hub.plugins.sonos.looking import topology_at
from moodroom_hub.plugins.sonos.places import Address
from moodroom_hub.plugins.sonos.topology import Topology

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")

PLUG_IN = "Is it plugged in and in the same network? It is found again by itself."
BE_PATIENT = "It is slow, or its network is. Power it off and on if this lasts."


@dataclass(frozen=True, slots=True)
class Member:
    """A speaker of a group."""

    uid: str
    name: str
    address: Address


class Reach:
    """One zone's way to its speakers. ``uid`` is the zone's own; ``known`` gives the household as it was seen last."""

    def __init__(self, client: SonosClient, uid: str, known: Callable[[], Topology], label: str = "") -> None:
        self._client = client
        self._uid = uid
        self._known = known
        self._label = label or "The speaker"

    def own(self) -> Member:
        """The zone's own speaker, as it was seen last. Raises ``Trouble``."""
        player = self._known().players.get(self._uid)
        if player is None:
            raise Trouble(TroubleCode.NO_DEVICE, f"{self._label} has not been found yet. {PLUG_IN}")
        return Member(player.uid, player.name, player.address)

    async def group(self) -> Sequence[Member]:
        """The group as the zone's own speaker tells it now, the leading one first. Raises ``Trouble``."""
        own, topology = self.own(), self._known()
        try:
            topology = (await topology_at(self._client, own.address)).value
        except SonosTrouble as trouble:
            if trouble.failure is not Failure.REFUSED:
                raise _named(trouble, own.name, is_change=False) from None
            # Large houses refuse the question; what was seen last is all there is.
            log.debug("%s", trouble)
        group = topology.group_of(self._uid)
        if group is None:
            return [own]
        found = [topology.players[uid] for uid in (group.coordinator, *group.members)]
        members = [Member(each.uid, each.name, each.address) for each in found]
        return [members[0], *(member for member in members[1:] if member.uid != group.coordinator)]

    async def leader(self) -> Member:
        """Who leads the group now. Raises ``Trouble``."""
        return (await self.group())[0]

    async def ask(self, member: Member, job: Callable[[Speaker], ResultT]) -> ResultT:
        """A question. Raises ``SonosTrouble`` for refusals, or ``Trouble``."""
        return await self._run(member, job, None, is_change=False)

    async def tell(
        self, member: Member, job: Callable[[Speaker], ResultT], check: Callable[[], None] | None = None
    ) -> ResultT:
        """Something that changes what plays, sent once. Raises ``SonosTrouble`` for refusals, or ``Trouble``.

        ``check`` is asked right before it goes out; what it raises passes.
        """
        return await self._run(member, job, check, is_change=True)

    async def aside(self, job: Callable[[], ResultT]) -> ResultT:
        """Run something that blocks for a moment (a small file) in a thread."""
        return await self._client.in_thread(job)

    async def _run(
        self,
        member: Member,
        job: Callable[[Speaker], ResultT],
        check: Callable[[], None] | None,
        *,
        is_change: bool,
    ) -> ResultT:
        try:
            return (await self._client.run(member.address, job, check=check, is_look=not is_change)).value
        except SonosTrouble as trouble:
            raise _named(trouble, member.name, is_change=is_change) from None


def _named(trouble: SonosTrouble, name: str, *, is_change: bool) -> Trouble:
    """The same trouble with the name that a person knows, and what mends it."""
    match trouble.failure:
        case Failure.UNREACHABLE:
            return Trouble(TroubleCode.NO_DEVICE, f"{name} cannot be reached. {PLUG_IN}")
        case Failure.SILENT:
            text = f"{name} does not answer in time. {BE_PATIENT}"
            return Trouble(TroubleCode.UNAVAILABLE, text, outcome_unknown=is_change)
        case Failure.REFUSED:
            code = "" if trouble.upnp_code is None else f" (UPnP {trouble.upnp_code})"
            return SonosTrouble(Failure.REFUSED, f"{name} refuses that just now{code}.", upnp_code=trouble.upnp_code)
        case Failure.BUSY:
            return Trouble(TroubleCode.UNAVAILABLE, f"{name} still works on what it was asked before. {BE_PATIENT}")
        case _:
            unclear = is_change and trouble.outcome_unknown
            return Trouble(trouble.code, f"{name}: {trouble.message}", outcome_unknown=unclear)
