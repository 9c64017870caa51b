"""The section ``plugins.sonos`` of the configuration."""

from ipaddress import IPv4Address
from typing import Annotated

from pydantic import AfterValidator, Field

from moodroom_hub.core.config.fields import Duration, OneLine, Slug, at_most
from moodroom_hub.core.config.models import PluginConfig
from moodroom_hub.plugins.sonos.naming import RESERVED
from moodroom_hub.plugins.sonos.places import Address, address_of


def _address(text: str) -> str:
    return str(address_of(text))


def _own_address(text: str) -> str:
    try:
        return str(IPv4Address(text.strip()))
    except ValueError:
        raise ValueError("expected an IPv4 address of this machine, such as 192.168.1.10") from None


def _zones(zones: dict[str, str]) -> dict[str, str]:
    for zone in zones:
        if zone in RESERVED:
            raise ValueError(f"expected another zone than {zone!r}: that is no speaker's")
    speakers = [speaker.casefold() for speaker in zones.values()]
    if len(set(speakers)) < len(speakers):
        raise ValueError("expected each speaker in one zone only")
    return zones


def _patience(ms: int) -> int:
    if not 200 <= ms <= 20_000:
        raise ValueError("expected 200ms to 20s")
    return ms


def _pause(ms: int) -> int:
    if ms < 1_000:
        raise ValueError("expected at least 1s")
    return ms


class SonosConfig(PluginConfig):
    """Where the speakers are and how often the hub looks at them."""

    discover: bool = Field(default=False, description="Search the network for speakers (SSDP)")
    addresses: tuple[Annotated[str, AfterValidator(_address)], ...] = Field(
        default=(), max_length=64, description="Speakers that are asked without a search; one of them knows all others"
    )
    zones: Annotated[dict[Slug, OneLine], AfterValidator(_zones)] = Field(
        default_factory=dict, description="Names of zones for speakers, by the speaker's name or uid. Else its own name"
    )
    interface: Annotated[str, AfterValidator(_own_address)] | None = Field(
        default=None, description="This machine's address in the speakers' network, where it has several"
    )
    timeout: Annotated[Duration, AfterValidator(_patience)] = Field(
        default=3_000, description="How long a speaker may take to answer"
    )
    poll: Annotated[Duration, AfterValidator(_pause), AfterValidator(at_most("1m"))] = Field(
        default=3_000, description="How often a playing group is looked at where no events come; seldomer with them"
    )
    poll_idle: Annotated[Duration, AfterValidator(_pause), AfterValidator(at_most("5m"))] = Field(
        default=20_000, description="How often a silent group is looked at"
    )
    queue_ahead: int = Field(default=9, ge=1, le=20, description="How many tracks a speaker's queue should hold ahead")
    events: bool = Field(default=True, description="Let the speakers tell when something changes")
    event_host: Annotated[str, AfterValidator(_own_address)] | None = Field(
        default=None, description="The address at which speakers reach this machine. null: found out by itself"
    )
    event_port: int = Field(
        default=0,
        ge=0,
        le=65_535,
        description="The port for their events; 0: any free one. A firewall wants a fixed one",
    )

    @property
    def is_configured(self) -> bool:
        """Whether there is anything to look for."""
        return self.discover or bool(self.addresses)

    @property
    def fixed(self) -> tuple[Address, ...]:
        """``addresses`` as such."""
        return tuple(address_of(text) for text in self.addresses)
