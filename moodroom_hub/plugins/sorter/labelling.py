"""The owner teaches: answers, corrections, and taking them back. What a hand says counts at once."""

from collections.abc import Callable, Collection

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import Asked, PlacedTrack, SortingFace
from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.answers import answered, refusal
from moodroom_hub.domain.sorting.models import LabelOrigin, Layer, LayerKey, SublistKey
from moodroom_hub.plugins.sorter.asking import Questions
from moodroom_hub.plugins.sorter.knowledge import Knowledge
from moodroom_hub.plugins.sorter.reader import Reader

OnTaught = Callable[[Knowledge, int], None]
"""Hears what was taught, and how many answers came since the last training."""


class Labelling:
    """Every method raises ``Trouble`` as ``core.sorting.Sorter`` says."""

    def __init__(
        self,
        *,
        sorting: Callable[[], SortingFace],
        reader: Reader,
        questions: Questions,
        clock: Clock,
        on_taught: OnTaught,
    ) -> None:
        self._sorting = sorting
        self._reader = reader
        self._questions = questions
        self._clock = clock
        self._on_taught = on_taught

    async def question(self, key: LayerKey) -> Asked:
        """What to ask next."""
        return await self._questions.ask(await self._reader.one(key))

    async def answer(self, layer: Layer, uri: Uri, sublists: Collection[SublistKey]) -> Asked:
        """The song belongs to exactly these."""
        await self._say(layer, uri, sublists, LabelOrigin.ASKED)
        return await self.question(layer.key)

    async def skip(self, key: LayerKey, uri: Uri) -> Asked:
        """Not this one again for now."""
        known = await self._reader.one(key)
        self._questions.skipped(key, known.head(_in_it(known, uri)))
        return await self._questions.ask(known)

    async def take_back(self, key: LayerKey) -> Asked:
        """Forget the last answer, and ask for that song again."""
        known = await self._reader.one(key)
        label = await self._sorting().take_back_label(key)
        if label is None:
            raise Trouble(TroubleCode.CONFLICT, f"No answer is left in {known.layer.name} that could be taken back.")
        before = next((each for each in await self._sorting().labels(key) if each.uri == label.uri), None)
        known = self._reader.tell(key, lambda now: now.unsay(label.uri, before))
        self._questions.again(key, known.head(label.uri))
        self._on_taught(known, 0)
        return await self._questions.ask(known)

    async def move(self, layer: Layer, uri: Uri, sublists: Collection[SublistKey]) -> PlacedTrack:
        """The owner says where a song belongs."""
        known = await self._say(layer, uri, sublists, LabelOrigin.CORRECTED)
        return PlacedTrack(known.known[uri], known.places[uri])

    async def _say(self, layer: Layer, uri: Uri, sublists: Collection[SublistKey], origin: LabelOrigin) -> Knowledge:
        unknown = set(sublists) - set(layer.keys)
        if (reason := refusal(layer, sublists)) is not None:
            raise Trouble(TroubleCode.NOT_FOUND if unknown else TroubleCode.BAD_REQUEST, reason)
        _in_it(await self._reader.one(layer.key), uri)
        label = answered(layer, uri, sublists, origin, self._clock.now_ms())
        await self._sorting().put_labels(layer.key, [label])
        known = self._reader.tell(layer.key, lambda now: now.say(label))
        self._on_taught(known, self._questions.answered(layer.key, known.head(uri)))
        return known


def _in_it(known: Knowledge, uri: Uri) -> Uri:
    if uri not in known.places:
        raise Trouble(TroubleCode.NOT_FOUND, f"There is no such song in what {known.layer.name} sorts.")
    return uri
