"""What a plugin is given: one small context instead of many arguments."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.config.models import Settings
from moodroom_hub.core.events import Completed, Event, Skipped
from moodroom_hub.core.face import HubFace, PluginStatus
from moodroom_hub.core.ports import Check, Message, ZonePorts
from moodroom_hub.domain.models import Receipt, ZoneName

ConfigT = TypeVar("ConfigT", bound=BaseModel)


class Role(StrEnum):
    """When a plugin starts: policies first, then faces, then sources; stopping mirrors it."""

    POLICY = "policy"
    FACE = "face"
    SOURCE = "source"


class PolicyFace(Protocol):
    """What policies may do beyond what faces may."""

    async def learn(self, event: Skipped | Completed) -> Receipt | None:
        """Apply the domain's rule to the pool for this verdict, once per event; the receipt, if anything moved."""
        ...

    async def top_up(self, zone: ZoneName) -> None:
        """Bring the number of tracks ahead back to where it should be. Returns at once; the work goes on behind."""
        ...

    async def move(self, zone: ZoneName, to: ZoneName) -> None:
        """What plays in ``zone`` goes on in ``to`` (regrouped speakers): its listen, its room and its queue go along.

        Whoever sees the regrouping calls it before any source shows the new order. What was in ``to`` ends there.
        It waits for commands that are under way in both zones, so the caller must hold nothing that they need.
        Nothing happens where nothing plays in ``zone``. Raises ``Trouble``: ``NOT_FOUND``, or ``CONFLICT`` where a
        command took too long; then nothing has moved.
        """
        ...

    def look_soon(self, zone: ZoneName) -> None:
        """Something was seen to change in the zone: look at it now, not only when its turn comes. Returns at once."""
        ...


def _tell_nobody(check: Check | None) -> None:
    """For plugins that are tried alone."""


def _count_nowhere(figures: Mapping[str, float]) -> None:
    """For plugins that are tried alone."""


async def _add_nowhere(ports: ZonePorts) -> None:
    """For plugins that are tried alone."""


async def _deliver_to_nobody(message: Message) -> None:
    """For plugins that are tried alone."""


@dataclass(frozen=True, slots=True)
class PluginContext(Generic[ConfigT]):
    """A plugin's world.

    ``config`` is the validated section, ``settings`` the whole configuration; ``data_dir`` is where the hub keeps
    its files. ``spawn(name, work)`` runs a supervised loop: restarted with back-off when it raises ``NotReady``,
    parked on ``NeedsLogin``, parked with its trace logged on anything else; cancelled on stop.
    ``set_status`` tells everybody how the plugin is; ``publish`` sends an event of the plugin's own making
    (given its id and time). ``set_health`` puts one line into ``/readyz`` (``None`` takes it away).
    ``set_figures`` replaces the plugin's own figures in ``/metrics`` (names as ``HubFace.metrics`` has them).
    ``topics()`` are the topic filters that plugins want to hear, and ``deliver`` tells those who do of a message:
    both are for the plugin that speaks to the broker. ``add_zone`` registers a zone that was found after the start
    (``register_zones`` gives those that are known before it); raises ``ValueError`` where the name is taken.
    """

    name: str
    config: ConfigT
    settings: Settings
    data_dir: Path
    clock: Clock
    rng: Random
    hub: HubFace
    policy: PolicyFace
    spawn: Callable[[str, Callable[[], Awaitable[None]]], None]
    set_status: Callable[[PluginStatus, str], None]
    publish: Callable[[Callable[[int], Event]], Awaitable[None]]
    set_health: Callable[[Check | None], None] = _tell_nobody
    set_figures: Callable[[Mapping[str, float]], None] = _count_nowhere
    topics: Callable[[], Sequence[str]] = tuple
    deliver: Callable[[Message], Awaitable[None]] = _deliver_to_nobody
    add_zone: Callable[[ZonePorts], Awaitable[None]] = _add_nowhere


class Plugin(Protocol):
    """The shape of every plugin: a class with these attributes, and hook implementations as methods.

    Its constructor takes the context and only stores it.
    """

    name: ClassVar[str]
    role: ClassVar[Role]
    Config: ClassVar[type[BaseModel]]

    def __init__(self, context: PluginContext[Any]) -> None: ...
