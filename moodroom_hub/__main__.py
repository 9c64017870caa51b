"""``python -m moodroom_hub`` is ``moodroom-hub``."""

import sys

from moodroom_hub.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
