"""What is written down of one home under one system: the truth, and what the system made of it."""

from dataclasses import dataclass, field

from moodroom_hub.simulator.truth import Command, DrySpell, JumpedOver, TrueListen


@dataclass(frozen=True, slots=True)
class Learned:
    """A change of a pool: for which listen, as the system saw it. Times in epoch milliseconds of world time.

    ``what`` tells a person what the system believed.
    """

    at_ms: int
    uri: str
    room: str
    began_ms: int
    ended_ms: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """The owner chose a room. ``is_met``: the system said that it plays."""

    at_ms: int
    room: str
    is_met: bool


@dataclass(slots=True)
class Told:
    """What a system told while it watched."""

    strikes: list[Learned] = field(default_factory=list)
    promotions: list[Learned] = field(default_factory=list)
    others: list[Learned] = field(default_factory=list)
    """Verdicts that changed no pool; ``what`` is their kind and cause."""
    changes: list[int] = field(default_factory=list)
    """When it told that another track plays."""
    looks: list[int] = field(default_factory=list)
    """When it looked (of bystanders only)."""


@dataclass(slots=True)
class Record:
    """One system in one home.

    ``looks`` and ``requests`` are the moments of its calls of the Web API: ``GET /me/player`` and all others.
    ``faults`` are the moments of those that the service failed, refused or answered with a state that stood still.
    ``bystander`` is what the seed's algorithm told of the very same hours, merely looking on; ``trials`` the same for
    whatever else was on trial, by name.
    """

    system: str
    home: int
    temperament: str
    weather: str
    length_ms: int
    began_ms: int
    listens: list[TrueListen]
    commands: list[Command]
    dry_spells: list[DrySpell]
    jumped_over: list[JumpedOver]
    orders: list[Order]
    told: Told
    looks: list[int]
    requests: list[int]
    faults: list[int] = field(default_factory=list)
    bystander: Told | None = None
    trials: dict[str, Told] = field(default_factory=dict)
