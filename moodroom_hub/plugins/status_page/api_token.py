"""The token of scripts and of the command line: a file that only the hub's own user can read."""

import logging
import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

FILE_NAME: Final = "api-token"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_NO_LINKS: Final = getattr(os, "O_NOFOLLOW", 0)  # Windows has no such flag
_NO_WAITING: Final = getattr(os, "O_NONBLOCK", 0)
_log = logging.getLogger(__name__)


def provide_token(data_dir: Path) -> str:
    """The token in ``data_dir/api-token``, made anew where there is none or where others could have read it.

    A kept token goes on working for scripts over restarts. Raises ``OSError`` where it cannot be written.
    """
    path = data_dir / FILE_NAME
    kept = _read_private(path)
    if kept is not None:
        return kept
    data_dir.mkdir(parents=True, exist_ok=True)
    token = secrets.token_urlsafe(32)
    _write_private(path, token)
    return token


def _read_private(path: Path) -> str | None:
    try:
        handle = os.open(path, os.O_RDONLY | _NO_LINKS | _NO_WAITING)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        is_posix = os.name == "posix"
        if not stat.S_ISREG(about.st_mode) or (is_posix and about.st_uid != os.geteuid()):
            return None
        if is_posix and about.st_mode & 0o077:
            _log.warning("%s could be read by others; it is replaced by a new token", path)
            return None
        token = file.read(100).decode("ascii", "replace").strip()
    return token if _TOKEN.fullmatch(token) else None


def _write_private(path: Path, token: str) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(token.encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
