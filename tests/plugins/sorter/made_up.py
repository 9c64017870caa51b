"""A small library in which every artist is of one kind, and what is known of it."""

from collections.abc import Sequence

from moodroom_hub.core.sorting import OwnList
from moodroom_hub.domain.models import DurationMs, EpochMs, Track, Uri
from moodroom_hub.domain.sorting.models import Label, LabelOrigin, Layer, LayerKey, Sublist, SublistKey

JAZZ, TECHNO, FOLK = SublistKey("jazz"), SublistKey("techno"), SublistKey("folk")
YEARS = {JAZZ: 1960, TECHNO: 2015, FOLK: 1985}
MOODS = Layer(
    LayerKey("moods"),
    "Moods",
    (Sublist(JAZZ, "Jazz", "Jazz"), Sublist(TECHNO, "Techno", "Techno")),
)


def track(kind: SublistKey, number: int, **more: str) -> Track:
    """A song of a kind: five artists a kind, and words and years that tell it."""
    return Track(
        Uri(more.get("uri", f"spotify:track:{kind}{number}")),
        more.get("name", f"{kind} tune {number}"),
        (f"{kind} player {number % 5}",),
        DurationMs(200_000 + 1_000 * number),
        isrc=more.get("isrc"),
        album=f"{kind} album",
        year=YEARS[kind] + number % 5,
    )


def library(each: int = 20, kinds: Sequence[SublistKey] = (JAZZ, TECHNO)) -> tuple[Track, ...]:
    """``each`` songs of every kind, one kind after the other in turn."""
    return tuple(track(kind, number) for number in range(each) for kind in kinds)


def kind_of(one: Track | Uri) -> SublistKey:
    """Where a song belongs."""
    uri = one if isinstance(one, str) else one.uri
    return next(kind for kind in YEARS if uri.startswith(f"spotify:track:{kind}"))


def label(uri: str, *fits: SublistKey, origin: LabelOrigin = LabelOrigin.ASKED, at_ms: int = 0) -> Label:
    """The song fits these and none of the others."""
    return Label(Uri(uri), frozenset(fits), frozenset(set(MOODS.keys) - set(fits)), origin, EpochMs(at_ms))


def own_list(name: str, tracks: Sequence[Track], playlist_id: str = "") -> OwnList:
    """A playlist of the owner's."""
    return OwnList(playlist_id or f"id-{name}", name, "snapshot", tuple(tracks))
