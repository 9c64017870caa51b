"""The model that is in use: opened when it is first asked, swapped while stations play."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from moodroom_hub.core.stations import ModelView
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.radio.aside import aside
from moodroom_hub.plugins.radio.ranking import Model

log = logging.getLogger(__name__)

INSTALL: Final = "pip install 'moodroom-hub[radio]'"
TRAIN: Final = "moodroom-hub station train FOLDER"
NOT_INSTALLED: Final = f"what stations are played from is not installed: {INSTALL}"

Mark = tuple[int, int, int]
OWN_COPY_BYTES: Final = 256 << 20
"""Up to here the hub has a copy of its own: somebody may write into the file while music plays."""
NEVER: Final[Mark] = (0, 0, 0)
"""What no file's inode, size and time are."""
Open = Callable[[Path, bool], Model]
"""A file, and whether to read all of it and compare its checksums."""


def open_model(path: Path, is_verified: bool) -> Model:
    """Raises ``ValueError`` with one line, ``OSError`` or ``ImportError``."""
    from moodroom_hub.plugins.radio.model import StationModel  # late: a hub without stations holds no numbers

    return StationModel.open(path, verify=is_verified or None, is_shared=path.stat().st_size > OWN_COPY_BYTES)


class Brain:
    """One model file. ``version`` grows with every swap; ``told`` is called whenever it was tried."""

    def __init__(self, path: Path, opened: Open = open_model, told: Callable[[], None] = lambda: None) -> None:
        self.path = path
        self._told = told
        self._open = opened
        self._model: Model | None = None
        self._tried: Mark | None = NEVER
        self._opening = asyncio.Lock()
        self.version = 0
        self.trouble = ""
        """Why there is no model, or why the newer file is not in use, with the mend."""

    @property
    def is_there(self) -> bool:
        """Whether there is a file, whatever it is."""
        return self._mark() is not None

    @property
    def model(self) -> Model | None:
        """The model that was opened last; ``None`` where there is none."""
        return self._model

    async def ready(self) -> Model | None:
        """The model, as the file is by now; opened aside, for it may take a while. Never raises."""
        if self._mark() != self._tried:
            async with self._opening:
                mark = self._mark()
                if mark != self._tried:
                    # Whoever opens it aside has the time to read the whole file: what was changed in it is not used.
                    attempt = partial(self._attempt, is_verified=True)
                    self._take(mark, await aside(attempt) if mark is not None else None)
        return self._model

    def view(self) -> ModelView:
        """At a glance."""
        if self._tried == NEVER and not self._opening.locked():
            mark = self._mark()
            self._take(mark, self._attempt() if mark is not None else None)
        model = self._model
        if model is None:
            return ModelView(trouble=self.trouble)
        manifest = model.manifest
        return ModelView(
            artists=len(model),
            lists=int(manifest.sizes.get("lists", 0)),
            trained_at_ms=_moment(manifest.trained_at),
            recommender=manifest.recommender,
            trouble=self.trouble,
        )

    def close(self) -> None:
        """Let the file go."""
        if self._model is not None:
            self._model.close()
            self._model = None
            self._tried = NEVER

    def _attempt(self, *, is_verified: bool = False) -> Model | str:
        """The model, or why not."""
        try:
            return self._open(self.path, is_verified)
        except ImportError as error:
            return f"{NOT_INSTALLED} ({error.name or 'a part'} is missing)"
        except (ValueError, OSError, MemoryError) as error:
            return f"the model cannot be used: {str(error).rstrip('.') or 'memory is short'}; train it anew: {TRAIN}"

    def _take(self, mark: Mark | None, found: Model | str | None) -> None:
        """A file that cannot be used changes nothing: what was opened before is still mapped."""
        self._tried = mark
        if found is None:
            self.trouble = f"there is no model yet: {TRAIN}" if find_spec("numpy") is not None else NOT_INSTALLED
        elif isinstance(found, str):
            self.trouble = found
            log.warning("stations: %s", found)
        else:
            former, self._model = self._model, found
            self.version += 1
            self.trouble = ""
            if former is not None:
                former.close()
            log.info("stations are played from %d artists", len(found))
        self._told()

    def _mark(self) -> Mark | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns


def _moment(text: str) -> EpochMs | None:
    try:
        return EpochMs(int(datetime.fromisoformat(text).timestamp() * 1000))
    except ValueError:
        return None
