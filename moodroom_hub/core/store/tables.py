"""The tables, as the running hub speaks to them.

Plain SQLAlchemy tables, the same as the SQLModel classes in ``models`` (a test compares them): the store reads and
writes whole dataclasses and never maps a row to an object, and the ORM would take 7 of the 80 MB that a hub may hold.

Every row has real columns for what is searched by, and one JSON document for the whole of what it is: a field
with a default can join a dataclass of the domain without a migration. Changing a column here needs a new
revision in ``migrations/versions`` (a test compares the two).
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, Table, Text, UniqueConstraint

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str, kind: type[BigInteger] | type[Text]) -> Column[Any]:
    # Ids are given by the hub: no database may count by itself.
    return Column(name, kind, primary_key=True, autoincrement=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


ZONE_STATE = Table("zone_state", METADATA, _key("zone", Text), _text("state"))
"""The fold's state of one zone: text that only ``core.zone`` understands."""

LEDGER = Table("ledger", METADATA, _key("zone", Text), _key("id", BigInteger), _text("entry"))
"""One ``LedgerEntry``."""

EVENT = Table(
    "event",
    METADATA,
    _key("id", BigInteger),
    _text("kind"),
    _text("zone"),
    _number("at_ms"),
    Column("is_done", Boolean, nullable=False),
    _text("event"),
    # After a crash the few that are not done are found at once among a month of done ones. (A partial index would
    # be smaller, but naming it for PostgreSQL loads that dialect's 3 MB into every hub.)
    Index(None, "is_done", "id"),
)
"""One event; ``is_done`` once every plugin was told."""

HISTORY = Table("history", METADATA, _key("id", BigInteger), _text("zone"), _number("ended_at_ms"), _text("listen"))
"""One finished ``Listen``, under the id of the event that told of it; outlives the event."""

RECEIPT = Table(
    "receipt",
    METADATA,
    _key("id", BigInteger),
    _text("room"),
    _text("uri"),
    Column("event_id", BigInteger),
    _text("receipt"),
    UniqueConstraint("event_id", "room", "uri"),
    Index(None, "room", "id"),
)
"""One ``Receipt``. ``event_id`` may be missing; such rows are never alike (NULLs are distinct)."""

RECEIPT_UNDO = Table("receipt_undo", METADATA, _key("undo_id", BigInteger), _key("receipt_id", BigInteger))
"""The UNDO receipt ``undo_id`` takes the receipt ``receipt_id`` back."""

FACT = Table("fact", METADATA, _key("key", Text), _text("value"))
"""One small thing to remember."""

BASE = Table("base", METADATA, _key("room", Text), _key("uri", Text), _number("position"), _text("entry"))
"""One ``PoolEntry`` as mined or imported, before anything that listening taught."""

LIKED = Table(
    "liked", METADATA, _key("uri", Text), _number("added_at_us"), _text("track"), Index(None, "added_at_us", "uri")
)
"""One liked ``Track``. ``added_at_us`` counts microseconds since the Unix epoch: sorts alike everywhere."""

BASE_BEFORE = Table("base_before", METADATA, _key("room", Text), _key("uri", Text), _number("position"), _text("entry"))
"""What ``base`` held before the last mining of the room, for taking that back."""

PLAYLIST = Table("playlist", METADATA, _key("id", Text), _text("name"), _text("snapshot"), _number("position"))
"""One of the owner's playlists; ``position`` keeps the service's order."""

PLAYLIST_ITEM = Table("playlist_item", METADATA, _key("playlist", Text), _key("position", BigInteger), _text("track"))
"""One ``Track`` in a playlist."""

PAST_PLAY = Table(
    "past_play",
    METADATA,
    _key("id", BigInteger),
    Column("key", BigInteger, nullable=False),
    _number("ended_at_ms"),
    _number("heard_ms"),
    Column("uri", Text),
    _text("name"),
    _text("artist"),
    _text("album"),
    Column("reason_start", Text),
    Column("reason_end", Text),
    Column("is_skipped", Boolean),
    UniqueConstraint("key"),
)
"""One play from before the hub, out of the service's own export. ``id`` is below 0 and grows with time, so that the
past comes before all that the hub heard itself; ``key`` is made of what the play was, so that none comes in twice."""

PLAY = Table(
    "play",
    METADATA,
    _key("id", BigInteger),
    _text("zone"),
    _number("counted_at_ms"),
    Column("twin_of", BigInteger),
    _text("play"),
    Index(None, "counted_at_ms"),
    Index(None, "twin_of"),
)
"""One ``Play``: a listen that passed the threshold. ``twin_of`` is set where another source saw the same listen."""

DELIVERY = Table(
    "delivery",
    METADATA,
    _key("play_id", BigInteger),
    _key("target", Text),
    _text("status"),
    _number("next_try_ms"),
    _text("delivery"),
    Index(None, "target", "status", "next_try_ms"),
)
"""One ``Delivery``: a play on its way to a service."""

FINDING = Table(
    "finding",
    METADATA,
    _key("kind", Text),
    _key("key", Text),
    _number("at_ms"),
    _number("expires_at_ms"),
    _text("found"),
    Index(None, "kind", "at_ms"),
)
"""What a plugin found out at another service, until it expires."""

SORT_LABEL = Table(
    "sort_label",
    METADATA,
    _key("id", BigInteger),
    _text("layer"),
    _text("uri"),
    _text("label"),
    Index(None, "layer", "uri", "id"),
)
"""One ``Label``, as it was given; of each song the newest holds. Taking one back deletes it."""

SORT_PLACE = Table("sort_place", METADATA, _key("layer", Text), _key("uri", Text), _number("position"), _text("place"))
"""One ``Place``: where a song of a layer belongs."""

SORT_VERSION = Table(
    "sort_version", METADATA, _key("id", BigInteger), _text("layer"), _text("version"), Index(None, "layer", "id")
)
"""One ``Version``: a training of a layer's model."""

SORT_WRITE = Table(
    "sort_write",
    METADATA,
    _key("id", BigInteger),
    _text("layer"),
    _text("status"),
    _text("write"),
    Index(None, "layer", "id"),
)
"""One ``Write``: a playlist's change, from before it was begun, so that it can be gone on with and taken back."""

STATION = Table("station", METADATA, _key("key", Text), _number("position"), _text("station"))
"""One ``Station``; ``position`` keeps the order in which they were made."""

STATION_VOTE = Table(
    "station_vote",
    METADATA,
    _key("id", BigInteger),
    _text("station"),
    _text("vote"),
    Index(None, "station", "id"),
)
"""One ``Vote``: a like or dislike on a station. Taking one back deletes it."""

LOOKUP = Table("lookup", METADATA, _key("key", Text), _number("at_ms"), _text("found"))
"""What the service found for a name: a list of ``Track``, for some days."""
