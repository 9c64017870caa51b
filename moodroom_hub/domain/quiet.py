"""Why it is quiet: one walk from the login to the pool, which stops at the first link that is broken. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from moodroom_hub.domain.models import EpochMs


class LinkName(StrEnum):
    """The links of the chain, in the order in which music depends on them."""

    LOGIN = "login"
    DEVICE = "device"
    RESTRICTION = "restriction"
    QUEUE = "queue"
    POOL = "pool"


class LinkStatus(StrEnum):
    """How a link is."""

    FINE = "fine"
    BROKEN = "broken"
    NOT_LOOKED_AT = "not_looked_at"


class Hindrance(StrEnum):
    """What stands between a login and a device on one side and music on the other."""

    RATE_LIMITED = "rate_limited"
    PREMIUM_REQUIRED = "premium_required"
    RESTRICTED_DEVICE = "restricted_device"
    PRIVATE_SESSION = "private_session"
    SERVICE_AWAY = "service_away"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class QuietFacts:
    """What is known when somebody asks why it is quiet.

    ``login_problem`` and ``device_problem`` are one line each, empty where all is well; ``device`` names the one that
    plays or would. ``needs_login`` false: the player needs none. ``hindrance`` comes with the service's own line, and
    the moment when it ends by itself, if known.
    ``room`` is the active room's name. ``ahead``: tracks of it that wait to be heard; ``tops_up`` false: none follow.
    ``playable`` and ``removed``: tracks of the active room's pool, or of all pools while no room is on; ``least``: how
    many a batch takes.
    """

    is_playing: bool = False
    login_problem: str = ""
    needs_login: bool = True
    device: str = ""
    device_problem: str = ""
    hindrance: Hindrance | None = None
    hindrance_line: str = ""
    ends_at_ms: EpochMs | None = None
    room: str | None = None
    is_yielding: bool = False
    tops_up: bool = True
    ahead: int = 0
    playable: int = 0
    removed: int = 0
    least: int = 10


@dataclass(frozen=True, slots=True)
class Link:
    """One link: how it is, one line about it, and, where it is broken, the mend."""

    name: LinkName
    status: LinkStatus
    message: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class QuietWalk:
    """The whole chain. ``broken`` is the first broken link, if any: links before it are fine, those behind it were
    not looked at. ``conclusion`` is the answer in one line. ``ends_at_ms``: when it mends itself."""

    links: tuple[Link, ...]
    conclusion: str
    broken: LinkName | None = None
    ends_at_ms: EpochMs | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    message: str
    mend: str = ""
    is_broken: bool = False


def walk(facts: QuietFacts) -> QuietWalk:
    """Walk the chain until the first broken link. At most one is broken; none: nothing hinders the music."""
    links: list[Link] = []
    broken: Link | None = None
    for name, look in _LOOKS:
        if broken is not None:
            links.append(Link(name, LinkStatus.NOT_LOOKED_AT))
            continue
        seen = look(facts)
        status = LinkStatus.BROKEN if seen.is_broken else LinkStatus.FINE
        link = Link(name, status, seen.message, seen.mend)
        links.append(link)
        if seen.is_broken:
            broken = link
    if broken is None:
        return QuietWalk(tuple(links), _all_fine(facts))
    ends_at_ms = facts.ends_at_ms if broken.name is LinkName.RESTRICTION else None
    return QuietWalk(tuple(links), broken.message, broken.name, ends_at_ms)


def _all_fine(facts: QuietFacts) -> str:
    if facts.is_playing:
        return "It is not quiet: music plays."
    if facts.room is None:
        return "Nothing is broken: no room is on. Switch one on."
    return f"Nothing is broken: the player stands still in {facts.room}. Press play."


def _login(facts: QuietFacts) -> _Seen:
    if facts.login_problem:
        return _Seen(facts.login_problem, "Log in.", is_broken=True)
    return _Seen("The login holds." if facts.needs_login else "No login is needed here.")


def _device(facts: QuietFacts) -> _Seen:
    if facts.device_problem:
        return _Seen(facts.device_problem, "Open the player on the device that should play.", is_broken=True)
    return _Seen(f"{facts.device} can play." if facts.device else "A device can play.")


_MENDS: Final = {
    Hindrance.RATE_LIMITED: "Wait: the hub goes on by itself.",
    Hindrance.PREMIUM_REQUIRED: "Only a Premium account can be steered: log in with one.",
    Hindrance.RESTRICTED_DEVICE: "Play on another device; this one takes no orders from apps.",
    Hindrance.PRIVATE_SESSION: "End the private session in the player's own settings.",
    Hindrance.SERVICE_AWAY: "Wait: the hub tries again by itself.",
    Hindrance.REFUSED: "Switch the room on again, for a fresh batch.",
}


def _restriction(facts: QuietFacts) -> _Seen:
    if facts.hindrance is None:
        return _Seen("The service lets the hub play.")
    return _Seen(facts.hindrance_line or "The service does not let the hub play.", _MENDS[facts.hindrance], True)


def _queue(facts: QuietFacts) -> _Seen:
    if facts.room is None:
        return _Seen("No room is on, so nothing needs to be queued.")
    if facts.is_yielding:
        mend = f"Switch {facts.room} on to go back to it."
        return _Seen(f"You are playing something of your own; {facts.room} waits.", mend, is_broken=True)
    if facts.ahead == 0 and not facts.tops_up:
        mend = "Switch the room on for a fresh batch; listening.top_up: 1 lets it play for ever."
        return _Seen("The batch is at its end, and topping up is off.", mend, is_broken=True)
    if facts.ahead == 0 and facts.playable > 0:
        mend = f"Switch {facts.room} on again."
        return _Seen(f"Nothing of {facts.room} waits in the queue.", mend, is_broken=True)
    if facts.ahead == 0:
        return _Seen("The queue is empty, as the pool gives nothing.")
    return _Seen(f"{facts.ahead} {'track waits' if facts.ahead == 1 else 'tracks wait'} in the queue.")


def _pool(facts: QuietFacts) -> _Seen:
    whose = facts.room or "any room"
    if facts.playable == 0 and facts.removed > 0:
        mend = "Take removals back among the receipts, or fill the room: mine, or import a pool."
        return _Seen(f"All tracks of {whose} were removed.", mend, is_broken=True)
    if facts.playable == 0:
        return _Seen(f"There is no track in {whose} yet.", "Fill it: mine, or import a pool.", is_broken=True)
    if facts.room is not None and facts.playable < facts.least and facts.ahead == 0:
        mend = "Fill it: mine, or import a pool."
        return _Seen(f"{whose} holds only {facts.playable} of the {facts.least} of a batch.", mend, is_broken=True)
    return _Seen(f"{facts.playable} {'track' if facts.playable == 1 else 'tracks'} may play.")


_LOOKS: Final[Sequence[tuple[LinkName, Callable[[QuietFacts], _Seen]]]] = (
    (LinkName.LOGIN, _login),
    (LinkName.DEVICE, _device),
    (LinkName.RESTRICTION, _restriction),
    (LinkName.QUEUE, _queue),
    (LinkName.POOL, _pool),
)
