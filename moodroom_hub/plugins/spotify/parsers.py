"""Spotify's raw answers as the words of the domain. Pure; nothing but ``ParseProblem`` is ever raised.

Any field may be missing, null or of another type: the API changes under way, and its docs do not tell all.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from moodroom_hub.domain.models import (
    Device,
    DurationMs,
    EpochMs,
    PlaybackSnapshot,
    Playing,
    Repeat,
    Track,
    Uri,
    ZoneName,
)

_URI = re.compile(r"spotify:(track|episode|local):[!-~]{1,1000}")
ID = re.compile(r"[0-9A-Za-z]{1,64}")
_ISRC = re.compile(r"[0-9A-Z]{5,15}")
_YEAR = re.compile(r"([0-9]{4})(?:-.{0,20})?")
_YEARS_OF_RECORDS = range(1860, 2200)
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_LONGEST_TEXT = 1_000
_LONGEST_MS = 30 * 86_400_000
_GOOD_ARTWORK_PX = 300


class ParseProblem(Exception):
    """An answer of a shape that cannot be read; the text says which, without quoting it."""


def playback(
    body: Any, *, zone: ZoneName, at_ms: EpochMs, uncertainty_ms: DurationMs = DurationMs(0)
) -> PlaybackSnapshot:
    """Read ``GET /me/player``. ``None`` (204, an empty body): nothing plays. Raises ``ParseProblem`` for no object."""
    if body is None:
        return PlaybackSnapshot(zone, at_ms, Playing.NOTHING, uncertainty_ms=uncertainty_ms)
    state = json_object(body, "playback")
    raw = state.get("item", state.get("track"))
    try:
        item = track(raw)
    except ParseProblem:
        item = None
    playing = _playing(state, raw, item)
    position = _milliseconds(state.get("progress_ms"))
    return PlaybackSnapshot(
        zone=zone,
        at_ms=at_ms,
        playing=playing,
        track=item if playing in {Playing.TRACK, Playing.EPISODE} else None,
        position_ms=None if position is None else DurationMs(position),
        is_playing=state.get("is_playing") is True,
        context_uri=_context(state.get("context")),
        device=_device_or_none(state.get("device")),
        repeat=_repeat(state.get("repeat_state")),
        uncertainty_ms=uncertainty_ms,
    )


def track(raw: Any) -> Track:
    """Read a track, an episode or a local file. Raises ``ParseProblem`` where it has no uri or no name."""
    item = json_object(raw, "item")
    name = text(item.get("name"))
    uri = _uri(item)
    if uri is None or name is None:
        raise ParseProblem("an item without uri or name")
    album = mapping(item.get("album"))
    show = mapping(item.get("show"))
    artists = tuple(filter(None, (text(each.get("name")) for each in objects(item.get("artists")))))
    show_name = text(show.get("name"))
    if not artists and show_name is not None:
        artists = (show_name,)
    duration = _milliseconds(item.get("duration_ms"))
    images = album.get("images") or item.get("images") or show.get("images")
    return Track(
        uri=uri,
        name=name,
        artists=artists,
        duration_ms=DurationMs(duration) if duration else None,
        isrc=_isrc(mapping(item.get("external_ids")).get("isrc")),
        album=text(album.get("name")) or show_name,
        artwork_url=_artwork(images),
        is_playable=_is_playable(item),
        year=_year(album.get("release_date")),
    )


def device(raw: Any) -> Device:
    """Read one device. Raises ``ParseProblem`` where it is no object."""
    item = json_object(raw, "device")
    volume = item.get("volume_percent")
    return Device(
        id=text(item.get("id")),
        name=text(item.get("name")) or "a device without a name",
        kind=text(item.get("type")) or "",
        is_active=item.get("is_active") is True,
        is_restricted=item.get("is_restricted") is True,
        is_private_session=item.get("is_private_session") is True,
        volume_percent=volume if type(volume) is int and 0 <= volume <= 100 else None,
    )


def devices(body: Any) -> tuple[Device, ...]:
    """Read ``GET /me/player/devices``. Raises ``ParseProblem`` where it is no object."""
    return tuple(device(each) for each in objects(json_object(body, "devices").get("devices")))


def queue(body: Any) -> tuple[Uri, ...]:
    """Read the uris of ``GET /me/player/queue``, as claimed. Raises ``ParseProblem`` where it is no object."""
    if body is None:
        return ()
    uris = (_uri(each) for each in objects(json_object(body, "queue").get("queue")))
    return tuple(uri for uri in uris if uri is not None)


def tracks_in(items: Iterator[Mapping[str, Any]]) -> Iterator[Track]:
    """Those of the items that are tracks of the service: no episodes, local files, nulls."""
    for each in items:
        try:
            found = track(each)
        except ParseProblem:
            continue
        if found.uri.startswith("spotify:track:"):
            yield found


def _playing(state: Mapping[str, Any], raw: Any, item: Track | None) -> Playing:
    kind = state.get("currently_playing_type")
    if kind == "ad":
        return Playing.ADVERT
    if item is not None:
        return Playing.EPISODE if item.uri.startswith("spotify:episode:") else Playing.TRACK
    if kind == "episode" or mapping(raw).get("type") == "episode":
        return Playing.EPISODE
    return Playing.UNKNOWN


def json_object(raw: Any, what: str) -> Mapping[str, Any]:
    """``raw``, where it is an object. Raises ``ParseProblem``."""
    if not isinstance(raw, dict):
        raise ParseProblem(f"{what}: no JSON object")
    return raw


def mapping(raw: Any) -> Mapping[str, Any]:
    """``raw``, where it is an object; else an empty one."""
    return raw if isinstance(raw, dict) else {}


def objects(raw: Any) -> Iterator[Mapping[str, Any]]:
    """The objects in ``raw``, where it is a list."""
    return (each for each in raw if isinstance(each, dict)) if isinstance(raw, list) else iter(())


def text(raw: Any) -> str | None:
    """Text that any store, topic and page can carry: no half characters, no controls, of bounded length."""
    if not isinstance(raw, str):
        return None
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", raw[:_LONGEST_TEXT]) or None


def _uri(item: Mapping[str, Any]) -> Uri | None:
    uri = item.get("uri")
    if isinstance(uri, str) and _URI.fullmatch(uri):
        return Uri(uri)
    kind, key = item.get("type"), item.get("id")
    if kind in ("track", "episode") and isinstance(key, str) and ID.fullmatch(key):
        return Uri(f"spotify:{kind}:{key}")
    return None


def _milliseconds(raw: Any) -> int | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or (isinstance(raw, float) and not math.isfinite(raw)):
        return None
    return int(raw) if 0 <= raw <= _LONGEST_MS else None


def _isrc(raw: Any) -> str | None:
    if not isinstance(raw, str):
        return None
    tidy = raw[:50].replace("-", "").strip().upper()
    return tidy if _ISRC.fullmatch(tidy) else None


def _year(raw: Any) -> int | None:
    """Of ``1999``, ``1999-05`` or ``1999-05-01``; ``0000`` and times without records are no year."""
    found = _YEAR.fullmatch(raw) if isinstance(raw, str) else None
    year = int(found[1]) if found else 0
    return year if year in _YEARS_OF_RECORDS else None


def _artwork(raw: Any) -> str | None:
    """The smallest picture that is large enough for the page, else the first."""
    best: tuple[bool, int, str] | None = None
    for each in objects(raw):
        url, width = each.get("url"), each.get("width")
        if not isinstance(url, str) or not url.startswith("https://") or not url.isascii() or not url.isprintable():
            continue
        size = width if type(width) is int else 0
        rank = (size < _GOOD_ARTWORK_PX, abs(size), url)
        if best is None or rank[:2] < best[:2]:
            best = rank
    return None if best is None else best[2]


def _is_playable(item: Mapping[str, Any]) -> bool:
    said = item.get("is_playable")
    if isinstance(said, bool):
        return said
    return not mapping(item.get("restrictions")).get("reason")


def _context(raw: Any) -> str | None:
    return text(mapping(raw).get("uri"))


def _device_or_none(raw: Any) -> Device | None:
    return device(raw) if isinstance(raw, dict) else None


def _repeat(raw: Any) -> Repeat:
    return Repeat(raw) if isinstance(raw, str) and raw in set(Repeat) else Repeat.OFF
