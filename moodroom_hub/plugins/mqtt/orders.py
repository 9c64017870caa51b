"""What a message on one of the hub's topics asks for. Pure: a message in, an order or the reason why not out."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from moodroom_hub.core.actions import Action, Deed, find_room
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import DurationMs, Room, RoomSlug, Uri, ZoneName
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
from moodroom_hub.plugins.mqtt.topics import Topics

ROOM, ACTIVE_ROOM, LEARNING, PLAYER = "room", "active_room", "learning", "player"
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


Work = Action | TurnOn | TurnOff | ToggleLearning


@dataclass(frozen=True, slots=True)
class Order:
    """``about``: whose it is, a room's slug or one of ``active_room``, ``learning``, ``player``.

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


def parse_order(
    topics: Topics, rooms: Mapping[RoomSlug, Room], zones: Collection[ZoneName], topic: str, payload: bytes
) -> Order | Request | Refused | None:
    """What the message asks for; ``None``: nothing (another topic, or an empty message). Never raises."""
    if topic.startswith(prefix := f"{topics.base}/request/"):
        return _request(topic.removeprefix(prefix), payload)
    what, about = _addressee(topics, topic)
    if what is None:
        return None
    is_known = what != ROOM or about in rooms
    transaction: Transaction = None
    try:
        text = text_of(payload)
        if not text:
            return None
        given = _given(text)
        transaction = transaction_of(given)
        if not is_known:
            raise Trouble(TroubleCode.NOT_FOUND, "there is no such room")
        work = _WORK[what](rooms, about, given)
        _check_zone(zones, work)
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


def _addressee(topics: Topics, topic: str) -> tuple[str | None, str]:
    for what, own in ((ACTIVE_ROOM, topics.active_room_set), (LEARNING, topics.learning_set)):
        if topic == own:
            return what, what
    if topic == topics.player_set:
        return PLAYER, PLAYER
    slug = topic.removeprefix(f"{topics.base}/room/").removesuffix("/set")
    is_ours = "/" not in slug and topic == topics.room_set(RoomSlug(slug))
    return (ROOM, slug) if is_ours else (None, "")


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


_WORK: Final[Mapping[str, Callable[[Mapping[RoomSlug, Room], str, Any], Work]]] = {
    ROOM: _room_work,
    ACTIVE_ROOM: _active_room_work,
    LEARNING: _learning_work,
    PLAYER: _player_work,
}


def _zone(given: str | None) -> ZoneName | None:
    return None if given is None else ZoneName(given)


def _check_zone(zones: Collection[ZoneName], work: Work) -> None:
    zone = None if isinstance(work, ToggleLearning) else work.zone
    if zone is not None and zone not in zones:
        raise Trouble(TroubleCode.NOT_FOUND, f"there is no such zone; known: {', '.join(zones)}")
