"""``python -m moodroom_hub`` is ``moodroom-hub``."""

import sys


def begin() -> int:
    """Run the command; gives the exit code. Somebody may want the end while all is still being imported."""
    try:
        from moodroom_hub.app.cli import main

        return main()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 1


if __name__ == "__main__":
    sys.exit(begin())
