"""A sync: what the owner moved becomes labels, new likes are placed, what is sure is written where that is wanted."""

from collections.abc import Callable

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.sorting import Material, SortingFace
from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.layers import Composition
from moodroom_hub.domain.sorting.models import Layer, Standing
from moodroom_hub.plugins.sorter.jobs import Teller
from moodroom_hub.plugins.sorter.keeping import Keeping, new_targets, ours_of
from moodroom_hub.plugins.sorter.knowledge import Knowledge
from moodroom_hub.plugins.sorter.reader import Reader
from moodroom_hub.plugins.sorter.training import Training
from moodroom_hub.plugins.sorter.views import counted


class Syncing:
    """``may_write``: whether sure songs are written into playlists that the owner applied once."""

    def __init__(
        self,
        *,
        sorting: Callable[[], SortingFace],
        reader: Reader,
        training: Training,
        keeping: Keeping,
        composition: Composition,
        may_write: bool,
    ) -> None:
        self._sorting = sorting
        self._reader = reader
        self._training = training
        self._keeping = keeping
        self._composition = composition
        self._may_write = may_write

    async def run(self, tell: Teller) -> None:
        """All layers, each behind the one that it takes its songs from. Raises ``Trouble``.

        What one layer's songs cannot be judged by or written to does not keep the others from it.
        """
        await self._keeping.go_on(tell)
        await self._correct(tell)
        tell.phase("reading what is known")
        material = await self._sorting().material()
        troubles: list[Trouble] = []
        for layer in self._composition.layers:
            known = await self._reader.build(layer, material)
            if known is None:
                tell.note(f"{layer.name}: {self._reader.troubles.get(layer.key, 'it cannot be sorted')}")
                continue
            try:
                await self._sort(known, material, tell)
            except Trouble as trouble:
                troubles.append(trouble)
                tell.note(f"{layer.name}: {trouble.message}")
            if self._reader.known.get(layer.key) is not known:  # somebody read meanwhile
                self._reader.forget([layer.key])
        if troubles:
            raise troubles[0]

    async def _correct(self, tell: Teller) -> None:
        """What the owner moved on the service."""
        for layer in self._composition.layers:
            if not await self._was_written(layer):
                continue
            known = await self._reader.one(layer.key)
            tell.phase(f"{layer.name}: reading the playlists")
            outcome = await self._keeping.writer.corrections(layer, same=known.songs.same)
            for note in outcome.notes:
                tell.note(note)
            count = len(outcome.labels)
            if count:
                self._reader.forget([layer.key])
                tell.note(f"{layer.name}: you moved {counted(count, 'song')}")

    async def _was_written(self, layer: Layer) -> bool:
        return any(each.playlist for each in await self._sorting().writes(layer.key))

    async def _sort(self, known: Knowledge, material: Material, tell: Teller) -> None:
        """Judge what is new, put everything into its place, and write what is sure."""
        layer = known.layer
        if known.version is None and not known.is_said:
            return
        is_seen = known.chances.keys() | (known.places.keys() if known.version is None else ())
        new = [track.uri for track in known.songs.tracks if track.uri not in is_seen]
        await self._training.judge_new(known, material, tell)
        await self._sorting().put_places(layer.key, list(known.places.values()))
        if new:
            tell.note(f"{layer.name}: {_outcome(known, new)}")
        if self._may_write and known.is_kept and known.is_decided:
            ours = ours_of(known, await self._sorting().writes(layer.key))
            targets = new_targets(known, ours)
            if targets:
                await self._keeping.write(known, targets, tell)


def _outcome(known: Knowledge, new: list[Uri]) -> str:
    standings = [known.places[uri].standing for uri in new if uri in known.places]
    placed = sum(each in (Standing.SURE, Standing.SAID) for each in standings)
    doubtful = sum(each is Standing.DOUBTFUL for each in standings)
    return f"{counted(len(standings), 'new song')}: {placed} placed, {doubtful} to review"
