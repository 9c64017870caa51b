"""Which of several recordings is the one that plays, if any surely is; and which of its releases."""

from collections.abc import Sequence
from typing import Final

from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.domain.recording import fold, name_key, normal_artist, normal_name, track_name_key
from moodroom_hub.plugins.metadata.answers import Recording, Release

TOLERANCE_MS: Final = DurationMs(3_000)
_FAR_OFF_MS: Final = 15_000
"""An ISRC that is put to a recording of quite another length was put there by mistake."""


def by_isrc(track: Track, candidates: Sequence[Recording]) -> Recording | None:
    """The candidate of the track's ISRC that fits its title, artist and length best; ``None`` where none fits."""
    fitting = [(fit, candidate) for candidate in candidates if (fit := _fit(track, candidate)) is not None]
    # Equal ones are duplicates at MusicBrainz; the one with more releases is the better kept.
    return max(fitting, key=lambda pair: (pair[0], len(pair[1].releases), pair[1].mbid), default=(0, None))[1]


def by_search(track: Track, candidates: Sequence[Recording]) -> Recording | None:
    """The one candidate that has the same normalised title, the same first artist and the same length.

    ``None`` where nothing matches, or matches are of several artists of the same name.
    """
    key, length_ms = track_name_key(track), track.duration_ms
    if key is None or length_ms is None:
        return None
    same = [
        candidate
        for candidate in candidates
        if name_key(candidate.title, candidate.artist) == key
        and candidate.length_ms is not None
        and abs(candidate.length_ms - length_ms) <= TOLERANCE_MS
    ]
    if len({candidate.artist_mbid for candidate in same}) != 1:
        return None
    return max(same, key=lambda candidate: (len(candidate.releases), candidate.mbid))


def best_release(track: Track, releases: Sequence[Release]) -> Release | None:
    """The release that the track names as its album; else the likeliest: official, an album, the earliest."""
    album = fold(track.album or "")

    def order(release: Release) -> tuple[bool, int, str, str]:
        return (not album or fold(release.title) != album, release.rank, release.date or "9999", release.mbid)

    return min(releases, key=order, default=None)


def _fit(track: Track, candidate: Recording) -> int | None:
    is_name = normal_name(candidate.title) == normal_name(track.name)
    artists = {normal_artist(artist) for artist in track.artists}
    is_artist = bool(candidate.artist) and normal_artist(candidate.artist) in artists
    if not is_name and not is_artist:
        return None
    fit = 4 * is_name + 2 * is_artist
    if track.duration_ms is None or candidate.length_ms is None:
        return fit
    off_ms = abs(track.duration_ms - candidate.length_ms)
    return None if off_ms > _FAR_OFF_MS else fit + (off_ms <= TOLERANCE_MS)
