"""Every older database migrates with its rows, a copy of it is kept, and a failed migration leaves it as it was."""

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Dialect, MetaData, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement
from sqlmodel import Session, select

from moodroom_hub.core.errors import StartError
from moodroom_hub.core.store import Store, StoreTooNew, models
from moodroom_hub.core.store.engine import Database, connect, prepare_file
from moodroom_hub.core.store.files import KEPT_MIGRATION_BACKUPS
from moodroom_hub.core.store.migrate import configuration, upgrade
from moodroom_hub.core.store.schema import LINEAGE, Lineage, bring_up_to_date
from moodroom_hub.core.store.tables import METADATA
from moodroom_hub.domain.models import HOME, EpochMs, ZoneName
from tests.core.store.builders import (
    CALM,
    HOUSE,
    MOODS,
    Spot,
    changed,
    delivery,
    full_change,
    label,
    ledger_entry,
    liked,
    listen,
    place,
    play,
    pool_entry,
    receipt,
    station,
    track,
    version,
    vote,
    write,
)
from tests.core.store.builders import skipped as skip

OLD_DATABASES = Path(__file__).parent / "old_databases"

_NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "moodroom_next"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("fact") as table:
        table.add_column(sa.Column("set_by", sa.Text(), nullable=True))
        table.alter_column("value", nullable=True)
    op.execute("UPDATE fact SET value = value || '!'")
    {end}
"""


@pytest.fixture
def database(spot: Spot) -> Iterator[Database]:
    """An empty database, below the store."""
    found = connect(spot.url, spot.data_dir, 1_000)
    prepare_file(found.place, spot.data_dir)
    yield found
    found.engine.dispose()


def next_lineage(folder: Path, end: str = "") -> Lineage:
    """Today's revisions and one more."""
    scripts = folder / "migrations"
    shutil.copytree(LINEAGE.scripts, scripts)
    (scripts / "versions" / "moodroom_next.py").write_text(_NEXT.format(head=LINEAGE.head, end=end))
    return Lineage((*LINEAGE.revisions, "moodroom_next"), scripts)


_SQLITE_SCHEMA = (
    """SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
       FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'""",
    """SELECT m.name, i.name, i."unique", i.origin, c.seqno, c.name
       FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c WHERE m.type = 'table'""",
)
_POSTGRESQL_SCHEMA = (
    """SELECT table_name, column_name, data_type, is_nullable, column_default
       FROM information_schema.columns WHERE table_schema = current_schema()""",
    """SELECT tablename, indexname, replace(indexdef, current_schema() || '.', '')
       FROM pg_indexes WHERE schemaname = current_schema()""",
)


def describe(database: Database) -> list[tuple[object, ...]]:
    """Columns, keys and indexes, as the database itself tells them."""
    queries = _SQLITE_SCHEMA if database.is_sqlite else _POSTGRESQL_SCHEMA
    with database.read() as connection:
        return sorted((tuple(row) for query in queries for row in connection.execute(text(query))), key=str)


def test_the_lineage_is_what_the_scripts_say() -> None:
    with_config = ScriptDirectory(str(LINEAGE.scripts))
    revisions = [script.revision for script in with_config.walk_revisions()][::-1]
    assert tuple(revisions) == LINEAGE.revisions
    assert all(revision.startswith("moodroom_") for revision in revisions)
    assert {file.stem for file in (LINEAGE.scripts / "versions").glob("*.py")} == set(revisions)


@pytest.mark.parametrize("metadata", [models.METADATA, METADATA], ids=["models", "tables"])
def test_migrating_from_nothing_gives_the_models(database: Database, metadata: MetaData) -> None:
    with database.write() as connection:
        upgrade(connection, LINEAGE.scripts, LINEAGE.head)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("dialect", [sqlite, postgresql])
def test_models_and_tables_are_one_schema(dialect: ModuleType) -> None:
    kind: Dialect = dialect.dialect()

    def written(metadata: MetaData) -> set[str]:
        tables = metadata.sorted_tables
        statements: list[DDLElement] = [CreateTable(table) for table in tables]
        statements += [CreateIndex(index) for table in tables for index in table.indexes]
        return {str(statement.compile(dialect=kind)) for statement in statements}

    assert written(models.METADATA) == written(METADATA)


def test_rows_can_be_read_with_the_models(database: Database) -> None:
    bring_up_to_date(database)
    with database.write() as connection:
        connection.execute(text("INSERT INTO fact (key, value) VALUES ('learning', 'on')"))
    with database.read() as connection, Session(connection) as session:
        assert [row.value for row in session.exec(select(models.FactRow))] == ["on"]


def test_a_new_database_is_what_migrating_from_nothing_gives(database: Database, spot: Spot) -> None:
    bring_up_to_date(database)
    made = describe(database)
    with database.write() as connection:
        for name in (*METADATA.tables, "alembic_version"):
            connection.execute(text(f"DROP TABLE {name}"))
        upgrade(connection, LINEAGE.scripts, LINEAGE.head)
    assert describe(database) == made
    assert not (spot.data_dir / "backups").exists()


def test_every_revision_has_a_database_written_down() -> None:
    assert {file.stem for file in OLD_DATABASES.glob("*.sql")} == set(LINEAGE.revisions)


@pytest.mark.parametrize("revision", LINEAGE.revisions)
async def test_a_database_of_every_revision_opens_with_its_rows(sqlite_spot: Spot, revision: str) -> None:
    path = sqlite_spot.data_dir / "moodroom.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((OLD_DATABASES / f"{revision}.sql").read_text(encoding="utf-8"))
    store = sqlite_spot.store()
    await store.open()
    try:
        assert await store.zone_states() == {HOME: '{"step": 1}'}
        assert await store.ledger(HOME, 9) == [ledger_entry(1)]
        assert await store.pending_events() == [skip(2), changed(3)]
        assert await store.history(9, None) == [(2, HOME, listen(2))]
        assert await store.receipts(9, None) == [(receipt(2, undoes=(1,)), None), (receipt(1, event_id=2), 2)]
        assert await store.fact("last") == "1"
        assert await store.base(HOUSE) == [pool_entry(1), pool_entry(2)]
        assert await store.liked() == [liked(1)]
        if revision >= "moodroom_0002":
            past = [each for _, each in await store.newest_past(9, None)]
            assert [(each.name, each.is_minute) for each in past] == [("Another", True), ("A song", False)]
            assert [found.name for found in await store.playlist_lists()] == ["Evenings"]
            assert await store.lookups(["a song\nsomebody"], EpochMs(0)) == {"a song\nsomebody": (track(1),)}
            await store.swap_base([HOUSE])
            assert await store.base(HOUSE) == [pool_entry(1), pool_entry(2)]
        if revision >= "moodroom_0003":
            assert await store.recent_plays(EpochMs(0)) == [play(1), play(2, zone=ZoneName("kitchen"), twin_of=1)]
            view = await store.plays.get(1)
            assert view is not None
            assert (view.deliveries, view.twins) == ((delivery(1),), (2,))
            assert await store.findings.get("facts", ["isrc:1"], EpochMs(0)) == {"isrc:1": "{}"}
        else:
            assert await store.recent_plays(EpochMs(0)) == []
        if revision >= "moodroom_0004":
            assert await store.sorting.labels(MOODS) == [label(1, CALM)]
            assert await store.sorting.places(MOODS) == [place(1, CALM), place(2)]
            assert await store.sorting.versions(MOODS) == [replace(version(), id=1)]
            assert await store.sorting.writes(None) == [write(1, id=1, batch=1)]
        else:
            assert await store.sorting.writes(None) == []
        if revision >= "moodroom_0005":
            assert await store.stations() == [(1, station())]
            assert await store.station_votes() == [vote(1)]
        else:
            assert await store.stations() == []
        assert (await store.last_ids()).play == (2 if revision >= "moodroom_0003" else 0)
    finally:
        await store.close()
    database = connect(sqlite_spot.url, sqlite_spot.data_dir, 1_000)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    database.engine.dispose()
    assert (sqlite_spot.data_dir / "backups").exists() == (revision != LINEAGE.head)


async def test_a_migration_keeps_rows_and_leaves_a_backup(spot: Spot, tmp_path: Path) -> None:
    await _fill(spot)
    lineage = next_lineage(tmp_path)
    newer = Store(spot.url, spot.data_dir, lineage=lineage)
    await newer.open()
    assert await newer.fact("last") == "1!"
    assert await newer.ledger(HOME, 9) == [ledger_entry(1)]
    await newer.close()
    assert spot.sql("SELECT set_by FROM fact") == [(None,)]
    with pytest.raises(StoreTooNew):
        await spot.store().open()
    found = list((spot.data_dir / "backups").glob("*.db"))
    if spot.url.startswith("sqlite"):
        assert len(found) == 1
        assert found[0].name.startswith("before-migration-20")
        assert found[0].name.endswith(f"-{LINEAGE.head}.db")
        assert found[0].stat().st_mode & 0o077 == 0
        old = Store(f"sqlite:///{found[0]}", tmp_path)
        await old.open()
        assert await old.fact("last") == "1"
        await old.close()
    else:
        assert found == []


@pytest.mark.parametrize("end", ["raise KeyError('planned')", "op.execute('INSERT INTO nowhere VALUES (1)')"])
async def test_a_failed_migration_leaves_the_database_as_it_was(spot: Spot, tmp_path: Path, end: str) -> None:
    await _fill(spot)
    newer = Store(spot.url, spot.data_dir, lineage=next_lineage(tmp_path, end))
    with pytest.raises(StartError, match=f"could not be migrated from {LINEAGE.head} to moodroom_next and was left"):
        await newer.open()
    store = spot.store()
    await store.open()
    assert await store.fact("last") == "1"
    await store.close()


async def test_only_the_newest_backups_stay(sqlite_spot: Spot, tmp_path: Path) -> None:
    await _fill(sqlite_spot)
    backups = sqlite_spot.data_dir / "backups"
    lineage = next_lineage(tmp_path, "raise KeyError('planned')")
    backups.mkdir()
    (backups / "by-hand.db").write_bytes(b"mine")
    for _ in range(KEPT_MIGRATION_BACKUPS + 2):
        with pytest.raises(StartError):
            await Store(sqlite_spot.url, sqlite_spot.data_dir, lineage=lineage).open()
    first, *rest = sorted(file.name for file in backups.iterdir())
    assert len([first, *rest]) == KEPT_MIGRATION_BACKUPS + 1
    assert (backups / "by-hand.db").read_bytes() == b"mine"


async def test_no_migration_without_its_backup(sqlite_spot: Spot, tmp_path: Path) -> None:
    await _fill(sqlite_spot)
    (sqlite_spot.data_dir / "backups").write_text("a file in the way")
    newer = Store(sqlite_spot.url, sqlite_spot.data_dir, lineage=next_lineage(tmp_path))
    with pytest.raises(StartError, match=r"backup .* before the migration cannot be written"):
        await newer.open()
    store = sqlite_spot.store()
    await store.open()
    assert await store.fact("last") == "1"
    await store.close()


def test_the_scripts_ship_and_run_by_alembic_alone(tmp_path: Path) -> None:
    """Whoever unpacks the wheel has the scripts beside the code."""
    assert (LINEAGE.scripts / "env.py").is_file()
    assert LINEAGE.scripts.is_relative_to(Path(sys.modules["moodroom_hub"].__path__[0]))
    spot = Spot(f"sqlite:///{tmp_path}/moodroom.db", tmp_path)
    spot.sql("SELECT 1")
    database = connect(spot.url, tmp_path, 1_000)
    with database.write() as connection:
        assert configuration(connection, LINEAGE.scripts).get_main_option("script_location") == str(LINEAGE.scripts)
    database.engine.dispose()


async def _fill(spot: Spot) -> None:
    store = spot.store()
    await store.open()
    await store.commit(full_change(1))
    await store.close()
