"""Plays, evidence and rows to try the rules on."""

from typing import Any

from moodroom_hub.domain.models import DurationMs, ListeningRules, Track, Uri
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.past.tally import Evidence, Tally

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000
RULES = ListeningRules()
LENGTH_MS = 200_000
PRIVATE = {
    "username": "annas-secret-name",
    "platform": "Annas iPhone private",
    "conn_country": "QQ",
    "ip_addr": "203.0.113.77",
    "ip_addr_decrypted": "203.0.113.78",
    "user_agent_decrypted": "AnnasBrowser/1.0",
    "city": "Annastadt",
    "region": "Annaland",
    "offline_timestamp": 1_234_567_890,
    "incognito_mode": True,
}


def uri(number: int) -> str:
    return f"spotify:track:{number:022d}"


def track(number: int = 1, length_ms: int | None = LENGTH_MS, name: str = "A song") -> Track:
    return Track(Uri(uri(number)), name, ("Somebody",), None if length_ms is None else DurationMs(length_ms))


def play(
    heard_ms: int,
    reason_end: str | None = "fwdbtn",
    days_ago: float = 30,
    number: int = 1,
    *,
    is_minute: bool = False,
    **more: Any,
) -> PastPlay:
    ended_at_ms = (NOW_MS - round(days_ago * DAY_MS)) // 60_000 * 60_000
    values = {"name": "A song", "artist": "Somebody", "uri": uri(number), **more}
    return PastPlay(ended_at_ms, heard_ms, reason_end=reason_end, is_minute=is_minute, **values)


def skipped(days_ago: float = 30, number: int = 1) -> PastPlay:
    return play(9_000, "fwdbtn", days_ago, number)


def whole(days_ago: float = 30, number: int = 1) -> PastPlay:
    return play(LENGTH_MS, "trackdone", days_ago, number)


def told(plays: list[PastPlay], length_ms: int | None = LENGTH_MS) -> Evidence:
    tally = Tally(NOW_MS, length_ms)
    for each in sorted(plays, key=lambda each: each.ended_at_ms):
        tally.add(each, RULES)
    return tally.finished(RULES)


def extended(ts: Any = "2020-05-01T10:00:12Z", ms_played: Any = 9_000, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "ts": ts,
        "ms_played": ms_played,
        "master_metadata_track_name": f"Song {number}",
        "master_metadata_album_artist_name": "Somebody",
        "master_metadata_album_album_name": "An album",
        "spotify_track_uri": uri(number),
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "reason_start": "clickrow",
        "reason_end": "fwdbtn",
        "shuffle": False,
        "skipped": None,
        "offline": False,
        **PRIVATE,
        **more,
    }


def account(end_time: str = "2020-05-01 10:00", ms_played: Any = 9_000, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "endTime": end_time,
        "artistName": "Somebody",
        "trackName": f"Song {number}",
        "msPlayed": ms_played,
        **more,
    }
