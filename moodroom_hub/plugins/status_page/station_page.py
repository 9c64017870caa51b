"""The stations' pages: all of them with the forms to make new ones, and each with its knobs and what plays next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import ZoneView
from moodroom_hub.core.stations import Radio, StationJobStatus, StationView, StationWhy
from moodroom_hub.core.wire import station_views as views
from moodroom_hub.core.wire.station_shapes import StationJobAnswer
from moodroom_hub.core.wire.station_words import (
    LINKS,
    drift_words,
    known_words,
    model_words,
    percent,
    seed_words,
    votes_words,
    work_words,
)
from moodroom_hub.domain.models import Track, ZoneName
from moodroom_hub.domain.stations.models import Station, StationKey, VoteRule
from moodroom_hub.plugins.status_page.deps import CALLER, Caller, Deps, deps_of
from moodroom_hub.plugins.status_page.forms import told_before
from moodroom_hub.plugins.status_page.openapi import Handler, Query, Route
from moodroom_hub.plugins.status_page.station_api import station_of_path
from moodroom_hub.plugins.status_page.station_routes import station_at
from moodroom_hub.plugins.status_page.times import local_minute

PATH: Final = "/stations"
NEXT_SHOWN: Final = 10
MOST_VOTES: Final = 50
"""On a page."""
SHARE_RULE: Final = "Heard at least 80 % is a like, less a dislike"
RULES: Final = {VoteRule.SKIP: "An early skip is a dislike, heard to the end a like", VoteRule.SHARE: SHARE_RULE}


@dataclass(frozen=True, slots=True)
class Knob:
    """One number of the tuning. ``about``: what its ends mean."""

    name: str
    label: str
    about: str
    most: float
    value: float


@dataclass(frozen=True, slots=True)
class StationCard:
    """One station as the pages show it. ``made_from``: its seeds; ``places``: where it plays."""

    view: StationView
    path: str
    made_from: str
    known: str
    drift: str
    votes: str
    places: str
    is_playing: bool


@dataclass(frozen=True, slots=True)
class Sounding:
    """What plays of a station: the track, and the zone's name where there are several."""

    track: Track
    zone: ZoneName
    label: str


async def show_stations(request: web.Request) -> web.Response:
    """``GET /stations``. Raises ``Trouble``."""
    deps = deps_of(request)
    radio = deps.hub.radio
    zones = await deps.hub.zone_views()
    model = radio.model()
    return deps.pages.render(
        "stations.html",
        **_frame(request, zones),
        light="",
        cards=[_card(view, zones) for view in await radio.overview()],
        rooms=[*deps.hub.rooms.values()],
        model=model,
        model_line=model_words(model.artists, model.lists) if model.artists else "",
        trained_at="" if model.trained_at_ms is None else local_minute(model.trained_at_ms),
        **_work(views.job(radio.job(), model)),
    )


async def show_station(request: web.Request) -> web.Response:
    """``GET /stations/{id}``. Raises ``ApiError``, ``Trouble``."""
    deps = deps_of(request)
    key = station_of_path(request, deps)
    why, trouble = await _why(deps.hub.radio, key)
    zones = await deps.hub.zone_views()
    station, tuning = why.view.station, why.view.station.tuning
    return deps.pages.render(
        "station.html",
        **_frame(request, zones),
        light=station.room if station.room in deps.hub.rooms else "",
        card=_card(why.view, zones),
        station=station,
        room=_room_name(station, deps),
        soundings=_soundings(key, zones),
        trouble=trouble,
        why=why,
        votes=[(vote, local_minute(vote.at_ms)) for vote in why.votes[:MOST_VOTES]],
        older=max(0, len(why.votes) - MOST_VOTES),
        links=LINKS,
        knobs=_knobs(station),
        rules=[(each.value, told) for each, told in RULES.items()],
        drift=why.view.drift,
        bound=tuning.drift,
        drift_percent="" if why.view.drift is None else percent(why.view.drift),
    )


def path_of(key: str) -> str:
    """The page of a station."""
    return f"{PATH}/{quote(key, safe='')}"


async def _why(radio: Radio, key: StationKey) -> tuple[StationWhy, str]:
    """What it would play now; also where that cannot be told, with the reason."""
    try:
        return await radio.why(key, NEXT_SHOWN), ""
    except Trouble as trouble:
        found = [view for view in await radio.overview() if view.station.key == key]
        if not found or trouble.code is TroubleCode.NOT_FOUND:
            raise
        return StationWhy(found[0], (), ()), trouble.message


def _frame(request: web.Request, zones: Sequence[ZoneView]) -> dict[str, Any]:
    return {
        **told_before(request),
        "place": "stations",
        "zones": [(view.zone, view.label) for view in zones] if len(zones) > 1 else [],
        "can_sign_out": request[CALLER] is Caller.SESSION,
    }


def _work(job: StationJobAnswer) -> dict[str, Any]:
    return {
        "job": job,
        "work": work_words(job.what),
        "is_running": job.status is StationJobStatus.RUNNING,
        "has_ended": job.status not in (StationJobStatus.RUNNING, StationJobStatus.IDLE),
    }


def _card(view: StationView, zones: Sequence[ZoneView]) -> StationCard:
    station = view.station
    labels = {each.zone: each.label for each in zones}
    return StationCard(
        view,
        path_of(station.key),
        seed_words([(each.artist, each.track) for each in station.seeds]),
        "" if view.trouble and not view.known else known_words(view.known, view.unknown),
        drift_words(view.drift, station.tuning.drift, is_bounded=view.is_bounded),
        votes_words(view.likes, view.dislikes),
        ", ".join(labels.get(each, each) for each in view.zones) if len(zones) > 1 else "",
        bool(view.zones),
    )


def _room_name(station: Station, deps: Deps) -> str:
    room = None if station.room is None else deps.hub.rooms.get(station.room)
    return "" if room is None else room.name


def _soundings(key: StationKey, zones: Sequence[ZoneView]) -> list[Sounding]:
    return [
        Sounding(view.now_playing.track, view.zone, view.label if len(zones) > 1 else "")
        for view in zones
        if view.leader is None and view.now_playing is not None and view.now_playing.station == key
    ]


def _knobs(station: Station) -> list[Knob]:
    tuning = station.tuning
    return [
        Knob("adventure", "Familiar to adventurous", "0: what everybody plays; 1: what hardly anybody plays", 1,
             tuning.adventure),
        Knob("style", "Style", "how much the artists that it was made of count", 3, tuning.style),
        Knob("likes", "Likes", "how much your likes count", 3, tuning.likes),
        Knob("dislikes", "Dislikes", "how much your dislikes count", 3, tuning.dislikes),
        Knob("drift", "Drift at most", "0: stays with what it was made of; 1: your likes may lead it anywhere", 1,
             tuning.drift),
    ]  # fmt: skip


def _route(handler: Handler, summary: str) -> Route:
    told = (Query("problem", "A line to show, once."), Query("said", "A line to show, once."))
    method, path = station_at("station_page", handler.__name__)
    return Route(method, path, handler, summary, ((200, "text/html"),), query=told, errors=(400, 404, 409, 503))


PAGE_ROUTES: Final = (
    _route(show_stations, "The stations: the page"),
    _route(show_station, "One station: the page"),
)
