"""What the service found for a name, for some days."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select

from moodroom_hub.core.store.codec import Decoder, clean, encode
from moodroom_hub.core.store.statements import CHUNK, upsert
from moodroom_hub.core.store.tables import LOOKUP
from moodroom_hub.domain.models import EpochMs, Track

_Found = tuple[Track, ...]


def put(connection: Connection, key: str, at_ms: EpochMs, found: Sequence[Track], forget_before_ms: EpochMs) -> None:
    """Remember what was found for ``key`` (nothing, too); answers from before ``forget_before_ms`` go."""
    row = {"key": clean(key), "at_ms": at_ms, "found": encode(_Found, tuple(found))}
    connection.execute(upsert(connection.dialect.name, LOOKUP), [row])
    connection.execute(delete(LOOKUP).where(LOOKUP.c.at_ms < forget_before_ms))


def get(
    connection: Connection, decoder: Decoder, keys: Sequence[str], since_ms: EpochMs
) -> Mapping[str, tuple[Track, ...]]:
    """What was found since then for those of ``keys`` that were looked up."""
    wanted = {clean(key): key for key in keys}
    stored = list(wanted)
    answers: dict[str, tuple[Track, ...]] = {}
    for start in range(0, len(stored), CHUNK):
        query = select(LOOKUP.c.key, LOOKUP.c.found).where(LOOKUP.c.key.in_(stored[start : start + CHUNK]))
        for key, document in connection.execute(query.where(LOOKUP.c.at_ms >= since_ms)):
            found = decoder.decode(_Found, document, "lookup", key)
            if found is not None:
                answers[wanted[key]] = found
    return answers
