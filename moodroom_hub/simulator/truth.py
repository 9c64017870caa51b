"""What really happened in the make-believe home, whatever its Spotify tells."""

from dataclasses import dataclass, field
from enum import StrEnum

from moodroom_hub.simulator.items import ItemKind


class Actor(StrEnum):
    """Who acted."""

    HUB = "hub"
    """A program, through the Web API."""
    LISTENER = "listener"
    """The person at the phone."""
    WORLD = "world"
    """Nobody: time, devices, the service itself."""


class EndedBy(StrEnum):
    """How a listen ended."""

    NATURAL = "natural"
    LISTENER_SKIP = "listener_skip"
    """Next or previous at the phone."""
    LISTENER_JUMP = "listener_jump"
    """The listener started something else."""
    HUB_COMMAND = "hub_command"
    DEVICE_LOST = "device_lost"
    WORLD_CLOSED = "world_closed"


class CameFrom(StrEnum):
    """Why an item began to play."""

    PLAY = "play"
    QUEUE = "queue"
    CONTEXT = "context"
    AUTOPLAY = "autoplay"
    REPEAT = "repeat"
    ADVERT = "advert"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class TrueListen:
    """One listen, from its first sound to its end.

    ``queued_uri`` is what was asked for, ``uri`` what sounded. Positions are places in the item; ``heard_ms`` is the
    time that it sounded; ``max_position_ms`` the furthest place. ``put_there_by`` is who asked for it.
    """

    id: int
    uri: str
    queued_uri: str
    kind: ItemKind
    duration_ms: int
    started_ms: int
    ended_ms: int
    start_position_ms: int
    end_position_ms: int
    heard_ms: int
    max_position_ms: int
    ended_by: EndedBy
    came_from: CameFrom
    put_there_by: Actor
    device: str
    seeks: int = 0
    pauses: int = 0
    transfers: int = 0
    context_uri: str | None = None
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """Something that somebody asked of the player; ``refusal`` is set where it was refused."""

    at_ms: int
    by: Actor
    name: str
    detail: str = ""
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class DrySpell:
    """A time in which music was wanted and none sounded."""

    started_ms: int
    ended_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class JumpedOver:
    """An item that left the queue or context without a sound."""

    at_ms: int
    uri: str
    reason: str


@dataclass(slots=True)
class Truth:
    """The world's own record. ``listens`` holds finished ones, in the order of their ends."""

    listens: list[TrueListen] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    dry_spells: list[DrySpell] = field(default_factory=list)
    jumped_over: list[JumpedOver] = field(default_factory=list)

    def dry_ms(self, but_not: tuple[str, ...] = ()) -> int:
        """How long music was wanted and none sounded, spells of the named reasons left out."""
        return sum(spell.ended_ms - spell.started_ms for spell in self.dry_spells if spell.reason not in but_not)

    def counts(self, uri: str) -> int:
        """How often this uri was heard."""
        return sum(listen.uri == uri or listen.queued_uri == uri for listen in self.listens)
