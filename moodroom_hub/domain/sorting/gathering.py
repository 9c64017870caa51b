"""All that is known of a layer's songs, put together: a person's word above a room's, that above a playlist's."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from moodroom_hub.domain.models import RoomSlug, Tier, Uri
from moodroom_hub.domain.sorting.models import Label, LabelOrigin, Layer, SublistKey
from moodroom_hub.domain.sorting.reading import BY_HAND, NOTHING_SAID, Said, recording, said, strength

_NOBODY: Final[Mapping[Uri, Uri]] = MappingProxyType({})
_NO_TIERS: Final[Mapping[RoomSlug, Mapping[Uri, Tier]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Gathered:
    """One label a recording; ``set_aside``: songs whose labels contradict each other; ``notes`` say so, and why."""

    labels: tuple[Label, ...]
    set_aside: tuple[Uri, ...] = ()
    notes: tuple[str, ...] = ()


def gathered(
    layer: Layer,
    by_hand: Iterable[Label],
    playlists: Mapping[SublistKey, Sequence[Uri]],
    tiers: Mapping[RoomSlug, Mapping[Uri, Tier]] = _NO_TIERS,
    taught: Collection[tuple[RoomSlug, Uri]] = (),
    same: Mapping[Uri, Uri] = _NOBODY,
) -> Gathered:
    """The layer's labels: those by hand first, in their order, then those of rooms and of playlists.

    ``by_hand``: what was asked, corrected or otherwise remembered. ``playlists``: what lay in each sublist's playlist
    before the sorter wrote there (a song in none of them says nothing). ``tiers`` and ``taught`` as in the material:
    a song confirmed in a sublist's room fits, one taken out of it does not, as far as a person decided that.

    A weaker label speaks only of the sublists that a stronger one left open. What a stronger one does not settle and
    the layer's case forbids (two playlists of a mutual layer, the void of a complete one) is set aside, and noted.
    """
    layers_labels = [*by_hand, *_of_rooms(layer, tiers, taught), *_of_playlists(layer, playlists)]
    by_song: dict[Uri, list[Label]] = {}
    for label in layers_labels:
        if not said(layer, label).is_nothing:
            by_song.setdefault(recording(label.uri, same), []).append(label)
    labels: list[Label] = []
    aside: list[Uri] = []
    reasons: Counter[str] = Counter()
    for of_song in by_song.values():
        one, reason = _together(layer, of_song)
        if one is not None:
            labels.append(one)
        if reason:
            reasons[reason] += 1
            aside.append(of_song[0].uri)
    notes = tuple(f"{count} {'song' if count == 1 else 'songs'} set aside: {why}" for why, count in reasons.items())
    return Gathered(tuple(labels), tuple(aside), notes)


def _together(layer: Layer, labels: Sequence[Label]) -> tuple[Label | None, str]:
    """One label of all of a song's, strongest first; and why something was set aside, if it was."""
    fits: frozenset[SublistKey] = frozenset()
    misfits: frozenset[SublistKey] = frozenset()
    winner: Label | None = None
    reason = ""
    for group in _by_strength(labels):
        spoken, group_reason = _one_voice(layer, group, frozenset(layer.keys) - fits - misfits)
        reason = reason or group_reason
        if spoken.is_nothing:
            continue
        if winner is None or (spoken.fits and not fits):
            winner = group[-1]
        fits, misfits = fits | spoken.fits, misfits | spoken.misfits
    if winner is None:
        return None, reason
    if layer.is_complete and len(misfits) == len(layer.keys):
        return None, reason or f"said to lie in none of {layer.name}, where every song lies in some"
    return Label(winner.uri, fits, misfits, winner.origin, winner.at_ms), "" if fits else reason


def _by_strength(labels: Sequence[Label]) -> list[list[Label]]:
    """What is equally strong together, the strongest first. Of a person's words only the last counts."""
    groups: dict[int, list[Label]] = {}
    for label in sorted(labels, key=lambda each: strength(each)[0], reverse=True):
        groups.setdefault(strength(label)[0], []).append(label)
    return [
        sorted(group, key=lambda each: each.at_ms)[-1:] if rank == BY_HAND else group for rank, group in groups.items()
    ]


def _one_voice(layer: Layer, labels: Sequence[Label], is_open: frozenset[SublistKey]) -> tuple[Said, str]:
    """What equally strong labels say of what is still open; nothing, with the reason, where they contradict."""
    fits = frozenset(key for label in labels for key in said(layer, label).fits) & is_open
    misfits = frozenset(key for label in labels for key in label.misfits) & is_open
    spoken = said(layer, Label(labels[-1].uri, fits, misfits))
    if layer.is_mutual and len(spoken.fits) > 1:
        names = " and ".join(each.name for each in layer.sublists if each.key in spoken.fits)
        return NOTHING_SAID, f"in {names} at once, and a song lies in one sublist of {layer.name} only"
    return Said(spoken.fits, spoken.misfits & is_open), ""


def _of_rooms(
    layer: Layer, tiers: Mapping[RoomSlug, Mapping[Uri, Tier]], taught: Collection[tuple[RoomSlug, Uri]]
) -> list[Label]:
    decided = frozenset(taught)
    labels = []
    for sublist in layer.sublists:
        if sublist.room is None:
            continue
        only = frozenset({sublist.key})
        for uri, tier in tiers.get(sublist.room, {}).items():
            if (sublist.room, uri) not in decided or tier not in (Tier.CONFIRMED, Tier.REMOVED):
                continue
            fits, misfits = (
                (only, frozenset[SublistKey]()) if tier is Tier.CONFIRMED else (frozenset[SublistKey](), only)
            )
            labels.append(Label(uri, fits, misfits, LabelOrigin.ROOM))
    return labels


def _of_playlists(layer: Layer, playlists: Mapping[SublistKey, Sequence[Uri]]) -> list[Label]:
    return [
        Label(uri, frozenset({key}), origin=LabelOrigin.PLAYLIST)
        for key in layer.keys
        for uri in dict.fromkeys(playlists.get(key, ()))
    ]
