"""Starts the worker's process; run as a file, not as a module.

The worker lives in the plugin's package and needs nothing of the hub. Imported the usual way the package would bring
the hub's libraries along; so it stands here as a bare folder. The numerical libraries get one thread, before they load.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

PACKAGE = "moodroom_hub.plugins.sorter"
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

    from moodroom_hub.plugins.sorter.learning.wire import write_failure

    try:
        if find_spec("sklearn") is None:
            # Only the network needs it, and it takes a second to load.
            raise ModuleNotFoundError(name="sklearn")
        from moodroom_hub.plugins.sorter.learning.worker import work
    except ModuleNotFoundError as error:
        sys.stdout.write(write_failure("missing", error.name or "") + "\n")
    else:
        work(sys.stdin.buffer, sys.stdout)
