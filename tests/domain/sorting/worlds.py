"""Random layers, songs, chances and labels, as odd as life and broken rows can make them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from moodroom_hub.domain.models import EpochMs, RoomSlug, Uri
from moodroom_hub.domain.sorting.models import (
    Chances,
    Label,
    LabelOrigin,
    Layer,
    LayerKey,
    MotherKind,
    Motherlist,
    Place,
    Sublist,
    SublistKey,
)
from moodroom_hub.domain.sorting.placing import place
from moodroom_hub.domain.sorting.reading import recording, said

NAMES = ("late", "pop", "house", "rage", "rap", "hours")
ORIGINS = tuple(LabelOrigin)


def layer_of(
    *keys: str,
    key: str = "moods",
    mutual: bool = True,
    complete: bool = False,
    eagerness: float = 0.5,
    mother: Motherlist | None = None,
) -> Layer:
    """A layer whose sublists are called as their keys, with a capital; each is a room of the same name."""
    sublists = tuple(Sublist(SublistKey(each), each.capitalize(), room=RoomSlug(each)) for each in keys)
    return Layer(LayerKey(key), key.capitalize(), sublists, mother or Motherlist(), mutual, complete, eagerness)


def uri(number: int) -> Uri:
    """A song's uri."""
    return Uri(f"spotify:track:{number:04d}")


def fits(song: Uri, *keys: str, origin: LabelOrigin = LabelOrigin.ASKED, at_ms: int = 0) -> Label:
    """The song belongs to these; nothing is said of others."""
    return Label(song, frozenset(map(SublistKey, keys)), origin=origin, at_ms=EpochMs(at_ms))


def misfits(song: Uri, *keys: str, origin: LabelOrigin = LabelOrigin.ASKED, at_ms: int = 0) -> Label:
    """The song does not belong to these; nothing is said of others."""
    return Label(song, frozenset(), frozenset(map(SublistKey, keys)), origin, EpochMs(at_ms))


def row(song: Uri, *values: float, why: str = "") -> Chances:
    """A row of chances."""
    return Chances(song, values, why)


@dataclass(frozen=True, slots=True)
class World:
    """All that ``place`` takes."""

    layer: Layer
    songs: tuple[Uri, ...]
    chances: Mapping[Uri, Chances]
    labels: Mapping[Uri, Label]
    thresholds: Mapping[SublistKey, float]
    same: Mapping[Uri, Uri]

    def placed(self) -> tuple[Place, ...]:
        """Where everything goes."""
        return place(self.layer, self.songs, self.chances, self.labels, self.thresholds, self.same)

    def labelled(self) -> dict[Uri, list[Label]]:
        """By recording, every label that says something of it."""
        found: dict[Uri, list[Label]] = {}
        for song, label in self.labels.items():
            if not said(self.layer, label).is_nothing:
                found.setdefault(recording(song, self.same), []).append(label)
        return found


def random_layer(rng: Random, *, key: str = "moods") -> Layer:
    """Any of the four cases, now and then with one sublist or none."""
    count = rng.choices(range(7), (1, 4, 6, 6, 6, 3, 2))[0]
    return layer_of(
        *NAMES[:count],
        key=key,
        mutual=rng.random() < 0.5,
        complete=rng.random() < 0.5,
        eagerness=rng.choice((0.0, 0.5, 1.0, rng.random())),
    )


def random_row(layer: Layer, song: Uri, rng: Random) -> Chances:
    """Mostly sound; one in eight cannot be meant."""
    count = len(layer.sublists)
    values = [rng.random() ** 3 for _ in range(count)]
    if layer.is_mutual and values:
        total = sum(values) / (1 if layer.is_complete else rng.uniform(0.3, 1)) or 1.0
        values = [value / total for value in values]
        if rng.random() < 0.3:
            values = [0.97 * (at == 0) for at in range(count)]
    if rng.random() < 0.05:
        values = [0.0] * count
    if rng.random() < 0.125:
        broken = rng.randrange(4)
        if broken == 0 and values:
            values[rng.randrange(count)] = rng.choice((float("nan"), float("inf"), -0.5, 2.0))
        elif broken == 1:
            values.append(0.1)
        elif broken == 2:
            values = values[:-1]
        else:
            values = [1.0] * count
    return Chances(song, tuple(values), "by chance")


def random_label(layer: Layer, song: Uri, rng: Random) -> Label:
    """Mostly one that an owner may give; also partial, contradictory, empty ones, and of a sublist long gone."""
    keys = [*layer.keys, *([SublistKey("gone")] if rng.random() < 0.1 else [])]
    if rng.random() < 0.7:
        chosen = frozenset(rng.sample(keys, min(len(keys), 1 if layer.is_mutual else rng.randint(0, 3))))
        rest = frozenset(keys) - chosen if rng.random() < 0.7 else frozenset[SublistKey]()
    else:
        chosen = frozenset(key for key in keys if rng.random() < 0.3)
        rest = frozenset(key for key in keys if rng.random() < 0.4)
    return Label(song, chosen, rest, rng.choice(ORIGINS), EpochMs(rng.randrange(3)))


def random_songs(rng: Random) -> tuple[Uri, ...]:
    """None, one, or a few; some twice."""
    count = rng.choice((0, 1, 2, 5, 8))
    songs = [uri(number) for number in rng.sample(range(12), count)]
    if songs and rng.random() < 0.3:
        songs.append(rng.choice(songs))
    return tuple(songs)


def random_world(rng: Random, *, layer: Layer | None = None, songs: Sequence[Uri] | None = None) -> World:
    """A layer with its songs; nothing, a part or all of them labelled or given chances."""
    layer = random_layer(rng) if layer is None else layer
    songs = random_songs(rng) if songs is None else tuple(songs)
    known, told = rng.choice((0.0, 0.8, 1.0)), rng.choice((0.0, 0.2, 0.5, 1.0))
    every = [*dict.fromkeys(songs), uri(90)]
    chances = {song: random_row(layer, song, rng) for song in every if rng.random() < known}
    labels = {song: random_label(layer, song, rng) for song in every if rng.random() < told}
    thresholds = {
        key: rng.choice((0.6, 0.8, 0.95, rng.random(), float("nan"))) for key in layer.keys if rng.random() < 0.9
    }
    same = {song: rng.choice(every) for song in every if rng.random() < 0.3} if rng.random() < 0.4 else {}
    return World(layer, songs, chances, labels, thresholds, same)


def below_of(layer: Layer, upper: Layer, key: SublistKey) -> Layer:
    """The layer, with this sublist of the upper one as its motherlist."""
    return replace(layer, motherlist=Motherlist(MotherKind.SUBLIST, "", upper.key, key))
