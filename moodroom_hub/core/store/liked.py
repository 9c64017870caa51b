"""The liked songs."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from moodroom_hub.core.ports import LikedTrack
from moodroom_hub.core.store.codec import Decoder, clean, encode, from_us, to_us
from moodroom_hub.core.store.statements import CHUNK, upsert
from moodroom_hub.core.store.tables import LIKED
from moodroom_hub.domain.models import Track, Uri


def put_liked(connection: Connection, tracks: Sequence[LikedTrack]) -> int:
    """Insert or replace by uri; how many were new. Raises ``ValueError`` for a naive datetime."""
    rows = {
        clean(liked.track.uri): {
            "uri": clean(liked.track.uri),
            "added_at_us": to_us(liked.added_at),
            "track": encode(Track, liked.track),
        }
        for liked in tracks
    }
    if not rows:
        return 0
    before = count(connection)
    connection.execute(upsert(connection.dialect.name, LIKED), list(rows.values()))
    return count(connection) - before


def liked(connection: Connection, decoder: Decoder, limit: int | None, offset: int) -> list[LikedTrack]:
    """Liked songs, newest first."""
    query = select(LIKED.c.uri, LIKED.c.added_at_us, LIKED.c.track).order_by(LIKED.c.added_at_us.desc(), LIKED.c.uri)
    found: list[LikedTrack] = []
    for uri, added_at_us, document in connection.execute(query.limit(limit).offset(offset)):
        track = decoder.decode(Track, document, "liked", uri)
        if track is not None:
            found.append(LikedTrack(track, from_us(added_at_us)))
    return found


def count(connection: Connection) -> int:
    """How many liked songs there are."""
    return connection.execute(select(func.count()).select_from(LIKED)).scalar_one()


def newest_at(connection: Connection) -> datetime | None:
    """When the newest was liked."""
    newest = connection.execute(select(func.max(LIKED.c.added_at_us))).scalar()
    return None if newest is None else from_us(newest)


def which_liked(connection: Connection, uris: Sequence[Uri]) -> set[Uri]:
    """Those of ``uris`` that are liked."""
    found: set[str] = set()
    for chunk in _chunks(uris):
        found.update(connection.execute(select(LIKED.c.uri).where(LIKED.c.uri.in_(chunk))).scalars())
    return {uri for uri in uris if clean(uri) in found}


def remove(connection: Connection, uris: Sequence[Uri]) -> None:
    """Forget these; unknown ones are ignored."""
    for chunk in _chunks(uris):
        connection.execute(delete(LIKED).where(LIKED.c.uri.in_(chunk)))


def _chunks(uris: Sequence[Uri]) -> Iterator[list[str]]:
    for start in range(0, len(uris), CHUNK):
        yield [clean(uri) for uri in uris[start : start + CHUNK]]
