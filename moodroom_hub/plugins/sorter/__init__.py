"""The sorter: a few labels, and liked songs keep themselves in the owner's own playlists."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.miners import Miner
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.core.sorting import Sorter
from moodroom_hub.plugins.sorter.config import SorterConfig

if TYPE_CHECKING:  # a hub that sorts nothing shall not hold what sorts
    from moodroom_hub.plugins.sorter.sorter import PlaylistSorter

NO_LAYERS = "switched off: nothing is to be sorted; set plugins.sorter.layers"


class Plugin:
    """One sorter for all layers. Without a layer it does nothing, and holds nothing."""

    name: ClassVar[str] = "sorter"
    role: ClassVar[Role] = Role.FACE
    Config: ClassVar[type[SorterConfig]] = SorterConfig

    def __init__(self, context: PluginContext[SorterConfig]) -> None:
        self._context = context
        self._sorter: PlaylistSorter | None = None

    @hookimpl
    def register_sorters(self) -> Sequence[Sorter]:
        """The sorter, where there is a layer."""
        sorter = self._made()
        return [] if sorter is None else [sorter]

    @hookimpl
    def register_miners(self) -> Sequence[Miner]:
        """A miner, where a layer's sublists are the rooms."""
        sorter = self._made()
        rooms = [] if sorter is None else [layer for layer in sorter.layers() if any(x.room for x in layer.sublists)]
        if sorter is None or not rooms:
            return []
        from moodroom_hub.plugins.sorter.miner import SortingMiner

        return [SortingMiner(sorter, rooms)]

    @hookimpl
    async def start(self) -> None:
        """Go on with what was begun."""
        if self._sorter is None:
            self._context.set_status(PluginStatus.DISABLED, NO_LAYERS)
        else:
            await self._sorter.start()

    @hookimpl
    async def stop(self) -> None:
        """End whatever runs."""
        if self._sorter is not None:
            await self._sorter.close()

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """One line a layer."""
        if self._sorter is None:
            return [Check("sorter", CheckLevel.SKIPPED, "no plugins.sorter.layers: nothing is sorted")]
        return await self._sorter.check()

    def _made(self) -> "PlaylistSorter | None":
        if self._sorter is None and self._context.config.layers:
            # Late: see above.
            from moodroom_hub.plugins.sorter.learner import Learner
            from moodroom_hub.plugins.sorter.sorter import PlaylistSorter

            self._sorter = PlaylistSorter(self._context, Learner())
        return self._sorter
