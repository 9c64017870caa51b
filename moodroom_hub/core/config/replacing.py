"""Replacing the owner's configuration file: at once and for good, with the mode and the owner that it had."""

import codecs
import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from moodroom_hub.core.errors import Trouble, TroubleCode

PRIVATE: Final = 0o600


def refuse_unwritable(place: Path, target: Path) -> None:
    """Raise ``Trouble`` where ``target``, which ``place`` leads to, may not be replaced."""
    is_locked = not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    if is_locked or not os.access(target, os.W_OK):
        raise Trouble(TroubleCode.CONFLICT, f"{place} may not be written (it is read-only here); nothing was changed.")
    if not os.access(target.parent, os.W_OK):
        raise Trouble(
            TroubleCode.CONFLICT,
            f"{place} cannot be replaced: its folder {target.parent} may not be written. Nothing was changed.",
        )


def encoded_as(text: str, before: bytes) -> bytes:
    """``text`` in the encoding of ``before``, with its byte-order mark."""
    if before.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        is_little = before.startswith(codecs.BOM_UTF16_LE)
        mark = codecs.BOM_UTF16_LE if is_little else codecs.BOM_UTF16_BE
        return mark + text.encode("utf-16-le" if is_little else "utf-16-be")
    return (codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b"") + text.encode()


def make_empty(place: Path) -> None:
    """Make the file, its owner's alone, and the folders above it. Raises ``Trouble``."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE))
    except OSError as error:
        raise Trouble(
            TroubleCode.CONFLICT, f"{place} cannot be written ({error.strerror or error}); nothing was changed."
        ) from None


def forget_empty(place: Path, is_new: bool) -> None:
    """Take away the empty file that stood for none."""
    with contextlib.suppress(OSError):
        if is_new and place.stat().st_size == 0:
            place.unlink()


def replace_file(target: Path, content: bytes, like: os.stat_result) -> None:
    """Put ``content`` at ``target`` at once and for good, with the mode and the owner of ``like``."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            made = os.fstat(descriptor)
            if (made.st_uid, made.st_gid) != (like.st_uid, like.st_gid):
                os.fchown(descriptor, like.st_uid, like.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
            os.fsync(descriptor)
        draft.replace(target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
