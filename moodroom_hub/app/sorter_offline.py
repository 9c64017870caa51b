"""The sorter straight on the data, while no hub runs."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from moodroom_hub.app.sorter_client import Json
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import Asked, Sorter, SorterJob
from moodroom_hub.core.wire import sorter_views as views
from moodroom_hub.core.wire.refusals import refusal
from moodroom_hub.core.wire.sorter_orders import PlaceOrder, SongOrder, WorkOrder
from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Layer, LayerKey, Standing

STEP_S = 0.1
"""How long the work may go on each time that somebody asks how far it is: without a hub nothing runs in between."""

ResultT = TypeVar("ResultT")
OrderT = TypeVar("OrderT", bound=BaseModel)


class Run(Protocol):
    """Runs a coroutine to its end."""

    def __call__(self, work: Coroutine[Any, Any, ResultT], /) -> ResultT: ...


class OfflineSorter:
    """Implements ``sorter_client.SorterClient``."""

    def __init__(self, sorter: Sorter, run: Run) -> None:
        self._sorter = sorter
        self._run = run

    def overview(self) -> Json:
        """Every layer, and the work."""
        return _plain(views.overview(self._run(self._sorter.overview()), self._sorter.job()))

    def job(self) -> Json:
        """Where the work stands; meanwhile it goes on."""
        self._run(asyncio.sleep(STEP_S))
        return _plain(views.job(self._sorter.job()))

    def question(self, layer: str) -> Json:
        """What to ask next."""
        its = self._layer(layer)
        return self._asked(self._sorter.question(its.key), its)

    def answer(self, layer: str, uri: str, sublists: Sequence[str]) -> Json:
        """The song belongs to exactly these."""
        its, order = self._layer(layer), _checked(PlaceOrder, {"uri": uri, "sublists": list(sublists)})
        return self._asked(self._sorter.answer(its.key, Uri(order.uri), order.keys()), its)

    def skip(self, layer: str, uri: str) -> Json:
        """Not this one now."""
        its, order = self._layer(layer), _checked(SongOrder, {"uri": uri})
        return self._asked(self._sorter.skip(its.key, Uri(order.uri)), its)

    def take_back(self, layer: str) -> Json:
        """Forget the last answer."""
        its = self._layer(layer)
        return self._asked(self._sorter.take_back(its.key), its)

    def places(self, layer: str, standing: str | None = None) -> list[Json]:
        """Where songs belong."""
        wanted = None if standing is None else Standing(standing)
        found = self._run(self._sorter.places(LayerKey(layer), wanted))
        return [_plain(views.placed(each)) for each in found]

    def move(self, layer: str, uri: str, sublists: Sequence[str]) -> Json:
        """Correct a song's place."""
        order = _checked(PlaceOrder, {"uri": uri, "sublists": list(sublists)})
        placed = self._run(self._sorter.move(LayerKey(layer), Uri(order.uri), order.keys()))
        return _plain(views.placed(placed))

    def preview(self, layer: str) -> Json:
        """What an apply would change."""
        return _plain(views.preview(self._run(self._sorter.preview(LayerKey(layer)))))

    def history(self, layer: str) -> list[Json]:
        """Every training, newest first."""
        return [_plain(views.version(each)) for each in self._run(self._sorter.history(LayerKey(layer)))]

    def begin(self, what: str, order: Json) -> Json:
        """Begin work; it goes on whenever ``job`` is asked for."""
        given = _checked(WorkOrder, order)
        starts: dict[str, Callable[[], SorterJob]] = {
            "train": lambda: self._sorter.start_training(given.key()),
            "apply": lambda: self._sorter.start_applying(given.key()),
            "rollback": lambda: self._sorter.start_rollback(given.key(), is_forced=given.force),
            "sync": self._sorter.start_sync,
        }

        async def begun() -> SorterJob:
            return starts[what]()

        return _plain(views.job(self._run(begun())))

    def cancel(self) -> Json:
        """Stop what runs."""
        return _plain(views.job(self._run(self._sorter.cancel())))

    def _layer(self, key: str) -> Layer:
        for layer in self._sorter.layers():
            if layer.key == key:
                return layer
        raise Trouble(TroubleCode.NOT_FOUND, "there is no such layer")

    def _asked(self, work: Coroutine[Any, Any, Asked], layer: Layer) -> Json:
        return _plain(views.question(self._run(work), layer))


def _checked(model: type[OrderT], given: Json) -> OrderT:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Trouble(TroubleCode.BAD_REQUEST, refusal(error)) from None


def _plain(shape: BaseModel) -> Json:
    return shape.model_dump(mode="json", by_alias=True)
