"""What is told of stations: their names, as a select offers them. Nothing where there is none."""

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import Room, RoomSlug
from moodroom_hub.domain.stations.models import Station, StationKey
from moodroom_hub.plugins.mqtt.parts import OFF, shown_name

NOT_NAMES: Final = frozenset({"off", "none"})
"""Words that mean something else where a station's name may stand."""
LONGEST: Final = 100
"""With the key behind it, a name still fits into a state of Home Assistant."""


class StationMemory:
    """``names``: what each station is called, as of the last look. ``announced``: the names that Home Assistant was
    told of; ``None`` where it is told of none. ``changed`` is called when the names are others."""

    def __init__(self) -> None:
        self.names: Mapping[StationKey, str] = MappingProxyType({})
        self.announced: Collection[str] | None = None
        self.changed: Callable[[], None] = _nobody
        self._had_any = False

    def note(self, hub: HubFace) -> None:
        """Look which stations there are."""
        names = station_names(hub.stations.all())
        if names != self.names:
            self.names = names
            self._had_any = True
            self.changed()

    def to_tell(self, active: StationKey | None) -> str | None:
        """The state of the select; ``None`` where there is none to tell: a name that Home Assistant does not know yet
        is an error over there."""
        if not self._had_any:
            return None
        name = OFF if active is None else self.names.get(active, OFF)
        return name if self.announced is None or name in self.announced or name == OFF else None


def station_names(stations: Sequence[Station]) -> dict[StationKey, str]:
    """A name for each by which it can be told from the others."""
    names: dict[StationKey, str] = {}
    taken: set[str] = set()
    for each in stations:
        name = shown_name(each.name, "Station")[:LONGEST].strip()
        if name.startswith(("{", '"')):  # as an order it would be taken for JSON
            name = f"Station {name}"
        while name in taken or name.casefold() in NOT_NAMES:
            name = f"{name} ({each.key})"
        names[each.key] = name
        taken.add(name)
    return names


def options_of(names: Mapping[StationKey, str]) -> list[str]:
    """What a select of stations offers."""
    return [OFF, *names.values()]


def as_rooms(names: Mapping[StationKey, str]) -> dict[RoomSlug, Room]:
    """The stations as what is found by its name as people say it."""
    return {RoomSlug(key): Room(RoomSlug(key), name) for key, name in names.items()}


def _nobody() -> None:
    """Nobody wants to know."""
