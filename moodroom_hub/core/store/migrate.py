"""Running Alembic inside the hub. Imported only where a migration has to run."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def configuration(connection: Connection, scripts: Path) -> Config:
    """Alembic's configuration for an open connection, without any file."""
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, scripts: Path, revision: str) -> None:
    """Run every revision up to ``revision`` inside the connection's open transaction."""
    command.upgrade(configuration(connection, scripts), revision)
