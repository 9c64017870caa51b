"""Starts the worker's process; run as a file, not as a module.

The worker lives in the plugin's package and needs nothing of the hub. Imported the usual way the package would bring
the hub's libraries along: 25 MB that only lie there. So the package stands here as a bare folder.
"""

import sys
from pathlib import Path
from types import ModuleType

PACKAGE = "moodroom_hub.plugins.local_mining"


def prepare() -> None:
    """Make the package's modules importable without its ``__init__``."""
    folder = Path(__file__).resolve().parent
    # Python put the script's own folder here, where the modules would pass for top-level ones.
    sys.path[0] = str(folder.parents[2])
    bare = ModuleType(PACKAGE)
    bare.__path__ = [str(folder)]
    sys.modules[PACKAGE] = bare


if __name__ == "__main__":
    prepare()

    from moodroom_hub.plugins.local_mining.worker import work

    work(sys.stdin.buffer, sys.stdout)
