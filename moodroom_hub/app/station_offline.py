"""Stations straight on the data, while no hub runs."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from moodroom_hub.app.sorter_offline import Run
from moodroom_hub.app.station_client import Json
from moodroom_hub.core.errors import StartError, Trouble, TroubleCode
from moodroom_hub.core.stations import Radio, StationJob, StationView
from moodroom_hub.core.wire import station_orders as orders
from moodroom_hub.core.wire import station_views as views
from moodroom_hub.core.wire.refusals import refusal
from moodroom_hub.domain.stations.models import StationKey

STEP_S = 0.1
"""How long the work may go on each time that somebody asks how far it is: without a hub nothing runs in between."""

OrderT = TypeVar("OrderT", bound=BaseModel)
Changing = Callable[[StationKey, Json], Coroutine[Any, Any, StationView]]


class OfflineStations:
    """Implements ``station_client.StationsClient``. ``no_hub``: why nothing plays."""

    def __init__(self, radio: Radio, run: Run, no_hub: str) -> None:
        self._radio = radio
        self._run = run
        self._no_hub = no_hub

    def overview(self) -> list[Json]:
        """Every station."""
        return [_plain(views.station(each)) for each in self._run(self._radio.overview())]

    def station(self, key: str) -> Json:
        """A station, what it would play now and why, and its votes."""
        return _plain(views.why(self._run(self._radio.why(StationKey(key)))))

    def new(self, order: Json) -> Json:
        """Make one."""
        given = _checked(orders.StationNewOrder, order)
        return _plain(views.station(self._run(given.make(self._radio))))

    def change(self, key: str, what: str, order: Json) -> Json:
        """Change it."""
        radio = self._radio

        def voted(key: StationKey, order: Json) -> Coroutine[Any, Any, StationView]:
            given = _checked(orders.StationVoteOrder, order)
            return radio.vote(key, given.kind, given.track())

        changes: Mapping[str, Changing] = {
            "tune": lambda key, order: radio.tune(key, _checked(orders.StationTuneOrder, order).changes()),
            "vote": voted,
            "take_back": lambda key, _: radio.take_back(key),
            "clear": lambda key, _: radio.clear(key),
            "rename": lambda key, order: radio.rename(key, _checked(orders.StationRenameOrder, order).name),
        }
        return _plain(views.station(self._run(changes[what](StationKey(key), order))))

    def remove(self, key: str) -> None:
        """Forget it."""
        self._run(self._radio.remove(StationKey(key)))

    def play(self, key: str, zone: str | None) -> Json:
        """Nothing plays without a hub."""
        raise StartError(self._no_hub)

    def card(self, key: str, form: str) -> str:
        """The file's text, exactly."""
        return self._run(self._radio.card(StationKey(key), form))

    def import_card(self, order: Json) -> Json:
        """Make a station of a file's text."""
        given = _checked(orders.StationImportOrder, order)
        return _plain(views.imported(self._run(self._radio.import_card(given.text, given.name.strip()))))

    def begin(self, what: str, order: Json) -> Json:
        """Begin work; it goes on whenever ``job`` is asked for."""

        async def begun() -> StationJob:
            if what == "refill":
                return self._radio.start_refill(_checked(orders.StationRefillOrder, order).slug())
            given = _checked(orders.StationTrainOrder, order)
            return self._radio.start_training(given.folders, given.seed, anew=given.anew)

        return self._told(self._run(begun()))

    def job(self) -> Json:
        """Where the work stands; meanwhile it goes on."""
        self._run(asyncio.sleep(STEP_S))
        return self._told(self._radio.job())

    def cancel(self) -> Json:
        """Stop what runs."""
        return self._told(self._run(self._radio.cancel()))

    def _told(self, job: StationJob) -> Json:
        return _plain(views.job(job, self._radio.model()))


def _checked(model: type[OrderT], given: Json) -> OrderT:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Trouble(TroubleCode.BAD_REQUEST, refusal(error)) from None


def _plain(shape: BaseModel) -> Json:
    dumped = shape.model_dump(mode="json", by_alias=True)
    assert isinstance(dumped, dict)
    return dumped
