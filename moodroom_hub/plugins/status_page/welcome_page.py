"""The first run: step by step from nothing to music, with the state of each step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.face import StateView
from moodroom_hub.core.miners import JobStatus, JobView, MinerView
from moodroom_hub.core.ports import LoginStatus
from moodroom_hub.domain.models import Room, RoomSlug, Tier
from moodroom_hub.plugins.status_page.deps import CALLER, Caller, Deps, deps_of
from moodroom_hub.plugins.status_page.first_run import SyncStatus
from moodroom_hub.plugins.status_page.forms import told_before

LATER: Final = "moodroom_welcome"
"""The cookie of a browser that wants to see the main page all the same."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A room that may be kept."""

    slug: str
    name: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A room and how many tracks it may play."""

    room: Room
    tracks: int


async def is_first_run(deps: Deps, view: StateView) -> bool:
    """Whether nothing is configured: no client id, and no track in any pool. A hub that shall do without an account has
    none to be set up."""
    if not deps.hub.accounts:
        return False
    if view.login.status is not LoginStatus.NOT_CONFIGURED or view.now_playing is not None:
        return False
    return not any(each.tracks for each in await _filled(deps))


async def shall_welcome(request: web.Request, deps: Deps, view: StateView) -> bool:
    """Whether the main page gives way to the first run."""
    return LATER not in request.cookies and await is_first_run(deps, view)


async def show_welcome(request: web.Request) -> web.Response:
    """``GET /welcome``."""
    deps = deps_of(request)
    view = await deps.hub.state()
    setup = deps.hub.setup.view()
    names = {**setup.defaults, **setup.rooms}
    rooms = await _filled(deps)
    return deps.pages.render(
        "welcome.html",
        light=view.active_room or "",
        place="welcome",
        login=view.login,
        has_account=bool(deps.hub.accounts),
        callback=deps.callback_url(request),
        setup=setup,
        overridden_by=deps.hub.setup.overridden_by("spotify", "client_id"),
        choices=[Choice(slug, name, slug in setup.rooms) for slug, name in names.items()],
        first=deps.first_run,
        is_syncing=deps.first_run.sync is SyncStatus.RUNNING,
        sync_seconds=_seconds(deps),
        miners=_miners(deps),
        job=(job := _job(deps)),
        is_mining=job is not None and job.status is JobStatus.RUNNING,
        filled=[each for each in rooms if each.tracks],
        tracks=sum(each.tracks for each in rooms),
        may_write=may_write(request, deps),
        can_sign_out=request[CALLER] is Caller.SESSION,
        **told_before(request),
    )


def may_write(request: web.Request, deps: Deps) -> bool:
    """Whether whoever asks may change the hub's own files: signed in, a script with its token, or at this machine.

    Without a password the hub is bound to this machine; a proxy before it may let others in all the same, so what
    comes under another name than this machine's is not taken for its owner.
    """
    if request[CALLER] is not Caller.STRANGER:
        return True
    return deps.secrets.password is None and deps.addresses.is_this_machine(request.host, request.remote)


def _seconds(deps: Deps) -> int:
    return max(0, deps.clock.now_ms() - deps.first_run.began_at_ms) // 1000


def _miners(deps: Deps) -> Sequence[MinerView]:
    try:
        return deps.hub.mining.miners()
    except MoodroomError:
        return ()


def _job(deps: Deps) -> JobView | None:
    try:
        return deps.hub.mining.job()
    except MoodroomError:
        return None


async def _filled(deps: Deps) -> list[Filled]:
    playable: dict[RoomSlug, int] = {}
    views = await deps.hub.room_views()
    for view in views:
        playable[view.room.slug] = sum(count for tier, count in view.counts.items() if tier is not Tier.REMOVED)
    return [Filled(view.room, playable[view.room.slug]) for view in views]
