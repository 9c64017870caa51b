"""The owner's playlists and their tracks."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from moodroom_hub.core.ports import Playlist
from moodroom_hub.core.store.codec import Decoder, clean, encode
from moodroom_hub.core.store.statements import CHUNK, upsert
from moodroom_hub.core.store.tables import PLAYLIST, PLAYLIST_ITEM
from moodroom_hub.domain.mining.models import TrackList
from moodroom_hub.domain.models import Track


@dataclass(frozen=True, slots=True)
class _Named:
    """What a list says of a track: a hundred thousand whole ones would take a minute and half the memory."""

    name: str
    artists: tuple[str, ...] = ()


def put(connection: Connection, playlist: Playlist, position: int, tracks: Sequence[Track]) -> None:
    """Exactly these tracks in the playlist from now on, under its snapshot."""
    key = clean(playlist.id)
    row = {"id": key, "name": clean(playlist.name), "snapshot": clean(playlist.snapshot), "position": position}
    connection.execute(upsert(connection.dialect.name, PLAYLIST), [row])
    connection.execute(delete(PLAYLIST_ITEM).where(PLAYLIST_ITEM.c.playlist == key))
    for start in range(0, len(tracks), CHUNK):
        rows = [
            {"playlist": key, "position": number, "track": encode(Track, track)}
            for number, track in enumerate(tracks[start : start + CHUNK], start)
        ]
        connection.execute(insert(PLAYLIST_ITEM), rows)


def keep(connection: Connection, listed: Sequence[Playlist]) -> Mapping[str, str]:
    """Forget those that are not listed, and take over the names and the order of the others.

    Gives the snapshot under which each of these was read, by its id.
    """
    places = {clean(playlist.id): (position, clean(playlist.name)) for position, playlist in enumerate(listed)}
    columns = PLAYLIST.c
    snapshots: dict[str, str] = {}
    known = connection.execute(select(columns.id, columns.position, columns.name, columns.snapshot)).all()
    for key, position, name, snapshot in known:
        if key not in places:
            connection.execute(delete(PLAYLIST_ITEM).where(PLAYLIST_ITEM.c.playlist == key))
            connection.execute(delete(PLAYLIST).where(columns.id == key))
            continue
        snapshots[key] = snapshot
        if places[key] != (position, name):
            place, title = places[key]
            connection.execute(update(PLAYLIST).where(columns.id == key).values(position=place, name=title))
    return snapshots


def titles(connection: Connection) -> list[tuple[str, str]]:
    """Key and name of every playlist, in the service's order."""
    query = select(PLAYLIST.c.id, PLAYLIST.c.name).order_by(PLAYLIST.c.position, PLAYLIST.c.id)
    return [(key, name) for key, name in connection.execute(query)]


def one_list(
    decoder: Decoder, one_of_each: MutableMapping[str, str], key: str, name: str, connection: Connection
) -> TrackList:
    """One playlist: names and first artists, each text as ``one_of_each`` has it already."""
    query = select(PLAYLIST_ITEM.c.position, PLAYLIST_ITEM.c.track).where(PLAYLIST_ITEM.c.playlist == key)
    items: list[tuple[str, str]] = []
    for position, document in connection.execute(query.order_by(PLAYLIST_ITEM.c.position)):
        named = decoder.decode(_Named, document, "playlist_item", (key, position))
        if named is not None:
            artist = named.artists[0] if named.artists else ""
            items.append((one_of_each.setdefault(named.name, named.name), one_of_each.setdefault(artist, artist)))
    return TrackList(name, tuple(items))
