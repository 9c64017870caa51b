"""The store's part ``Store.sorting``. Every call may raise ``StoreDown``."""

from collections.abc import MutableMapping, Sequence
from functools import partial

from sqlalchemy import Connection

from moodroom_hub.core.sorting import Heard, OwnList, Version, Write
from moodroom_hub.core.store import playlists, sort_labels, sort_material, sort_records
from moodroom_hub.core.store.codec import Decoder
from moodroom_hub.core.store.play_shelf import Desk
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.sorting.models import Label, LayerKey, Place

ROWS = 2_000
"""Listens that are counted in one go: whoever writes waits no longer than for these."""


class SortShelf:
    """What the sorter remembers, and what it learns from."""

    def __init__(self, desk: Desk, decoder: Decoder) -> None:
        self._desk = desk
        self._decoder = decoder

    async def labels(self, layer: LayerKey) -> list[Label]:
        """The newest label of each song, in the order in which these were given."""
        return await self._desk.read(lambda connection: sort_labels.holding(connection, self._decoder, layer))

    async def put_labels(self, layer: LayerKey, labels: Sequence[Label]) -> None:
        """Append; what playlists and rooms say takes the place of what they said before."""
        await self._desk.write(lambda connection: sort_labels.put_labels(connection, self._decoder, layer, labels))

    async def take_back_label(self, layer: LayerKey) -> Label | None:
        """Forget the newest label that a hand gave, and give it."""
        return await self._desk.write(lambda connection: sort_labels.take_back(connection, self._decoder, layer))

    async def places(self, layer: LayerKey) -> list[Place]:
        """Where the layer's songs belong, in the order in which they were put."""
        return await self._desk.read(lambda connection: sort_labels.places(connection, self._decoder, layer))

    async def put_places(self, layer: LayerKey, places: Sequence[Place]) -> None:
        """Exactly these from now on. A power cut may take it back: it can be decided again."""
        await self._desk.write(lambda connection: sort_labels.put_places(connection, layer, places), must_last=False)

    async def versions(self, layer: LayerKey) -> list[Version]:
        """Trainings, newest first."""
        return await self._desk.read(lambda connection: sort_records.versions(connection, self._decoder, layer))

    async def add_version(self, version: Version) -> Version:
        """Remember a training under an id of its own; an adopted one replaces the one that was in use."""
        return await self._desk.write(lambda connection: sort_records.add_version(connection, self._decoder, version))

    async def writes(self, layer: LayerKey | None) -> list[Write]:
        """Changes of playlists, newest first."""
        return await self._desk.read(lambda connection: sort_records.writes(connection, self._decoder, layer))

    async def put_writes(self, writes: Sequence[Write]) -> list[Write]:
        """Insert those with the id 0, replace the others, all or none; gives them with their ids."""
        return await self._desk.write(lambda connection: sort_records.put_writes(connection, self._decoder, writes))

    async def own_lists(self, known: MutableMapping[Uri, Track]) -> list[OwnList]:
        """The playlists in their order. Tracks that are ``known`` are not read again; the others become known.

        Each is a read of its own: whoever writes waits for one.
        """
        titles = await self._desk.read(playlists.titles)
        reads = [partial(sort_material.own_list, self._decoder, known, playlist_id) for playlist_id, _ in titles]
        return [one for read in reads if (one := await self._desk.read(read)) is not None]

    async def heard(self, rows: int = ROWS) -> dict[Uri, Heard]:
        """How often each track was heard to its end, and skipped; ``rows`` listens in each read."""
        heard: dict[Uri, Heard] = {}
        before: int | None = None
        while True:

            def work(connection: Connection, start: int | None = before) -> int | None:
                return sort_material.fold_heard(connection, self._decoder, heard, start, rows)

            before = await self._desk.read(work)
            if before is None:
                return heard
