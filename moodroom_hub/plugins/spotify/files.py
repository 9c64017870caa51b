"""Small private files of the plugin: whole or not at all, readable by their owner only."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

_MODE = 0o600


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Replace ``path`` by ``content`` as JSON, atomically and durably, mode 0600. Raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    draft.unlink(missing_ok=True)  # left by a process that died here: never write into it
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def read_private(path: Path) -> dict[str, Any] | None:
    """The JSON object in ``path``; ``None`` where there is none, or none that can be read."""
    try:
        if path.stat().st_mode & 0o077:
            path.chmod(_MODE)
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def remove(path: Path) -> None:
    """Delete ``path`` and an unfinished draft of it; no complaint where there is none. Raises ``OSError``."""
    path.with_name(f".{path.name}.tmp").unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    # Not every platform can open a folder; the rename is done either way.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
