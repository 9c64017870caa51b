"""The schema as SQLModel classes: what migrations are generated from and checked against, and typed rows for scripts.

A running hub does without them: it reads and writes whole dataclasses through ``tables``, the same schema in plain
SQLAlchemy, because SQLModel and the ORM below it would take 7 of the 80 MB that a hub may hold. Tests hold the two
and the migrations equal, so none can change alone. Changing a column needs a new revision in ``migrations/versions``.
"""

from sqlalchemy import BigInteger, Boolean, Index, MetaData, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class _Row(SQLModel):
    metadata = METADATA


class ZoneStateRow(_Row, table=True):
    """The fold's state of one zone: text that only ``core.tracking`` understands."""

    __tablename__ = "zone_state"

    zone: str = Field(primary_key=True, sa_type=Text)
    state: str = Field(sa_type=Text)


class LedgerRow(_Row, table=True):
    """One ``LedgerEntry``."""

    __tablename__ = "ledger"

    zone: str = Field(primary_key=True, sa_type=Text)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    entry: str = Field(sa_type=Text)


class EventRow(_Row, table=True):
    """One event; ``is_done`` once every plugin was told."""

    __tablename__ = "event"
    # After a crash the few that are not done are found at once among a month of done ones. (A partial index would
    # be smaller, but naming it for PostgreSQL loads that dialect's 3 MB into every hub.)
    __table_args__ = (Index(None, "is_done", "id"),)

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(sa_type=Text)
    zone: str = Field(sa_type=Text)
    at_ms: int = Field(sa_type=BigInteger)
    is_done: bool = Field(sa_type=Boolean)
    event: str = Field(sa_type=Text)


class HistoryRow(_Row, table=True):
    """One finished ``Listen``, under the id of the event that told of it; outlives the event."""

    __tablename__ = "history"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    zone: str = Field(sa_type=Text)
    ended_at_ms: int = Field(sa_type=BigInteger)
    listen: str = Field(sa_type=Text)


class ReceiptRow(_Row, table=True):
    """One ``Receipt``. ``event_id`` may be missing; such rows are never alike (NULLs are distinct)."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("event_id", "room", "uri"), Index(None, "room", "id"))

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    room: str = Field(sa_type=Text)
    uri: str = Field(sa_type=Text)
    event_id: int | None = Field(sa_type=BigInteger)
    receipt: str = Field(sa_type=Text)


class ReceiptUndoRow(_Row, table=True):
    """The UNDO receipt ``undo_id`` takes the receipt ``receipt_id`` back."""

    __tablename__ = "receipt_undo"

    undo_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    receipt_id: int = Field(primary_key=True, sa_type=BigInteger)


class FactRow(_Row, table=True):
    """One small thing to remember."""

    __tablename__ = "fact"

    key: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Text)


class BaseRow(_Row, table=True):
    """One ``PoolEntry`` as mined or imported, before anything that listening taught."""

    __tablename__ = "base"

    room: str = Field(primary_key=True, sa_type=Text)
    uri: str = Field(primary_key=True, sa_type=Text)
    position: int = Field(sa_type=BigInteger)
    entry: str = Field(sa_type=Text)


class LikedRow(_Row, table=True):
    """One liked ``Track``. ``added_at_us`` counts microseconds since the Unix epoch: sorts alike everywhere."""

    __tablename__ = "liked"
    __table_args__ = (Index(None, "added_at_us", "uri"),)

    uri: str = Field(primary_key=True, sa_type=Text)
    added_at_us: int = Field(sa_type=BigInteger)
    track: str = Field(sa_type=Text)


class BaseBeforeRow(_Row, table=True):
    """What ``base`` held before the last mining of the room, for taking that back."""

    __tablename__ = "base_before"

    room: str = Field(primary_key=True, sa_type=Text)
    uri: str = Field(primary_key=True, sa_type=Text)
    position: int = Field(sa_type=BigInteger)
    entry: str = Field(sa_type=Text)


class PlaylistRow(_Row, table=True):
    """One of the owner's playlists; ``position`` keeps the service's order."""

    __tablename__ = "playlist"

    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    snapshot: str = Field(sa_type=Text)
    position: int = Field(sa_type=BigInteger)


class PlaylistItemRow(_Row, table=True):
    """One ``Track`` in a playlist."""

    __tablename__ = "playlist_item"

    playlist: str = Field(primary_key=True, sa_type=Text)
    position: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    track: str = Field(sa_type=Text)


class PastPlayRow(_Row, table=True):
    """One play from before the hub; ``id`` is below 0 and grows with time, ``key`` is made of what the play was."""

    __tablename__ = "past_play"
    __table_args__ = (UniqueConstraint("key"),)

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    key: int = Field(sa_type=BigInteger)
    ended_at_ms: int = Field(sa_type=BigInteger)
    heard_ms: int = Field(sa_type=BigInteger)
    uri: str | None = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    artist: str = Field(sa_type=Text)
    album: str = Field(sa_type=Text)
    reason_start: str | None = Field(sa_type=Text)
    reason_end: str | None = Field(sa_type=Text)
    is_skipped: bool | None = Field(sa_type=Boolean)


class PlayRow(_Row, table=True):
    """One ``Play``; ``twin_of`` is set where another source saw the same listen."""

    __tablename__ = "play"
    __table_args__ = (Index(None, "counted_at_ms"), Index(None, "twin_of"))

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    zone: str = Field(sa_type=Text)
    counted_at_ms: int = Field(sa_type=BigInteger)
    twin_of: int | None = Field(sa_type=BigInteger)
    play: str = Field(sa_type=Text)


class DeliveryRow(_Row, table=True):
    """One ``Delivery`` of a play to a service."""

    __tablename__ = "delivery"
    __table_args__ = (Index(None, "target", "status", "next_try_ms"),)

    play_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    target: str = Field(primary_key=True, sa_type=Text)
    status: str = Field(sa_type=Text)
    next_try_ms: int = Field(sa_type=BigInteger)
    delivery: str = Field(sa_type=Text)


class FindingRow(_Row, table=True):
    """What a plugin found out at another service, until it expires."""

    __tablename__ = "finding"
    __table_args__ = (Index(None, "kind", "at_ms"),)

    kind: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)
    at_ms: int = Field(sa_type=BigInteger)
    expires_at_ms: int = Field(sa_type=BigInteger)
    found: str = Field(sa_type=Text)


class SortLabelRow(_Row, table=True):
    """One ``Label``, as it was given."""

    __tablename__ = "sort_label"
    __table_args__ = (Index(None, "layer", "uri", "id"),)

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    layer: str = Field(sa_type=Text)
    uri: str = Field(sa_type=Text)
    label: str = Field(sa_type=Text)


class SortPlaceRow(_Row, table=True):
    """One ``Place``: where a song of a layer belongs."""

    __tablename__ = "sort_place"

    layer: str = Field(primary_key=True, sa_type=Text)
    uri: str = Field(primary_key=True, sa_type=Text)
    position: int = Field(sa_type=BigInteger)
    place: str = Field(sa_type=Text)


class SortVersionRow(_Row, table=True):
    """One ``Version``: a training of a layer's model."""

    __tablename__ = "sort_version"
    __table_args__ = (Index(None, "layer", "id"),)

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    layer: str = Field(sa_type=Text)
    version: str = Field(sa_type=Text)


class SortWriteRow(_Row, table=True):
    """One ``Write``: a playlist's change."""

    __tablename__ = "sort_write"
    __table_args__ = (Index(None, "layer", "id"),)

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    layer: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    write: str = Field(sa_type=Text)


class StationRow(_Row, table=True):
    """One ``Station``."""

    __tablename__ = "station"

    key: str = Field(primary_key=True, sa_type=Text)
    position: int = Field(sa_type=BigInteger)
    station: str = Field(sa_type=Text)


class StationVoteRow(_Row, table=True):
    """One ``Vote``: a like or dislike on a station."""

    __tablename__ = "station_vote"
    __table_args__ = (Index(None, "station", "id"),)

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    station: str = Field(sa_type=Text)
    vote: str = Field(sa_type=Text)


class LookupRow(_Row, table=True):
    """What the service found for a name: a list of ``Track``, for some days."""

    __tablename__ = "lookup"

    key: str = Field(primary_key=True, sa_type=Text)
    at_ms: int = Field(sa_type=BigInteger)
    found: str = Field(sa_type=Text)
