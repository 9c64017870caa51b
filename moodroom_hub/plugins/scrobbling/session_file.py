"""Last.fm's session key in the data folder: ``lastfm-session.json``, mode 0600, whole or not at all. Blocking."""

import contextlib
import json
import os
from pathlib import Path
from typing import Final

_MODE: Final = 0o600
NAME: Final = "lastfm-session.json"


def load_session(data_dir: Path, api_key: str) -> str | None:
    """The session key that was fetched with this ``api_key``; ``None`` where there is none that can be read."""
    try:
        content = json.loads((data_dir / NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("api_key") != api_key:
        return None
    key = content.get("session_key")
    return key if isinstance(key, str) and key else None


def save_session(data_dir: Path, api_key: str, session_key: str, user: str) -> None:
    """Replace what is stored. Raises ``OSError``."""
    data_dir.mkdir(parents=True, exist_ok=True)
    draft = data_dir / f".{NAME}.tmp"
    draft.unlink(missing_ok=True)  # left by a process that died here: never write into it
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"session_key": session_key, "user": user, "api_key": api_key}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(data_dir / NAME)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(data_dir)


def delete_session(data_dir: Path) -> bool:
    """Forget what is stored; whether there was any. Raises ``OSError``."""
    (data_dir / f".{NAME}.tmp").unlink(missing_ok=True)
    try:
        (data_dir / NAME).unlink()
    except FileNotFoundError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    # Not every platform can open a folder; the rename is done either way.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
