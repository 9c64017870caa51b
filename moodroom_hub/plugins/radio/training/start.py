"""Starts the training's process; run as a file, not as a module.

The training lives in the plugin's package and needs nothing of the hub. Imported the usual way the package would bring
the hub's libraries along; so it stands here as a bare folder. The numerical libraries get one thread, before they load.
"""

import os
import sys
from pathlib import Path
from types import ModuleType

PACKAGE = "moodroom_hub.plugins.radio"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")
NICENESS = 10
"""The hub's own work goes first, where both want the same core."""


def prepare() -> None:
    """Make the package's modules importable without its ``__init__``, and keep to one thread."""
    for name in THREADS:
        os.environ[name] = "1"
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    folder = Path(__file__).resolve().parent.parent
    # Python put the script's own folder here, where the modules would pass for top-level ones.
    sys.path[0] = str(folder.parents[2])
    bare = ModuleType(PACKAGE)
    bare.__path__ = [str(folder)]
    sys.modules[PACKAGE] = bare


if __name__ == "__main__":
    prepare()

    try:
        from moodroom_hub.plugins.radio.training.worker import CANCELLED, Cancelled, work
    except ModuleNotFoundError as error:
        import json

        text = f"training needs {error.name}: pip install moodroom-hub[radio]"
        sys.stdout.write(json.dumps({"failed": "missing", "text": text}) + "\n")
    else:
        try:
            work(sys.stdin.buffer, sys.stdout.buffer)
        except (Cancelled, BrokenPipeError):
            os._exit(CANCELLED)
        # The thread that watches the input holds it: an ordinary end would wait for its lock.
        sys.stdout.flush()
        os._exit(0)
