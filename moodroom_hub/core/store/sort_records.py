"""The sorter's trainings and what it wrote into playlists: each function takes an open connection."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, insert, select

from moodroom_hub.core.sorting import Version, VersionStatus, Write, WriteStatus
from moodroom_hub.core.store.codec import Decoder, clean, encode
from moodroom_hub.core.store.sort_rows import next_id, sound
from moodroom_hub.core.store.statements import CHUNK, upsert
from moodroom_hub.core.store.tables import SORT_VERSION, SORT_WRITE
from moodroom_hub.domain.sorting.models import LayerKey

KEPT_WRITES = 30
"""Of each sublist so many stay, the newest, besides those that are not finished: each holds a playlist four times."""


@dataclass(frozen=True, slots=True)
class _WriteHead:
    """What decides whether a write stays."""

    sublist: str
    status: WriteStatus


def versions(connection: Connection, decoder: Decoder, layer: LayerKey) -> list[Version]:
    """Trainings of the layer, newest first."""
    query = select(SORT_VERSION.c.id, SORT_VERSION.c.version).where(SORT_VERSION.c.layer == clean(layer))
    rows = connection.execute(query.order_by(SORT_VERSION.c.id.desc())).all()
    found = (decoder.decode(Version, document, "sort_version", row_id) for row_id, document in rows)
    return [version for version in found if version is not None]


def add_version(connection: Connection, decoder: Decoder, version: Version) -> Version:
    """Insert it with an id of its own; an adopted one makes those that were in use replaced ones."""
    version_id = next_id(connection, SORT_VERSION)
    new: Version = sound(replace(version, id=version_id))
    changed = [new]
    if new.status is VersionStatus.ADOPTED:
        changed += [
            replace(each, status=VersionStatus.REPLACED)
            for each in versions(connection, decoder, new.layer)
            if each.status is VersionStatus.ADOPTED
        ]
    rows = [{"id": each.id, "layer": new.layer, "version": encode(Version, each)} for each in changed]
    connection.execute(upsert(connection.dialect.name, SORT_VERSION), rows)
    return new


def writes(connection: Connection, decoder: Decoder, layer: LayerKey | None) -> list[Write]:
    """Changes of playlists, newest first; of all layers without one."""
    query = select(SORT_WRITE.c.id, SORT_WRITE.c.write).order_by(SORT_WRITE.c.id.desc())
    if layer is not None:
        query = query.where(SORT_WRITE.c.layer == clean(layer))
    found = (decoder.decode(Write, document, "sort_write", row_id) for row_id, document in connection.execute(query))
    return [write for write in found if write is not None]


def put_writes(connection: Connection, decoder: Decoder, given: Sequence[Write]) -> list[Write]:
    """Insert those with the id 0 under ids of their own, replace the others; gives all with their ids.

    New ones without a batch are one together, with a number of its own.
    """
    new_id = next_id(connection, SORT_WRITE)
    batch = new_id
    done: list[Write] = []
    for write in map(sound, given):
        if write.id == 0:
            done.append(replace(write, id=new_id, batch=write.batch or batch))
            new_id += 1
        else:
            done.append(write)
    rows = [
        {"id": each.id, "layer": each.layer, "status": str(each.status), "write": encode(Write, each)} for each in done
    ]
    added = [row for row, each in zip(rows, given, strict=True) if each.id == 0]
    replaced = [row for row, each in zip(rows, given, strict=True) if each.id != 0]
    if replaced:
        connection.execute(upsert(connection.dialect.name, SORT_WRITE), replaced)
    if added:
        connection.execute(insert(SORT_WRITE), added)
        _forget_old(connection, decoder, {str(row["layer"]) for row in added})
    return done


def _forget_old(connection: Connection, decoder: Decoder, layers: Collection[str]) -> None:
    old: list[int] = []
    for layer in sorted(layers):
        kept: Counter[str] = Counter()
        query = select(SORT_WRITE.c.id, SORT_WRITE.c.write).where(SORT_WRITE.c.layer == layer)
        for row_id, document in connection.execute(query.order_by(SORT_WRITE.c.id.desc())):
            head = decoder.decode(_WriteHead, document, "sort_write", row_id)
            if head is None or head.status is WriteStatus.BEGUN:
                continue
            kept[head.sublist] += 1
            if kept[head.sublist] > KEPT_WRITES:
                old.append(row_id)
    for start in range(0, len(old), CHUNK):
        connection.execute(delete(SORT_WRITE).where(SORT_WRITE.c.id.in_(old[start : start + CHUNK])))
