"""Spotify: the eyes and hands of the zone ``home``, and the account with its library and search."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.ports import Account, Check, LoginState, LoginStatus, ZonePorts
from moodroom_hub.domain.models import HOME
from moodroom_hub.plugins.spotify.config import SpotifyConfig

if TYPE_CHECKING:
    from moodroom_hub.plugins.spotify.session import SessionFactory
    from moodroom_hub.plugins.spotify.wiring import Parts


class Plugin:
    """A Spotify account as source and player.

    ``session_factory`` makes the HTTP sessions; a subclass may give ones that lead to a simulated Spotify.
    """

    name: ClassVar[str] = "spotify"
    role: ClassVar[Role] = Role.SOURCE
    Config: ClassVar[type[SpotifyConfig]] = SpotifyConfig
    session_factory: ClassVar["SessionFactory | None"] = None

    def __init__(self, context: PluginContext[SpotifyConfig]) -> None:
        self._context = context
        self._made: Parts | None = None

    @hookimpl
    def register_zones(self) -> Sequence[ZonePorts]:
        """The zone ``home``: whatever device the account plays on."""
        parts = self._parts()
        return [ZonePorts(HOME, parts.source, parts.player, self._context.config.queue_ahead, label="Spotify")]

    @hookimpl
    def register_accounts(self) -> Sequence[Account]:
        """The one account."""
        return [self._parts().account]

    @hookimpl
    async def start(self) -> None:
        """Say whether a login is needed; nothing is sent. A login that comes later is noticed by itself."""
        state = self._parts().account.login_state(self._context.clock.now_ms())
        if state.status in {LoginStatus.NEEDED, LoginStatus.NOT_CONFIGURED}:
            self._tell(state)

    @hookimpl
    async def stop(self) -> None:
        """Let go of threads and connections."""
        if self._made is not None:
            await self._made.close()

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """Registration, login, connection, devices."""
        from moodroom_hub.plugins.spotify.checks import check_all

        return await check_all(self._parts())

    def _parts(self) -> "Parts":
        if self._made is None:
            # Late: spotipy and what it needs cost memory and time that a hub without Spotify shall not pay.
            from moodroom_hub.plugins.spotify.lean_imports import lean_imports

            with lean_imports():
                from moodroom_hub.plugins.spotify.wiring import put_together

            self._made = put_together(self._context, self._tell, type(self).session_factory)
        return self._made

    def _tell(self, state: LoginState) -> None:
        is_in = state.status in {LoginStatus.OK, LoginStatus.EXPIRING}
        self._context.set_status(PluginStatus.RUNNING if is_in else PluginStatus.NEEDS_LOGIN, state.reason)
