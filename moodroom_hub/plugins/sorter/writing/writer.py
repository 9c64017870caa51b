"""The writing as the rest of the sorter sees it."""

import asyncio
from collections.abc import Mapping

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.sorting import OnProgress, SortingFace
from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Layer, LayerKey, SublistKey
from moodroom_hub.domain.sorting.writing import NONE_SAME
from moodroom_hub.plugins.sorter.writing import applying, reading, rolling_back
from moodroom_hub.plugins.sorter.writing.applying import Difference, Targets
from moodroom_hub.plugins.sorter.writing.desk import Desk, Keeper, Outcome, no_progress


class PlaylistWriter:
    """Keeps the sublists' playlists at ``account``. One change at a time; every method raises ``Trouble``.

    It may be cancelled anywhere: what was begun is remembered, and gone on with by ``continue_open`` or the next
    ``apply``. ``same``: of uris of one recording the one that stands for all of them. ``on_progress`` counts songs.
    """

    def __init__(self, account: Keeper, store: SortingFace, clock: Clock) -> None:
        self._desk = Desk(account, store, clock)
        self._lock = asyncio.Lock()

    async def diff(
        self, layer: Layer, targets: Targets, *, same: Mapping[Uri, Uri] = NONE_SAME
    ) -> tuple[tuple[Difference, ...], Outcome]:
        """What ``apply`` would do to each playlist; of the outcome, only labels and notes. Changes nothing."""
        return await applying.diff(self._desk, layer, targets, same)

    async def apply(
        self,
        layer: Layer,
        targets: Targets,
        on_progress: OnProgress = no_progress,
        *,
        same: Mapping[Uri, Uri] = NONE_SAME,
        batch: int = 0,
    ) -> Outcome:
        """Bring the playlists of these sublists to hold ``targets`` (in the motherlist's order), and the owner's songs.

        ``batch``: that of an earlier outcome, where several layers are written as one.
        """
        async with self._lock:
            return await applying.apply(self._desk, layer, targets, same, batch, on_progress)

    async def continue_open(self, layer: LayerKey | None = None, on_progress: OnProgress = no_progress) -> Outcome:
        """Go on with what was begun, by whomever and whenever."""
        async with self._lock:
            return await applying.continue_open(self._desk, layer, on_progress)

    async def rollback(
        self,
        layer: LayerKey | None = None,
        on_progress: OnProgress = no_progress,
        *,
        batch: int | None = None,
        is_forced: bool = False,
    ) -> Outcome:
        """Take a batch back, the last one where none is named: to the exact former order."""
        async with self._lock:
            return await rolling_back.rollback(self._desk, layer, batch, on_progress, is_forced=is_forced)

    async def corrections(
        self, layer: Layer, sublists: frozenset[SublistKey] | None = None, *, same: Mapping[Uri, Uri] = NONE_SAME
    ) -> Outcome:
        """What the owner moved on the service since the last look: labels, remembered already; each is found once."""
        async with self._lock:
            return await reading.take_corrections(self._desk, layer, sublists or frozenset(layer.keys), same)
