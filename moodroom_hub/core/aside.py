"""What is about to be replaced stays beside its place, under a name of its own."""

import os
import shutil
from itertools import count
from pathlib import Path

from moodroom_hub.core.clock import SystemClock


def keep_aside(path: Path) -> Path:
    """Give the file ``path`` a second name, ``NAME.replaced-TIME``, that no other file has yet; gives that one.

    ``path`` itself stays until it is replaced. Raises ``OSError``.
    """
    stamp = SystemClock().now().strftime("%Y%m%dT%H%M%SZ")
    for number in count(1):
        kept = path.with_name(f"{path.name}.replaced-{stamp}" + (f"-{number}" if number > 1 else ""))
        try:
            os.link(path, kept)
        except FileExistsError:
            continue
        except OSError:  # a file system without links
            try:
                _copy(path, kept)
            except FileExistsError:
                continue
        return kept
    raise AssertionError("numbers end nowhere")


def _copy(path: Path, kept: Path) -> None:
    with path.open("rb") as source:
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            shutil.copyfileobj(source, target)
