"""Words of songs inside a search query: whatever a title holds, it stays one quoted phrase."""

from typing import Final

from moodroom_hub.domain.models import DurationMs

_LONGEST: Final = 200


def phrase(text: str) -> str:
    """``text`` in quotes, of one line and bounded length."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text.encode("utf-8", "ignore").decode())
    words = " ".join(printable.split())[:_LONGEST]
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def recording_query(title: str, artist: str, duration_ms: DurationMs, tolerance_ms: DurationMs) -> str:
    """The query for one recording by title, artist and length."""
    shortest, longest = max(0, duration_ms - tolerance_ms), duration_ms + tolerance_ms
    return f"recording:{phrase(title)} AND artist:{phrase(artist)} AND dur:[{shortest} TO {longest}]"
