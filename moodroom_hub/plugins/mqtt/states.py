"""What the hub's retained messages say, all from one look, so that they never contradict each other. Pure."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from moodroom_hub.core.face import NowPlaying, PluginStatus, RoomView, StateView, ZoneView
from moodroom_hub.core.played import TargetView
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.core.sorting import LayerView
from moodroom_hub.core.wire import views
from moodroom_hub.core.wire.shapes import NowPlayingShape
from moodroom_hub.domain.models import EpochMs, Room, RoomSlug, Tier, ZoneName
from moodroom_hub.plugins.mqtt import sorter_states, zone_states
from moodroom_hub.plugins.mqtt.parts import OFF, shown_name
from moodroom_hub.plugins.mqtt.topics import Topics, about_zone

ONLINE: Final = b"online"
OFFLINE: Final = b"offline"
LONGEST_STATE: Final = 255
"""Home Assistant takes no longer state than this."""
UPTIME_STEP_S: Final = 300
_OWN_CHECK: Final = "broker"


class Refused(Protocol):
    """An order that was not carried out, and why."""

    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def at_ms(self) -> EpochMs: ...


@dataclass(frozen=True, slots=True)
class Look:
    """All that is told, as it was at one moment. ``refusals`` by room slug, or by what else was asked for.

    ``targets``: ``None`` where nobody can say now. ``away``: zones whose player has been lost for a while.
    ``absent``: zones that are announced and that no plugin offers at the moment. ``layers``: the sorter's; ``None``
    where nothing is sorted, or nobody can say now. ``station``: what the select of stations shows; ``None`` where there
    is none.
    """

    now_ms: EpochMs
    started_at_ms: EpochMs
    state: StateView
    rooms: Sequence[RoomView]
    health: Sequence[Check]
    figures: Mapping[str, float]
    refusals: Mapping[str, Refused]
    zones: Sequence[ZoneView] = ()
    targets: Sequence[TargetView] | None = ()
    away: Collection[ZoneName] = ()
    absent: Collection[ZoneName] = ()
    layers: Sequence[LayerView] | None = None
    station: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A retained payload. It is published again when its ``mark`` changes: time alone is no news."""

    payload: bytes
    mark: bytes


def retained_states(look: Look, topics: Topics) -> dict[str, Fact]:
    """Every retained message but the announcements, in the order to publish; ``online`` comes last."""
    active = look.state.active_room
    rooms = {view.room.slug: view.room for view in look.rooms}
    facts = {topics.info: _fact(_info(look, topics))}
    # What goes off is told before what goes on: at no moment two rooms are on.
    for slug in sorted(rooms, key=lambda slug: slug == active):
        facts[topics.room(slug)] = _plain("ON" if slug == active else "OFF")
    for view in look.rooms:
        slug = view.room.slug
        on = zone_states.where_on(look.zones, slug)
        facts[topics.room_attributes(slug)] = _fact(_room_attributes(view, active, on, look.refusals.get(slug)))
    facts[topics.active_room] = _named(active, rooms)
    if look.station is not None:
        facts[topics.station] = _plain(look.station)
    facts[topics.learning] = _plain("ON" if look.state.is_learning else "OFF")
    playing = now_playing(look.state.now_playing, look.now_ms)
    facts[topics.now_playing] = _fact(playing, but=("position_ms", "position_at"))
    if playing["artwork_url"]:  # never emptied: to Home Assistant an empty address is an error; it looks at the JSON
        facts[topics.artwork] = _plain(playing["artwork_url"])
    if look.layers is not None:
        facts[topics.sorter] = _fact(sorter_states.reviews(look.layers))
    facts |= _zone_facts(look, rooms, topics)
    facts[topics.health] = _health_fact(look)
    facts[topics.availability] = Fact(ONLINE, ONLINE)
    return facts


def now_playing(seen: NowPlaying | None, now_ms: EpochMs) -> dict[str, Any]:
    """As in ``/api/state``, complete also where nothing plays; with ``title``, which is never too long to show."""
    if seen is None:
        silent: dict[str, Any] = dict.fromkeys(NowPlayingShape.model_fields)
        return {"title": None, **silent, "artists": [], "is_playing": False, "position_at": None}
    shape = views.now_playing(seen, now_ms).model_dump(mode="json")
    return {"title": shape["name"][:LONGEST_STATE], **shape, "position_at": views.moment(now_ms)}


def states_of_order(topics: Topics, rooms: Mapping[RoomSlug, Room], topic: str) -> tuple[str, ...]:
    """The states that answer an order on ``topic``, whatever became of it."""
    if topic == topics.learning_set:
        return (topics.learning,)
    if topic == topics.active_room_set:
        return (topics.active_room,)
    if topic == topics.station_set:
        return (topics.station,)
    zone = topics.zone_of(topic)
    if zone is not None:
        return (topics.zone_room(zone),) if topic == topics.zone_room_set(zone) else ()
    return next(
        (
            (topics.room(slug), topics.room_attributes(slug), topics.active_room)
            for slug in rooms
            if topic == topics.room_set(slug)
        ),
        (),
    )


def _zone_facts(look: Look, rooms: Mapping[RoomSlug, Room], topics: Topics) -> dict[str, Fact]:
    """Of the further zones; a zone is ``online`` only when the rest of it is told."""
    facts: dict[str, Fact] = {}
    for view in zone_states.further(look.zones, look.state.zone):
        facts[topics.zone_room(view.zone)] = _named(view.active_room, rooms)
        playing = now_playing(view.now_playing, look.now_ms)
        facts[topics.zone_now_playing(view.zone)] = _fact(playing, but=("position_ms", "position_at"))
        facts[topics.zone_availability(view.zone)] = _plain("offline" if view.zone in look.away else "online")
    return facts | {topics.zone_availability(zone): _plain("offline") for zone in look.absent}


def _named(active: RoomSlug | None, rooms: Mapping[RoomSlug, Room]) -> Fact:
    return _plain(shown_name(rooms[active].name) if active is not None and active in rooms else OFF)


def _info(look: Look, topics: Topics) -> dict[str, Any]:
    return {
        "version": look.state.version,
        "zone": look.state.zone,
        "base_topic": topics.base,
        "discovery_prefix": topics.discovery_prefix,
        "rooms": [{"slug": view.room.slug, "name": view.room.name} for view in look.rooms],
        "zones": zone_states.listed(look.zones),
        "started_at": views.moment(look.started_at_ms),
    }


def _room_attributes(
    view: RoomView, active: RoomSlug | None, zones: Sequence[str], refused: Refused | None
) -> dict[str, Any]:
    return {
        "room": view.room.slug,
        "description": view.room.description,
        "active": view.room.slug == active,
        "zones": list(zones),
        **{tier.value.lower(): view.counts.get(tier, 0) for tier in Tier},
        **_refusal(refused),
    }


def _refusal(refused: Refused | None) -> dict[str, Any]:
    """Why the last order was not carried out; nulls where it was."""
    return {
        "last_error": None if refused is None else refused.message,
        "last_error_code": None if refused is None else str(refused.code),
        "last_error_at": None if refused is None else views.moment(refused.at_ms),
    }


def _health_fact(look: Look) -> Fact:
    checks = [check for check in look.health if check.name != _OWN_CHECK]
    broken = [f"{check.name}: {check.message}" for check in checks if check.level is CheckLevel.FAILED]
    broken += [
        f"{plugin.name}: {plugin.reason}"
        for plugin in look.state.plugins
        if plugin.status in (PluginStatus.FAILED, PluginStatus.NEEDS_LOGIN)
    ]
    login = look.state.login
    uptime_s = max(0, look.now_ms - look.started_at_ms) // 1000
    lasting = {
        "problem": bool(broken),
        "problems": broken,
        "login": {"status": login.status.value, "days_left": login.days_left},
        "player": _worst(checks, "player"),
        "database": _worst(checks, "database"),
        "troubles": [{"code": each.code, "message": each.message} for each in look.state.troubles],
        "upcoming": len(look.state.upcoming),
        "zones": zone_states.health_of(
            look.zones, {view.zone: _refusal(look.refusals.get(about_zone(view.zone))) for view in look.zones}
        ),
        "scrobbles": None if look.targets is None else zone_states.scrobbles(look.targets),
        **{f"{what}_refused": _refusal(look.refusals.get(what)) for what in ("player", "learning", "active_room")},
    }
    if look.station is not None:
        lasting |= {f"{what}_refused": _refusal(look.refusals.get(what)) for what in ("station", "station_vote")}
    payload = {**lasting, "uptime_s": uptime_s, "figures": {name: look.figures[name] for name in sorted(look.figures)}}
    return Fact(_json(payload), _json({**lasting, "step": uptime_s // UPTIME_STEP_S}))


def _worst(checks: Sequence[Check], name: str) -> dict[str, str]:
    """The check of that name which needs a person most."""
    found = [check for check in checks if check.name == name]
    order = (CheckLevel.FAILED, CheckLevel.WARNING)
    for level in order:
        for check in found:
            if check.level is level:
                return {"status": level.value, "message": check.message}
    return {"status": CheckLevel.OK.value, "message": found[0].message if found else ""}


def _fact(value: dict[str, Any], but: Sequence[str] = ()) -> Fact:
    payload = _json(value)
    return Fact(payload, _json({key: each for key, each in value.items() if key not in but}) if but else payload)


def _plain(text: str) -> Fact:
    payload = views.text(text).encode()
    return Fact(payload, payload)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
