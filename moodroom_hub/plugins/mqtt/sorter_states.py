"""What is told of the sorter: how many songs wait for their owner's word. Nothing where nothing is sorted."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.sorting import LayerView
from moodroom_hub.core.wire.views import text
from moodroom_hub.plugins.mqtt.timings import Timings

_log = logging.getLogger(__name__)


class SorterLook:
    """The newest answer, for as long as ``timings`` say: the sorter is asked seldom."""

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self._views: Sequence[LayerView] | None = None
        self._asked_s: float | None = None

    async def views(self, hub: HubFace) -> Sequence[LayerView] | None:
        """Every layer; ``None`` where nothing is sorted, or nobody can say now."""
        now_s = asyncio.get_running_loop().time()
        if self._asked_s is None or now_s - self._asked_s >= self._timings.sorter:
            self._asked_s = now_s
            try:
                # Half as long as the whole look may take: a sorter that is slow to answer must not silence the hub.
                async with asyncio.timeout(self._timings.answer / 2):
                    self._views = await hub.sorter.overview() if has_layers(hub) else None
            except Trouble:
                self._views = None
            except TimeoutError:
                _log.debug("the sorter did not say in time how many songs are to be reviewed")
        return self._views


def has_layers(hub: HubFace) -> bool:
    """Whether there is anything to tell of, ever."""
    try:
        return bool(hub.sorter.layers())
    except Trouble:
        return False


def reviews(views: Sequence[LayerView]) -> dict[str, Any]:
    """How many songs are to be reviewed: in all, and in each layer."""
    layers = [
        {"layer": each.layer.key, "name": text(each.layer.name), "to_review": each.to_review, "labels": each.labels}
        for each in views
    ]
    return {"to_review": sum(each.to_review for each in views), "layers": layers}
