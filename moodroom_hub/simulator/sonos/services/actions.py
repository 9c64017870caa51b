"""How an action is written down: its name, what goes in, what comes out, what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from moodroom_hub.simulator.sonos.faults import Code, UpnpError
from moodroom_hub.simulator.sonos.players import Deck, SimPlayer
from moodroom_hub.simulator.sonos.world import SonosWorld


@dataclass(frozen=True, slots=True)
class Asked:
    """One command under way, while the world is held still at ``at_ms``."""

    world: SonosWorld
    player: SimPlayer
    arguments: Mapping[str, str]
    at_ms: int

    @property
    def deck(self) -> Deck:
        """The asked player's own deck."""
        return self.player.deck

    def text(self, name: str) -> str:
        """An argument. Raises ``UpnpError`` 402 where it is missing."""
        if name not in self.arguments:
            raise UpnpError(Code.INVALID_ARGS)
        return self.arguments[name]

    def number(self, name: str) -> int:
        """An argument that is a whole number. Raises ``UpnpError`` 402."""
        try:
            return int(self.text(name))
        except ValueError:
            raise UpnpError(Code.INVALID_ARGS) from None

    def is_on(self, name: str) -> bool:
        """An argument that is a boolean."""
        return self.text(name) in ("1", "true", "True", "yes")


Values = Mapping[str, object]
Do = Callable[[Asked], Values]


@dataclass(frozen=True, slots=True)
class Action:
    """One action; the names of its arguments in their order."""

    name: str
    ins: tuple[str, ...]
    outs: tuple[str, ...]
    do: Do


@dataclass(frozen=True, slots=True)
class Service:
    """One service: ``path`` is its part of the control and event addresses."""

    name: str
    path: str
    actions: dict[str, Action] = field(default_factory=dict)
    needs_instance: bool = False

    def action(self, name: str, ins: str = "", outs: str = "") -> Callable[[Do], Do]:
        """Register what follows as the action of this name."""

        def register(do: Do) -> Do:
            first = ("InstanceID",) if self.needs_instance else ()
            self.actions[name] = Action(name, (*first, *ins.split()), tuple(outs.split()), do)
            return do

        return register

    def ask(self, name: str, asked: Asked) -> Values:
        """Do it. Raises ``UpnpError``."""
        action = self.actions.get(name)
        if action is None:
            raise UpnpError(Code.INVALID_ACTION)
        if self.needs_instance and asked.text("InstanceID") != "0":
            raise UpnpError(Code.INVALID_ARGS)
        return action.do(asked)

    def description(self) -> str:
        """The SCPD document."""
        names = sorted({name for action in self.actions.values() for name in (*action.ins, *action.outs)})
        actions = "".join(
            f"<action><name>{action.name}</name><argumentList>"
            + "".join(_argument(name, "in") for name in action.ins)
            + "".join(_argument(name, "out") for name in action.outs)
            + "</argumentList></action>"
            for action in self.actions.values()
        )
        variables = "".join(
            f'<stateVariable sendEvents="no"><name>A_ARG_TYPE_{name}</name><dataType>string</dataType></stateVariable>'
            for name in names
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?><scpd xmlns="urn:schemas-upnp-org:service-1-0"><specVersion>'
            "<major>1</major><minor>0</minor></specVersion>"
            f"<serviceStateTable>{variables}</serviceStateTable><actionList>{actions}</actionList></scpd>"
        )


def _argument(name: str, direction: str) -> str:
    return (
        f"<argument><name>{name}</name><direction>{direction}</direction>"
        f"<relatedStateVariable>A_ARG_TYPE_{name}</relatedStateVariable></argument>"
    )
