"""An owner's configuration file in memory."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.setup import SetupView


class FakeSetup:
    """Remembers what it was told; ``fails`` is what writing raises."""

    def __init__(self) -> None:
        self.shown = SetupView(Path("config.yaml"), is_there=True, rooms={"late-night": "Late Night", "house": "House"})
        self.variable: str | None = None
        self.fails: MoodroomError | None = None
        self.calls: list[tuple[object, ...]] = []

    def view(self) -> SetupView:
        return self.shown

    def overridden_by(self, plugin: str, key: str) -> str | None:
        return self.variable

    async def set_plugin_value(self, plugin: str, key: str, value: str) -> None:
        self._told(plugin, key, value)

    async def set_rooms(self, keep: Sequence[str], own: Sequence[str] = ()) -> None:
        self._told(tuple(keep), tuple(own))

    async def restart(self) -> None:
        if not self.shown.can_restart:
            raise Trouble(TroubleCode.CONFLICT, "This hub cannot restart itself.")
        self._told("restart")

    def _told(self, *what: object) -> None:
        self.calls.append(what)
        if self.fails is not None:
            raise self.fails
        self.shown = replace(self.shown, is_pending=True)
