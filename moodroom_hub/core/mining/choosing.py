"""Which miner does a job, and what its order must say."""

from collections.abc import Mapping, Sequence

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.miners import JobKind, Miner, MiningOrder
from moodroom_hub.domain.mining.models import Ability
from moodroom_hub.domain.models import Room, RoomSlug

_NEEDED = {JobKind.MINE: Ability.PLACE, JobKind.AUDIT: Ability.AUDIT}


def choose(miners: Sequence[Miner], order: MiningOrder) -> Miner:
    """The miner that the order names, else the best that is ready. Raises ``Trouble`` with the mend."""
    ability = _NEEDED[order.kind]
    able = [miner for miner in miners if ability in miner.abilities]
    if order.miner is not None:
        named = next((miner for miner in miners if miner.name == order.miner), None)
        if named is None:
            known = ", ".join(miner.name for miner in miners) or "none"
            raise Trouble(TroubleCode.NOT_FOUND, f"There is no such miner; known: {known}.")
        if named not in able:
            raise Trouble(TroubleCode.BAD_REQUEST, f"The miner {named.name} cannot {ability.value}.")
        standing = named.standing()
        if not standing.is_ready:
            raise Trouble(TroubleCode.CONFLICT, f"The miner {named.name} is not ready: {standing.reason}")
        return named
    ready = [miner for miner in able if miner.standing().is_ready]
    if not ready:
        reasons = "; ".join(f"{miner.name}: {miner.standing().reason}" for miner in able)
        raise Trouble(TroubleCode.CONFLICT, f"No miner is ready ({reasons or 'no plugin offers one'}).")
    return max(ready, key=lambda miner: miner.standing().rank)


def rooms_of(order: MiningOrder, rooms: Mapping[RoomSlug, Room]) -> tuple[Room, ...]:
    """The rooms that the order means, with its definition in place. Raises ``Trouble``."""
    wanted = tuple(rooms) if order.rooms is None else tuple(dict.fromkeys(order.rooms))
    unknown = [slug for slug in wanted if slug not in rooms]
    if unknown:
        raise Trouble(TroubleCode.NOT_FOUND, "There is no such room.")
    if not wanted:
        raise Trouble(TroubleCode.BAD_REQUEST, "Name at least one room.")
    is_single = order.kind is JobKind.AUDIT or order.definition is not None or order.examples
    if is_single and len(wanted) != 1:
        raise Trouble(TroubleCode.BAD_REQUEST, "This is done for one room at a time: name it.")
    found = tuple(rooms[slug] for slug in wanted)
    return tuple(redefined(room, order) for room in found)


def redefined(room: Room, order: MiningOrder) -> Room:
    """The room with the words that the order wants to try."""
    words = order.definition
    if words is None:
        return room
    return Room(room.slug, room.name, words.description, words.anchors, words.avoid, room.palette)


def yielding_to(miner: Miner, miners: Sequence[Miner]) -> frozenset[str]:
    """The miners of smaller rank: what they say, this one may judge anew, and learns nothing from."""
    rank = miner.standing().rank
    return frozenset(other.name for other in miners if other.standing().rank < rank)
