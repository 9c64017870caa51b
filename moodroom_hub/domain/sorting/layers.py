"""How layers compose: one layer's motherlist may be another one's sublist. Each is decided by its own labels alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Layer, LayerKey, MotherKind, Place


@dataclass(frozen=True, slots=True)
class LayerProblem:
    """Something that keeps these layers from being sorted, in words for the owner."""

    layers: tuple[LayerKey, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Composition:
    """The layers that can be sorted, each behind the one that it takes its songs from; and all that is wrong."""

    layers: tuple[Layer, ...]
    problems: tuple[LayerProblem, ...]

    def trouble(self, key: LayerKey) -> str:
        """What is wrong with one layer; empty where nothing is."""
        return "; ".join(problem.text for problem in self.problems if key in problem.layers)


def composed(layers: Sequence[Layer]) -> Composition:
    """The order in which to sort, as near to the owner's as it can be, and every problem at once.

    A layer that is fine itself, and takes its songs from one that is not, is left out with a problem of its own.
    """
    problems = [*_own_problems(layers), *_circles(layers)]
    by_key = {layer.key: layer for layer in layers}
    broken = {key for problem in problems for key in problem.layers}
    order: dict[LayerKey, Layer] = {}
    for layer in layers:
        path = _upwards(layer, by_key)
        bad = next((each.key for each in path if each.key in broken), None)
        if bad is None:
            order |= {each.key: each for each in reversed(path)}
        elif layer.key not in broken:
            text = f"layer {layer.key} takes its songs from {bad}, which cannot be sorted itself"
            problems.append(LayerProblem((layer.key,), text))
    return Composition(tuple(order.values()), tuple(problems))


def below(layers: Iterable[Layer], key: LayerKey) -> tuple[Layer, ...]:
    """The layers whose songs depend on where this one's lie, in a composition's order; itself not among them."""
    touched = {key}
    found = []
    for layer in layers:
        if layer.motherlist.kind is MotherKind.SUBLIST and layer.motherlist.layer in touched:
            touched.add(layer.key)
            found.append(layer)
    return tuple(found)


def songs_of(
    layer: Layer,
    liked: Sequence[Uri],
    playlists: Mapping[str, Sequence[Uri]],
    places: Mapping[LayerKey, Sequence[Place]],
) -> tuple[Uri, ...] | None:
    """The motherlist's songs in its order, each once.

    ``playlists`` by name; ``places`` of the layers that were decided before. ``None`` where the list is not known
    (no such playlist, a layer that is not decided): that is not an empty list, and nobody may write as if it were.
    """
    mother = layer.motherlist
    found: Iterable[Uri] | None
    if mother.kind is MotherKind.LIKED:
        found = liked
    elif mother.kind is MotherKind.PLAYLIST:
        found = playlists.get(mother.playlist)
    elif mother.layer is None or mother.layer not in places:
        found = None
    else:
        found = (each.uri for each in places[mother.layer] if mother.sublist in each.sublists)
    return None if found is None else tuple(dict.fromkeys(found))


def _own_problems(layers: Sequence[Layer]) -> list[LayerProblem]:
    """All that can be said of a layer without following its motherlist further than one step."""
    problems = [
        LayerProblem((key,), f"there are {count} layers with the key {key}; a key is one layer's")
        for key, count in Counter(layer.key for layer in layers).items()
        if count > 1
    ]
    by_key = {layer.key: layer for layer in layers}
    for layer in layers:
        texts = []
        if not layer.sublists:
            texts.append("has no sublists; name one at least")
        texts += [
            f"has {count} sublists with the key {key}; a key is one sublist's"
            for key, count in Counter(layer.keys).items()
            if count > 1
        ]
        if (wrong := _motherless(layer, by_key)) is not None:
            texts.append(wrong)
        problems += [LayerProblem((layer.key,), f"layer {layer.key} {text}") for text in texts]
    return problems


def _motherless(layer: Layer, by_key: Mapping[LayerKey, Layer]) -> str | None:
    mother = layer.motherlist
    if mother.kind is MotherKind.PLAYLIST and not mother.playlist.strip():
        return "names no playlist as its motherlist"
    if mother.kind is not MotherKind.SUBLIST:
        return None
    if mother.layer is None or mother.sublist is None:
        return "names no layer and sublist as its motherlist (LAYER/SUBLIST)"
    upper = by_key.get(mother.layer)
    if upper is None:
        return f"takes its songs from layer {mother.layer}, which is not there{_meant(mother.layer, by_key)}"
    if mother.sublist not in upper.keys:
        meant = _meant(mother.sublist, upper.keys)
        return f"takes its songs from {mother.layer}/{mother.sublist}, which is not there{meant}"
    return None


def _meant(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _circles(layers: Sequence[Layer]) -> list[LayerProblem]:
    by_key = {layer.key: layer for layer in layers}
    problems = []
    told: set[LayerKey] = set()
    for layer in layers:
        path = [each.key for each in _upwards(layer, by_key)]
        last = by_key[path[-1]].motherlist
        if last.kind is not MotherKind.SUBLIST or last.layer not in path:
            continue
        circle = path[path.index(last.layer) :]
        if told.isdisjoint(circle):
            told.update(circle)
            text = f"layers take their songs from each other in a circle: {' → '.join((*circle, circle[0]))}"
            problems.append(LayerProblem(tuple(circle), text))
    return problems


def _upwards(layer: Layer, by_key: Mapping[LayerKey, Layer]) -> list[Layer]:
    """The layer, the one that it takes its songs from, and so on, until a list of songs, a gap or a circle."""
    path = [layer]
    seen = {layer.key}
    while path[-1].motherlist.kind is MotherKind.SUBLIST and path[-1].motherlist.layer is not None:
        upper = by_key.get(path[-1].motherlist.layer)
        if upper is None or upper.key in seen:
            break
        seen.add(upper.key)
        path.append(upper)
    return path
