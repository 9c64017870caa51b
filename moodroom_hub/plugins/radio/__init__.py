"""Stations: personal radio from artist vectors, and the source of rooms' discoveries."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.events import Completed, Event, Partial, Skipped
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import StationRequest, hookimpl
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.domain.models import Drawn
from moodroom_hub.domain.stations.models import station_of
from moodroom_hub.plugins.radio.config import RadioConfig, model_path

if TYPE_CHECKING:  # a hub without stations shall not hold what plays them
    from moodroom_hub.core.stations import Radio
    from moodroom_hub.plugins.radio.radio import StationRadio

LOOKS_MS = (2_000, 15_000, 60_000, 600_000)
"""When playlists are looked for after the start, each counted from the one before, until somebody can tell."""


class Plugin:
    """One radio for all stations. Nothing of it is held before the first station, or the first question."""

    name: ClassVar[str] = "radio"
    role: ClassVar[Role] = Role.FACE
    Config: ClassVar[type[RadioConfig]] = RadioConfig

    def __init__(self, context: PluginContext[RadioConfig]) -> None:
        self._context = context
        self._radio: StationRadio | None = None
        self._is_started = False

    @hookimpl
    def register_radios(self) -> "Sequence[Radio]":
        """The radio, made when somebody first asks it something."""
        # A proxy has no methods of its own for a type checker to see.
        return [cast("Radio", _Late(self))]

    @hookimpl
    async def start(self) -> None:
        """Be ready for the stations that there are, and look for playlists that are new ones."""
        self._is_started = True
        if self._radio is not None or self._context.hub.stations.all():
            self.made().start()
        else:
            self._context.set_status(PluginStatus.RUNNING, "no station yet")
        self._context.spawn("looking for playlists that are stations", self._look_for_playlists)

    @hookimpl
    async def stop(self) -> None:
        """End whatever runs."""
        if self._radio is not None:
            await self._radio.close()

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """One line on the model, and one on the stations."""
        if self._radio is None and not self._context.hub.stations.all():
            return [Check("radio", CheckLevel.SKIPPED, "no station here: moodroom-hub station list")]
        return self.made().check()

    @hookimpl
    async def draw_station(self, request: StationRequest) -> Drawn | None:
        """Draw what comes next on a station."""
        return await self.made().draw(request)

    @hookimpl
    async def on_skipped(self, event: Skipped) -> None:
        """A skip may be a dislike."""
        await self._hear(event)

    @hookimpl
    async def on_completed(self, event: Completed) -> None:
        """What was heard to its end is liked."""
        await self._hear(event)

    @hookimpl
    async def on_event(self, event: Event) -> None:
        """By the rule of shares every end of a listen says something."""
        if isinstance(event, Partial):
            await self._hear(event)

    async def nightly(self) -> None:
        """The radio's night, where there is anything to do for one. Never raises."""
        if self._radio is None and not self._context.hub.stations.all() and not self._has_model():
            from moodroom_hub.plugins.radio.looking import has_any

            if not await has_any(self._context):
                return
        await self.made().nightly()

    async def artist_vectors(self, artists: Collection[str]) -> Mapping[str, tuple[float, ...]]:
        """What the model knows of these artists; nothing, where there is none."""
        return await self.made().artist_vectors(artists) if self._radio is not None or self._has_model() else {}

    def made(self) -> "StationRadio":
        """The radio; from now on it is there."""
        if self._radio is None:
            from moodroom_hub.plugins.radio.radio import StationRadio  # late: see above

            self._radio = StationRadio(self._context)
            if self._is_started:
                self._radio.start()
        return self._radio

    def _has_model(self) -> bool:
        return model_path(self._context.config, self._context.data_dir).exists()

    async def _hear(self, event: Skipped | Completed | Partial) -> None:
        if station_of(event.listen.room) is not None:
            await self.made().hear(event)

    async def _look_for_playlists(self) -> None:
        """Sources start after faces, and a login may come later: so not only once. The rest is the night's."""
        for wait_ms in LOOKS_MS:
            await self._context.clock.sleep_ms(wait_ms)
            if await self._has_looked():
                return

    async def _has_looked(self) -> bool:
        """Whether somebody could tell; the stations of playlists are made, then."""
        from moodroom_hub.plugins.radio.looking import has_any

        found = await has_any(self._context)
        if found or (found is not None and self._radio is not None):
            await self.made().read_playlists()
        return found is not None


class _Late:
    """Stands for the radio until somebody asks it something."""

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin

    async def nightly(self) -> None:
        """Most hubs have no station; their nights are short."""
        await self._plugin.nightly()

    async def artist_vectors(self, artists: Collection[str]) -> Mapping[str, tuple[float, ...]]:
        """Whoever sorts asks for them; most hubs have no model."""
        return await self._plugin.artist_vectors(artists)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._plugin.made(), name)
