"""``moodroom-hub run`` as it is, save one thing: Spotify's budget of requests, which would let a switch out every 8 s.

python -m benchmarks.switching.child CONFIG
"""

import sys
from functools import partial

from moodroom_hub.app.cli import main
from moodroom_hub.plugins.spotify import wiring
from moodroom_hub.plugins.spotify.budget import Budget

PLENTY = 1_000_000


def run(config: str) -> int:
    """The command, until a signal."""
    vars(wiring)["Budget"] = partial(Budget, limit=PLENTY)
    return main(["-c", config, "run"])


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
