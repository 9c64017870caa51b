"""The status page and the HTTP API: the hub's face for browsers, scripts and probes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from moodroom_hub.core.config import Duration, PluginConfig
from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.errors import StartError
from moodroom_hub.core.events import Event
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.ports import Check
from moodroom_hub.plugins.status_page.lean_imports import lean_imports

if TYPE_CHECKING:
    from moodroom_hub.plugins.status_page.server import StatusServer


class StatusPageConfig(PluginConfig):
    """The section ``plugins.status_page``; the address itself stands in ``web``."""

    heartbeat: Duration = Field(
        default=15_000, ge=20, description="How often a silent event stream says that it is alive"
    )
    max_streams: int = Field(default=500, ge=1, le=10_000, description="How many pages may be open at a time")
    backdrop: bool = Field(
        default=False,
        description="The cover of what plays, blurred, behind the page; Spotify asks for covers as they are",
    )


class Plugin:
    """Serves the page and the API as long as the hub runs."""

    name: ClassVar[str] = "status_page"
    role: ClassVar[Role] = Role.FACE
    Config: ClassVar[type[StatusPageConfig]] = StatusPageConfig

    def __init__(self, context: PluginContext[StatusPageConfig]) -> None:
        self._context = context
        self._server: StatusServer | None = None

    @property
    def address(self) -> str:
        """Where the page is, ``http://127.0.0.1:7777``; empty while it is not served."""
        return self._server.address if self._server else ""

    @hookimpl
    async def start(self) -> None:
        """Bind the address. Raises ``StartError`` with the mend where that is impossible or unsafe."""
        with lean_imports():
            from moodroom_hub.plugins.status_page.opening import open_server

        self._server = open_server(self._context)
        try:
            await self._server.start()
        except StartError:
            self._server = None
            raise
        self._context.hub.announce(self.address)
        self._context.set_status(PluginStatus.RUNNING, f"at {self.address}")

    @hookimpl
    async def stop(self) -> None:
        """Free the address; open streams end at once."""
        server, self._server = self._server, None
        if server is not None:
            self._context.hub.announce(None)
            await server.stop()

    @hookimpl
    async def on_event(self, event: Event) -> None:
        """Tell every open page."""
        if self._server is not None:
            self._server.tell(event)

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """Is the address free, ours already, or taken; is the door safe?"""
        with lean_imports():
            from moodroom_hub.plugins.status_page.opening import look_at_address

        return await look_at_address(self._context.settings.web, self.address, self._context.data_dir)
