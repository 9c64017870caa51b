"""What a training made, as stations use it: artists by any spelling of their names, and who goes with whom.

Opened in a blink however large it is: everything is mapped from one file, that any number of processes share.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from moodroom_hub.plugins.radio.model_file import ArrayFile, ModelFileError
from moodroom_hub.plugins.radio.names import artist_key, first_of_credit, key_hash
from moodroom_hub.plugins.radio.near import Cells
from moodroom_hub.plugins.radio.recommending.interface import Best, Floats, Query, Recommender

__all__ = ["KIND", "Manifest", "ModelFileError", "StationModel", "recommender_named"]

KIND = "station model"
RECOMMENDERS = {"blend": ("blend", "Blend"), "seed": ("seed_rule", "SeedRule")}
"""By the name in the manifest: module in ``recommending``, class. Nothing else that a file names is ever imported."""
DEFAULT_RECOMMENDER = "blend"
ABOUT_FAME = 1
"""So many of the last dimensions say how common an artist is: two famous artists are not alike for that."""
INDEX = "near"
RERANKED = 400
"""Candidates that the index gives to a recommender that orders them once more."""
VERIFIED_AT_ONCE = 32 << 20
"""Bytes. Files up to this size are read as a whole when they are opened; larger ones when they are imported."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model says of itself. ``data``: source, its lists, and what of it was left out; ``trained_at``: ISO, UTC.

    ``sizes``: artists, lists, entries, duplicates. ``metrics``: of a small test at the training, see ``judging``.
    """

    format: int
    package: str
    recommender: str
    data: tuple[tuple[str, int, int], ...]
    sizes: Mapping[str, int]
    metrics: Mapping[str, float]
    seed: int
    trained_at: str

    def document(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The reverse. Raises ``ModelFileError``."""
        try:
            values = {each.name: document[each.name] for each in fields(cls)}
            values["data"] = tuple((str(name), int(lists), int(left)) for name, lists, left in values["data"])
            values["sizes"] = {str(name): int(size) for name, size in values["sizes"].items()}
            values["metrics"] = {str(name): float(value) for name, value in values["metrics"].items()}
            wanted: Iterable[tuple[str, type]] = (
                ("format", int),
                ("package", str),
                ("recommender", str),
                ("seed", int),
                ("trained_at", str),
            )
            if not all(type(values[name]) is kind for name, kind in wanted):
                raise TypeError
            return cls(**values)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise ModelFileError("the model's manifest is not what it should be; train it anew") from None


def recommender_named(name: str) -> type[Recommender]:
    """One that this version has. Raises ``ModelFileError``."""
    if name not in RECOMMENDERS:
        raise ModelFileError(f"this version has no recommender {name!r:.40} (it has {', '.join(RECOMMENDERS)})")
    module, found = RECOMMENDERS[name]
    made: type[Recommender] = getattr(import_module(f"moodroom_hub.plugins.radio.recommending.{module}"), found)
    return made


class StationModel:
    """Open one with ``open``; close it, or let it go. Asking changes nothing."""

    def __init__(self, file: ArrayFile, manifest: Manifest, recommender: Recommender) -> None:
        self.manifest = manifest
        self.recommender = recommender
        self._file = file
        self._text = file.array("names/text", np.uint8)
        self._starts = file.array("names/starts", np.int64)
        self._hashes = file.array("keys/hashes", np.uint64)
        self._places = file.array("keys/places", np.int32)
        self._items: Floats = getattr(
            recommender, "items", np.zeros((len(self._starts) - 1, 1 + ABOUT_FAME), np.float32)
        )
        self._cells: Cells | None = None
        count = len(self._starts) - 1
        if count < 1 or {len(self._hashes), len(self._places), len(self._items)} != {count} or self._items.ndim != 2:
            raise ModelFileError(f"{file.path.name} names other artists than it knows; train it anew")
        index = file.section(INDEX)
        if index:
            try:
                self._cells = Cells.load(index, self._items)
            except (ValueError, KeyError, IndexError) as error:
                raise ModelFileError(
                    f"{file.path.name} has an index of other artists ({error}); train it anew"
                ) from None

    @classmethod
    def open(
        cls,
        path: Path,
        verify: bool | None = None,
        recommender: type[Recommender] | None = None,
        *,
        is_shared: bool = True,
    ) -> Self:
        """Raises ``ModelFileError`` with one line for whatever is no whole model that this version can use.

        ``verify``: read everything and compare the checksums; ``None``: where that takes no time. ``is_shared`` as in
        ``ArrayFile.open``.
        """
        file = ArrayFile.open(path, KIND, is_shared=is_shared)
        try:
            if verify or (verify is None and file.size <= VERIFIED_AT_ONCE):
                file.verify()
            manifest = Manifest.of(file.manifest)
            kind = recommender or recommender_named(manifest.recommender)
            if kind.name != manifest.recommender:
                raise ModelFileError(f"{path.name} is of the recommender {manifest.recommender!r:.40}")
            try:
                learnt = kind.load(file.section("recommender"))
            except (ValueError, KeyError, IndexError, TypeError) as error:
                raise ModelFileError(f"{path.name} holds another recommender ({error}); train it anew") from None
            return cls(file, manifest, learnt)
        except ModelFileError:
            file.close()
            raise

    @property
    def is_indexed(self) -> bool:
        """Whether an index answers, rather than a look at every artist."""
        return self._cells is not None

    def __len__(self) -> int:
        """How many artists it knows."""
        return len(self._starts) - 1

    def place(self, artist: str) -> int | None:
        """Where an artist stands, by any spelling of the name, or by a credit that begins with it."""
        found = self._place(artist_key(artist))
        return self._place(artist_key(first_of_credit(artist))) if found is None else found

    def _place(self, key: str) -> int | None:
        if not key:
            return None
        wanted = key_hash(key)
        at = bisect_left(self._hashes, wanted)
        if at == len(self._hashes) or int(self._hashes[at]) != wanted:
            return None
        place = int(self._places[at])
        # Two names in many millions share a hash: the name itself decides.
        return place if 0 <= place < len(self) and artist_key(self.name(place)) == key else None

    def name(self, place: int) -> str:
        """As most people write it. Raises ``IndexError``."""
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._text[int(self._starts[place]) : int(self._starts[place + 1])].tobytes().decode(errors="replace")

    def score(self, query: Query, count: int, without: Collection[int] = ()) -> Best:
        """Up to ``count`` artists that fit best, never one of ``without``. Places that there are not are left out."""
        asked = self._known(query)
        recommender: Any = self.recommender
        if self._cells is None:
            return self.recommender.score(asked, count, without)
        left_out = np.fromiter(without, np.int64, len(without))
        wanted = max(count, RERANKED) + len(left_out)
        places, scores = self._cells.nearest(self._items, recommender.query_vector(asked), wanted)
        allowed = ~np.isin(places, left_out)
        places, scores = places[allowed], scores[allowed]
        order = np.lexsort((places, -scores))
        best: Best = recommender.rerank(asked, places[order], scores[order], count)
        return best

    def _known(self, query: Query) -> Query:
        def known(places: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(place for place in places if 0 <= place < len(self))

        return Query(
            known(query.seeds),
            known(query.likes),
            known(query.dislikes),
            query.style,
            query.like_weight,
            query.dislike_weight,
        )

    def common(self, place: int) -> float:
        """Which share of the artists is in fewer lists than this one, 0 to 1: places go by that."""
        return 1.0 - place / max(1, len(self) - 1)

    def likeness(self, one: int, other: int) -> float:
        """How alike two artists are: the cosine of their vectors, -1 to 1. Raises ``IndexError``."""
        return float(self.likenesses(one, [other])[0])

    def likenesses(self, place: int, places: Sequence[int]) -> Floats:
        """The same with each of several."""
        vectors = self._vectors(places)
        mine = self._vectors([place])[0]
        lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(mine)
        cosines: Floats = vectors @ mine / np.maximum(lengths, np.finfo(np.float32).tiny)
        return cosines.clip(-1.0, 1.0)

    def list_vector(self, place: int) -> tuple[float, ...]:
        """The artist's vector at length 1 (0, where nothing is known of the artist). Raises ``IndexError``."""
        vector = self._vectors([place])[0]
        length = float(np.linalg.norm(vector))
        return tuple(float(number) / (length or 1.0) for number in vector)

    def _vectors(self, places: Sequence[int]) -> Floats:
        wanted = np.asarray(places, np.int64)
        if len(wanted) and (int(wanted.min()) < 0 or int(wanted.max()) >= len(self)):
            raise IndexError(f"there are {len(self)} artists")
        return self._items[wanted, :-ABOUT_FAME]

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
