"""From the section to the layers, and whether these fit together."""

from collections.abc import Iterator, Mapping

from moodroom_hub.domain.models import Room, RoomSlug
from moodroom_hub.domain.sorting.layers import composed
from moodroom_hub.domain.sorting.models import (
    Layer,
    LayerKey,
    MotherKind,
    Motherlist,
    Sublist,
    SublistKey,
)
from moodroom_hub.plugins.sorter.config import MOTHERLIST, LayerSection, SorterConfig, SublistSection


def layers(config: SorterConfig, rooms: Mapping[RoomSlug, Room]) -> tuple[Layer, ...]:
    """The layers in the order of the configuration; the sublists ``rooms`` are these rooms."""
    of_rooms = tuple(Sublist(SublistKey(slug), room.name, room=slug) for slug, room in rooms.items())
    return tuple(_layer(key, section, of_rooms) for key, section in config.layers.items())


def misfits(config: SorterConfig) -> list[str]:
    """All that is wrong between layers that are sound by themselves."""
    return [*_twice_in_rooms(config), *_twice_written(config), *_ill_composed(config)]


def _layer(key: str, section: LayerSection, rooms: tuple[Sublist, ...]) -> Layer:
    return Layer(
        key=LayerKey(key),
        name=section.name or _said(key),
        sublists=rooms if isinstance(section.sublists, str) else tuple(_written(section.sublists)),
        motherlist=_mother(section.motherlist),
        is_mutual=section.mutual,
        is_complete=section.complete,
        eagerness=section.wish,
    )


def _written(sublists: Mapping[str, SublistSection]) -> Iterator[Sublist]:
    for key, section in sublists.items():
        name = section.name or _said(key)
        yield Sublist(SublistKey(key), name, section.playlist or name)


def _mother(text: str) -> Motherlist:
    found = MOTHERLIST.fullmatch(text)
    assert found is not None  # the section saw to it
    if found["liked"]:
        return Motherlist()
    if found["playlist"]:
        return Motherlist(MotherKind.PLAYLIST, found["playlist"])
    return Motherlist(MotherKind.SUBLIST, layer=LayerKey(found["layer"]), sublist=SublistKey(found["sublist"]))


def _said(key: str) -> str:
    """A name for who gave none: ``late-night`` is Late Night."""
    return key.replace("-", " ").title()


def _same(name: str) -> str:
    """Playlists whose names differ in this no more are one to a person."""
    return " ".join(name.split()).casefold()


def _twice_in_rooms(config: SorterConfig) -> Iterator[str]:
    of_rooms = [key for key, section in config.layers.items() if isinstance(section.sublists, str)]
    if len(of_rooms) > 1:
        yield f"expected one layer with sublists: rooms; these have it: {', '.join(of_rooms)}"


def _twice_written(config: SorterConfig) -> Iterator[str]:
    """Every playlist is written by one sublist, and none that a layer takes its songs from."""
    users: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    all_layers = layers(config, {})
    for layer in all_layers:
        for sublist in layer.sublists:
            users.setdefault(_same(sublist.playlist), []).append(f"{layer.key}/{sublist.key}")
            titles.setdefault(_same(sublist.playlist), sublist.playlist)
    for playlist, named in users.items():
        if len(named) > 1:
            yield f"expected a playlist of its own for each of {', '.join(named)}; all have {titles[playlist]!r}"
    for layer in all_layers:
        writers = users.get(_same(layer.motherlist.playlist), [])
        if layer.motherlist.kind is MotherKind.PLAYLIST and writers:
            yield (
                f"layer {layer.key} takes its songs from the playlist that {writers[0]} is kept in; "
                f"say motherlist: {writers[0]}, or name another playlist"
            )


def _ill_composed(config: SorterConfig) -> Iterator[str]:
    # The rooms are not known here, so whatever a layer takes from them is taken to be one.
    mothers = [_mother(section.motherlist) for section in config.layers.values()]
    slugs = [RoomSlug(each.sublist or "any") for each in mothers]
    named = {slug: Room(slug, slug) for slug in slugs}
    for problem in composed(layers(config, named)).problems:
        yield problem.text
