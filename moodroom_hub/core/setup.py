"""The first run as faces know it: what the owner's configuration file says, and the few keys that a page may set."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from moodroom_hub.core.config import ConfigError, LoadedConfig, PluginConfig, default_rooms, load_config, plugin_config
from moodroom_hub.core.config.first_steps import overriding_variable, usual_place, write_plugin_value, write_rooms
from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode

Restart = Callable[[], None]
_DEFAULTS: Final[Mapping[str, str]] = {slug: room.name for slug, room in default_rooms().items()}


@dataclass(frozen=True, slots=True)
class SetupView:
    """The configuration file. ``place``: where it is, or would be made. ``rooms``: those that it names, by slug;
    ``defaults``: the six that a hub has when it names none.

    ``is_pending``: it says something else than the hub runs with, so that a restart is needed. ``can_restart``: the
    hub can do that by itself. ``problem``: why it cannot be read any more, empty where it can.
    """

    place: Path
    is_there: bool
    rooms: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=lambda: _DEFAULTS)
    is_pending: bool = False
    can_restart: bool = False
    problem: str = ""


class SetupFace(Protocol):
    """What a page may write into the owner's file. Everything raises ``MoodroomError`` with the mend."""

    def view(self) -> SetupView:
        """What the file says now."""
        ...

    def overridden_by(self, plugin: str, key: str) -> str | None:
        """The environment's variable that decides this key, so that the file does not."""
        ...

    async def set_plugin_value(self, plugin: str, key: str, value: str) -> None:
        """Set ``plugins.<plugin>.<key>``; checked as the plugin checks it. Every other sign of the file stays."""
        ...

    async def set_rooms(self, keep: Sequence[str], own: Sequence[str] = ()) -> None:
        """Let the file name just these rooms: ``keep`` by slug, new ones by name. No pool is touched."""
        ...

    async def restart(self) -> None:
        """Begin again with what the file says now; what plays goes on meanwhile. Returns before it happens."""
        ...


class Setup:
    """Implements ``SetupFace``. ``models``: the plugins' configuration models. ``restart``: raises where the file is
    not fit to begin again with; ``None``: this hub cannot."""

    def __init__(
        self,
        loaded: LoadedConfig,
        models: Callable[[], Mapping[str, type[PluginConfig]]],
        restart: Restart | None,
    ) -> None:
        self._loaded = loaded
        self._models = models
        self._restart = restart
        self._made: Path | None = None

    def view(self) -> SetupView:
        """What the file says now."""
        place, can_restart = self._path or usual_place(), self._restart is not None
        try:
            now = self._now()
        except ConfigError as error:
            return SetupView(place, place.exists(), problem=str(error.problems[0]), can_restart=can_restart)
        rooms = {slug: room.name for slug, room in now.settings.rooms.items()}
        running = self._loaded.settings
        is_same = now.settings == running and list(now.settings.rooms) == list(running.rooms)
        return SetupView(place, place.exists(), rooms, is_pending=not is_same, can_restart=can_restart)

    def overridden_by(self, plugin: str, key: str) -> str | None:
        """The variable in the way."""
        return overriding_variable(plugin, key, self._loaded.environ)

    async def set_plugin_value(self, plugin: str, key: str, value: str) -> None:
        """Set a plugin's key."""
        model = self._models().get(plugin)
        if model is None:
            raise Trouble(TroubleCode.NOT_FOUND, "There is no such plugin; see: moodroom-hub plugins.")

        def check(now: LoadedConfig) -> None:
            plugin_config(now, plugin, model)

        environ = self._loaded.environ
        self._note(write_plugin_value(self._path, plugin, key, value, environ=environ, check=check).path)

    async def set_rooms(self, keep: Sequence[str], own: Sequence[str] = ()) -> None:
        """Choose the rooms."""
        self._note(write_rooms(self._path, keep, own, environ=self._loaded.environ).path)

    async def restart(self) -> None:
        """Begin again."""
        if self._restart is None:
            raise Trouble(
                TroubleCode.CONFLICT,
                "This hub cannot restart itself. Stop it (Ctrl-C where it runs) and start it again; "
                "a service: systemctl restart moodroom-hub.",
            )
        try:
            self._restart()
        except MoodroomError as error:
            raise Trouble(TroubleCode.CONFLICT, f"The hub goes on as it is: {error}") from None

    @property
    def _path(self) -> Path | None:
        return self._loaded.path or self._made

    def _note(self, path: Path) -> None:
        """A file that was made just now is found by the next start, and edited from now on."""
        self._made = path

    def _now(self) -> LoadedConfig:
        path = self._path
        if path is None and not usual_place().exists():
            return self._loaded
        return load_config(path, self._loaded.environ or os.environ)
