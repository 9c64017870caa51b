"""Inserts that tolerate a row that is there already. Both databases say it alike, each through its own dialect."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Insert, Table

CHUNK = 500
"""How many values one statement names at most."""


def upsert(dialect: str, table: Table, *, kept: Sequence[str] = ()) -> Insert:
    """Insert, or replace all columns but the key and those that are ``kept`` as they were."""
    keys: list[Column[Any]] = list(table.primary_key)
    names = [column.name for column in table.columns if column not in keys and column.name not in kept]
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        lite = sqlite.insert(table)
        return lite.on_conflict_do_update(index_elements=keys, set_={name: lite.excluded[name] for name in names})
    from sqlalchemy.dialects import postgresql

    full = postgresql.insert(table)
    return full.on_conflict_do_update(index_elements=keys, set_={name: full.excluded[name] for name in names})


def insert_or_ignore(dialect: str, table: Table) -> Insert:
    """Insert, or leave what is there; the row count tells which."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        statement: Insert = sqlite.insert(table).on_conflict_do_nothing()
    else:
        from sqlalchemy.dialects import postgresql

        statement = postgresql.insert(table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)
