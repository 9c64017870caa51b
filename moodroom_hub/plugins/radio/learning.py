"""Training the model: in a process of its own, from folders of playlists and from the owner's own lists and history."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.sorting import Material
from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.plugins.radio.aside import aside
from moodroom_hub.plugins.radio.brain import INSTALL, Brain
from moodroom_hub.plugins.radio.jobs import Teller

if TYPE_CHECKING:
    from moodroom_hub.plugins.radio.training.reading import Faults, RawList

log = logging.getLogger(__name__)

KIND: Final = "radio_learnt"
KEEP_MS: Final = DurationMs(3650 * 86_400_000)
LIKED_TOGETHER: Final = 50
"""So many songs that were liked one after the other count as a list."""


class Learning:
    """Trains and swaps the model in."""

    def __init__(self, hub: Callable[[], HubFace], brain: Brain, folders: Sequence[Path]) -> None:
        self._hub = hub
        self._brain = brain
        self._folders = tuple(folders)

    def check(self, folders: Sequence[str]) -> None:
        """Raises ``Trouble`` for what cannot be begun at all."""
        missing = [path for path in _paths(folders) if not path.exists()]
        if missing:
            raise Trouble(TroubleCode.BAD_REQUEST, f"There is no {str(missing[0])[:200]}.")

    async def train(self, folders: Sequence[str], tell: Teller, seed: int = 0) -> None:
        """Learn anew from these folders, or those of the configuration; without any, add to what is known."""
        sources = _paths(folders) or self._folders
        material = await self._hub().sorting.material()
        await self._run(sources, material, tell, is_update=not sources and self._brain.is_there, seed=seed)

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
        self, sources: Sequence[Path], material: Material, tell: Teller, *, is_update: bool, seed: int = 0
    ) -> None:
        try:
            from moodroom_hub.plugins.radio.training.order import Order
            from moodroom_hub.plugins.radio.training.process import TrainingFailed, train_apart
        except ImportError as error:
            raise Trouble(
                TroubleCode.UNAVAILABLE, f"what learns is not installed: {INSTALL} ({error.name} is missing)"
            ) from None

        def hear(faults: "Faults") -> None:
            if faults.count:
                tell.note(f"{faults.count} lists or tracks could not be read")
            for told in faults.told[:5]:
                tell.note(told)

        order = Order(self._brain.path, tuple(sources), is_update=is_update, seed=seed)
        tell.progress("reading the lists")
        try:
            await train_apart(order, own_lists(material), tell.progress, hear)
        except TrainingFailed as failure:
            mend = f"; {INSTALL}" if failure.why == "missing" and "pip install" not in str(failure) else ""
            raise Trouble(TroubleCode.UNAVAILABLE, f"{failure}{mend}") from None
        except OSError as error:
            raise Trouble(TroubleCode.UNAVAILABLE, f"the training could not be begun ({error.strerror})") from None
        await self._hub().findings.put(KIND, "mark", await self._mark(material), KEEP_MS, 1)
        if await self._brain.ready() is None or self._brain.trouble:
            raise Trouble(TroubleCode.UNAVAILABLE, self._brain.trouble)
        tell.note(f"{self._brain.view().artists} artists are known now")

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


def _paths(names: Sequence[str]) -> tuple[Path, ...]:
    return tuple(Path(name).expanduser() for name in names)


def _artists(tracks: Sequence[Track]) -> list[str]:
    return [track.artists[0] for track in tracks if track.artists]


def _mark(material: Material, folders: Sequence[Path]) -> str:
    """Another text whenever there is something new to learn from. History alone is none: it grows every night."""
    lists = sorted((own.id, own.snapshot, len(own.tracks)) for own in material.lists)
    files: list[tuple[str, int, int]] = []
    for folder in folders:
        found = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
        files.extend((each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in found if each.is_file())
    return blake2b(json.dumps([lists, files]).encode(), digest_size=16).hexdigest()
