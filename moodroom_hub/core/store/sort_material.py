"""What the sorter learns from: playlists with their tracks, and what was heard. A part of it at a time."""

import re
from collections.abc import MutableMapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from moodroom_hub.core.sorting import Heard, OwnList
from moodroom_hub.core.store.codec import Decoder
from moodroom_hub.core.store.tables import HISTORY, PLAYLIST, PLAYLIST_ITEM
from moodroom_hub.domain.models import Track, Uri, VerdictKind

_NOTHING = Heard()
_URI_FIRST = re.compile(r'\{"uri":"([^"\\]+)"')
"""How a stored track begins."""


@dataclass(frozen=True, slots=True)
class _Song:
    uri: Uri


@dataclass(frozen=True, slots=True)
class _Fate:
    kind: VerdictKind


@dataclass(frozen=True, slots=True)
class _Listened:
    """What a listen says of a track: a hundred thousand whole ones would take long."""

    track: _Song
    verdict: _Fate


def own_list(
    decoder: Decoder, known: MutableMapping[Uri, Track], playlist_id: str, connection: Connection
) -> OwnList | None:
    """One playlist, if it is still there. Tracks that are ``known`` are not read again; the others become known."""
    head = connection.execute(select(PLAYLIST.c.name, PLAYLIST.c.snapshot).where(PLAYLIST.c.id == playlist_id)).first()
    if head is None:
        return None
    query = select(PLAYLIST_ITEM.c.position, PLAYLIST_ITEM.c.track).where(PLAYLIST_ITEM.c.playlist == playlist_id)
    tracks: list[Track] = []
    for position, document in connection.execute(query.order_by(PLAYLIST_ITEM.c.position)):
        begun = _URI_FIRST.match(document)
        track = None if begun is None else known.get(Uri(begun[1]))
        if track is None:
            track = decoder.decode(Track, document, "playlist_item", (playlist_id, position))
        if track is not None:
            tracks.append(known.setdefault(track.uri, track))
    return OwnList(playlist_id, head.name, head.snapshot, tuple(tracks))


def fold_heard(
    connection: Connection, decoder: Decoder, heard: MutableMapping[Uri, Heard], before: int | None, rows: int
) -> int | None:
    """Count the next ``rows`` listens, newest first, into ``heard``; the id to go on from, ``None`` at the end."""
    query = select(HISTORY.c.id, HISTORY.c.listen).order_by(HISTORY.c.id.desc()).limit(rows)
    if before is not None:
        query = query.where(HISTORY.c.id < before)
    found = connection.execute(query).all()
    for row_id, document in found:
        listen = decoder.decode(_Listened, document, "history", row_id)
        if listen is None:
            continue
        uri, kind = listen.track.uri, listen.verdict.kind
        one = heard.get(uri, _NOTHING)
        if kind is VerdictKind.COMPLETED:
            heard[uri] = replace(one, completed=one.completed + 1)
        elif kind is VerdictKind.SKIPPED:
            heard[uri] = replace(one, skipped=one.skipped + 1)
    return found[-1].id if len(found) == rows else None
