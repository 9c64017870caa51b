"""The sorter: what faces ask of it, put together from its parts."""

import logging
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from importlib.util import find_spec

from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import MoodroomError, NotReady, Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.core.sorting import (
    Asked,
    LayerView,
    PlacedTrack,
    Preview,
    SorterJob,
    SorterJobStatus,
    SortingFace,
    Version,
    VersionStatus,
)
from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.sorting.layers import below, composed
from moodroom_hub.domain.sorting.models import Layer, LayerKey, Place, Standing, SublistKey
from moodroom_hub.plugins.sorter.asking import Questions
from moodroom_hub.plugins.sorter.audio import read_audio
from moodroom_hub.plugins.sorter.config import SorterConfig, layers_of
from moodroom_hub.plugins.sorter.jobs import Jobs, Teller
from moodroom_hub.plugins.sorter.keeping import Keeping
from moodroom_hub.plugins.sorter.knowledge import Knowledge
from moodroom_hub.plugins.sorter.labelling import Labelling
from moodroom_hub.plugins.sorter.reader import Reader
from moodroom_hub.plugins.sorter.songs import lessons_of
from moodroom_hub.plugins.sorter.syncing import Syncing
from moodroom_hub.plugins.sorter.training import Learner, Training, shortage
from moodroom_hub.plugins.sorter.views import counted, figures, layer_check, layer_view, summary

log = logging.getLogger(__name__)

NO_LEARNING = Check(
    "sorter learning",
    CheckLevel.WARNING,
    "scikit-learn is not installed: nothing new is learnt",
    "pip install 'moodroom-hub[sorter]'",
)

FOLDER = "sorter"
"""In the hub's own folder: the models, and what was noted of them."""
EVERY = 5
"""After so many answers the layer is learnt anew behind; later where a training takes long."""
SECONDS_PER_ANSWER = 2.0
"""About as long a person needs for one: a training shall not take more of the machine than the answers take time."""
DAY_MS = 86_400_000
WEEKLY_MS = 7 * DAY_MS - DAY_MS // 2
"""Half a day early: the night itself moves."""


class PlaylistSorter:
    """Implements ``core.sorting.Sorter``. Works in an offline hub as well; ``close`` ends whatever runs."""

    def __init__(self, context: PluginContext[SorterConfig], learner: Learner) -> None:
        config, hub, clock = context.config, context.hub, context.clock
        folder = context.data_dir / FOLDER
        self._context = context
        self._all = layers_of(config, hub.rooms)
        self._composition = composed(self._all)
        self._reader = Reader(self._sorting, self._composition, folder, clock)
        self._questions = Questions(config.goal, context.rng)
        self._training = Training(
            sorting=self._sorting,
            reader=self._reader,
            composition=self._composition,
            learner=learner,
            folder=folder,
            clock=clock,
            audio=partial(read_audio, config.audio_features) if config.audio_features else dict,
            vectors=self._vectors,
        )
        self._keeping = Keeping(lambda: context.hub, self._reader, clock)
        self._syncing = Syncing(
            sorting=self._sorting,
            reader=self._reader,
            training=self._training,
            keeping=self._keeping,
            composition=self._composition,
            may_write=config.auto_apply,
        )
        self._labelling = Labelling(
            sorting=self._sorting,
            reader=self._reader,
            questions=self._questions,
            clock=clock,
            on_taught=self._taught,
        )
        self._jobs = Jobs(self._tell)
        self._is_started = False

    def layers(self) -> Sequence[Layer]:
        """Every layer."""
        return self._all

    async def overview(self) -> Sequence[LayerView]:
        """Every layer at a glance."""
        known = await self._reader.glance()
        return [layer_view(layer, known.get(layer.key), self._trouble(layer)) for layer in self._all]

    async def question(self, layer: LayerKey) -> Asked:
        """What to ask next."""
        return await self._labelling.question(self._layer(layer).key)

    async def answer(self, layer: LayerKey, uri: Uri, sublists: Collection[SublistKey]) -> Asked:
        """The song belongs to exactly these."""
        return await self._labelling.answer(self._layer(layer), uri, sublists)

    async def skip(self, layer: LayerKey, uri: Uri) -> Asked:
        """Don't ask for this one again for now."""
        return await self._labelling.skip(self._layer(layer).key, uri)

    async def take_back(self, layer: LayerKey) -> Asked:
        """Forget the last answer."""
        return await self._labelling.take_back(self._layer(layer).key)

    async def places(self, layer: LayerKey, standing: Standing | None = None) -> Sequence[PlacedTrack]:
        """Where songs belong; of those in doubt the most doubtful last."""
        known = await self._reader.one(self._layer(layer).key)
        if not known.is_taught:  # what no model has seen is neither sure nor in doubt
            placed = [each for each in known.places.values() if each.standing is Standing.SAID]
        else:
            placed = list(known.places.values())
        found = [PlacedTrack(known.known[each.uri], each) for each in placed if standing in (None, each.standing)]
        return sorted(found, key=lambda each: -each.place.chance) if standing is Standing.DOUBTFUL else found

    async def move(self, layer: LayerKey, uri: Uri, sublists: Collection[SublistKey]) -> PlacedTrack:
        """The owner says where a song belongs."""
        return await self._labelling.move(self._layer(layer), uri, sublists)

    async def history(self, layer: LayerKey) -> Sequence[Version]:
        """Every training, newest first."""
        return await self._sorting().versions(self._layer(layer).key)

    async def preview(self, layer: LayerKey) -> Preview:
        """What ``apply`` would do."""
        return await self._keeping.preview(self._sound(layer))

    def start_training(self, layer: LayerKey | None = None) -> SorterJob:
        """Learn anew."""
        wanted = self._wanted(layer)
        return self._jobs.start("train", layer, lambda tell: self._train(wanted, tell))

    def start_applying(self, layer: LayerKey | None = None) -> SorterJob:
        """Write the playlists."""
        wanted = self._wanted(layer)
        is_named = layer is not None
        return self._jobs.start("apply", layer, lambda tell: self._keeping.apply(wanted, tell, is_named=is_named))

    def start_rollback(self, layer: LayerKey | None = None, *, is_forced: bool = False) -> SorterJob:
        """Take the last ``apply`` back."""
        key = None if layer is None else self._layer(layer).key
        return self._jobs.start("rollback", layer, lambda tell: self._keeping.rollback(key, tell, is_forced=is_forced))

    def start_sync(self) -> SorterJob:
        """Read what the owner moved, and place new likes."""
        return self._jobs.start("sync", None, self._syncing.run)

    async def nightly(self) -> None:
        """Retrain the layers whose labels changed."""
        try:
            due = await self._due()
            if due:
                self._jobs.start("train", None, lambda tell: self._train(due, tell))
                await self._jobs.ended()
        except MoodroomError as error:
            log.warning("the sorter does not learn tonight: %s", error)

    def job(self) -> SorterJob:
        """Where the work stands."""
        return self._jobs.view()

    async def cancel(self) -> SorterJob:
        """Stop what runs."""
        return await self._jobs.cancel()

    async def start(self) -> None:
        """The plugin starts: tell how it is, and go on with what an ``apply`` began."""
        self._is_started = True
        self._context.set_status(PluginStatus.RUNNING, f"{counted(len(self._all), 'layer')} to keep in order")
        self._context.spawn("going on with what was begun", self._go_on)

    async def close(self) -> None:
        """End whatever runs, and begin nothing any more. Idempotent."""
        await self._jobs.close()
        await self._reader.close()

    async def check(self) -> Sequence[Check]:
        """One line a layer, and one where the learning is not installed. The songs are not read for it."""
        sorting = self._sorting()
        found = [] if find_spec("sklearn") is not None else [NO_LEARNING]
        for layer in self._all:
            versions = await sorting.versions(layer.key)
            in_use = next((each for each in versions if each.status is VersionStatus.ADOPTED), None)
            labels = 0 if in_use is not None else len(await sorting.labels(layer.key))
            trouble = self._composition.trouble(layer.key)
            if in_use is None and not self._is_started and not trouble:
                # Whoever checks while no hub runs looks at no data: what was taught cannot be told here.
                told = f"{counted(len(layer.sublists), 'sublist')}; how well it is taught: moodroom-hub sorter layers"
                found.append(Check(f"sorter {layer.key}", CheckLevel.OK, told))
                continue
            found.append(layer_check(layer, in_use, labels, trouble))
        return found

    def is_trained(self, layer: Layer) -> bool:
        """Whether there is a model of the layer; for the miner."""
        return self._training.is_trained(layer)

    async def place_all(self, layer: Layer, tracks: Sequence[Track]) -> Mapping[Uri, Place]:
        """Where these belong, new ones too; for the miner."""
        material, every = await self._reader.anew()
        known = every.get(layer.key)
        if known is None:
            raise Trouble(TroubleCode.CONFLICT, self._trouble(layer))
        if await self._training.judge_new(known, material, Teller(self._jobs.view())):
            await self._sorting().put_places(layer.key, list(known.places.values()))
        return known.places

    def _sorting(self) -> SortingFace:
        return self._context.hub.sorting

    async def _vectors(self, artists: Collection[str]) -> Mapping[str, tuple[float, ...]]:
        """What the radio has learnt of them from people's playlists, where there is one."""
        try:
            radio = self._context.hub.radio
        except Trouble:
            return {}
        return await radio.artist_vectors(artists)

    def _layer(self, key: LayerKey) -> Layer:
        found = next((layer for layer in self._all if layer.key == key), None)
        if found is None:
            names = ", ".join(layer.key for layer in self._all) or "none"
            raise Trouble(TroubleCode.NOT_FOUND, f"There is no such layer; known: {names}.")
        return found

    def _sound(self, key: LayerKey) -> Layer:
        layer = self._layer(key)
        if (trouble := self._composition.trouble(key)) != "":
            raise Trouble(TroubleCode.CONFLICT, trouble)
        return layer

    def _wanted(self, key: LayerKey | None) -> tuple[Layer, ...]:
        return self._composition.layers if key is None else (self._sound(key),)

    def _trouble(self, layer: Layer) -> str:
        return self._composition.trouble(layer.key) or self._reader.troubles.get(layer.key, "")

    async def _train(self, wanted: Sequence[Layer], tell: Teller, *, is_quick: bool = False) -> None:
        keys = {layer.key for layer in wanted}
        await self._training.run(keys, tell, is_quick=is_quick)
        for key in keys:
            self._questions.trained(key)

    def _taught(self, known: Knowledge, answers: int) -> None:
        """A hand said something: what follows from it is learnt behind, in time."""
        layer = known.layer
        self._reader.forget([each.key for each in below(self._composition.layers, layer.key)])
        self._context.set_figures(figures(self._reader.known))
        took_s = 0.0 if known.notes is None else known.notes.took_s
        if answers >= max(EVERY, took_s / SECONDS_PER_ANSWER):
            self._jobs.start_quietly(
                lambda: self._train([layer], Teller(SorterJob(SorterJobStatus.IDLE)), is_quick=True)
            )

    async def _due(self) -> list[Layer]:
        """The layers that shall be learnt anew tonight: those about which more is known than at the last training."""
        wish = self._context.config.retrain
        if wish == "never" or not self._composition.layers:
            return []
        _, known = await self._reader.anew()
        now_ms = self._context.clock.now_ms()
        return [
            each.layer
            for each in known.values()
            if is_changed(each)
            and not (wish == "weekly" and each.versions and now_ms - each.versions[0].at_ms < WEEKLY_MS)
        ]

    async def _go_on(self) -> None:
        """Go on with what a run before this one began; again until it is done."""
        while await self._keeping.is_open():
            if not self._jobs.is_busy:
                self._jobs.start("apply", None, self._finish)
            job = await self._jobs.ended()
            if job.status is SorterJobStatus.FAILED:
                raise NotReady(job.error)
            if job.status is SorterJobStatus.CANCELLED:
                return

    async def _finish(self, tell: Teller) -> None:
        await self._keeping.go_on(tell)

    def _tell(self) -> None:
        """Work has ended: tell how it went and what is known now."""
        known = self._reader.known
        self._context.set_figures(figures(known))
        if not self._is_started:
            return
        job = self._jobs.view()
        if job.status is SorterJobStatus.FAILED:
            self._context.set_status(PluginStatus.WAITING, f"{job.what}: {job.error}")
        elif known:
            self._context.set_status(PluginStatus.RUNNING, summary(list(known.values())))


def is_changed(known: Knowledge) -> bool:
    """Whether something else teaches now than at the last training, and it is enough."""
    lessons = lessons_of(known.layer, known.songs, known.labels.values())
    if shortage(known.layer, lessons) is not None:
        return False
    if known.notes is None or known.version is None:
        return True
    last = known.versions[0]
    if known.notes.is_quick and last == known.version:  # made between two questions: it had no time for all models
        return True
    return last.labels != len(lessons) or any(label.at_ms > last.at_ms for label in known.labels.values())
