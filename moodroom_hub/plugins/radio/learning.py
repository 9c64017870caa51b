"""Training the model: in a process of its own, from folders of playlists and from the owner's own lists and history."""

import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.sorting import Material
from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.plugins.radio.aside import aside
from moodroom_hub.plugins.radio.brain import INSTALL, TRAIN, Brain
from moodroom_hub.plugins.radio.jobs import Teller

if TYPE_CHECKING:
    from moodroom_hub.plugins.radio.training.reading import Faults, RawList

log = logging.getLogger(__name__)

KIND: Final = "radio_learnt"
KEEP_MS: Final = DurationMs(3650 * 86_400_000)
LIKED_TOGETHER: Final = 50
"""So many songs that were liked one after the other count as a list."""
FAULTS_TOLD: Final = 5


class Learning:
    """Trains and swaps the model in."""

    def __init__(self, hub: Callable[[], HubFace], brain: Brain, folders: Sequence[Path]) -> None:
        self._hub = hub
        self._brain = brain
        self._folders = tuple(folders)

    def check(self, folders: Sequence[str]) -> None:
        """Raises ``Trouble`` for what cannot be begun at all."""
        missing = [path for path in _paths(folders) if not _is_there(path)]
        if missing:
            raise Trouble(TroubleCode.BAD_REQUEST, f"There is no {str(missing[0])[:200]}.")
        if self._brain.path.is_dir():
            told = f"The model's place, {self._brain.path}, is a folder: move it away, or set plugins.radio.model."
            raise Trouble(TroubleCode.UNAVAILABLE, told)

    async def train(self, folders: Sequence[str], tell: Teller, seed: int | None = None, *, is_anew: bool) -> None:
        """Learn from these folders, or those of the configuration, and from the owner's own lists.

        It is added to what is known, unless ``is_anew``, or there is no model that can be used.
        """
        is_usable = await self._brain.ready() is not None and not self._brain.trouble
        if self._brain.is_there and not is_usable:
            tell.note(f"{self._brain.trouble.partition(';')[0]}: it is learned anew")
        elif is_usable and is_anew:
            tell.note(f"what was learned before from {counted(self._brain.view().lists, 'list')} is dropped")
        material = await self._hub().sorting.material()
        is_update = is_usable and not is_anew
        await self._run(_paths(folders) or self._folders, material, tell, is_update=is_update, seed=seed)

    async def is_due(self, material: Material) -> bool:
        """Whether there are lists that the model has not learnt from. False where there is no model."""
        if not self._brain.is_there or not (material.lists or self._folders):
            return False
        mark = await self._mark(material)
        return (await self._hub().findings.get(KIND, ["mark"])).get("mark") != mark

    async def update(self, material: Material, tell: Teller) -> None:
        """Learn what is new."""
        await self._run(self._folders, material, tell, is_update=True)

    async def _run(
        self, sources: Sequence[Path], material: Material, tell: Teller, *, is_update: bool, seed: int | None = None
    ) -> None:
        try:
            from moodroom_hub.plugins.radio.training.order import Order
            from moodroom_hub.plugins.radio.training.process import TrainingFailed, train_apart
        except ImportError as error:
            raise Trouble(
                TroubleCode.UNAVAILABLE, f"what learns is not installed: {INSTALL} ({error.name} is missing)"
            ) from None

        def hear(faults: "Faults") -> None:
            for line in fault_lines(faults):
                tell.note(line)

        order = Order(self._brain.path, tuple(sources), is_update=is_update, seed=seed)
        tell.progress("reading the lists")
        try:
            await train_apart(order, own_lists(material), tell.progress, hear)
        except TrainingFailed as failure:
            mend = f"; {INSTALL}" if failure.why == "missing" and "pip install" not in str(failure) else ""
            if failure.why == "model":
                mend = f" ({TRAIN} --anew)"
            raise Trouble(TroubleCode.UNAVAILABLE, f"{failure}{mend}") from None
        except OSError as error:
            raise Trouble(TroubleCode.UNAVAILABLE, f"the training could not be begun ({error.strerror})") from None
        await self._hub().findings.put(KIND, "mark", await self._mark(material), KEEP_MS, 1)
        if await self._brain.ready() is None or self._brain.trouble:
            raise Trouble(TroubleCode.UNAVAILABLE, self._brain.trouble)

    async def _mark(self, material: Material) -> str:
        return await aside(lambda: _mark(material, self._folders))


def own_lists(material: Material) -> "Iterator[RawList]":
    """The owner's playlists, what was heard in one sitting, and what was liked one after the other."""
    from moodroom_hub.plugins.radio.training.reading import RawList

    for own in material.lists:
        yield RawList(own.name, _artists(own.tracks))
    for sitting in material.sittings:
        yield RawList("", [artist for _, artist in sitting if artist])
    for start in range(0, len(material.liked), LIKED_TOGETHER):
        yield RawList("", _artists(material.liked[start : start + LIKED_TOGETHER]))


def fault_lines(faults: "Faults") -> Iterator[str]:
    """What was left out: how much of which kind, the first few in words, and how many more there are."""
    if not faults.count:
        return
    lists = faults.count - faults.files
    kinds = (counted(faults.files, "file") if faults.files else "", counted(lists, "list or row") if lists else "")
    yield f"left out, for it can't be read: {' and '.join(filter(None, kinds))}"
    yield from faults.told[:FAULTS_TOLD]
    if faults.count > FAULTS_TOLD:
        yield f"and {faults.count - FAULTS_TOLD:,} more"


def counted(number: int, thing: str) -> str:
    """``1 list``, ``1,200 lists``."""
    plural = "lists or rows" if thing == "list or row" else f"{thing}s"
    return f"{number:,} {thing if number == 1 else plural}"


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _paths(names: Sequence[str]) -> tuple[Path, ...]:
    return tuple(map(_path, names))


def _path(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:  # nobody here has that name
        return Path(name)


def _artists(tracks: Sequence[Track]) -> list[str]:
    return [track.artists[0] for track in tracks if track.artists]


def _mark(material: Material, folders: Sequence[Path]) -> str:
    """Another text whenever there is something new to learn from. History alone is none: it grows every night."""
    lists = sorted((own.id, own.snapshot, len(own.tracks)) for own in material.lists)
    files: list[tuple[str, int, int]] = []
    for folder in folders:
        names = [Path(where, name) for where, _, below in os.walk(folder) for name in below] or [folder]
        for path in sorted(names):
            try:
                found = path.stat()
            except OSError:  # the training names it
                continue
            files.append((path.name, found.st_size, found.st_mtime_ns))
    return blake2b(json.dumps([lists, files]).encode(), digest_size=16).hexdigest()
