"""Questions and commands that are answered: ``request/<what>`` → ``response/<what>``, in the shapes of the HTTP API."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast

from pydantic import BaseModel, Field

from moodroom_hub.core.actions import Action, Deed, carry_out, find_room
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.core.wire import shapes, views, zones
from moodroom_hub.domain.models import DurationMs, RoomSlug, Uri, ZoneName
from moodroom_hub.plugins.mqtt.payloads import Id, Span, Text, Told, Transaction, bad, told, word

NEWEST = 20
"""Receipts in the state, as over HTTP."""

Data = BaseModel | Mapping[str, Any]


class _ZoneTold(Told):
    zone: Text | None = None


class _RoomTold(Told):
    room: Text


class _ActivateTold(_ZoneTold):
    room: Text


class _PageTold(Told):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    before: Id | None = None


class _LearningTold(Told):
    enabled: bool
    for_ms: Span | None = Field(default=None, alias="for")


class _PlayerTold(_ZoneTold):
    command: Annotated[Literal["play", "pause", "play_pause", "next", "fresh_batch", "never_again"], word]
    uri: Text | None = None


class _UndoTold(Told):
    id: Id


@dataclass(frozen=True, slots=True)
class Request:
    """One request, sound in its form. ``is_reading``: it changes nothing."""

    what: str
    told: Told

    @property
    def is_reading(self) -> bool:
        """Whether it only asks."""
        return _KINDS[self.what].is_reading

    @property
    def transaction(self) -> Transaction:
        """What the caller wants to see again in the answer."""
        return self.told.transaction


def parse_request(what: str, given: object) -> Request:
    """The request. Raises ``Trouble``."""
    if what not in _KINDS:
        raise Trouble(TroubleCode.NOT_FOUND, f"there is no such request; known: {', '.join(_KINDS)}")
    return Request(what, told(_KINDS[what].model, given))


async def answer(hub: HubFace, clock: Clock, request: Request) -> dict[str, Any]:
    """Carry it out and give its data. Raises ``Trouble``."""
    data = await _KINDS[request.what].work(hub, clock, request.told)
    return data.model_dump(mode="json", by_alias=True) if isinstance(data, BaseModel) else dict(data)


async def _state(hub: HubFace, clock: Clock, asked: _ZoneTold) -> Data:
    view = await hub.state(_zone(hub, asked.zone))
    newest = await hub.receipts(NEWEST)
    return views.state(view, newest[:NEWEST], clock.now_ms())


async def _rooms(hub: HubFace, _: Clock, __: Told) -> Data:
    return shapes.RoomsAnswer(rooms=[views.room(each) for each in await hub.room_views()])


async def _zones(hub: HubFace, clock: Clock, _: Told) -> Data:
    return zones.zones(await hub.zone_views(), clock.now_ms())


async def _pool(hub: HubFace, _: Clock, asked: _RoomTold) -> Data:
    room = _room(hub, asked.room)
    return views.pool(room, await hub.pool(room))


async def _receipts(hub: HubFace, _: Clock, asked: _PageTold) -> Data:
    # One more than asked for tells whether there is a page after.
    found = await hub.receipts(asked.limit + 1, asked.before)
    cursor = found[asked.limit - 1].receipt.id if len(found) > asked.limit else None
    return shapes.ReceiptsAnswer(receipts=views.receipts(found[: asked.limit]), next=cursor)


async def _history(hub: HubFace, _: Clock, asked: _PageTold) -> Data:
    found = await hub.history(asked.limit + 1, asked.before)
    cursor = found[asked.limit - 1].id if len(found) > asked.limit else None
    return shapes.HistoryAnswer(history=[views.listen(each) for each in found[: asked.limit]], next=cursor)


async def _health_check(hub: HubFace, _: Clock, __: Told) -> Data:
    checks = await hub.health()
    is_healthy = all(check.level is not CheckLevel.FAILED for check in checks)
    return {"healthy": is_healthy, "checks": [views.check(each).model_dump(mode="json") for each in checks]}


async def _plugins(hub: HubFace, _: Clock, __: Told) -> Data:
    return {"plugins": [views.plugin(each).model_dump(mode="json") for each in hub.plugin_views()]}


async def _activate(hub: HubFace, _: Clock, asked: _ActivateTold) -> Data:
    return views.activation(await hub.activate(_room(hub, asked.room), _zone(hub, asked.zone)))


async def _off(hub: HubFace, _: Clock, asked: _ZoneTold) -> Data:
    await hub.rooms_off(_zone(hub, asked.zone))
    return shapes.DoneAnswer(ok=True)


async def _learning(hub: HubFace, clock: Clock, asked: _LearningTold) -> Data:
    for_ms = None if asked.for_ms is None else DurationMs(asked.for_ms)
    await hub.set_learning(asked.enabled, for_ms)
    until = None if for_ms is None else views.moment(clock.now_ms() + for_ms)
    return shapes.LearningAnswer(learning=asked.enabled, until=until)


async def _player(hub: HubFace, _: Clock, asked: _PlayerTold) -> Data:
    zone, meant = _zone(hub, asked.zone), None if asked.uri is None else Uri(asked.uri)
    if asked.command == "next":
        return shapes.NextAnswer(skipped=await hub.next(meant, zone))
    if asked.command == "never_again":
        receipt = await hub.never_again(meant, zone)
        return {"receipt": None if receipt is None else views.receipt(receipt, None).model_dump(mode="json")}
    if meant is not None:
        raise bad("uri: goes with next and never_again only")
    await carry_out(hub, Action(Deed(asked.command), zone=zone))
    return shapes.DoneAnswer(ok=True)


async def _undo(hub: HubFace, _: Clock, asked: _UndoTold) -> Data:
    return shapes.UndoAnswer(receipt=views.receipt(await hub.undo(asked.id), None))


async def _sync(hub: HubFace, _: Clock, __: Told) -> Data:
    return views.synced(await hub.sync_library())


@dataclass(frozen=True, slots=True)
class _Kind:
    model: type[Told]
    work: Callable[[HubFace, Clock, Any], Awaitable[Data]]
    is_reading: bool = False


_KINDS: Final[Mapping[str, _Kind]] = {
    "state": _Kind(_ZoneTold, _state, is_reading=True),
    "rooms": _Kind(Told, _rooms, is_reading=True),
    "zones": _Kind(Told, _zones, is_reading=True),
    "pool": _Kind(_RoomTold, _pool, is_reading=True),
    "receipts": _Kind(_PageTold, _receipts, is_reading=True),
    "history": _Kind(_PageTold, _history, is_reading=True),
    "health_check": _Kind(Told, _health_check, is_reading=True),
    "plugins": _Kind(Told, _plugins, is_reading=True),
    "activate": _Kind(_ActivateTold, _activate),
    "off": _Kind(_ZoneTold, _off),
    "learning": _Kind(_LearningTold, _learning),
    "player": _Kind(_PlayerTold, _player),
    "undo": _Kind(_UndoTold, _undo),
    "sync": _Kind(Told, _sync),
}
WHATS: Final = tuple(_KINDS)
"""Everything that may be requested."""


def _room(hub: HubFace, said: str) -> RoomSlug:
    room = find_room(hub.rooms, said)
    if room is None:
        raise Trouble(TroubleCode.NOT_FOUND, "there is no such room")
    return room


def _zone(hub: HubFace, given: str | None) -> ZoneName | None:
    if given is not None and given not in hub.zones:
        raise Trouble(TroubleCode.NOT_FOUND, f"there is no such zone; known: {', '.join(hub.zones)}")
    return cast(ZoneName | None, given)
