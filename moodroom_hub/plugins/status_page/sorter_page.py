"""The sorter's pages: its layers at a glance, one song to be placed, the doubtful ones, what a write would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.sorting import Asked, LayerView, PlacedTrack, Preview, SorterJobStatus
from moodroom_hub.core.wire import sorter_views as views
from moodroom_hub.core.wire.sorter_words import learned_words, version_words, work_words
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.sorting.models import Layer, LayerKey, MotherKind, Standing, Sublist, SublistKey
from moodroom_hub.domain.sorting.percent import percent
from moodroom_hub.plugins.status_page.deps import CALLER, Caller, deps_of
from moodroom_hub.plugins.status_page.forms import told_before
from moodroom_hub.plugins.status_page.openapi import Handler, Query, Route
from moodroom_hub.plugins.status_page.sorter_api import layer_of
from moodroom_hub.plugins.status_page.sorter_routes import at
from moodroom_hub.plugins.status_page.times import local_minute

PATH: Final = "/sorter"
MOST_REVIEWED: Final = 30
"""Doubtful songs on a page: more make a long page, and after these the next ones come."""
MOST_SHOWN: Final = 200
"""Songs of one kind of change in one playlist."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One sublist to choose. ``key_cap``: the key that chooses it; ``percent``: how likely it is, where that is known;
    ``is_on``: it is thought to be right."""

    sublist: Sublist
    key_cap: str
    percent: int | None
    is_on: bool


@dataclass(frozen=True, slots=True)
class LayerCard:
    """One layer as the overview shows it."""

    view: LayerView
    path: str
    sorted_from: str
    how: str
    taught: str
    written_at: str
    has_playlists: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """One song of the review list. ``first``: the choices that are likely; ``others``: the rest."""

    track: Track
    key: str
    why: str
    percent: int
    first: tuple[Choice, ...]
    others: tuple[Choice, ...]


async def show_sorter(request: web.Request) -> web.Response:
    """``GET /sorter``. Raises ``Trouble``."""
    deps = deps_of(request)
    sorter = deps.hub.sorter
    found = await sorter.overview()
    job = views.job(sorter.job())
    names = {view.layer.key: view.layer for view in found}
    return deps.pages.render(
        "sorter.html",
        **_frame(request),
        cards=[_card(view, names) for view in found],
        job=job,
        work=work_words(job),
        is_running=job.status is SorterJobStatus.RUNNING,
        has_ended=job.status not in (SorterJobStatus.RUNNING, SorterJobStatus.IDLE),
    )


async def show_question(request: web.Request) -> web.Response:
    """``GET /sorter/{layer}``: one song. Raises ``ApiError``, ``Trouble``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    asked = await deps.hub.sorter.question(layer.key)
    return deps.pages.render(
        "sorter_question.html",
        **_frame(request),
        layer=layer,
        path=path_of(layer),
        track=asked.track,
        key="" if asked.track is None else song_key(asked.track.uri),
        why=asked.why,
        choices=_asked_choices(asked, layer),
        progress=learned_words(views.question(asked, layer).progress),
        last=_last_words(asked, layer),
    )


async def show_review(request: web.Request) -> web.Response:
    """``GET /sorter/{layer}/review``: the doubtful songs. Raises ``ApiError``, ``Trouble``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    found = await deps.hub.sorter.places(layer.key, Standing.DOUBTFUL)
    return deps.pages.render(
        "sorter_review.html",
        **_frame(request),
        layer=layer,
        path=path_of(layer),
        doubts=[_doubt(each, layer) for each in found[:MOST_REVIEWED]],
        left=max(0, len(found) - MOST_REVIEWED),
    )


async def show_preview(request: web.Request) -> web.Response:
    """``GET /sorter/{layer}/preview``: what a write would change. Raises ``ApiError``, ``Trouble``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    preview: Preview | None = None
    trouble = ""
    try:
        preview = await deps.hub.sorter.preview(layer.key)
    except Trouble as error:
        trouble = error.message
    changes = () if preview is None else preview.changes
    return deps.pages.render(
        "sorter_preview.html",
        **_frame(request),
        layer=layer,
        path=path_of(layer),
        preview=preview,
        trouble=trouble,
        is_change=any(each.added or each.removed or each.is_new for each in changes),
        counts=[] if preview is None else [(each, preview.counts.get(each, 0)) for each in Standing],
        most=MOST_SHOWN,
    )


def path_of(layer: Layer) -> str:
    """Where the layer's questions are asked."""
    return f"{PATH}/{quote(layer.key, safe='')}"


def song_key(uri: Uri) -> str:
    """What names a song's row on a page."""
    return blake2b(uri.encode("utf-8", "replace"), digest_size=8).hexdigest()


def place_words(sublists: Sequence[SublistKey], layer: Layer) -> str:
    """The names of the sublists; ``none of them`` for none."""
    chosen = set(sublists)
    return ", ".join(each.name for each in layer.sublists if each.key in chosen) or "none of them"


def _frame(request: web.Request) -> dict[str, Any]:
    return {
        **told_before(request),
        "light": "",
        "place": "sorter",
        "can_sign_out": request[CALLER] is Caller.SESSION,
    }


def _source(layer: Layer, layers: Mapping[LayerKey, Layer]) -> str:
    """The name of the motherlist."""
    mother = layer.motherlist
    if mother.kind is MotherKind.PLAYLIST:
        return mother.playlist
    if mother.layer is None:
        return "liked songs"
    above = layers.get(mother.layer)
    if above is None:
        return str(mother.layer)
    names = [each.name for each in above.sublists if each.key == mother.sublist]
    return f"{above.name}: {', '.join(names)}"


def _card(view: LayerView, layers: Mapping[LayerKey, Layer]) -> LayerCard:
    layer = view.layer
    one = "each song in exactly one" if layer.is_complete else "each song in one at most"
    more = "each song in one or more" if layer.is_complete else "each song in any number"
    return LayerCard(
        view,
        path_of(layer),
        _source(layer, layers),
        one if layer.is_mutual else more,
        "" if view.version is None else version_words(views.version(view.version)),
        "" if view.last_write_ms is None else local_minute(view.last_write_ms),
        any(each.playlist for each in layer.sublists),
    )


def _asked_choices(asked: Asked, layer: Layer) -> list[Choice]:
    is_known = len(asked.chances) == len(layer.sublists)
    chances = [*asked.chances] if is_known else [None] * len(layer.sublists)
    return [
        Choice(each, str(number) if number < 10 else "", _percent(chance), is_on=False)
        for number, (each, chance) in enumerate(zip(layer.sublists, chances, strict=True), start=1)
    ]


def _last_words(asked: Asked, layer: Layer) -> str:
    if asked.last is None:
        return ""
    song = asked.last.uri if asked.last_track is None else asked.last_track.name
    return f"{song}: {place_words([*asked.last.fits], layer)}"


def _doubt(placed: PlacedTrack, layer: Layer) -> Doubt:
    place = placed.place
    thought = {*place.sublists, *place.likely}
    choices = [Choice(each, "", None, each.key in thought) for each in layer.sublists]
    return Doubt(
        placed.track,
        song_key(placed.track.uri),
        place.why,
        _percent(place.chance) or 0,
        tuple(each for each in choices if each.is_on),
        tuple(each for each in choices if not each.is_on),
    )


def _percent(chance: float | None) -> int | None:
    return None if chance is None or not 0 <= chance <= 1 else percent(chance)


def _route(handler: Handler, summary: str) -> Route:
    told = (Query("problem", "A line to show, once."), Query("said", "A line to show, once."))
    method, path = at("sorter_page", handler.__name__)
    return Route(method, path, handler, summary, ((200, "text/html"),), query=told, errors=(400, 404, 409, 503))


PAGE_ROUTES: Final = (
    _route(show_sorter, "The sorter's page"),
    _route(show_question, "One song to be placed: the page"),
    _route(show_review, "The doubtful songs: the page"),
    _route(show_preview, "What a write would change: the page"),
)
