"""What is remembered between two looks at the hub: which zones there are, and since when one has been lost."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence

from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.face import ZoneView
from moodroom_hub.core.played import PlaysFace, TargetView
from moodroom_hub.domain.models import ZoneName
from moodroom_hub.plugins.mqtt.timings import Timings


class ZoneMemory:
    """``labels``: every zone seen in the last look, the default one first. ``absent`` is set from outside: zones that
    are announced though no plugin offers them. ``changed`` is called when the labels are others."""

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self._lost_s: dict[ZoneName, float] = {}
        self._targets: Sequence[TargetView] | None = None
        self._ask_again_s = 0.0
        self.labels: Mapping[ZoneName, str] = {}
        self.absent: Collection[ZoneName] = ()
        self.changed: Callable[[], None] = _nobody

    @property
    def away(self) -> frozenset[ZoneName]:
        """Zones whose player has been lost for a while: a speaker that only rejoins its network is not."""
        until_s = asyncio.get_running_loop().time() - self._timings.lost
        return frozenset(zone for zone, since_s in self._lost_s.items() if since_s <= until_s)

    def note(self, zones: Sequence[ZoneView]) -> None:
        """Take in a look."""
        now_s = asyncio.get_running_loop().time()
        self._lost_s = {view.zone: self._lost_s.get(view.zone, now_s) for view in zones if view.is_lost}
        labels = {view.zone: view.label for view in zones}
        if labels != self.labels:
            self.labels = labels
            self.changed()

    async def targets(self, plays: PlaysFace) -> Sequence[TargetView] | None:
        """How many plays stand where, asked now and then; ``None`` while the database cannot say."""
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._ask_again_s:
            self._ask_again_s = now_s + self._timings.scrobbles
            try:
                self._targets = await plays.targets()
            except MoodroomError:
                self._targets = None
        return self._targets


def _nobody() -> None:
    """Nobody wants to know."""
