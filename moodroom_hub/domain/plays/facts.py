"""How facts about tracks are kept: under which key, and as which text."""

import hashlib
import json
from typing import Any, Final

from moodroom_hub.domain.models import Track
from moodroom_hub.domain.plays.models import TrackFacts
from moodroom_hub.domain.recording import normal_isrc, track_name_key

FACTS_KIND: Final = "facts"
"""The kind of finding that holds facts."""


def facts_key(track: Track) -> str | None:
    """The ISRC, else the name, artist and length in seconds; ``None`` where these are not known."""
    isrc = normal_isrc(track.isrc)
    if isrc is not None:
        return f"isrc:{isrc}"
    name = track_name_key(track)
    if name is None or not track.duration_ms:
        return None
    return f"name:{hashlib.sha256(f'{name}|{track.duration_ms // 1000}'.encode('utf-8', 'replace')).hexdigest()[:40]}"


def facts_to_text(facts: TrackFacts) -> str:
    """As JSON, without what is not known."""
    fields = {
        "mbid": facts.mbid,
        "release_mbid": facts.release_mbid,
        "artist_mbid": facts.artist_mbid,
        "year": facts.year,
        "label": facts.label,
        "genres": list(facts.genres),
        "isrc": facts.isrc,
        "source": facts.source,
    }
    return json.dumps({name: value for name, value in fields.items() if value})


def facts_from_text(text: str) -> TrackFacts | None:
    """What ``facts_to_text`` wrote; ``None`` for an empty text or one that is something else."""
    try:
        fields = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    year, genres = fields.get("year"), fields.get("genres")
    return TrackFacts(
        mbid=_text(fields, "mbid"),
        release_mbid=_text(fields, "release_mbid"),
        artist_mbid=_text(fields, "artist_mbid"),
        year=year if isinstance(year, int) else None,
        label=_text(fields, "label"),
        genres=tuple(genre for genre in genres if isinstance(genre, str)) if isinstance(genres, list) else (),
        isrc=_text(fields, "isrc"),
        source=_text(fields, "source") or "",
    )


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None
