"""``moodroom-hub backup`` and ``restore``: one zip file with database, configuration and, if wished, the login."""

import asyncio
import json
import os
import shutil
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

import moodroom_hub
from moodroom_hub.app.initial import default_path, write_private
from moodroom_hub.app.offline import opened
from moodroom_hub.app.output import hint, say
from moodroom_hub.app.redaction import without_secrets
from moodroom_hub.app.shared import is_interactive
from moodroom_hub.core.config import LoadedConfig, emptied
from moodroom_hub.core.errors import MoodroomError, StartError
from moodroom_hub.core.lock import HubLock
from moodroom_hub.core.store import restore
from moodroom_hub.core.store.engine import parse_url

FORMAT = 1
MANIFEST, DATABASE, CONFIG, LOGIN = "manifest.json", "moodroom.db", "config.yaml", "login/"
LOGIN_FILES = ("*-token.json", "*-session.json")
SQLITE_MAGIC = b"SQLite format 3\x00"
NO_BACKUP = "is no backup of Moodroom Hub, or is damaged"


def back_up(loaded: LoadedConfig, target: Path, *, with_login: bool) -> None:
    """Write the file, whole or not at all, readable by its owner only. Never replaces one. Raises ``MoodroomError``."""
    if target.exists():
        raise MoodroomError(f"{target} is there already. Choose another name.")
    if not target.absolute().parent.is_dir():
        raise MoodroomError(f"The folder {target.absolute().parent} does not exist.")
    with tempfile.TemporaryDirectory(prefix=".moodroom-backup-", dir=target.absolute().parent) as folder:
        copy = Path(folder) / DATABASE
        config, remark = asyncio.run(_collect(loaded, copy, with_login=with_login))
        draft = Path(folder) / "backup.zip"
        logins = _login_files(loaded.settings.hub.data_dir) if with_login else []
        about = {
            "format": FORMAT,
            "version": moodroom_hub.__version__,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "logins": [path.name for path in logins],
        }
        with os.fdopen(_private(draft), "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MANIFEST, json.dumps(about, indent=2))
            archive.write(copy, DATABASE)
            if config is not None:
                archive.writestr(CONFIG, config)
            for path in logins:
                archive.write(path, LOGIN + path.name)
        _sync(draft)
        draft.replace(target)
    say(f"Written: {target}")
    if remark:
        hint(remark)
    if with_login:
        hint("It holds your login and passwords: whoever has this file has your account. Keep it like a key.")


def bring_back(loaded: LoadedConfig, source: Path, *, is_sure: bool) -> None:
    """Put a backup in the place of what is here, which is kept beside it. Raises ``MoodroomError``."""
    data_dir = loaded.settings.hub.data_dir
    database = parse_url(loaded.settings.database_url(), data_dir)[1].path
    if database is None:
        raise MoodroomError("The database is PostgreSQL: bring it back with its own tools (pg_restore).")
    with HubLock(data_dir), tempfile.TemporaryDirectory(prefix=".moodroom-restore-", dir=data_dir) as folder:
        parts = _unpacked(source, Path(folder))
        if not is_sure:
            _ask(parts, database)
        kept = restore(parts["database"], database)
        say(f"Brought back: {database}" + (f" (the one before: {kept})" if kept else ""))
        for path in parts["logins"]:
            write_private(data_dir / path.name, path.read_text(encoding="utf-8"))
            say(f"Brought back: the login {path.name}")
        if parts["config"] is not None:
            _bring_back_config(loaded, parts["config"])


def _bring_back_config(loaded: LoadedConfig, config: str) -> None:
    target = (loaded.path or default_path(None)).absolute()
    here = target.read_text(encoding="utf-8", errors="replace") if target.exists() else ""
    if here == config:
        return
    names, is_here_whole = emptied(config, here)
    if is_here_whole:
        say(f"Kept: {target} (all that the backup lacks of it are its secrets: {', '.join(names)})")
        return
    kept = write_private(target, config)
    say(f"Brought back: {target}" + (f" (the one before: {kept})" if kept else ""))
    if names:
        before = f" (the file before: {kept})" if kept else ""
        hint(f"The backup holds no secrets, so these are empty now: {', '.join(names)}. Set them again{before}.")


async def _collect(loaded: LoadedConfig, copy: Path, *, with_login: bool) -> tuple[str | None, str]:
    """Copy the database; give the configuration's text as it may be kept, and a remark about it."""
    async with opened(loaded, is_reading=True) as hub:
        await hub.store.backup(copy)
        models = hub.registry.plugin_models()
    if loaded.path is None:
        return None, "There is no configuration file; none is in the backup."
    text = loaded.path.read_text(encoding="utf-8")
    return (text, "") if with_login else without_secrets(loaded, text, models)


def _login_files(folder: Path) -> list[Path]:
    return sorted(path for pattern in LOGIN_FILES for path in folder.glob(pattern))


def _unpacked(source: Path, folder: Path) -> dict[str, Any]:
    """The parts of a backup as files. A bare database (an automatic backup) counts as one."""
    with source.open("rb") as opening:
        if opening.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC:
            return {"database": source, "config": None, "logins": [], "made_at": "at a time unknown"}
    try:
        with zipfile.ZipFile(source) as archive:
            about = json.loads(archive.read(MANIFEST))
            if about["format"] != FORMAT:
                raise StartError(f"{source} was written by another version ({about['version']}). Update, then restore.")
            with archive.open(DATABASE) as packed, os.fdopen(_private(folder / DATABASE), "wb") as target:
                shutil.copyfileobj(packed, target)
            names = set(archive.namelist())
            config = archive.read(CONFIG).decode("utf-8") if CONFIG in names else None
            logins = []
            for name in about["logins"]:
                if Path(name).name != name or not any(map(Path(name).match, LOGIN_FILES)):
                    raise MoodroomError(f"{source} {NO_BACKUP}.")
                with os.fdopen(_private(folder / name), "wb") as login:
                    login.write(archive.read(LOGIN + name))
                logins.append(folder / name)
            return {"database": folder / DATABASE, "config": config, "logins": logins, "made_at": about["made_at"]}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, ValueError, TypeError, EOFError, RuntimeError) as error:
        raise MoodroomError(f"{source} {NO_BACKUP}.") from error


def _ask(parts: dict[str, Any], database: Path) -> None:
    if not is_interactive():
        raise MoodroomError("Nobody can be asked here. Add --yes to restore.")
    say(f"The backup was made {parts['made_at']}. It takes the place of {database} (which is kept beside it).")
    if not click.confirm("Go on?"):
        raise click.Abort


def _private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
