"""The owner's own file of audio features: a CSV with a uri (or id) in each row, as exporters write it."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import Uri

FEATURES = (
    "danceability",
    "energy",
    "key",
    "loudness",
    "mode",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
)
"""What is read, in this order, as far as the file has it."""
NAMES = ("uri", "track uri", "track_uri", "spotify uri", "spotify_uri", "id", "track id", "track_id", "spotify id")
PREFIX = "spotify:track:"
MOST_BYTES = 100_000_000
MEND = "look at plugins.sorter.audio_features"


def read_audio(path: Path) -> Mapping[Uri, tuple[float, ...]]:
    """The features by uri. Rows that are not whole are left out. Blocking. Raises ``Trouble``."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Trouble(TroubleCode.BAD_REQUEST, f"the file of audio features is too large; {MEND}")
        with path.open(encoding="utf-8-sig", newline="") as file:
            return dict(_rows(csv.reader(file)))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Trouble(TroubleCode.NOT_FOUND, f"the file of audio features cannot be read ({why}); {MEND}") from None
    except (UnicodeDecodeError, csv.Error):
        raise Trouble(TroubleCode.BAD_REQUEST, f"the file of audio features is no CSV in UTF-8; {MEND}") from None


def _rows(rows: Iterator[Sequence[str]]) -> Iterator[tuple[Uri, tuple[float, ...]]]:
    head = [each.strip().lower() for each in next(rows, [])]
    columns = [head.index(name) for name in FEATURES if name in head]
    which = next((head.index(name) for name in NAMES if name in head), None)
    if which is None or not columns:
        raise Trouble(
            TroubleCode.BAD_REQUEST,
            f"the file of audio features needs a column uri, and some of {', '.join(FEATURES)}; {MEND}",
        )
    for row in rows:
        try:
            values = tuple(float(row[column]) for column in columns)
            name = row[which].strip()
        except (ValueError, IndexError):
            continue
        if name and all(map(math.isfinite, values)):
            yield Uri(name if ":" in name else PREFIX + name), values
