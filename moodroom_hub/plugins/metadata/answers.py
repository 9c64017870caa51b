"""What MusicBrainz answers, read with distrust: what is not of the expected shape is as good as not there."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from moodroom_hub.domain.recording import normal_artist

_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_YEAR = re.compile(r"[12][0-9]{3}(?![0-9])")
_LONGEST: Final = 300
_MOST_GENRES: Final = 8
_COLLECTIONS: Final = frozenset({"Compilation", "Live", "DJ-mix", "Mixtape/Street", "Remix", "Soundtrack"})


class OddAnswer(Exception):
    """The answer is not what was asked for at all."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release. ``rank``: less is likelier the record that people mean."""

    mbid: str
    title: str
    date: str
    rank: int


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording. ``artist_mbid`` and ``artist`` are of the first credited one; ``year`` of the first release."""

    mbid: str
    title: str
    artist: str
    artist_mbid: str | None
    length_ms: int | None
    year: int | None
    releases: tuple[Release, ...]
    genres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Artist:
    """One artist. ``names``: also those under which people look for them."""

    mbid: str
    name: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleaseDetails:
    """What a release tells that a recording does not: its label, and what genre its group and artist are."""

    label: str | None
    genres: tuple[str, ...]


def recordings(body: bytes) -> list[Recording]:
    """The recordings of a lookup or a search. Raises ``OddAnswer``."""
    listed = _object(body).get("recordings")
    if not isinstance(listed, list):
        raise OddAnswer("no list of recordings")
    return [recording for each in listed[:200] if (recording := _recording(each)) is not None]


def artists(body: bytes) -> list[Artist]:
    """The artists of a search. Raises ``OddAnswer``."""
    listed = _object(body).get("artists")
    if not isinstance(listed, list):
        raise OddAnswer("no list of artists")
    return [artist for each in listed[:200] if (artist := _artist(each)) is not None]


def only_artist(found: Sequence[Artist], name: str) -> str | None:
    """The MBID of the one of that name, else of the one who is also called so; ``None`` in doubt."""
    wanted = normal_artist(name)
    by_name = [each for each in found if normal_artist(each.name) == wanted]
    if len(by_name) > 1:
        by_name = [each for each in by_name if each.name == name]
    fitting = by_name or [each for each in found if wanted in map(normal_artist, each.names)]
    return fitting[0].mbid if len(fitting) == 1 else None


def release_details(body: bytes) -> ReleaseDetails:
    """One release, looked up. Raises ``OddAnswer``."""
    release = _object(body)
    if _mbid(release) is None:
        raise OddAnswer("no release")
    labels = (text(_mapping(info.get("label")).get("name")) for info in _mappings(release.get("label-info")))
    credited = next(_mappings(release.get("artist-credit")), {})
    sources = (release, _mapping(release.get("release-group")), _mapping(credited.get("artist")))
    genres = next((found for source in sources if (found := _genres(source))), ())
    return ReleaseDetails(next((label for label in labels if label), None), genres)


def _object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise OddAnswer("no JSON") from None
    if not isinstance(parsed, dict):
        raise OddAnswer("JSON of another shape")
    return parsed


def _artist(raw: Any) -> Artist | None:
    item = _mapping(raw)
    mbid, name = _mbid(item), text(item.get("name"))
    if mbid is None or not name:
        return None
    aliases = (text(alias.get("name")) for alias in _mappings(item.get("aliases")))
    return Artist(mbid, name, tuple(alias for alias in aliases if alias))


def _recording(raw: Any) -> Recording | None:
    item = _mapping(raw)
    mbid, title = _mbid(item), text(item.get("title"))
    if mbid is None or not title or item.get("video") is True:
        return None
    credited = next(_mappings(item.get("artist-credit")), {})
    artist = _mapping(credited.get("artist"))
    length = item.get("length")
    releases = tuple(release for each in _mappings(item.get("releases")) if (release := _release(each)) is not None)
    dates = [text(item.get("first-release-date")), *(release.date for release in releases)]
    years = [year for date in dates if (year := _year(date)) is not None]
    return Recording(
        mbid=mbid,
        title=title,
        artist=text(artist.get("name")) or text(credited.get("name")),
        artist_mbid=_mbid(artist),
        length_ms=length if isinstance(length, int) and 0 < length < 10**9 else None,
        year=min(years, default=None),
        releases=releases,
        genres=_genres(item),
    )


def _release(item: Mapping[str, Any]) -> Release | None:
    mbid = _mbid(item)
    if mbid is None:
        return None
    group = _mapping(item.get("release-group"))
    secondary = group.get("secondary-types")
    rank = 0 if item.get("status") in ("Official", None) else 4
    if isinstance(secondary, list) and any(kind in _COLLECTIONS for kind in secondary if isinstance(kind, str)):
        rank += 2
    if group.get("primary-type") != "Album":
        rank += 1
    return Release(mbid, text(item.get("title")), text(item.get("date")), rank)


def _genres(item: Mapping[str, Any]) -> tuple[str, ...]:
    """By votes, most first; such as were voted down are out."""
    votes: dict[str, int] = {}
    for genre in _mappings(item.get("genres")):
        name, count = text(genre.get("name")).lower()[:60], genre.get("count")
        if name and isinstance(count, int) and count > 0:
            votes[name] = max(count, votes.get(name, 0))
    return tuple(sorted(votes, key=lambda name: (-votes[name], name))[:_MOST_GENRES])


def _year(date: str) -> int | None:
    found = _YEAR.match(date)
    return int(found.group()) if found else None


def _mbid(item: Mapping[str, Any]) -> str | None:
    mbid = item.get("id")
    return mbid if isinstance(mbid, str) and _MBID.fullmatch(mbid) else None


def text(raw: Any) -> str:
    """One line of bounded length; empty for anything but text."""
    if not isinstance(raw, str):
        return ""
    plain = raw[:_LONGEST].encode("utf-8", "ignore").decode()
    return " ".join("".join(sign if sign.isprintable() else " " for sign in plain).split())


def _mapping(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _mappings(raw: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(raw, list):
        yield from (each for each in raw[:200] if isinstance(each, dict))
