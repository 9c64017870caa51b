"""A training: from what is known of a layer to a model, compared with the one in use, and every song's place."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Protocol

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import Material, OnProgress, SortingFace, Version, VersionStatus
from moodroom_hub.domain.models import EpochMs, Uri
from moodroom_hub.domain.sorting.expecting import expected
from moodroom_hub.domain.sorting.layers import Composition
from moodroom_hub.domain.sorting.models import Chances, Layer, LayerKey
from moodroom_hub.domain.sorting.thresholds import target_precision, thresholds
from moodroom_hub.plugins.sorter.aside import aside
from moodroom_hub.plugins.sorter.comparing import compared
from moodroom_hub.plugins.sorter.jobs import Teller
from moodroom_hub.plugins.sorter.knowledge import Knowledge
from moodroom_hub.plugins.sorter.learning.task import Judged, Lesson, Trained, TrainingTask
from moodroom_hub.plugins.sorter.notes import Notes, notes_path, write_notes
from moodroom_hub.plugins.sorter.reader import Reader
from moodroom_hub.plugins.sorter.songs import Audio, learning_task
from moodroom_hub.plugins.sorter.views import counted

log = logging.getLogger(__name__)

KEPT = 5
"""Model files of a layer, the one in use among them."""
SUFFIX = ".model"


Vectors = Callable[[Collection[str]], Awaitable[Mapping[str, tuple[float, ...]]]]
"""What is known of artists from people's playlists, by name."""


class Learner(Protocol):
    """What learns, in a process of its own. Raises ``Trouble`` with the mend."""

    async def train(self, task: TrainingTask, path: Path, on_progress: OnProgress) -> Trained:
        """Learn the task, and write the model to ``path``."""
        ...

    async def judge(self, task: TrainingTask, path: Path, on_progress: OnProgress) -> Judged:
        """What the model at ``path`` says of the task's songs."""
        ...


class Training:
    """Trains layers, judges new songs by the model in use, and keeps the models' files in ``folder``."""

    def __init__(
        self,
        *,
        sorting: Callable[[], SortingFace],
        reader: Reader,
        composition: Composition,
        learner: Learner,
        folder: Path,
        clock: Clock,
        audio: Callable[[], Audio],
        vectors: Vectors,
    ) -> None:
        self._sorting = sorting
        self._reader = reader
        self._composition = composition
        self._learner = learner
        self._folder = folder
        self._clock = clock
        self._audio = audio
        self._vectors = vectors

    def is_trained(self, layer: Layer) -> bool:
        """Whether there is a model of the layer."""
        return any(self._folder.glob(f"{layer.key}.*{SUFFIX}"))

    async def run(self, wanted: Collection[LayerKey], tell: Teller, *, is_quick: bool = False) -> None:
        """Train these, each behind the one that it takes its songs from. Raises ``Trouble``.

        ``is_quick``: between two questions.
        """
        tell.phase("reading what is known")
        material = await self._sorting().material()
        for layer in self._composition.layers:
            known = await self._reader.build(layer, material)
            if layer.key not in wanted:
                continue
            if known is None:
                tell.note(f"{layer.name}: {self._reader.troubles.get(layer.key, 'it cannot be sorted')}")
                continue
            for remark in known.remarks:
                tell.note(f"{layer.name}: {remark}")
            await self._train(known, material, tell, is_quick=is_quick)
            await self._sorting().put_places(layer.key, list(known.places.values()))
            if self._reader.known.get(layer.key) is not known:  # somebody read meanwhile
                self._reader.forget([layer.key])

    async def judge_new(self, known: Knowledge, material: Material, tell: Teller) -> int:
        """Let the model in use judge the songs that it has not seen; how many there were. Raises ``Trouble``."""
        layer, version = known.layer, known.version
        new = [track.uri for track in known.songs.tracks if track.uri not in known.chances]
        if version is None or not version.file or not new:
            return 0
        tell.phase(f"{layer.name}: looking at {counted(len(new), 'new song')}", len(new))
        path = self._folder / version.file
        judged = await self._learner.judge(await self._task(known, material), path, tell.progress)
        found = {each.uri: each for each in known.songs.chances(judged.chances, judged.whys)}
        notes = known.notes
        if notes is None:
            careful = (target_precision(layer.eagerness),) * len(layer.keys)
            notes = Notes(layer.keys, careful, 0.0)
        # What was found in the training itself stays: the same song is the same likely tomorrow.
        known.notes = replace(notes, chances={**found, **notes.chances})
        await self._write(path, known.notes)
        await known.decide()
        return len(new)

    async def _task(self, known: Knowledge, material: Material) -> TrainingTask:
        ours = {each.playlist for each in await self._sorting().writes() if each.playlist}
        audio = await aside(self._audio)
        task = await learning_task(known.layer, known.songs, known.labels.values(), material, audio, ours)
        return replace(task, vectors=await self._vectors({name for song in task.songs for name in song.artists}))

    async def _train(self, known: Knowledge, material: Material, tell: Teller, *, is_quick: bool) -> None:
        layer = known.layer
        task = replace(await self._task(known, material), is_quick=is_quick)
        if (needed := shortage(layer, task.lessons)) is not None:
            tell.note(needed)
            return
        began_ms = self._clock.now_ms()
        path = self._folder / f"{layer.key}.{began_ms}{SUFFIX}"
        tell.phase(f"{layer.name}: learning from {counted(len(task.lessons), 'label')}")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            trained = await self._learner.train(task, path, tell.progress)
            took_ms = self._clock.now_ms() - began_ms
            weigh = partial(_weighed, known, task.lessons, trained, path.name, began_ms, took_ms)
            version, found = await aside(weigh)
            notes = replace(found, is_quick=is_quick)
            if version.status is VersionStatus.ADOPTED:
                await self._write(path, notes)
        except BaseException:
            _remove(path)
            raise
        try:
            added = await self._sorting().add_version(version)
        except Trouble:  # cancelled, it may be remembered all the same, and then needs its model
            _remove(path)
            raise
        tell.note(f"{layer.name}: {added.why}")
        known.versions = tuple(await self._sorting().versions(layer.key))
        if added.status is VersionStatus.ADOPTED:
            known.notes = notes
            self._prune(layer, path)
        else:
            _remove(path)
            await self.judge_new(known, material, tell)
        await known.decide()

    async def _write(self, path: Path, notes: Notes) -> None:
        try:
            await aside(partial(write_notes, notes_path(path), notes))
        except OSError as error:
            raise Trouble(
                TroubleCode.UNAVAILABLE, f"the sorter's folder cannot be written ({error.strerror})"
            ) from None

    def _prune(self, layer: Layer, in_use: Path) -> None:
        """The oldest models go; the one in use never does."""
        models = sorted(self._folder.glob(f"{layer.key}.*{SUFFIX}"), key=lambda path: path.name)
        for old in [path for path in models if path != in_use][: -(KEPT - 1)]:
            _remove(old)


def _weighed(
    known: Knowledge, lessons: Sequence[Lesson], trained: Trained, file: str, began_ms: EpochMs, took_ms: int
) -> tuple[Version, Notes]:
    """The training's version, adopted or not, and what it found."""
    layer, songs, old = known.layer, known.songs, known.notes
    heads = [songs.rows[lesson.song].uri for lesson in lessons]
    held_out = dict(zip(heads, trained.held_out, strict=True))
    unseen = {uri: Chances(uri, row) for uri, row in held_out.items()}
    labels = {uri: known.labels[uri] for uri in heads}
    bars = thresholds(layer, unseen, labels)
    expectation = expected(layer, unseen, labels, Random(began_ms), bars)  # noqa: S311 -- chance of drawing labels, no secret
    comparison = None
    # Without what it had held out, nobody knows which labels the one in use has learnt.
    if known.version is not None and old is not None and old.held_out:
        # Of songs that were labelled since, the one in use has not seen the label either.
        before = {uri: each for uri, each in old.chances.items() if uri in labels}
        before |= {uri: Chances(uri, row) for uri, row in old.held_out.items() if uri in labels}
        comparison = compared(layer, before, unseen, labels, known.thresholds, bars)
    is_worse = comparison is not None and comparison.is_worse
    accuracy = trained.accuracy if expectation is None else expectation.accuracy
    if comparison is not None and is_worse:
        why = (
            f"rejected: of {comparison.labels} labels that neither had learnt it has {comparison.now:.0%} right, "
            f"the one in use {comparison.before:.0%}"
        )
    else:
        why = f"{trained.model}, learnt from {counted(len(lessons), 'label')}; expected accuracy {accuracy:.0%}"
    version = Version(
        id=0,
        layer=layer.key,
        at_ms=began_ms,
        labels=len(lessons),
        model=trained.model,
        status=VersionStatus.REJECTED if is_worse else VersionStatus.ADOPTED,
        accuracy=accuracy,
        low=0.0 if expectation is None else expectation.low,
        high=1.0 if expectation is None else expectation.high,
        calibration_error=trained.calibration_error,
        before=None if comparison is None else comparison.before,
        scores=trained.scores,
        file="" if is_worse else file,
        why=why,
    )
    points: dict[Uri, tuple[float, ...]] = {}
    if trained.points:
        points = {track.uri: trained.points[row] for row, track in enumerate(songs.rows)}
    notes = Notes(
        keys=layer.keys,
        thresholds=tuple(bars[key] for key in layer.keys),
        took_s=took_ms / 1000,
        held_out=held_out,
        chances={each.uri: each for each in songs.chances(trained.chances, trained.whys)},
        points=points,
    )
    return version, notes


def shortage(layer: Layer, lessons: Sequence[Lesson]) -> str | None:
    """What is needed before anything can be learnt, for a person; ``None`` where there is enough."""
    mend = f"label some with: moodroom-hub sorter label {layer.key}"
    if not lessons:
        return f"{layer.name} has no labels yet; {mend}"
    everywhere = frozenset(range(len(layer.keys)))
    told = {each.fits for each in lessons if each.fits or each.misfits == everywhere}
    if len(told) > 1:
        return None
    only = next(iter(told), frozenset())
    names = ", ".join(layer.sublists[number].name for number in sorted(only)) or "none of the lists"
    return f"all {len(lessons)} labels of {layer.name} say {names}: songs that belong elsewhere are needed too; {mend}"


def _remove(model: Path) -> None:
    for path in (model, notes_path(model)):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("an old model stays: %s", error.strerror)
