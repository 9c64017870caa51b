"""What faces, checks and figures are shown of a layer."""

from collections import Counter
from collections.abc import Mapping, Sequence

from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.core.sorting import LayerView, SublistView, Version
from moodroom_hub.domain.sorting.models import Layer, LayerKey, MotherKind, Standing, SublistKey
from moodroom_hub.plugins.sorter.knowledge import Knowledge


def layer_view(layer: Layer, known: Knowledge | None, trouble: str) -> LayerView:
    """One layer at a glance; nothing is known of its songs where it cannot be sorted."""
    if known is None:
        sublists = tuple(SublistView(each.key, each.name, each.playlist, 0, 0) for each in layer.sublists)
        return LayerView(layer, 0, sublists, 0, 0, 0, trouble=trouble)
    songs = Counter(key for place in known.places.values() for key in place.sublists)
    labels = Counter(key for label in known.labels.values() for key in label.fits)
    bars: Mapping[SublistKey, float] = known.thresholds
    sublists = tuple(
        SublistView(
            each.key,
            each.name,
            each.playlist,
            songs[each.key],
            labels[each.key],
            min(1.0, bars[each.key]) if each.key in bars else None,
        )
        for each in layer.sublists
    )
    return LayerView(
        layer=layer,
        songs=len(known.places),
        sublists=sublists,
        void=sum(not each.sublists and each.standing is not Standing.DOUBTFUL for each in known.places.values()),
        to_review=known.to_review,
        labels=len(known.labels),
        version=known.version,
        last_write_ms=known.last_write_ms,
        is_write_open=known.is_write_open,
        trouble=trouble or trouble_of(known),
    )


def trouble_of(known: Knowledge) -> str:
    """Why a layer whose songs are known is not sorted, with the mend; empty where it is."""
    if not known.places:
        mother = known.layer.motherlist
        if mother.kind is MotherKind.SUBLIST:
            return f"no song lies in {mother.layer}/{mother.sublist} yet; teach that layer first"
        return "there is no song to sort yet; read yours with: moodroom-hub library sync"
    return "" if known.is_decided else untaught(known.layer, len(known.labels), known.version)


def untaught(layer: Layer, labels: int, version: Version | None = None) -> str:
    """Why a layer without a model is not sorted, with the mend."""
    if version is not None:
        return f"its model is of no use any more; train it with: moodroom-hub sorter train {layer.key}"
    if labels:
        return f"it was not trained yet; train it with: moodroom-hub sorter train {layer.key}"
    return f"it has no labels yet; label some songs with: moodroom-hub sorter label {layer.key}"


def layer_check(layer: Layer, version: Version | None, labels: int, trouble: str) -> Check:
    """One line of ``moodroom-hub check``."""
    name = f"sorter {layer.key}"
    if trouble:
        return Check(name, CheckLevel.FAILED, trouble, "look at plugins.sorter.layers in the configuration")
    if version is None:
        return Check(name, CheckLevel.WARNING, "it was not taught yet", untaught(layer, labels))
    told = f"{version.model}, learnt from {version.labels} labels, expected accuracy {version.accuracy:.0%}"
    return Check(name, CheckLevel.OK, told)


def figures(known: Mapping[LayerKey, Knowledge]) -> dict[str, float]:
    """``sorter_moods_labels`` and so on, for ``/metrics``."""
    found: dict[str, float] = {}
    for key, each in known.items():
        name = f"sorter_{key.replace('-', '_')}"
        found[f"{name}_labels"] = float(len(each.labels))
        found[f"{name}_to_review"] = float(each.to_review)
        if each.version is not None:
            found[f"{name}_expected_accuracy"] = each.version.accuracy
    return found


def summary(known: Sequence[Knowledge]) -> str:
    """The plugin's own line: how many layers are taught, and what waits for the owner."""
    taught = sum(each.is_taught for each in known)
    waiting = sum(each.to_review for each in known)
    return f"{taught} of {len(known)} layers taught; {waiting} songs to review"


def counted(number: int, thing: str) -> str:
    """``1 layer``, ``2 layers``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
