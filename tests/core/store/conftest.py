"""Databases for the tests: a fresh SQLite file, or a schema of a throw-away PostgreSQL."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, text

from moodroom_hub.core.store import Store
from tests.core.store.builders import Spot

_SERVER_PROGRAMS = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL server of the tests' own, reached by its socket only."""

    programs: Path
    folder: Path

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        with (self.folder / "programs.log").open("ab") as log:
            subprocess.run(command, check=True, cwd=self.folder, stdout=log, stderr=log, timeout=60)

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running throw-away server; skips where the machine has none."""
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed (extra 'postgresql')")
    found = sorted(_SERVER_PROGRAMS.glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL server is installed here, and MOODROOM_TEST_POSTGRESQL_URL is not set")
    # Not in pytest's folder: its path may be too long for a socket, and closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="moodroom-pg-"))
    try:
        if os.geteuid() == 0:
            if shutil.which("runuser") is None:
                pytest.skip("PostgreSQL does not run as root, and there is no runuser here")
            shutil.chown(folder, "postgres")
        cluster = Cluster(found[-1].parent, folder)
        cluster.run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "--no-sync")
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql_url(request: pytest.FixtureRequest) -> str:
    """A server for the tests, given from outside or of their own."""
    given = os.environ.get("MOODROOM_TEST_POSTGRESQL_URL")
    if given:
        if importlib.util.find_spec("psycopg") is None:
            pytest.skip("psycopg is not installed (extra 'postgresql')")
        return given
    running: Cluster = request.getfixturevalue("cluster")
    return running.url


def _run_sql(url: str, statement: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


@pytest.fixture
def postgresql_spot(postgresql_url: str, tmp_path: Path) -> Iterator[Spot]:
    """An empty schema of its own."""
    schema = f"moodroom_test_{uuid.uuid4().hex}"
    _run_sql(postgresql_url, f"CREATE SCHEMA {schema}")
    joint = "&" if "?" in postgresql_url else "?"
    yield Spot(f"{postgresql_url}{joint}options={quote(f'-csearch_path={schema}')}", tmp_path)
    _run_sql(postgresql_url, f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def sqlite_spot(tmp_path: Path) -> Spot:
    """A file that does not exist yet."""
    return Spot(f"sqlite:///{tmp_path}/moodroom.db", tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def spot(request: pytest.FixtureRequest) -> Spot:
    """Each database in turn."""
    found: Spot = request.getfixturevalue(f"{request.param}_spot")
    return found


@pytest.fixture
async def store(spot: Spot) -> AsyncIterator[Store]:
    """An open store over each database in turn."""
    opened = spot.store()
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(sqlite_spot: Spot) -> AsyncIterator[Store]:
    """An open store over SQLite."""
    opened = sqlite_spot.store()
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MB that a test may fill or make read-only."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small file system to test with")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
