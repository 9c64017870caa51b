"""Why it is quiet, over the wire."""

from collections.abc import Sequence

from moodroom_hub.core.wire.shapes import Answer, Moment
from moodroom_hub.core.wire.views import moment, text
from moodroom_hub.domain.models import Device
from moodroom_hub.domain.quiet import LinkName, LinkStatus, QuietWalk


class LinkShape(Answer):
    """One link of the chain from the login to the pool. ``mend``: what a person can do, empty where it is fine."""

    name: LinkName
    status: LinkStatus
    message: str
    mend: str


class QuietAnswer(Answer):
    """Why it is quiet: ``broken`` is the first broken link, null where nothing hinders; ``links`` before it are fine,
    those behind it were not looked at. ``retry_at``: when it mends itself."""

    conclusion: str
    broken: LinkName | None
    retry_at: Moment | None
    links: list[LinkShape]


class DeviceShape(Answer):
    """A device to play on. ``restricted``: it takes no orders from apps, so it cannot be chosen."""

    name: str
    kind: str
    active: bool
    restricted: bool


class DevicesAnswer(Answer):
    """The devices of a zone's player, as it lists them."""

    devices: list[DeviceShape]


def devices(found: Sequence[Device]) -> DevicesAnswer:
    """Devices as an answer."""
    shown = [
        DeviceShape(
            name=text(each.name),
            kind=text(each.kind),
            active=each.is_active,
            restricted=each.is_restricted or each.id is None,
        )
        for each in found
    ]
    return DevicesAnswer(devices=shown)


def quiet(walk: QuietWalk) -> QuietAnswer:
    """The walk as an answer."""
    links = [
        LinkShape(name=link.name, status=link.status, message=text(link.message), mend=text(link.mend))
        for link in walk.links
    ]
    retry_at = None if walk.ends_at_ms is None else moment(walk.ends_at_ms)
    return QuietAnswer(conclusion=text(walk.conclusion), broken=walk.broken, retry_at=retry_at, links=links)
