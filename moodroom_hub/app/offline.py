"""Commands straight on the data, while no hub runs: the hub's own parts, without a start."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ValidationError

from moodroom_hub.app.client import Json, with_report
from moodroom_hub.app.log import only_what_concerns_a_command
from moodroom_hub.app.sorter_client import SorterClient
from moodroom_hub.app.station_client import StationsClient
from moodroom_hub.core.config import LoadedConfig
from moodroom_hub.core.errors import StartError, Trouble, TroubleCode
from moodroom_hub.core.miners import JobView, MiningFace, MiningOrder
from moodroom_hub.core.offline import OfflineHub, offline_hub
from moodroom_hub.core.played import PlaySearch
from moodroom_hub.core.wire import mining_orders, mining_views, past, plays, plays_orders, views
from moodroom_hub.core.wire.refusals import refusal
from moodroom_hub.domain.models import RoomSlug, Uri, ZoneName
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.plays.models import DeliveryStatus
from moodroom_hub.plugins import BUILTIN_PLUGINS

ResultT = TypeVar("ResultT")
OrderT = TypeVar("OrderT", bound=BaseModel)

STEP_S = 0.1
"""How long a job may go on each time that somebody asks how far it is: without a hub nothing runs in between."""

NO_HUB = "No hub runs here. Start it with: moodroom-hub run."


@asynccontextmanager
async def opened(loaded: LoadedConfig, *, is_reading: bool) -> AsyncIterator[OfflineHub]:
    """The hub's parts over its data: rooms, pools, receipts, accounts. ``is_reading`` takes no lock."""
    with only_what_concerns_a_command():
        async with offline_hub(loaded, builtins=BUILTIN_PLUGINS, is_reading=is_reading) as hub:
            yield hub


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

    @property
    def sorter(self) -> SorterClient:
        """The sorter itself. Raises ``Trouble(NOT_FOUND)`` where there is none."""
        # Late: most commands have nothing to do with it.
        from moodroom_hub.app.sorter_offline import OfflineSorter

        return OfflineSorter(self._hub.commands.sorter, self._runner.run)

    @property
    def stations(self) -> StationsClient:
        """The radio itself. Raises ``Trouble(NOT_FOUND)`` where there is none."""
        # Late: most commands have nothing to do with it.
        from moodroom_hub.app.station_offline import OfflineStations

        return OfflineStations(self._hub.commands.radio, self._runner.run, NO_HUB)

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

    def activate(self, slug: str, zone: str | None = None) -> Json:
        """Nothing plays without a hub."""
        raise StartError(NO_HUB)

    def rooms_off(self, zone: str | None = None) -> None:
        """Nothing plays without a hub."""
        raise StartError(NO_HUB)

    def receipts(self, limit: int, before: int | None) -> list[Json]:
        """Newest first."""
        return [_plain(shape) for shape in views.receipts(self._run(self._hub.commands.receipts(limit, before)))]

    def undo(self, receipt_id: int) -> Json:
        """Take a receipt back."""
        return _plain(views.receipt(self._run(self._hub.commands.undo(receipt_id)), None))

    def undo_group(self, group: str) -> list[Json]:
        """Take a group of receipts back at once."""
        return [_plain(views.receipt(each, None)) for each in self._run(self._hub.commands.undo_group(group))]

    def import_past(self, plays: Sequence[PastPlay]) -> Json:
        """Fill the history with plays from before the hub."""
        return _plain(past.imported(self._run(self._hub.commands.import_past(plays))))

    def warm_pools(self) -> Json:
        """Let the past change the pools."""
        return _plain(past.warmed(self._run(self._hub.commands.warm_pools())))

    def plugins(self) -> list[Json]:
        """How far every plugin would get; none is started."""
        return [_plain(views.plugin(view)) for view in self._hub.commands.plugin_views()]

    def import_pool(self, text: str, form: str, *, is_overwriting: bool) -> Json:
        """Fill pools from a file's text."""
        return _plain(views.imported(self._run(self._hub.commands.import_pool(text, form, overwrite=is_overwriting))))

    def sync_library(self) -> Json:
        """Read new liked songs."""
        return _plain(views.synced(self._run(self._hub.commands.sync_library())))

    def miners(self) -> list[Json]:
        """Who can fill rooms, and how they are."""
        return [_plain(mining_views.miner(view)) for view in self._mining.miners()]

    def mining_estimate(self, order: Json) -> Json:
        """What a mining or an audit would take."""
        return _plain(mining_views.estimate(self._run(self._mining.estimate(_mining_order(order)))))

    def mining_start(self, order: Json) -> Json:
        """Begin one; it works on whenever ``mining_state`` is asked for."""
        return _plain(mining_views.job(self._run(self._mining.start(_mining_order(order)))))

    def mining_state(self) -> Json:
        """How far it is; with its report where it has ended."""
        self._run(asyncio.sleep(STEP_S))
        return self._with_report(self._mining.job())

    def mining_cancel(self) -> Json:
        """Stop what runs."""
        return _plain(mining_views.job(self._run(self._mining.cancel())))

    def mining_apply(self, order: Json) -> Json:
        """Make the held result true."""
        given = checked(mining_orders.ApplyOrder, order)
        words = None if given.definition is None else given.definition.words()
        return self._with_report(self._run(self._mining.apply(words, [Uri(uri) for uri in given.drop])))

    def mining_discard(self) -> Json:
        """Forget the held result."""
        return _plain(mining_views.job(self._run(self._mining.discard())))

    def mining_undo(self) -> Json:
        """Take the last mining back."""
        undone = self._run(self._mining.undo())
        return {"rooms": list(undone.rooms), "back": undone.is_back}

    def room_definition(self, slug: str) -> Json:
        """A room's words."""
        return _plain(mining_views.definition(self._mining.definition(RoomSlug(slug))))

    def move(self, slug: str, uri: str, tier: str, why: str) -> Json:
        """Put a track into a tier by hand."""
        given = checked(mining_orders.MoveOrder, {"uri": uri, "tier": tier, "why": why})
        done = self._run(self._mining.move(RoomSlug(slug), Uri(given.uri), given.tier, given.why))
        return _plain(views.receipt(done, None))

    def kept(self, slug: str) -> list[str]:
        """The uris of what was said to belong in the room."""
        return sorted(self._run(self._mining.kept(RoomSlug(slug))))

    def audit_kept(self, slug: str, uris: list[str]) -> Json:
        """Remember that these belong in the room."""
        self._run(self._mining.keep(RoomSlug(slug), [Uri(uri) for uri in uris]))
        return {"ok": True}

    def plays(self, wanted: Mapping[str, str], limit: int, before: int | None) -> Json:
        """A page of plays."""
        zone, status, target = (wanted.get(name) or None for name in ("zone", "status", "target"))
        search = PlaySearch(
            zone=None if zone is None else ZoneName(zone),
            status=None if status is None else DeliveryStatus(status),
            target=target,
            with_twins=wanted.get("twins") == "true",
        )
        return _plain(plays.page(self._run(self._hub.commands.plays.find(search, limit, before))))

    def play(self, play_id: int) -> Json:
        """One play with its deliveries."""
        return _plain(plays.play(self._run(self._hub.commands.plays.get(play_id))))

    def retry_plays(self, order: Json) -> Json:
        """Dead deliveries wait again."""
        given = checked(plays_orders.RetryOrder, order)
        return {"changed": self._run(self._hub.commands.plays.retry(given.ids, given.target))}

    def edit_play(self, play_id: int, order: Json) -> Json:
        """Correct a play before it is sent."""
        given = checked(plays_orders.EditOrder, order)
        return {"changed": self._run(self._hub.commands.plays.edit(play_id, given.edit(), given.target))}

    def leave_out_play(self, play_id: int, order: Json) -> Json:
        """Never send a play."""
        given = checked(plays_orders.LeaveOutOrder, order)
        return {"changed": self._run(self._hub.commands.plays.leave_out(play_id, given.target))}

    @property
    def _mining(self) -> MiningFace:
        return self._hub.commands.mining

    def _with_report(self, view: JobView) -> Json:
        return with_report(_plain(mining_views.job(view)), lambda: _plain(mining_views.report(view)))

    def _run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        return self._runner.run(work)


def checked(model: type[OrderT], given: Json) -> OrderT:
    """``given`` as the API would take it. Raises ``Trouble(BAD_REQUEST)``."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Trouble(TroubleCode.BAD_REQUEST, refusal(error)) from None


def _mining_order(given: Json) -> MiningOrder:
    return checked(mining_orders.MiningOrderShape, given).order()


def _plain(shape: Any) -> Json:
    dumped = shape.model_dump(mode="json", by_alias=True)
    assert isinstance(dumped, dict)
    return dumped
