"""Layers and lists as a person calls them, and what is known of them in a person's words."""

from moodroom_hub.app.sorter_client import Json, SorterClient
from moodroom_hub.app.text import counted
from moodroom_hub.core.errors import MoodroomError


def known_layer(asked: SorterClient, wanted: str) -> Json:
    """The layer that is called so, by key or by name. Raises where there is none."""
    found: list[Json] = asked.overview()["layers"]
    for each in found:
        if wanted.casefold() in (str(each["key"]).casefold(), str(each["name"]).casefold()):
            return each
    known = ", ".join(str(each["key"]) for each in found)
    raise MoodroomError(
        f"There is no layer {wanted!r}. Known: {known or 'none; write one under plugins.sorter.layers'}."
    )


def known_list(layer: Json, wanted: str) -> str:
    """The key of the layer's list that is called so, by key or by name. Raises where there is none."""
    for each in layer["sublists"]:
        if wanted.casefold() in (str(each["key"]).casefold(), str(each["name"]).casefold()):
            return str(each["key"])
    known = ", ".join(str(each["key"]) for each in layer["sublists"])
    raise MoodroomError(f"There is no list {wanted!r} in {layer['key']}. Known: {known}.")


def said(layer: Json, places: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    """The lists of each song, by uri, from pairs of a uri and a list; ``none`` stands for no list."""
    found: dict[str, list[str]] = {}
    for uri, sublist in places:
        lists = found.setdefault(uri, [])
        if sublist.casefold() != "none":
            lists.append(known_list(layer, sublist))
    return found


def wanted_layers(asked: SorterClient, layer: str | None) -> list[Json]:
    """This layer, or every one."""
    return list(asked.overview()["layers"]) if layer is None else [known_layer(asked, layer)]


def taught(layer: Json) -> str:
    """How well a layer is taught."""
    # Late: it brings the answers' models.
    from moodroom_hub.core.wire.sorter_shapes import VersionShape
    from moodroom_hub.core.wire.sorter_words import version_words

    if layer["version"] is None:
        return f"{counted(layer['labels'], 'label')}, not trained yet"
    return version_words(VersionShape.model_validate(layer["version"]))


def learned(progress: Json) -> str:
    """How far the teaching is, of a question."""
    # Late: it brings the answers' models.
    from moodroom_hub.core.wire.sorter_shapes import LearnedShape
    from moodroom_hub.core.wire.sorter_words import learned_words

    return learned_words(LearnedShape.model_validate(progress))
