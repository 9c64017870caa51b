"""What a message on one of the hub's topics asks for. Pure: a message in, an order or the reason why not out."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from moodroom_hub.core.actions import Action, Deed, find_room, find_zone
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import DurationMs, Room, RoomSlug, Uri, ZoneName
from moodroom_hub.domain.stations.models import StationKey, VoteKind
from moodroom_hub.plugins.mqtt.payloads import (
    Span,
    Text,
    Told,
    Transaction,
    bad,
    json_of,
    text_of,
    told,
    transaction_of,
    word,
)
from moodroom_hub.plugins.mqtt.requests import Request, parse_request
from moodroom_hub.plugins.mqtt.station_states import as_rooms
from moodroom_hub.plugins.mqtt.topics import Topics, about_zone

ROOM, ACTIVE_ROOM, LEARNING, PLAYER = "room", "active_room", "learning", "player"
STATION, STATION_VOTE = "station", "station_vote"
OFF_WORDS: Final = frozenset({"off", "none", ""})
PLAYER_DEEDS: Final[Mapping[str, Deed]] = {
    each.value: each for each in (Deed.PLAY, Deed.PAUSE, Deed.PLAY_PAUSE, Deed.NEXT, Deed.FRESH_BATCH, Deed.NEVER_AGAIN)
}
_OF_A_TRACK: Final = frozenset({Deed.NEXT, Deed.NEVER_AGAIN})


@dataclass(frozen=True, slots=True)
class TurnOn:
    """The room on and playing; nothing where it is. ``only_if_silent``: nor where anything else plays."""

    room: RoomSlug
    zone: ZoneName | None = None
    only_if_silent: bool = False


@dataclass(frozen=True, slots=True)
class TurnOff:
    """Rooms off, where this one is the one that is wanted."""

    room: RoomSlug
    zone: ZoneName | None = None


@dataclass(frozen=True, slots=True)
class ToggleLearning:
    """Learning on where it is off, and the other way round."""

    for_ms: DurationMs | None = None


@dataclass(frozen=True, slots=True)
class PlayStation:
    """The station on and playing; nothing where it is."""

    station: StationKey
    zone: ZoneName | None = None


@dataclass(frozen=True, slots=True)
class StationOff:
    """Off, where a station is what is wanted."""

    zone: ZoneName | None = None


@dataclass(frozen=True, slots=True)
class VoteOn:
    """Like or dislike what plays on the station, or ``meant``, a track of it."""

    kind: VoteKind
    zone: ZoneName | None = None
    meant: Uri | None = None


Work = Action | TurnOn | TurnOff | ToggleLearning | PlayStation | StationOff | VoteOn


@dataclass(frozen=True, slots=True)
class Order:
    """``about``: whose it is, a room's slug or one of ``active_room``, ``learning``, ``player``, ``station``,
    ``station_vote``; on a zone's own topics ``zone/<zone>``.

    ``what`` names the topic where refusals are answered: ``room`` or as ``about``.
    """

    what: str
    about: str
    work: Work
    transaction: Transaction = None

    @property
    def is_switch(self) -> bool:
        """Whether it is soon over or overtaken: of the others thousands may wait for the player."""
        return self.what != PLAYER


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that cannot be obeyed. ``about`` is ``None`` where it concerns nothing that there is."""

    what: str
    about: str | None
    code: TroubleCode
    message: str
    transaction: Transaction = None


State = Annotated[Literal["on", "off", "toggle"], word]


class _RoomTold(Told):
    state: State
    zone: Text | None = None
    only_if: Annotated[Literal["not_playing"], word] | None = Field(default=None, alias="if")


class _ActiveRoomTold(Told):
    room: Text | None
    zone: Text | None = None
    only_if: Annotated[Literal["not_playing"], word] | None = Field(default=None, alias="if")


class _LearningTold(Told):
    state: State
    for_ms: Span | None = Field(default=None, alias="for")


class _PlayerTold(Told):
    command: Annotated[Literal["play", "pause", "play_pause", "next", "fresh_batch", "never_again"], word]
    zone: Text | None = None
    uri: Text | None = None


class _StationTold(Told):
    station: Text | None
    zone: Text | None = None


class _VoteTold(Told):
    vote: Annotated[Literal["like", "dislike"], word]
    zone: Text | None = None
    uri: Text | None = None


def parse_order(
    topics: Topics,
    rooms: Mapping[RoomSlug, Room],
    zones: Mapping[ZoneName, str],
    topic: str,
    payload: bytes,
    stations: Mapping[StationKey, str] = MappingProxyType({}),
) -> Order | Request | Refused | None:
    """What the message asks for; ``None``: nothing (another topic, or an empty message). Never raises.

    ``zones``: their labels by name. A message names a zone by either, or as people say it; ``stations`` likewise.
    """
    if topic.startswith(prefix := f"{topics.base}/request/"):
        return _request(topic.removeprefix(prefix), payload)
    what, about, place = _addressee(topics, topic)
    if what is None:
        return None
    is_known = (what != ROOM or about in rooms) and (place is None or place in zones)
    transaction: Transaction = None
    try:
        text = text_of(payload)
        if not text:
            return None
        given = _given(text)
        transaction = transaction_of(given)
        known = as_rooms(stations) if what == STATION else rooms
        if not is_known:
            raise _no_zone(zones) if place is not None else Trouble(TroubleCode.NOT_FOUND, "there is no such room")
        work = _in_zone(zones, _WORK[what](known, about, given), place)
    except Trouble as trouble:
        return Refused(what, about if is_known else None, trouble.code, trouble.message, transaction)
    return Order(what, about, work, transaction)


def _given(text: str) -> Any:
    if text.startswith("{"):
        return json_of(text)
    try:
        quoted = json_of(text) if text.startswith('"') else None
    except Trouble:
        return text  # a room may be called "Best" of 1999
    return quoted if isinstance(quoted, str) else text


def _request(what: str, payload: bytes) -> Request | Refused:
    transaction: Transaction = None
    try:
        text = text_of(payload)
        given = json_of(text) if text else {}
        transaction = transaction_of(given)
        return parse_request(what, given)
    except Trouble as trouble:
        return Refused(what, None, trouble.code, trouble.message, transaction)


def _addressee(topics: Topics, topic: str) -> tuple[str | None, str, ZoneName | None]:
    """What the topic is for, whose it is, and the zone whose own topic it is."""
    zone = topics.zone_of(topic)
    if zone is not None:
        own_of_zone = {topics.zone_room_set(zone): ACTIVE_ROOM, topics.zone_player_set(zone): PLAYER}
        return own_of_zone.get(topic), about_zone(zone), zone
    for what, own in (
        (ACTIVE_ROOM, topics.active_room_set),
        (LEARNING, topics.learning_set),
        (PLAYER, topics.player_set),
        (STATION, topics.station_set),
        (STATION_VOTE, topics.station_vote_set),
    ):
        if topic == own:
            return what, what, None
    slug = topic.removeprefix(f"{topics.base}/room/").removesuffix("/set")
    is_ours = "/" not in slug and topic == topics.room_set(RoomSlug(slug))
    return (ROOM, slug, None) if is_ours else (None, "", None)


def _room_work(rooms: Mapping[RoomSlug, Room], about: str, given: Any) -> Work:
    order = told(_RoomTold, {"state": given} if isinstance(given, str) else given)
    room, zone = RoomSlug(about), _zone(order.zone)
    if order.state == "on":
        return TurnOn(room, zone, only_if_silent=order.only_if is not None)
    if order.only_if is not None:
        raise bad("if: goes with state ON only")
    return TurnOff(room, zone) if order.state == "off" else Action(Deed.TOGGLE, room, zone)


def _active_room_work(rooms: Mapping[RoomSlug, Room], _: str, given: Any) -> Work:
    order = told(_ActiveRoomTold, {"room": given} if isinstance(given, str) else given)
    zone = _zone(order.zone)
    if order.room is None or order.room.strip().casefold() in OFF_WORDS:
        return Action(Deed.OFF, zone=zone)
    room = find_room(rooms, order.room)
    if room is None:
        raise Trouble(TroubleCode.NOT_FOUND, "there is no such room")
    return TurnOn(room, zone, only_if_silent=order.only_if is not None)


def _learning_work(_: Mapping[RoomSlug, Room], __: str, given: Any) -> Work:
    order = told(_LearningTold, {"state": given} if isinstance(given, str) else given)
    for_ms = None if order.for_ms is None else DurationMs(order.for_ms)
    if order.state == "toggle":
        return ToggleLearning(for_ms)
    return Action(Deed.LEARNING_ON if order.state == "on" else Deed.LEARNING_OFF, for_ms=for_ms)


def _player_work(_: Mapping[RoomSlug, Room], __: str, given: Any) -> Work:
    order = told(_PlayerTold, {"command": given} if isinstance(given, str) else given)
    deed = PLAYER_DEEDS[order.command]
    if order.uri is not None and deed not in _OF_A_TRACK:
        raise bad("uri: goes with next and never_again only")
    return Action(deed, zone=_zone(order.zone), meant=None if order.uri is None else Uri(order.uri))


def _station_work(stations: Mapping[RoomSlug, Room], _: str, given: Any) -> Work:
    order = told(_StationTold, {"station": given} if isinstance(given, str) else given)
    zone = _zone(order.zone)
    if order.station is None or order.station.strip().casefold() in OFF_WORDS:
        return StationOff(zone)
    found = find_room(stations, order.station)
    if found is None:
        raise Trouble(TroubleCode.NOT_FOUND, "there is no such station")
    return PlayStation(StationKey(found), zone)


def _vote_work(_: Mapping[RoomSlug, Room], __: str, given: Any) -> Work:
    order = told(_VoteTold, {"vote": given} if isinstance(given, str) else given)
    meant = None if order.uri is None else Uri(order.uri)
    return VoteOn(VoteKind(order.vote), _zone(order.zone), meant)


_WORK: Final[Mapping[str, Callable[[Mapping[RoomSlug, Room], str, Any], Work]]] = {
    ROOM: _room_work,
    ACTIVE_ROOM: _active_room_work,
    LEARNING: _learning_work,
    PLAYER: _player_work,
    STATION: _station_work,
    STATION_VOTE: _vote_work,
}


def _zone(given: str | None) -> ZoneName | None:
    return None if given is None else ZoneName(given)


def _in_zone(zones: Mapping[ZoneName, str], work: Work, place: ZoneName | None) -> Work:
    """The work in the zone that it names, or else in ``place``."""
    said = None if isinstance(work, ToggleLearning) else work.zone
    if isinstance(work, ToggleLearning) or (said is None and place is None):
        return work
    zone = place if said is None else find_zone(zones, said)
    if zone is None:
        raise _no_zone(zones)
    if place is not None and zone != place:
        raise bad("zone: is another one than the topic's")
    return replace(work, zone=zone)


def _no_zone(zones: Collection[ZoneName]) -> Trouble:
    return Trouble(TroubleCode.NOT_FOUND, f"there is no such zone; known: {', '.join(zones)}")
