"""The sorter's labels and places: each function takes an open connection and gives values of the domain."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from moodroom_hub.core.store.codec import Decoder, clean, encode
from moodroom_hub.core.store.sort_rows import next_id, sound
from moodroom_hub.core.store.statements import CHUNK, upsert
from moodroom_hub.core.store.tables import SORT_LABEL, SORT_PLACE
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.domain.sorting.models import Label, LabelOrigin, LayerKey, Place

BY_HAND = frozenset({LabelOrigin.ASKED, LabelOrigin.CORRECTED})
"""What a person said one by one: kept each, so that it can be taken back."""


def holding(connection: Connection, decoder: Decoder, layer: LayerKey) -> list[Label]:
    """The newest label of each song, in the order in which these were given."""
    query = select(SORT_LABEL.c.id, SORT_LABEL.c.label).where(SORT_LABEL.c.layer == clean(layer))
    newest: dict[str, Label] = {}
    for row_id, document in connection.execute(query.order_by(SORT_LABEL.c.id)):
        label = decoder.decode(Label, document, "sort_label", row_id)
        if label is not None:
            newest.pop(label.uri, None)
            newest[label.uri] = label
    return list(newest.values())


def put_labels(connection: Connection, decoder: Decoder, layer: LayerKey, labels: Sequence[Label]) -> None:
    """Append. What playlists and rooms say takes the row of what they said before, and none where it is the same."""
    cleaned: list[Label] = [sound(label) for label in labels]
    label_id = next_id(connection, SORT_LABEL)
    known = _newest(connection, decoder, layer, cleaned)
    new: dict[int, dict[str, Any]] = {}
    gone: list[int] = []
    for label in cleaned:
        before_id, before = known.get(label.uri, (0, None))
        if before is not None and not BY_HAND & {before.origin, label.origin}:
            if _is_same(before, label):
                continue
            if new.pop(before_id, None) is None:
                gone.append(before_id)
        document = encode(Label, label)
        new[label_id] = {"id": label_id, "layer": clean(layer), "uri": label.uri, "label": document}
        known[label.uri] = (label_id, label)
        label_id += 1
    for start in range(0, len(gone), CHUNK):
        connection.execute(delete(SORT_LABEL).where(SORT_LABEL.c.id.in_(gone[start : start + CHUNK])))
    if new:
        connection.execute(insert(SORT_LABEL), list(new.values()))


def take_back(connection: Connection, decoder: Decoder, layer: LayerKey) -> Label | None:
    """Delete the newest label that a hand gave, and give it."""
    query = select(SORT_LABEL.c.id, SORT_LABEL.c.label).where(SORT_LABEL.c.layer == clean(layer))
    for row_id, document in connection.execute(query.order_by(SORT_LABEL.c.id.desc())).all():
        label = decoder.decode(Label, document, "sort_label", row_id)
        if label is not None and label.origin in BY_HAND:
            connection.execute(delete(SORT_LABEL).where(SORT_LABEL.c.id == row_id))
            return label
    return None


def places(connection: Connection, decoder: Decoder, layer: LayerKey) -> list[Place]:
    """Where the layer's songs belong, in the order in which they were put."""
    query = select(SORT_PLACE.c.uri, SORT_PLACE.c.place).where(SORT_PLACE.c.layer == clean(layer))
    rows = connection.execute(query.order_by(SORT_PLACE.c.position))
    found = (decoder.decode(Place, document, "sort_place", (layer, uri)) for uri, document in rows)
    return [place for place in found if place is not None]


def put_places(connection: Connection, layer: LayerKey, wanted: Sequence[Place]) -> None:
    """Exactly these from now on, each song once. Only what differs is written: most songs stay where they are."""
    key = clean(layer)
    by_uri: dict[str, Place] = {place.uri: place for place in map(sound, wanted)}
    columns = SORT_PLACE.c
    query = select(columns.uri, columns.position, columns.place).where(columns.layer == key)
    before = {uri: (position, document) for uri, position, document in connection.execute(query)}
    gone = sorted(before.keys() - by_uri.keys())
    for start in range(0, len(gone), CHUNK):
        part = gone[start : start + CHUNK]
        connection.execute(delete(SORT_PLACE).where(columns.layer == key, columns.uri.in_(part)))
    rows = [
        {"layer": key, "uri": uri, "position": position, "place": document}
        for position, (uri, place) in enumerate(by_uri.items())
        if before.get(uri) != (position, document := encode(Place, place))
    ]
    if rows:
        connection.execute(upsert(connection.dialect.name, SORT_PLACE), rows)


def _newest(
    connection: Connection, decoder: Decoder, layer: LayerKey, labels: Sequence[Label]
) -> dict[str, tuple[int, Label | None]]:
    uris = sorted({label.uri for label in labels})
    found: dict[str, tuple[int, Label | None]] = {}
    columns = SORT_LABEL.c
    for start in range(0, len(uris), CHUNK):
        part = uris[start : start + CHUNK]
        query = select(columns.uri, columns.id, columns.label).where(columns.layer == clean(layer))
        for uri, row_id, document in connection.execute(query.where(columns.uri.in_(part)).order_by(columns.id)):
            found[uri] = (row_id, decoder.decode(Label, document, "sort_label", row_id))
    return found


def _is_same(before: Label, now: Label) -> bool:
    """Whether both say the same, at whatever time."""
    return replace(before, at_ms=EpochMs(0)) == replace(now, at_ms=EpochMs(0))
