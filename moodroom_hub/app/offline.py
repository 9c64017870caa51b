"""Commands straight on the data, while no hub runs: the hub's own parts, without a start."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self, TypeVar

from moodroom_hub.app.client import Json
from moodroom_hub.core.config import LoadedConfig
from moodroom_hub.core.errors import StartError
from moodroom_hub.core.offline import OfflineHub, offline_hub
from moodroom_hub.core.wire import views
from moodroom_hub.domain.models import RoomSlug
from moodroom_hub.plugins import BUILTIN_PLUGINS

ResultT = TypeVar("ResultT")

NO_HUB = "No hub runs here. Start it with: moodroom-hub run."


def opened(loaded: LoadedConfig, *, is_reading: bool) -> AbstractAsyncContextManager[OfflineHub]:
    """The hub's parts over its data: rooms, pools, receipts, accounts. ``is_reading`` takes no lock."""
    return offline_hub(loaded, builtins=BUILTIN_PLUGINS, is_reading=is_reading)


class OfflineClient:
    """Implements ``client.Client``. A context manager: the data is open (and locked, unless reading) inside."""

    def __init__(self, loaded: LoadedConfig, *, is_reading: bool) -> None:
        self._opening = opened(loaded, is_reading=is_reading)
        self._runner = asyncio.Runner()
        self._hub: OfflineHub

    def __enter__(self) -> Self:
        try:
            self._hub = self._runner.run(self._opening.__aenter__())
        except BaseException:
            self._runner.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._runner.run(self._opening.__aexit__(kind, error, trace))
        finally:
            self._runner.close()

    def state(self) -> Json:
        """There is no state without a hub."""
        raise StartError(NO_HUB)

    def rooms(self) -> list[Json]:
        """Every room with its counts."""
        return [_plain(views.room(view)) for view in self._run(self._hub.commands.room_views())]

    def pool(self, slug: str) -> Json:
        """One room's tracks by tier."""
        room = RoomSlug(slug)
        return _plain(views.pool(room, self._run(self._hub.commands.pool(room))))

    def activate(self, slug: str) -> Json:
        """Nothing plays without a hub."""
        raise StartError(NO_HUB)

    def rooms_off(self) -> None:
        """Nothing plays without a hub."""
        raise StartError(NO_HUB)

    def receipts(self, limit: int, before: int | None) -> list[Json]:
        """Newest first."""
        return [_plain(shape) for shape in views.receipts(self._run(self._hub.commands.receipts(limit, before)))]

    def undo(self, receipt_id: int) -> Json:
        """Take a receipt back."""
        return _plain(views.receipt(self._run(self._hub.commands.undo(receipt_id)), None))

    def plugins(self) -> list[Json]:
        """How far every plugin would get; none is started."""
        return [_plain(views.plugin(view)) for view in self._hub.commands.plugin_views()]

    def import_pool(self, text: str, form: str, *, is_overwriting: bool) -> Json:
        """Fill pools from a file's text."""
        return _plain(views.imported(self._run(self._hub.commands.import_pool(text, form, overwrite=is_overwriting))))

    def sync_library(self) -> Json:
        """Read new liked songs."""
        return _plain(views.synced(self._run(self._hub.commands.sync_library())))

    def _run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        return self._runner.run(work)


def _plain(shape: Any) -> Json:
    dumped = shape.model_dump(mode="json", by_alias=True)
    assert isinstance(dumped, dict)
    return dumped
