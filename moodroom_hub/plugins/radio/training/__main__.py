"""A training without a hub, on this machine or a Dask cluster: ``python -m moodroom_hub.plugins.radio.training``.

For collections that are larger than a home server likes: the file that it writes is one that a hub can be given.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from moodroom_hub.plugins.radio.model_file import ModelFileError
from moodroom_hub.plugins.radio.training.cluster import LOCAL, ClusterError
from moodroom_hub.plugins.radio.training.joining import MOST_ARTISTS
from moodroom_hub.plugins.radio.training.order import Order, train_here
from moodroom_hub.plugins.radio.training.reading import Faults, SourceError

WIDTH = 30


def main(arguments: Sequence[str] | None = None, out: TextIO = sys.stdout, news: TextIO = sys.stderr) -> int:
    """Train and say what came of it on ``out``, the progress on ``news``. 1 where it failed."""
    options = _parser().parse_args(arguments)
    order = Order(
        options.model,
        tuple(options.sources),
        options.update,
        options.seed,
        options.recommender,
        options.cluster,
        options.workers,
        options.most_artists,
    )
    bar = _Bar(news)
    try:
        manifest = train_here(order, tell=bar.tell, hear_faults=bar.hear)
    except (ModelFileError, ClusterError, SourceError, OSError) as error:
        news.write(f"\n{error}\n")
        return 1
    except KeyboardInterrupt:
        news.write("\nStopped; nothing was changed.\n")
        return 1
    news.write("\n")
    sizes = ", ".join(f"{count:,} {what}" for what, count in manifest.sizes.items())
    out.write(
        f"{options.model}: {sizes}; {', '.join(f'{name} {value:g}' for name, value in manifest.metrics.items())}\n"
    )
    return 0


class _Bar:
    def __init__(self, news: TextIO) -> None:
        self._news = news
        self._doing = ""

    def tell(self, doing: str, done: int, whole: int) -> None:
        if doing != self._doing and self._doing:
            self._news.write("\n")
        self._doing = doing
        filled = WIDTH * done // max(1, whole)
        self._news.write(f"\r{doing:<10} {'#' * filled}{'.' * (WIDTH - filled)} {done:,}/{whole:,}")
        self._news.flush()

    def hear(self, faults: Faults) -> None:
        for told in faults.told:
            self._news.write(f"\nleft out: {told}")
        if faults.count > len(faults.told):
            self._news.write(f"\nand {faults.count - len(faults.told):,} more")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m moodroom_hub.plugins.radio.training", description="Train a model.")
    parser.add_argument("model", type=Path, help="the file that is written")
    parser.add_argument("sources", type=Path, nargs="*", help="files and folders of playlists")
    parser.add_argument("--update", action="store_true", help="add to what the model has learnt")
    parser.add_argument("--seed", type=int, help="the same seed and playlists give the same model")
    parser.add_argument("--recommender", default="", help="what learns (default: the best)")
    parser.add_argument(
        "--cluster",
        default="",
        metavar="ADDRESS",
        help=f"a Dask scheduler (tcp://host:8786), or {LOCAL!r} for processes",
    )
    parser.add_argument("--workers", type=int, default=2, help=f"processes, with --cluster {LOCAL}")
    parser.add_argument("--most-artists", type=int, default=MOST_ARTISTS, help="the rarest beyond are left out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
