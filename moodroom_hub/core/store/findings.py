"""What plugins found out at other services, for some time: each function takes an open connection."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select

from moodroom_hub.core.store.codec import clean
from moodroom_hub.core.store.statements import CHUNK, upsert
from moodroom_hub.core.store.tables import FINDING
from moodroom_hub.domain.models import DurationMs, EpochMs


def get(connection: Connection, kind: str, keys: Sequence[str], now_ms: EpochMs) -> Mapping[str, str]:
    """What is kept under these keys and has not expired."""
    wanted = {clean(key): key for key in keys}
    stored = list(wanted)
    found: dict[str, str] = {}
    for start in range(0, len(stored), CHUNK):
        query = select(FINDING.c.key, FINDING.c.found).where(
            FINDING.c.kind == clean(kind),
            FINDING.c.key.in_(stored[start : start + CHUNK]),
            FINDING.c.expires_at_ms > now_ms,
        )
        found.update((wanted[key], text) for key, text in connection.execute(query))
    return found


def put(
    connection: Connection, kind: str, key: str, text: str, now_ms: EpochMs, keep_ms: DurationMs, most: int
) -> None:
    """Insert or replace; of this kind only the ``most`` that were put last stay (this one always)."""
    row = {
        "kind": clean(kind),
        "key": clean(key),
        "at_ms": now_ms,
        "expires_at_ms": now_ms + keep_ms,
        "found": clean(text),
    }
    connection.execute(upsert(connection.dialect.name, FINDING), [row])
    others = select(FINDING.c.key).where(FINDING.c.kind == row["kind"], FINDING.c.key != row["key"])
    surplus = others.order_by(FINDING.c.at_ms.desc(), FINDING.c.key).offset(max(most - 1, 0)).subquery()
    old = delete(FINDING).where(FINDING.c.kind == row["kind"], FINDING.c.key.in_(select(surplus.c.key)))
    connection.execute(old)


def forget(connection: Connection, kind: str) -> int:
    """Delete all of this kind; how many."""
    return connection.execute(delete(FINDING).where(FINDING.c.kind == clean(kind))).rowcount


def expire(connection: Connection, now_ms: EpochMs) -> int:
    """Delete what has expired; how many."""
    return connection.execute(delete(FINDING).where(FINDING.c.expires_at_ms <= now_ms)).rowcount
