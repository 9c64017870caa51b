"""One play of the past: cleaned, and known by what it was, so that no file brings it in twice.

The two forms of the export tell of the same play to the second or to the minute. A play is known by the minute of
its end, artist, song and time played; two extended rows of one minute differ by their second, and a row of the account
data is the same play as any extended row that it fits. Rows that are alike in all of this are one play: an export
holds the same row twice now and then, and overlapping exports always do.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from moodroom_hub.domain.past.rows import LONGEST_PLAY_MS, Row, RowKind, Unreadable

EARLIEST_MS = 1_136_073_600_000
"""2006-01-01: the service is younger. Devices with a wrong clock tell of 1970."""
LATEST_MS = 4_102_444_800_000
"""2100-01-01: ids have room for it."""
CLOCK_TOLERANCE_MS = 36 * 3_600_000
"""How far ahead of our clock a play may have ended: clocks differ, and an end may be told in local time."""
LONGEST_TEXT = 1_000
"""Characters that are kept of a name."""
LONGEST_REASON = 40
MINUTE_MS = 60_000

_URI = re.compile(r"spotify:track:[A-Za-z0-9]{22}")
_REASON = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SECOND_BITS, _SONG_BITS, _SPREAD_BITS = 6, 30, 20
_NO_SECOND = (1 << _SECOND_BITS) - 1
_ID_OFFSET = 1 << 52
SPREAD = 1 << _SPREAD_BITS
"""How many ids one second has."""


@dataclass(frozen=True, slots=True)
class PastPlay:
    """One play of music. ``ended_at_ms``: to the minute where ``is_minute`` (account data), else to the second.

    ``uri`` is ``None`` where the export has none. ``reason_start`` / ``reason_end`` are the service's own words
    (``trackdone``, ``fwdbtn`` ...), ``None`` where it does not tell. Texts are hostile: data, never markup.
    """

    ended_at_ms: int
    heard_ms: int
    name: str
    artist: str
    album: str = ""
    uri: str | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    is_skipped: bool | None = None
    is_minute: bool = False

    @property
    def key(self) -> int:
        """What the play is known by; below 2**63, and grows with the minute of its end."""
        minute, rest_ms = divmod(self.ended_at_ms, MINUTE_MS)
        second = _NO_SECOND if self.is_minute else rest_ms // 1000
        return (minute << (_SONG_BITS + _SECOND_BITS)) | (_song(self) << _SECOND_BITS) | second

    @property
    def first_id(self) -> int:
        """The id that the play would like: below 0, within what JavaScript can count, grows with the end's second."""
        spread = _song(self) & (SPREAD - 1)
        return (self.ended_at_ms // 1000 << _SPREAD_BITS) + spread - _ID_OFFSET


def minute_key(key: int) -> int:
    """The key that the same play has in the account data."""
    return key | _NO_SECOND


def is_minute_key(key: int) -> bool:
    """Whether the play is known from the account data only."""
    return key & _NO_SECOND == _NO_SECOND


def first_key_at(ended_at_ms: int) -> int:
    """No play that ended in this minute or later has a smaller key."""
    return ended_at_ms // MINUTE_MS << (_SONG_BITS + _SECOND_BITS)


def next_id(play_id: int) -> int:
    """Where a play goes whose id another one has: the next one of the same second."""
    second, spread = divmod(play_id + _ID_OFFSET, SPREAD)
    return second * SPREAD + (spread + 1) % SPREAD - _ID_OFFSET


def play_of(row: Row, now_ms: int) -> PastPlay:
    """A row of kind ``TRACK`` as a play. Raises ``Unreadable`` for times that cannot be."""
    assert row.kind is RowKind.TRACK
    check_times(row.ended_ms, row.ms_played, now_ms)
    # An extended row tells the second; a fraction, where one came, would only make two plays of one.
    step_ms = MINUTE_MS if row.is_minute else 1000
    return PastPlay(
        ended_at_ms=row.ended_ms // step_ms * step_ms,
        heard_ms=row.ms_played,
        name=clean_text(row.name),
        artist=clean_text(row.artist),
        album=clean_text(row.album),
        uri=row.uri if row.uri is not None and _URI.fullmatch(row.uri) else None,
        reason_start=clean_reason(row.reason_start),
        reason_end=clean_reason(row.reason_end),
        is_skipped=row.skipped,
        is_minute=row.is_minute,
    )


def as_json(play: PastPlay) -> dict[str, object]:
    """A play as the HTTP API wants it."""
    return {
        "ended_at_ms": play.ended_at_ms,
        "heard_ms": play.heard_ms,
        "name": play.name,
        "artist": play.artist,
        "album": play.album,
        "uri": play.uri,
        "reason_start": play.reason_start,
        "reason_end": play.reason_end,
        "is_skipped": play.is_skipped,
        "is_minute": play.is_minute,
    }


def check_times(ended_at_ms: int, heard_ms: int, now_ms: int) -> None:
    """Raises ``Unreadable`` where no play can have ended then or lasted so long."""
    if ended_at_ms < EARLIEST_MS:
        raise Unreadable("it ended before the service was there")
    if ended_at_ms > min(now_ms + CLOCK_TOLERANCE_MS, LATEST_MS):
        raise Unreadable("it ends in the future")
    if not 0 <= heard_ms <= LONGEST_PLAY_MS:
        raise Unreadable("the time played is missing or absurd")


def clean_text(text: str) -> str:
    """``text`` as every database and every JSON takes it, and not endless."""
    return _UNSTORABLE.sub("\ufffd", text[:LONGEST_TEXT])


def clean_reason(reason: str | None) -> str | None:
    """One of the service's words, or nothing: no other text comes in by this door."""
    return reason if reason is not None and _REASON.fullmatch(reason) else None


def _song(play: PastPlay) -> int:
    """Artist, song and time played in 30 bits: with the minute beside them, plenty."""
    return _hashed(play.artist, play.name, play.heard_ms)


@lru_cache(maxsize=4_096)
def _hashed(artist: str, name: str, heard_ms: int) -> int:
    text = f"{_folded(artist)}\n{_folded(name)}\n{heard_ms}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> (64 - _SONG_BITS)


@lru_cache(maxsize=8_192)
def _folded(text: str) -> str:
    # Not the folding of recordings: that one may learn, and what was imported before must still be known then.
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
