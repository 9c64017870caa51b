"""An owner's answer as a label: whether the layer's case allows it, and all that it says."""

from collections.abc import Collection

from moodroom_hub.domain.models import EpochMs, Uri
from moodroom_hub.domain.sorting.models import Label, LabelOrigin, Layer, SublistKey


def refusal(layer: Layer, sublists: Collection[SublistKey]) -> str | None:
    """Why a song of this layer cannot belong to exactly these, for a person; ``None`` where it can."""
    known = layer.keys
    unknown = sorted(set(sublists) - set(known))
    if unknown:
        return f"{layer.name} has no sublist {', '.join(unknown)}; it has {', '.join(known)}"
    if layer.is_mutual and len(set(sublists)) > 1:
        return f"a song lies in one sublist of {layer.name} only (the layer is mutual)"
    if layer.is_complete and not sublists:
        return f"every song lies in some sublist of {layer.name} (the layer is complete)"
    return None


def answered(
    layer: Layer,
    uri: Uri,
    sublists: Collection[SublistKey],
    origin: LabelOrigin = LabelOrigin.ASKED,
    at_ms: EpochMs = EpochMs(0),
) -> Label:
    """The label "the song belongs to exactly these" (none: to the void). ``ValueError`` where that is refused."""
    if (reason := refusal(layer, sublists)) is not None:
        raise ValueError(reason)
    fits = frozenset(sublists)
    return Label(uri, fits, frozenset(layer.keys) - fits, origin, at_ms)
