"""A strict make-believe of MusicBrainz' web service, version 2, JSON only."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from moodroom_hub.simulator.music_facts.answers import FactsAnswer, Mood, has_named_agent, json_answer, moody_answer
from moodroom_hub.simulator.music_facts.knowledge import KnownRecording, KnownRelease, MusicKnowledge, made_up_mbid

_ISRC: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_MBID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CLAUSE: Final = re.compile(r'(recording|artist|release):"((?:[^"\\]|\\.)*)"|dur:\[([0-9]+) TO ([0-9]+)\]')
_ARTIST: Final = re.compile(r'artist:"((?:[^"\\]|\\.)*)"')
_INCLUDES: Final = frozenset({"artists", "release-groups", "artist-credits", "media", "genres", "tags"})
_ISRC_INCLUDES: Final = _INCLUDES | {"releases", "isrcs"}
_RELEASE_INCLUDES: Final = _INCLUDES | {"labels", "recordings"}
_EVERY_MS: Final = 1000
_SLACK_MS: Final = 50


class FakeMusicBrainz:
    """Answers ``receive``. ``broken`` lists every rule that a client broke; ``requests`` every path that was served.

    One request a second on average, none saved up: a second one within the second is refused with 503.
    """

    def __init__(self, knowledge: MusicKnowledge, now_ms: Callable[[], int]) -> None:
        self.knowledge = knowledge
        self.mood = Mood.WELL
        self.broken: list[str] = []
        self.requests: list[str] = []
        self._now_ms = now_ms
        self._free_at_ms = 0

    def receive(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> FactsAnswer:
        """One request; ``path`` begins behind ``/ws/2/``."""
        now_ms = self._now_ms()
        self.requests.append(f"{path}?{query.get('query', '')}" if "query" in query else path)
        if now_ms + _SLACK_MS < self._free_at_ms:
            self.broken.append(f"{path}: asked again after {_EVERY_MS - (self._free_at_ms - now_ms)} ms")
            return json_answer(503, {"error": "Your requests are exceeding the allowable rate limit."})
        self._free_at_ms = now_ms + _EVERY_MS
        if not has_named_agent(headers):
            self.broken.append(f"{path}: the User-Agent names nobody")
            return json_answer(403, {"error": "Name your application and a contact."})
        answer = moody_answer(self.mood)
        return answer if answer is not None else self._answer(method, path, query)

    def _answer(self, method: str, path: str, query: Mapping[str, str]) -> FactsAnswer:
        if method != "GET" or query.get("fmt") != "json":
            return self._refuse(path, "only GET, only fmt=json")
        kind, _, key = path.partition("/")
        if kind == "isrc" and key:
            return self._isrc(key, query)
        if kind == "release" and key:
            return self._release(key, query)
        if kind == "recording" and not key:
            return self._search(query)
        if kind == "artist" and not key:
            return self._artists(query)
        return self._refuse(path, "no such resource")

    def _isrc(self, isrc: str, query: Mapping[str, str]) -> FactsAnswer:
        if not _ISRC.fullmatch(isrc):
            return self._refuse(isrc, "no valid ISRC")
        includes = set(query.get("inc", "").split())
        if not includes <= _ISRC_INCLUDES:
            return self._refuse(isrc, f"no inc for recordings: {sorted(includes - _ISRC_INCLUDES)}")
        found = self.knowledge.by_isrc(isrc)
        if not found:
            return json_answer(404, {"error": "Not Found"})
        return json_answer(200, {"isrc": isrc, "recordings": [_recording(one, includes) for one in found]})

    def _release(self, mbid: str, query: Mapping[str, str]) -> FactsAnswer:
        if not _MBID.fullmatch(mbid):
            return self._refuse(mbid, "no valid MBID")
        includes = set(query.get("inc", "").split())
        if not includes <= _RELEASE_INCLUDES:
            return self._refuse(mbid, f"no inc for releases: {sorted(includes - _RELEASE_INCLUDES)}")
        found = self.knowledge.release(mbid)
        if found is None:
            return json_answer(404, {"error": "Not Found"})
        release, recording = found
        body = _release(release, includes)
        if "labels" in includes:
            body["label-info"] = [{"catalog-number": None, "label": {"name": release.label}}] if release.label else []
        if "artist-credits" in includes:
            body["artist-credit"] = _credit(recording)
        return json_answer(200, body)

    def _search(self, query: Mapping[str, str]) -> FactsAnswer:
        asked: dict[str, str] = {}
        shortest, longest = 0, 10**9
        for clause in _clauses(query.get("query", "")):
            found = _CLAUSE.fullmatch(clause)
            if found is None:
                return self._refuse("recording", f"no valid query: {clause[:80]!r}")
            if found.group(1):
                asked[found.group(1)] = re.sub(r"\\(.)", r"\1", found.group(2))
            else:
                shortest, longest = int(found.group(3)), int(found.group(4))
        if not asked.get("recording", "").strip() or shortest > longest:
            return self._refuse("recording", "an empty query")
        recordings = [
            {**_recording(one, {"artist-credits", "releases", "release-groups"}), "score": 100 - place}
            for place, one in enumerate(self.knowledge.named(asked["recording"], asked.get("artist", "")))
            if one.length_ms is None or shortest <= one.length_ms <= longest
        ]
        return json_answer(200, {"count": len(recordings), "offset": 0, "recordings": recordings[:25]})

    def _artists(self, query: Mapping[str, str]) -> FactsAnswer:
        found = _ARTIST.fullmatch(query.get("query", ""))
        limit = query.get("limit", "25")
        if found is None or not found.group(1).strip() or not limit.isdecimal() or not 1 <= int(limit) <= 100:
            return self._refuse("artist", f"no valid query: {query.get('query', '')[:80]!r}")
        known = self.knowledge.artists_named(re.sub(r"\\(.)", r"\1", found.group(1)))
        rows = [
            {"id": mbid, "name": name, "sort-name": name, "type": "Group", "score": 100 - place}
            for place, (mbid, name) in enumerate(known)
        ]
        return json_answer(200, {"count": len(rows), "offset": 0, "artists": rows[: int(limit)]})

    def _refuse(self, path: str, why: str) -> FactsAnswer:
        self.broken.append(f"{path}: {why}")
        return json_answer(400, {"error": why})


def _clauses(query: str) -> list[str]:
    """The query's clauses, which must be joined by AND outside of quotes."""
    pieces, start, is_quoted, place = [], 0, False, 0
    while place < len(query):
        sign = query[place]
        if sign == "\\":
            place += 1
        elif sign == '"':
            is_quoted = not is_quoted
        elif not is_quoted and query.startswith(" AND ", place):
            pieces.append(query[start:place])
            start = place = place + 5
            continue
        place += 1
    return [*pieces, query[start:]]


def _recording(recording: KnownRecording, includes: set[str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": recording.mbid,
        "title": recording.title,
        "length": recording.length_ms,
        "video": False,
        "disambiguation": "",
        "first-release-date": min((release.date for release in recording.releases), default=""),
    }
    if "artist-credits" in includes:
        body["artist-credit"] = _credit(recording)
    if "releases" in includes:
        body["releases"] = [_release(release, includes - {"genres"}) for release in recording.releases]
    if "genres" in includes:
        body["genres"] = _genres(recording.genres)
    return body


def _release(release: KnownRelease, includes: set[str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": release.mbid,
        "title": release.title,
        "status": "Official",
        "date": release.date,
        "country": "XW",
    }
    if "release-groups" in includes:
        body["release-group"] = {
            "id": made_up_mbid("group", release.mbid),
            "title": release.title,
            "primary-type": release.primary_type,
            "secondary-types": list(release.secondary_types),
            "first-release-date": release.date,
        }
    if "genres" in includes:
        body["genres"] = []
        if "release-group" in body:
            body["release-group"]["genres"] = _genres(release.genres)
    return body


def _credit(recording: KnownRecording) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "joinphrase": " & " if place + 1 < len(recording.artists) else "",
            "artist": {
                "id": recording.first_artist_mbid if place == 0 else made_up_mbid("artist", name),
                "name": name,
                "sort-name": name,
            },
        }
        for place, name in enumerate(recording.artists)
    ]


def _genres(genres: tuple[tuple[str, int], ...]) -> list[dict[str, Any]]:
    return [{"id": made_up_mbid("genre", name), "name": name, "count": count} for name, count in genres]
