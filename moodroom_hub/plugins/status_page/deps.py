"""What every handler needs, in one place of the application."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from aiohttp import web

from moodroom_hub.core.actions import find_zone
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.ports import Account
from moodroom_hub.domain.models import RoomSlug, ZoneName
from moodroom_hub.plugins.status_page.addresses import Addresses
from moodroom_hub.plugins.status_page.commands import Commands
from moodroom_hub.plugins.status_page.device_list import DeviceList
from moodroom_hub.plugins.status_page.first_run import FirstRun
from moodroom_hub.plugins.status_page.metrics import Metrics
from moodroom_hub.plugins.status_page.pages import Notices, Pages
from moodroom_hub.plugins.status_page.plays_look import PlaysLook
from moodroom_hub.plugins.status_page.problems import ApiError, not_found
from moodroom_hub.plugins.status_page.refusals import Refusals
from moodroom_hub.plugins.status_page.sessions import Sessions, Throttle
from moodroom_hub.plugins.status_page.stream import EventStream


class Caller(Enum):
    """Who asks: nobody known, a signed-in browser, or a script with a bearer token."""

    STRANGER = "stranger"
    SESSION = "session"
    BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What lets a caller in; ``None``: there is none."""

    password: str | None
    api_token: str | None


@dataclass(frozen=True, slots=True)
class Deps:
    """The world of the handlers. ``public_base`` is the configured address (no trailing slash) where it fits a
    login, ``loopback_host`` the page's host on this machine; ``is_https``: people reach the page by https.
    ``has_backdrop``: what plays lies blurred behind the page."""

    hub: HubFace
    clock: Clock
    addresses: Addresses
    secrets: Secrets
    sessions: Sessions
    throttle: Throttle
    stream: EventStream
    commands: Commands
    metrics: Metrics
    pages: Pages
    notices: Notices
    public_base: str | None
    loopback_host: str
    is_https: bool
    skip_threshold_ms: int
    has_backdrop: bool
    device_list: DeviceList = field(default_factory=DeviceList)
    plays_look: PlaysLook = field(default_factory=PlaysLook)
    first_run: FirstRun = field(default_factory=FirstRun)
    refusals: Refusals = field(default_factory=Refusals)

    def room(self, slug: str) -> RoomSlug:
        """``slug`` as a room of this hub. Raises ``ApiError`` (404)."""
        known = RoomSlug(slug)
        if known not in self.hub.rooms:
            raise not_found("room")
        return known

    async def zone(self, said: str | None) -> ZoneName | None:
        """The zone of this hub that is called so, by name or label; ``None`` for the default one.

        Raises ``ApiError`` (404).
        """
        if said is None:
            return None
        if said in self.hub.zones:
            return ZoneName(said)
        labels = dict.fromkeys(self.hub.zones, "") | {view.zone: view.label for view in await self.hub.zone_views()}
        found = find_zone(labels, said)
        if found is None:
            raise ApiError(404, "not_found", f"there is no such zone; known: {', '.join(self.hub.zones)}")
        return found

    def account(self, name: str | None) -> Account:
        """The account to log in to; without a name the first. Raises ``ApiError``."""
        accounts = self.hub.accounts
        if not accounts:
            raise ApiError(503, "unavailable", "no plugin with an account is running; `moodroom-hub plugins` says why")
        for account in accounts:
            if name is None or account.name.lower() == name.lower():
                return account
        raise not_found("account")

    def callback_url(self, request: web.Request) -> str:
        """The address of ``/callback`` as the service must be told it."""
        if self.public_base is not None:
            return f"{self.public_base}/callback"
        name = request.transport.get_extra_info("sockname") if request.transport else None
        port = name[1] if isinstance(name, tuple) else request.url.port
        return f"http://{self.loopback_host}:{port}/callback"


DEPS: Final = web.AppKey("deps", Deps)
COOKIE: Final = "moodroom_session"
CALLER: Final = web.RequestKey("caller", Caller)


def deps_of(request: web.Request) -> Deps:
    """The world of this request's application."""
    return request.app[DEPS]
