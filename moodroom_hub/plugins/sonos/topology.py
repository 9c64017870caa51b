"""Who is in the house and who plays with whom: one immutable value. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree

from moodroom_hub.plugins.sonos.parsers import ParseProblem, clean
from moodroom_hub.plugins.sonos.places import Address

_UID = re.compile(r"[A-Za-z0-9_]{1,64}")
_LONGEST: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Player:
    """One speaker (or a bonded set of them, which Sonos shows as one). ``boots`` grows with each of its starts."""

    uid: str
    name: str
    address: Address
    boots: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Speakers that play together. ``members`` holds the coordinator, too; sorted."""

    coordinator: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topology:
    """The visible players by uid and their groups, sorted by coordinator."""

    players: Mapping[str, Player] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()

    @property
    def coordinators(self) -> frozenset[str]:
        """Those whose music sounds in their groups."""
        return frozenset(group.coordinator for group in self.groups)

    def group_of(self, uid: str) -> Group | None:
        """The group that a player is in."""
        return next((group for group in self.groups if uid in group.members), None)

    def coordinator_of(self, uid: str) -> str | None:
        """Whose music sounds there."""
        group = self.group_of(uid)
        return None if group is None else group.coordinator

    def members_of(self, uid: str) -> tuple[str, ...]:
        """Everybody in the player's group; nobody where it is not known."""
        group = self.group_of(uid)
        return () if group is None else group.members


def made_of(players: Mapping[str, Player], groups: Mapping[str, set[str]]) -> Topology:
    """A topology in its one order, so that equal ones are equal."""
    listed = tuple(Group(leader, tuple(sorted(groups[leader]))) for leader in sorted(groups))
    return Topology({uid: players[uid] for uid in sorted(players)}, listed)


def parse_topology(text: str) -> Topology:
    """``GetZoneGroupState``'s text; bonded, invisible and bridging players are left out. Raises ``ParseProblem``."""
    if len(text) > _LONGEST or "<!" in text[:1000]:
        raise ParseProblem("a household beyond all measure")
    try:
        tree = ElementTree.fromstring(text)  # noqa: S314 -- bounded, and without a document type (see above)
    except (ElementTree.ParseError, ValueError):
        raise ParseProblem("a household that is no XML") from None
    players: dict[str, Player] = {}
    groups: dict[str, set[str]] = {}
    for group in tree.iter("ZoneGroup"):
        # Satellites stand inside their member's element: they are of one set with it.
        seen = [player for member in group.findall("ZoneGroupMember") if (player := _player(member)) is not None]
        leader = group.get("Coordinator", "")
        if leader not in {player.uid for player in seen}:
            continue
        players.update({player.uid: player for player in seen})
        groups[leader] = {player.uid for player in seen}
    if not players:
        raise ParseProblem("a household without speakers")
    return made_of(players, groups)


def parse_notice(body: str) -> Topology | None:
    """The groups in an event's body; ``None`` where it tells of other things. Raises ``ParseProblem``."""
    if len(body) > _LONGEST or "<!" in body[:1000]:
        raise ParseProblem("an event beyond all measure")
    try:
        tree = ElementTree.fromstring(body)  # noqa: S314 -- bounded, and without a document type (see above)
    except (ElementTree.ParseError, ValueError):
        raise ParseProblem("an event that is no XML") from None
    text = next((told.text for told in tree.iter("ZoneGroupState")), None)
    return parse_topology(text) if text else None


def _player(member: ElementTree.Element) -> Player | None:
    uid = member.get("UUID", "")
    if member.get("Invisible") == "1" or member.get("IsZoneBridge") == "1" or _UID.fullmatch(uid) is None:
        return None
    try:
        location = urlsplit(member.get("Location", ""))
        host, port = location.hostname, location.port or 1400
    except ValueError:
        return None
    if not host or re.fullmatch(r"[0-9A-Za-z.-]{1,253}", host) is None:
        return None
    boots = member.get("BootSeq", "")
    return Player(
        uid,
        clean(member.get("ZoneName", ""))[:100] or uid,
        Address(host, port),
        int(boots) if boots.isascii() and boots.isdigit() and len(boots) < 10 else None,
    )
