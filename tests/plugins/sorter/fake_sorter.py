"""A sorter in memory: answers are remembered, questions come in the motherlist's order."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import (
    Asked,
    LabelProgress,
    LayerView,
    PlacedTrack,
    Preview,
    SorterJob,
    SorterJobStatus,
    SublistChange,
    SublistView,
    Version,
    VersionStatus,
)
from moodroom_hub.domain.models import DurationMs, EpochMs, Track, Uri
from moodroom_hub.domain.sorting.models import Label, Layer, LayerKey, Place, Standing, Sublist, SublistKey

AT_MS = EpochMs(1_763_700_000_000)
TECHNO, CALM, PARTY = SublistKey("techno"), SublistKey("calm"), SublistKey("party")


def layer(key: str = "energy", name: str = "Energy", *, is_mutual: bool = True, is_complete: bool = False) -> Layer:
    """A layer with three sublists."""
    names = {TECHNO: "Techno", CALM: "Calm", PARTY: "Party"}
    sublists = tuple(Sublist(each, told, told) for each, told in names.items())
    return Layer(LayerKey(key), name, sublists, is_mutual=is_mutual, is_complete=is_complete)


def song(number: int, name: str = "") -> Track:
    """A liked song."""
    return Track(
        Uri(f"spotify:track:{number:022d}"), name or f"Song {number}", (f"Band {number % 3}",), DurationMs(200_000),
        album="An Album",
    )  # fmt: skip


class FakeSorter:
    """``calls`` notes what changes something; ``view`` is the job; ``trouble`` is raised by the next call."""

    def __init__(self, *layers: Layer, songs: Sequence[Track] = ()) -> None:
        self.known = list(layers)
        self.songs = list(songs) or [song(number) for number in range(1, 7)]
        self.said: dict[LayerKey, list[Label]] = {each.key: [] for each in layers}
        self.skipped: list[Uri] = []
        self.calls: list[tuple[object, ...]] = []
        self.view = SorterJob(SorterJobStatus.IDLE)
        self.trouble: Trouble | None = None
        self.is_written = False
        self.ends = True
        """Work that is begun is at its end when somebody asks the next time."""

    def layers(self) -> Sequence[Layer]:
        return self.known

    async def overview(self) -> Sequence[LayerView]:
        self._tell()
        return [self._view(each) for each in self.known]

    async def question(self, layer: LayerKey) -> Asked:
        self._tell()
        its = self._layer(layer)
        said = self.said[layer]
        left = [each for each in self.songs if each.uri not in {*(one.uri for one in said), *self.skipped}]
        progress = LabelProgress(len(said), None, None, None, 0.85, None)
        if len(said) > 1:
            progress = LabelProgress(len(said), 0.78, 0.74, 0.82, 0.85, 30)
        last = said[-1] if said else None
        return Asked(
            layer,
            left[0] if left else None,
            (0.5, 0.3, 0.1) if len(its.sublists) == 3 else (),
            "between Techno and Calm",
            progress,
            last,
            None if last is None else self._song(last.uri),
        )

    async def answer(self, layer: LayerKey, uri: Uri, sublists: Collection[SublistKey]) -> Asked:
        self._tell("answer", layer, uri, tuple(sublists))
        self._check(layer, uri, sublists)
        self.said[layer].append(Label(uri, frozenset(sublists), at_ms=AT_MS))
        return await self.question(layer)

    async def skip(self, layer: LayerKey, uri: Uri) -> Asked:
        self._tell("skip", layer, uri)
        self._check(layer, uri, [self._layer(layer).keys[0]])
        self.skipped.append(uri)
        return await self.question(layer)

    async def take_back(self, layer: LayerKey) -> Asked:
        self._tell("take_back", layer)
        if self.said[self._layer(layer).key]:
            self.said[layer].pop()
        return await self.question(layer)

    async def places(self, layer: LayerKey, standing: Standing | None = None) -> Sequence[PlacedTrack]:
        self._tell()
        found = [PlacedTrack(each, self._place(layer, each.uri)) for each in self.songs]
        return [each for each in found if standing in (None, each.place.standing)]

    async def move(self, layer: LayerKey, uri: Uri, sublists: Collection[SublistKey]) -> PlacedTrack:
        self._tell("move", layer, uri, tuple(sublists))
        self._check(layer, uri, sublists)
        self.said[layer].append(Label(uri, frozenset(sublists), at_ms=AT_MS))
        return PlacedTrack(self._song(uri), self._place(layer, uri))

    async def history(self, layer: LayerKey) -> Sequence[Version]:
        self._tell()
        return [_version(self._layer(layer).key)]

    async def preview(self, layer: LayerKey) -> Preview:
        self._tell()
        its = self._layer(layer)
        placed = await self.places(layer)
        changes = [
            SublistChange(
                each.key,
                each.playlist,
                f"id-{each.key}" if self.is_written else "",
                is_new=not self.is_written,
                added=() if self.is_written else tuple(one for one in placed if each.key in one.place.sublists),
                removed=() if self.is_written else (self.songs[-1],),
                unchanged=2,
                kept_by_hand=1,
            )
            for each in its.sublists
        ]
        counts = {each: sum(one.place.standing is each for one in placed) for each in Standing}
        return Preview(layer, tuple(changes), tuple(placed), counts, 4, ("2 songs are the same recording",))

    def start_training(self, layer: LayerKey | None = None) -> SorterJob:
        return self._start("train", layer)

    def start_applying(self, layer: LayerKey | None = None) -> SorterJob:
        self.is_written = True
        return self._start("apply", layer)

    def start_rollback(self, layer: LayerKey | None = None, *, is_forced: bool = False) -> SorterJob:
        self.is_written = False
        return self._start("rollback", layer, is_forced)

    def start_sync(self) -> SorterJob:
        return self._start("sync", None)

    async def nightly(self) -> None:
        raise AssertionError("no face asks for the night's work")

    def job(self) -> SorterJob:
        before = self.view
        if self.ends and before.status is SorterJobStatus.RUNNING:
            self.view = replace(before, status=SorterJobStatus.DONE, done=before.total)
        return before

    async def cancel(self) -> SorterJob:
        self._tell("cancel")
        if self.view.status is SorterJobStatus.RUNNING:
            self.view = replace(self.view, status=SorterJobStatus.CANCELLED)
        return self.view

    def _start(self, what: str, layer: LayerKey | None, *more: object) -> SorterJob:
        self._tell(what, layer, *more)
        if layer is not None:
            self._layer(layer)
        if self.view.status is SorterJobStatus.RUNNING and not self.ends:
            raise Trouble(TroubleCode.CONFLICT, "the sorter is at work already; wait, or stop it")
        self.view = SorterJob(SorterJobStatus.RUNNING, what, layer, "reading", 3, 6, "", ("a note",))
        return self.view

    def _tell(self, *call: object) -> None:
        if call:
            self.calls.append(call)
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble

    def _layer(self, key: LayerKey) -> Layer:
        for each in self.known:
            if each.key == key:
                return each
        raise Trouble(TroubleCode.NOT_FOUND, "there is no such layer")

    def _song(self, uri: Uri) -> Track:
        return next(each for each in self.songs if each.uri == uri)

    def _check(self, layer: LayerKey, uri: Uri, sublists: Collection[SublistKey]) -> None:
        its = self._layer(layer)
        if uri not in {each.uri for each in self.songs} or not set(sublists) <= set(its.keys):
            raise Trouble(TroubleCode.NOT_FOUND, "there is no such song or sublist")
        if (its.is_mutual and len(sublists) > 1) or (its.is_complete and not sublists):
            raise Trouble(TroubleCode.BAD_REQUEST, "in this layer a song belongs to exactly one list")

    def _place(self, layer: LayerKey, uri: Uri) -> Place:
        for label in self.said[self._layer(layer).key]:
            if label.uri == uri:
                return Place(
                    uri, tuple(key for key in self._layer(layer).keys if key in label.fits), Standing.SAID, 1.0
                )
        if int(uri[-2:]) % 2:
            return Place(uri, (TECHNO,), Standing.SURE, 0.91, (), "heard beside Techno")
        return Place(uri, (), Standing.DOUBTFUL, 0.45, (TECHNO, CALM), "Techno or Calm")

    def _view(self, its: Layer) -> LayerView:
        sublists = tuple(SublistView(each.key, each.name, each.playlist, 4, 2, 0.6) for each in its.sublists)
        doubtful = sum(self._place(its.key, each.uri).standing is Standing.DOUBTFUL for each in self.songs)
        return LayerView(
            its, len(self.songs), sublists, 1, doubtful, len(self.said[its.key]), _version(its.key),
            AT_MS if self.is_written else None, trouble="",
        )  # fmt: skip


def _version(key: LayerKey) -> Version:
    return Version(
        1, key, AT_MS, 40, "logistic regression", VersionStatus.ADOPTED, 0.78, 0.74, 0.82, 0.04, None,
        (("logistic regression", 0.78), ("mlp", 0.7)), "energy-1.npz", "first training",
    )  # fmt: skip
