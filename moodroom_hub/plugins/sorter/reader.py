"""Reads what is known of every layer, each behind the one that it takes its songs from."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import Material, OwnList, SortingFace, Version, VersionStatus, Write, WriteStatus
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.sorting.layers import Composition, songs_of
from moodroom_hub.domain.sorting.models import Label, Layer, LayerKey, MotherKind, Sublist, SublistKey
from moodroom_hub.plugins.sorter.aside import aside
from moodroom_hub.plugins.sorter.knowledge import Found, Knowledge
from moodroom_hub.plugins.sorter.notes import Notes, notes_path, read_notes
from moodroom_hub.plugins.sorter.songs import read_songs

log = logging.getLogger(__name__)

FRESH_MS = 60_000
"""What was read longer ago is read again before anybody works with it: nobody tells of a library that was synced."""
EMPTY_MS = 5_000
"""The same for a layer without songs."""
GLANCE_MS = 3_600_000
"""The same for whoever only looks, again and again: reading thousands of songs every minute is no look."""


class Reader:
    """``known`` and ``troubles`` (why a layer cannot be sorted) as they were read last, by layer."""

    def __init__(
        self, sorting: Callable[[], SortingFace], composition: Composition, folder: Path, clock: Clock
    ) -> None:
        self._sorting = sorting
        self._composition = composition
        self._folder = folder
        self._clock = clock
        self._reading = asyncio.Lock()
        self._stale: set[LayerKey] = set()
        self._read_at_ms: dict[LayerKey, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._meanwhile: list[tuple[LayerKey, Callable[[Knowledge], None]]] = []
        self.known: dict[LayerKey, Knowledge] = {}
        self.troubles: dict[LayerKey, str] = {}

    def forget(self, keys: Collection[LayerKey] | None = None) -> None:
        """Something changed that is not known here (all layers: ``None``): read before they are shown again."""
        self._stale.update(self._read_at_ms if keys is None else keys)

    def tell(self, key: LayerKey, change: Callable[[Knowledge], None]) -> Knowledge:
        """Something that is remembered already changed in what is known; gives that. A reading under way hears it, too.

        Raises ``Trouble`` where the layer cannot be sorted any more.
        """
        known = self.known.get(key)
        if known is None:
            raise Trouble(TroubleCode.CONFLICT, self.troubles.get(key, "the layer cannot be sorted now"))
        change(known)
        if self._reading.locked():
            self._meanwhile.append((key, change))
        return known

    async def glance(self) -> Mapping[LayerKey, Knowledge]:
        """Every layer that can be sorted, as it was not long ago. A reading goes on for whoever looks next, too, where
        this one does not wait for it. May raise ``Trouble``."""
        if any(self._is_old(layer.key, GLANCE_MS, FRESH_MS) for layer in self._composition.layers):
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._look(), name="sorter: reading")
                self._task.add_done_callback(_heard)
            await asyncio.shield(self._task)
        return self.known

    async def close(self) -> None:
        """End the reading for those who look. Idempotent."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _look(self) -> None:
        async with self._reading:
            await self._read(await self._sorting().material())

    async def one(self, key: LayerKey) -> Knowledge:
        """One layer. Raises ``Trouble`` with the mend where it cannot be sorted."""
        known = (await self._fresh([key])).get(key)
        if known is None:
            raise Trouble(TroubleCode.CONFLICT, self.troubles.get(key) or self._composition.trouble(key))
        return known

    async def anew(self) -> tuple[Material, Mapping[LayerKey, Knowledge]]:
        """All of it, read just now. May raise ``Trouble``."""
        async with self._reading:
            material = await self._sorting().material()
            await self._read(material)
        return material, self.known

    async def build(self, layer: Layer, material: Material) -> Knowledge | None:
        """What is known of one layer, read now; those above it are known. ``None``, and why among the troubles, where
        its songs are not known."""
        async with self._reading:
            return await self._build(layer, material)

    async def _build(self, layer: Layer, material: Material) -> Knowledge | None:
        self._stale.discard(layer.key)  # what changes from here on makes it stale again
        self._meanwhile = [(key, change) for key, change in self._meanwhile if key != layer.key]
        self._read_at_ms[layer.key] = self._clock.now_ms()
        try:
            known = await self._put_together(layer, material)
        except BaseException:
            self._stale.add(layer.key)
            raise
        if known is None:
            self.known.pop(layer.key, None)
            self.troubles[layer.key] = self._motherless(layer)
        else:
            for key, change in self._meanwhile:
                if key == layer.key:
                    change(known)
            self.known[layer.key] = known
            self.troubles.pop(layer.key, None)
        return known

    async def _put_together(self, layer: Layer, material: Material) -> Knowledge | None:
        sorting = self._sorting()
        places = {key: list(each.places.values()) for key, each in self.known.items()}
        mother = named(layer.motherlist.playlist, material.lists)
        tracks: dict[Uri, Track] = {}
        for own in material.lists:
            await asyncio.sleep(0)
            tracks.update((track.uri, track) for track in own.tracks)
        tracks.update((track.uri, track) for track in material.liked)
        uris = songs_of(
            layer,
            [track.uri for track in material.liked],
            {} if mother is None else {layer.motherlist.playlist: [track.uri for track in mother.tracks]},
            places,
        )
        if uris is None:
            return None
        said = {label.uri: label for label in await sorting.labels(layer.key)}
        writes = await sorting.writes(layer.key)
        found = Found(by_hand_in_lists(layer, material.lists, writes), material.tiers, material.taught)
        teaching = [uri for uri in (*said, *_named(found, layer)) if uri in tracks]
        songs = await read_songs([tracks[uri] for uri in uris if uri in tracks], [tracks[uri] for uri in teaching])
        versions = tuple(await sorting.versions(layer.key))
        known = Knowledge(
            layer=layer,
            songs=songs,
            known={uri: tracks[uri] for uri in songs.row_of},
            said=said,
            found=found,
            versions=versions,
            notes=await self._notes(layer, _in_use(versions)),
            last_write_ms=next((each.at_ms for each in writes if not _is_reading(each)), None),
            is_write_open=any(each.status is WriteStatus.BEGUN for each in writes),
            is_kept=_is_kept(writes),
        )
        await known.decide()
        _follow(known, await sorting.labels(layer.key))
        return known

    async def _read(self, material: Material) -> None:
        for layer in self._composition.layers:
            await self._build(layer, material)

    async def _fresh(self, keys: Sequence[LayerKey]) -> Mapping[LayerKey, Knowledge]:
        if any(map(self._is_old, keys)):  # else nobody waits for a reading that is under way
            async with self._reading:
                if any(map(self._is_old, keys)):
                    await self._read(await self._sorting().material())
        return self.known

    def _is_old(self, key: LayerKey, fresh_ms: int = FRESH_MS, empty_ms: int = EMPTY_MS) -> bool:
        read_at_ms, known = self._read_at_ms.get(key), self.known.get(key)
        if read_at_ms is None or key in self._stale:
            return True
        has_songs = known is not None and bool(known.places)
        return self._clock.now_ms() - read_at_ms > (fresh_ms if has_songs else empty_ms)

    async def _notes(self, layer: Layer, version: Version | None) -> Notes | None:
        if version is None or not version.file:
            return None
        before = self.known.get(layer.key)
        if before is not None and before.version == version and before.notes is not None:
            return before.notes
        path = notes_path(self._folder / version.file)
        return await aside(lambda: read_notes(path, layer.keys))

    def _motherless(self, layer: Layer) -> str:
        mother = layer.motherlist
        if mother.kind is MotherKind.PLAYLIST:
            return (
                f"no playlist called {mother.playlist} is known: look at its name, and read the playlists with "
                "moodroom-hub library sync"
            )
        why = self.troubles.get(mother.layer or LayerKey(""), "it cannot be sorted")
        return f"the songs of {mother.layer}/{mother.sublist} are not known: {why}"


def list_of(sublist: Sublist, lists: Sequence[OwnList], writes: Sequence[Write]) -> OwnList | None:
    """The playlist in which a sublist is kept: the one that was written last, else the owner's of that name."""
    written = next((each.playlist for each in writes if each.sublist == sublist.key and each.playlist), None)
    if written is not None:
        return next((own for own in lists if own.id == written), None)
    name = sublist.playlist or sublist.name
    return None if sublist.room is not None or not name else named(name, lists)


def named(name: str, lists: Sequence[OwnList]) -> OwnList | None:
    """The owner's playlist of exactly this name."""
    return next((own for own in lists if own.name.strip() == name.strip()), None)


def by_hand_in_lists(
    layer: Layer, lists: Sequence[OwnList], writes: Sequence[Write]
) -> dict[SublistKey, tuple[Uri, ...]]:
    """What the owner put into the sublists' playlists. What the sorter ever put there is its own opinion."""
    ours: dict[SublistKey, set[Uri]] = {}
    for write in writes:
        ours.setdefault(write.sublist, set()).update(write.ours, write.ours_before)
    found: dict[SublistKey, tuple[Uri, ...]] = {}
    for sublist in layer.sublists:
        own = list_of(sublist, lists, writes)
        if own is not None:
            mine = ours.get(sublist.key, set())
            found[sublist.key] = tuple(track.uri for track in own.tracks if track.uri not in mine)
    return found


def _named(found: Found, layer: Layer) -> list[Uri]:
    """Every song that lists and rooms speak of."""
    rooms = {each.room for each in layer.sublists if each.room is not None}
    uris = [uri for uris in found.lists.values() for uri in uris]
    return uris + [uri for room, uri in found.taught if room in rooms]


def _in_use(versions: Sequence[Version]) -> Version | None:
    return next((each for each in versions if each.status is VersionStatus.ADOPTED), None)


def _follow(known: Knowledge, labels: Sequence[Label]) -> None:
    """What was said while it was read counts too."""
    now = {label.uri: label for label in labels}
    for uri in known.said.keys() - now.keys():
        known.unsay(uri, None)
    for uri, label in now.items():
        if known.said.get(uri) != label:
            known.say(label)


def _is_reading(write: Write) -> bool:
    """Whether it changed nothing, and only remembers what was found in a playlist."""
    return write.former == write.wanted and not write.is_back


def _is_kept(writes: Sequence[Write]) -> bool:
    """Whether the owner wanted the playlists written, and did not take that back last."""
    newest = next((each for each in writes if not _is_reading(each)), None)
    return newest is not None and not newest.is_back and newest.status is not WriteStatus.TAKEN_BACK


def _heard(task: asyncio.Task[None]) -> None:
    """Whoever waited was told; where nobody did, the next look tells."""
    if not task.cancelled():
        task.exception()
