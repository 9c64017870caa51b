"""What the sorter's rows have in common."""

import dataclasses
import math
from typing import Any

from sqlalchemy import Connection, Table, func, select

from moodroom_hub.core.store.codec import clean


def sound(value: Any) -> Any:
    """A copy that every database takes: texts are ``clean``, fractions that are no numbers are 0."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else 0.0
    if isinstance(value, tuple | frozenset):
        return type(value)(sound(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: sound(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


def next_id(connection: Connection, table: Table) -> int:
    """The id of the table's next row. Until the transaction ends nobody else gets one, in whatever process it is.

    Only for a transaction that began with the lock for writing, as all of ``Database.write`` do.
    """
    if connection.dialect.name == "postgresql":  # SQLite's transactions have the whole file
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")
    found: int = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return found + 1
