"""The sorter as a miner: a layer whose sublists are the rooms fills them with what it is sure of."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.miners import MinerStanding, OnProgress
from moodroom_hub.domain.mining.models import (
    Ability,
    Audited,
    AuditTask,
    Estimate,
    Mined,
    MiningProgress,
    MiningTask,
    Placement,
    Unplaced,
)
from moodroom_hub.domain.models import RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.sorting.models import Layer, Place, Standing, SublistKey

RANK = 5
"""Before the miner that nobody taught, behind a model: that one suggests songs as well."""
UNTAUGHT = "it was not taught yet; label some songs with: moodroom-hub sorter label {key}, then: sorter train {key}"


class RoomSorter(Protocol):
    """What the miner asks of the sorter."""

    def is_trained(self, layer: Layer) -> bool:
        """Whether a model is in use; no more than a look at a file's name."""
        ...

    async def place_all(self, layer: Layer, tracks: Sequence[Track]) -> Mapping[Uri, Place]:
        """Where these belong, new ones too. Raises ``Trouble``."""
        ...


class SortingMiner:
    """Implements ``core.miners.Miner`` for layers whose sublists are rooms."""

    def __init__(self, sorter: RoomSorter, layers: Sequence[Layer]) -> None:
        self._sorter = sorter
        self._layers = tuple(layers)

    @property
    def name(self) -> str:
        """As in ``--miner sorter``."""
        return "sorter"

    @property
    def abilities(self) -> frozenset[Ability]:
        """It knows no songs but the owner's, and looks through no room."""
        return frozenset({Ability.PLACE})

    def standing(self) -> MinerStanding:
        """Ready once every layer was taught."""
        untaught = next((layer for layer in self._layers if not self._sorter.is_trained(layer)), None)
        if untaught is not None:
            return MinerStanding(False, UNTAUGHT.format(key=untaught.key), rank=RANK)
        return MinerStanding(True, rank=RANK)

    async def estimate(self, task: MiningTask | AuditTask) -> Estimate:
        """No call, no money."""
        return Estimate(cost_usd=0.0, notes=("takes some seconds of one core",))

    async def mine(self, task: MiningTask, on_progress: OnProgress) -> Mined:
        """Place what is sure; say of the rest what is in doubt. Raises ``Trouble`` while it is untaught."""
        standing = self.standing()
        if not standing.is_ready:
            raise Trouble(TroubleCode.CONFLICT, f"The miner sorter is not ready: {standing.reason}")
        wanted = {room.slug: room.name for room in task.rooms}
        placements: dict[tuple[RoomSlug, Uri], Placement] = {}
        doubts: dict[Uri, str] = {}
        for number, layer in enumerate(self._layers):
            on_progress(MiningProgress(len(task.tracks) * number // len(self._layers), len(task.tracks)))
            places = await self._sorter.place_all(layer, task.tracks)
            rooms = {each.key: each.room for each in layer.sublists if each.room in wanted}
            for track in task.tracks:
                place = places.get(track.uri)
                found = [] if place is None else _placements(place, rooms)
                for one in found:
                    known = placements.get((one.room, one.uri))
                    if known is None or known.confidence < one.confidence:
                        placements[one.room, one.uri] = one
                if not found:
                    doubts.setdefault(track.uri, _doubt(layer, place))
        on_progress(MiningProgress(len(task.tracks), len(task.tracks)))
        placed = {uri for _, uri in placements}
        unplaced = (Unplaced(uri, why) for uri, why in doubts.items() if uri not in placed)
        return Mined(tuple(placements.values()), tuple(unplaced))

    async def audit(self, task: AuditTask, on_progress: OnProgress) -> Audited:
        """Never asked of it: it lacks the ability."""
        raise Trouble(TroubleCode.BAD_REQUEST, "The miner sorter cannot audit.")


def _placements(place: Place, rooms: Mapping[SublistKey, RoomSlug | None]) -> list[Placement]:
    """A place that a label or enough likelihood stands for."""
    if place.standing not in (Standing.SAID, Standing.SURE):
        return []
    found = ((key, rooms.get(key)) for key in place.sublists)
    confidence = 1.0 if place.standing is Standing.SAID else min(1.0, max(0.0, place.chance))
    return [Placement(room, place.uri, confidence, place.why, Tier.CONFIRMED) for _, room in found if room is not None]


def _doubt(layer: Layer, place: Place | None) -> str:
    names = {each.key: each.name for each in layer.sublists}
    if place is None:
        return "it is not in the list that the sorter sorts"
    if place.standing is Standing.DOUBTFUL:
        likely = ", ".join(names[key] for key in place.likely if key in names)
        return f"in doubt: at best {likely}, {place.chance:.0%} sure" if likely else "in doubt"
    if place.standing is Standing.VOID:
        return "it belongs to none of the rooms, as far as is known"
    return "it belongs to a room that is not mined now"
