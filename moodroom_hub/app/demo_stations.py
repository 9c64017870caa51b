"""The demo's station: playlists of made-up strangers to learn from; the model is made behind, while music plays."""

import asyncio
import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.simulator.catalogue.stations import as_slice, strangers_playlists

log = logging.getLogger(__name__)

FOLDER = "strangers"
FILE = "mpd.slice.0-599.json"
_NEEDED = ("numpy", "scipy")
MISSING = "to learn who is like whom it needs: pip install 'moodroom-hub[radio]'"


def what_is_missing() -> str | None:
    """Why nothing can be learnt; ``None``: it can."""
    return None if all(find_spec(name) is not None for name in _NEEDED) else MISSING


def section(folder: Path) -> dict[str, Any]:
    """``plugins.radio`` of the demo's configuration."""
    return {"folders": [str(folder / FOLDER)]}


async def learn(hub: HubFace, folder: Path, seed: int) -> None:
    """Write the strangers' playlists and begin to learn from them, as ``station train`` would; nothing waits for it."""
    if what_is_missing():
        return
    await asyncio.to_thread(_write, folder / FOLDER, seed)
    try:
        hub.radio.start_training()
    except Trouble as trouble:
        log.warning("the demo's station has no model: %s", trouble.message)


def _write(folder: Path, seed: int) -> None:
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_text(as_slice(strangers_playlists(seed)), encoding="utf-8")
